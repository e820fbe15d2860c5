"""A standing need (需求) as later decisions need it."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain import need_events as e
from domain.ids import AreaPath, CategoryPath, ProviderId
from domain.model import Event

_NOWHERE: Final = AreaPath("")


class NeedStage(StrEnum):
    """Whether a need stands."""

    NONE = "none"  # not stated yet
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is needed, as it was last told."""

    title_zh: str = ""
    title_en: str = ""
    category: CategoryPath | None = None
    area: AreaPath = _NOWHERE
    takers_wanted: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """The state of one need after `version` events. Where a provider is None the community is meant."""

    stage: NeedStage = NeedStage.NONE
    version: int = 0
    owner: ProviderId | None = None
    wanted: Wanted = Wanted()
    takers: frozenset[ProviderId | None] = frozenset()
    last_at: datetime | None = None


NO_NEED: Final = Need()


def evolve(need: Need, event: Event, at: datetime) -> Need:
    """The need after one more event."""
    after = replace(need, version=need.version + 1, last_at=at)
    match event:
        case e.NeedStated():
            return replace(after, stage=NeedStage.OPEN, owner=event.owner, wanted=_wanted(event))
        case e.NeedAmended():
            return replace(after, wanted=_wanted(event))
        case e.NeedTakenUp():
            return replace(after, takers=need.takers | {event.provider})
        case e.NeedLetGo():
            return replace(after, takers=need.takers - {event.provider})
        case e.NeedClosed():
            return replace(after, stage=NeedStage.CLOSED)
        case _:
            return after


def _wanted(event: e.NeedStated | e.NeedAmended) -> Wanted:
    return Wanted(**{field.name: getattr(event, field.name) for field in fields(Wanted)})
