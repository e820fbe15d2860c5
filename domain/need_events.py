"""What can have happened to a standing need. Where `owner` or `provider` is None the community is meant."""

from datetime import datetime
from typing import ClassVar, Final

from domain.ids import AreaPath, CategoryPath, NeedId, ProviderId
from domain.model import Event
from domain.sealed import Sealed


class NeedEvent(Event):
    """An event of one need, with whose it is, what it is about and where."""

    need: NeedId
    owner: ProviderId | None = None
    category: CategoryPath | None = None
    area: AreaPath


class NeedStated(NeedEvent):
    wire: ClassVar[str] = "NeedStated"
    title_zh: str
    title_en: str
    takers_wanted: int | None = None  # None: any number
    until: datetime | None = None


class NeedAmended(NeedEvent):
    """What is now needed, whole."""

    wire: ClassVar[str] = "NeedAmended"
    old_area: AreaPath
    title_zh: str
    title_en: str
    takers_wanted: int | None = None
    until: datetime | None = None


class NeedTakenUp(NeedEvent):
    wire: ClassVar[str] = "NeedTakenUp"
    provider: ProviderId | None = None  # who took it up
    note: Sealed | None = None
    takers: int  # with this one


class NeedLetGo(NeedEvent):
    wire: ClassVar[str] = "NeedLetGo"
    provider: ProviderId | None = None  # who stepped back
    takers: int  # without this one


class NeedClosed(NeedEvent):
    wire: ClassVar[str] = "NeedClosed"
    reason: Sealed | None = None


NEED_EVENTS: Final[tuple[type[NeedEvent], ...]] = (
    NeedStated,
    NeedAmended,
    NeedTakenUp,
    NeedLetGo,
    NeedClosed,
)
