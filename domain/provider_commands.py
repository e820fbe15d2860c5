"""What can be asked of a provider and of its volunteers."""

from typing import Annotated, ClassVar

from pydantic import FailFast, Field

from domain.command import Command
from domain.hours import Shifts
from domain.ids import AreaRef, CategoryRef, ProviderSlug, VolunteerSlug, provider_subject
from domain.model import PublicContact, Text
from domain.provider_events import Offer
from domain.rules import Skills
from domain.sealed import Sealed
from domain.stages import ProviderKind

Capacity = Annotated[int, Field(ge=0, le=100_000)]
# One entry that does not fit is enough to refuse a list: to name a hundred thousand would hold others up.
Areas = Annotated[tuple[AreaRef, ...], Field(min_length=1, fail_fast=True)]
Offers = Annotated[tuple[Offer, ...], FailFast()]
Categories = Annotated[tuple[CategoryRef, ...], Field(max_length=500, fail_fast=True)]


class ProviderCommand(Command):
    provider: ProviderSlug

    @property
    def subject(self) -> str:
        return provider_subject(self.provider)


class RegisterProvider(ProviderCommand):
    wire: ClassVar[str] = "RegisterProvider"
    zh: ClassVar[str] = "登记接单方"
    name_zh: Text
    name_en: Text
    kind: ProviderKind
    contact: PublicContact
    capacity: Capacity
    members: Annotated[int, Field(ge=0)] | None = None
    full_time: Annotated[int, Field(ge=0)] | None = None
    takes_by_bus: bool = False
    hours: Shifts = ()
    skills: Skills = ()
    areas: Areas
    offers: Offers = ()


class AmendProvider(ProviderCommand):
    """Who it is and how to reach it; what is not given stays."""

    wire: ClassVar[str] = "AmendProvider"
    zh: ClassVar[str] = "更正登记信息"
    name_zh: Text | None = None
    name_en: Text | None = None
    kind: ProviderKind | None = None
    contact: PublicContact | None = None
    members: Annotated[int, Field(ge=0)] | None = None
    full_time: Annotated[int, Field(ge=0)] | None = None
    takes_by_bus: bool | None = None
    hours: Shifts | None = None
    skills: Skills | None = None


class ChangeOffers(ProviderCommand):
    wire: ClassVar[str] = "ChangeOffers"
    zh: ClassVar[str] = "变更服务清单"
    areas: Areas
    offers: Offers


class ChangeCapacity(ProviderCommand):
    wire: ClassVar[str] = "ChangeCapacity"
    zh: ClassVar[str] = "变更接单容量"
    capacity: Capacity


class VolunteerCommand(ProviderCommand):
    volunteer: VolunteerSlug


class EnrolVolunteer(VolunteerCommand):
    """志愿者登记.

    Health is personal and matching never reads it: whoever enrols somebody who cannot do everything
    names in `willing` and `skills` only what this one can do.
    """

    wire: ClassVar[str] = "EnrolVolunteer"
    zh: ClassVar[str] = "登记志愿者"
    name: Sealed
    skills: Skills = ()
    hours: Shifts = ()
    willing: Categories = ()
    health: Sealed | None = None


class ChangeVolunteer(VolunteerCommand):
    """What is not given stays; `forget_health` takes back what was said of health."""

    wire: ClassVar[str] = "ChangeVolunteer"
    zh: ClassVar[str] = "变更志愿者"
    name: Sealed | None = None
    skills: Skills | None = None
    hours: Shifts | None = None
    willing: Categories | None = None
    health: Sealed | None = None
    forget_health: bool = False


class ReleaseVolunteer(VolunteerCommand):
    """志愿者退出."""

    wire: ClassVar[str] = "ReleaseVolunteer"
    zh: ClassVar[str] = "志愿者退出"


class RetireProvider(ProviderCommand):
    """Stops taking work; what it has open goes back to the community first."""

    wire: ClassVar[str] = "RetireProvider"
    zh: ClassVar[str] = "退出接单"
    reason: Sealed


class FinishRetirement(ProviderCommand):
    """Said by the retirement process once the last open order is back."""

    wire: ClassVar[str] = "FinishRetirement"
    zh: ClassVar[str] = "完成退出"
    returned: Annotated[int, Field(ge=0)]
