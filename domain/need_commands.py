"""What can be asked of a standing need (需求清单): state it, amend it, take it up, let go of it, close it.

Where `provider` is not given, the community itself is meant.
"""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from domain.command import Command
from domain.ids import AreaRef, CategoryRef, NeedSlug, ProviderSlug, need_subject, provider_subject
from domain.model import Text
from domain.sealed import Sealed

Takers = Annotated[int, Field(ge=1, le=1_000)]


class NeedCommand(Command):
    need: NeedSlug

    @property
    def subject(self) -> str:
        return need_subject(self.need)


class _OfOneSide(NeedCommand):
    """Asked in the name of a provider, or of the community."""

    provider: ProviderSlug | None = None

    def also_reads(self) -> tuple[str, ...]:
        return (provider_subject(self.provider),) if self.provider else ()


class StateNeed(_OfOneSide):
    """What one side needs; its titles are public."""

    wire: ClassVar[str] = "StateNeed"
    zh: ClassVar[str] = "提出需求"
    title_zh: Text
    title_en: Text
    category: CategoryRef | None = None
    area: AreaRef
    takers_wanted: Takers | None = None  # None: any number
    until: AwareDatetime | None = None


class AmendNeed(NeedCommand):
    """What is not given stays."""

    wire: ClassVar[str] = "AmendNeed"
    zh: ClassVar[str] = "更正需求"
    title_zh: Text | None = None
    title_en: Text | None = None
    category: CategoryRef | None = None
    area: AreaRef | None = None
    takers_wanted: Takers | None = None
    until: AwareDatetime | None = None


class TakeUpNeed(_OfOneSide):
    """认领: the other side says that it will see to it; several may."""

    wire: ClassVar[str] = "TakeUpNeed"
    zh: ClassVar[str] = "认领需求"
    note: Sealed | None = None


class LetGoOfNeed(NeedCommand):
    """A taker steps back."""

    wire: ClassVar[str] = "LetGoOfNeed"
    zh: ClassVar[str] = "退出认领"
    provider: ProviderSlug | None = None


class CloseNeed(NeedCommand):
    """Met, or dropped."""

    wire: ClassVar[str] = "CloseNeed"
    zh: ClassVar[str] = "关闭需求"
    reason: Sealed | None = None
