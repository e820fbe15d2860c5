"""What can have happened to a provider and to its volunteers."""

from typing import ClassVar

from domain.hours import Shift
from domain.ids import AreaPath, CategoryPath, CategoryRef, ProviderId, VolunteerId
from domain.model import Event, Value
from domain.sealed import Sealed
from domain.stages import Duty, ProviderKind


class Offer(Value):
    """A category a provider takes, and whether it must."""

    category: CategoryRef
    duty: Duty = Duty.CAN


class ProviderEvent(Event):
    provider: ProviderId


class ProviderRegistered(ProviderEvent):
    wire: ClassVar[str] = "ProviderRegistered"
    name_zh: str
    name_en: str
    kind: ProviderKind
    contact: str  # the public service phone or desk, not a person's
    capacity: int  # orders in hand at once; advice to matching
    members: int | None = None
    full_time: int | None = None
    takes_by_bus: bool = False  # runs a system that takes work from a topic of its own
    hours: tuple[Shift, ...] = ()  # none: always, or as its volunteers are there
    skills: tuple[str, ...] = ()
    areas: tuple[AreaPath, ...]
    offers: tuple[Offer, ...]


class ProviderAmended(ProviderEvent):
    """Who it now is and how to reach it, whole."""

    wire: ClassVar[str] = "ProviderAmended"
    name_zh: str
    name_en: str
    kind: ProviderKind
    contact: str
    members: int | None = None
    full_time: int | None = None
    takes_by_bus: bool = False
    hours: tuple[Shift, ...] = ()
    skills: tuple[str, ...] = ()


class ProviderOffersChanged(ProviderEvent):
    wire: ClassVar[str] = "ProviderOffersChanged"
    areas: tuple[AreaPath, ...]
    offers: tuple[Offer, ...]


class ProviderCapacityChanged(ProviderEvent):
    wire: ClassVar[str] = "ProviderCapacityChanged"
    capacity: int


class VolunteerEvent(ProviderEvent):
    volunteer: VolunteerId


class VolunteerEnrolled(VolunteerEvent):
    """What matching needs is in clear, who it is and how healthy is sealed."""

    wire: ClassVar[str] = "VolunteerEnrolled"
    name: Sealed
    skills: tuple[str, ...] = ()
    hours: tuple[Shift, ...] = ()  # when it is on duty by the week; none: always
    willing: tuple[CategoryPath, ...] = ()  # none: whatever the provider offers
    health: Sealed | None = None


class VolunteerChanged(VolunteerEvent):
    """How it now is, whole."""

    wire: ClassVar[str] = "VolunteerChanged"
    name: Sealed
    skills: tuple[str, ...] = ()
    hours: tuple[Shift, ...] = ()
    willing: tuple[CategoryPath, ...] = ()
    health: Sealed | None = None


class VolunteerReleased(VolunteerEvent):
    wire: ClassVar[str] = "VolunteerReleased"


class ProviderRetiring(ProviderEvent):
    """Takes nothing new; its open orders are on their way back to the community."""

    wire: ClassVar[str] = "ProviderRetiring"
    reason: Sealed


class ProviderRetired(ProviderEvent):
    wire: ClassVar[str] = "ProviderRetired"
    returned: int  # orders that went back to the community
