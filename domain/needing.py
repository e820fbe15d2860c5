"""Standing needs (需求清单): either side states one, the other takes it up (认领), several may."""

from dataclasses import asdict, replace
from datetime import datetime

from domain.dispatching import takes_work
from domain.ids import AreaPath, CategoryPath, ProviderId
from domain.need import Need, NeedStage, Wanted
from domain.need_commands import AmendNeed, CloseNeed, LetGoOfNeed, NeedCommand, StateNeed, TakeUpNeed
from domain.need_events import NeedAmended, NeedClosed, NeedLetGo, NeedStated, NeedTakenUp
from domain.rejections import (
    NeedExists,
    NeedIsClosed,
    NeedIsFull,
    NeedIsOver,
    OwnNeed,
    UnknownArea,
    UnknownCategory,
    UnknownNeed,
    UntilPast,
)
from domain.rules import Rules
from domain.situation import Situation


def state(command: StateNeed, need: Need, now: Situation) -> list[NeedStated]:
    """A side says what it needs."""
    wanted = Wanted(**command.model_dump(exclude={"need", "provider"}))
    if need.stage is not NeedStage.NONE:
        if (need.stage, need.owner, need.wanted) == (NeedStage.OPEN, command.provider, wanted):
            return []
        raise NeedExists(need=command.need)
    _on_the_lists(now.rules, wanted.area, wanted.category)
    _still_to_come(command.until, now)
    _takes_part(command.provider, now)
    return [NeedStated(need=command.need, owner=command.provider, **asdict(wanted))]


def amend(command: AmendNeed, need: Need, now: Situation) -> list[NeedAmended]:
    """What is needed, corrected; what is left out stays. One that is over can be given more time."""
    _is_open(command, need)
    after = replace(need.wanted, **command.model_dump(exclude={"need"}, exclude_none=True))
    if after == need.wanted:
        return []
    _on_the_lists(now.rules, after.area, after.category)
    _still_to_come(command.until, now)
    return [NeedAmended(need=command.need, owner=need.owner, old_area=need.wanted.area, **asdict(after))]


def take_up(command: TakeUpNeed, need: Need, now: Situation) -> list[NeedTakenUp]:
    """The other side will see to it, as long as more are wanted."""
    _is_open(command, need)
    if command.provider in need.takers:
        return []  # said twice, recorded once
    if command.provider == need.owner:
        raise OwnNeed(need=command.need)
    wanted = need.wanted
    if wanted.until is not None and now.at >= wanted.until:
        raise NeedIsOver(need=command.need, until=wanted.until.isoformat())
    if wanted.takers_wanted is not None and len(need.takers) >= wanted.takers_wanted:
        raise NeedIsFull(need=command.need, most=wanted.takers_wanted)
    _takes_part(command.provider, now)
    return [
        NeedTakenUp(
            need=command.need,
            owner=need.owner,
            category=wanted.category,
            area=wanted.area,
            provider=command.provider,
            note=command.note,
            takers=len(need.takers) + 1,
        )
    ]


def let_go(command: LetGoOfNeed, need: Need, _: Situation) -> list[NeedLetGo]:
    """A taker steps back; another may come in its place."""
    _is_open(command, need)
    if command.provider not in need.takers:
        return []
    return [
        NeedLetGo(
            need=command.need,
            owner=need.owner,
            category=need.wanted.category,
            area=need.wanted.area,
            provider=command.provider,
            takers=len(need.takers) - 1,
        )
    ]


def close(command: CloseNeed, need: Need, _: Situation) -> list[NeedClosed]:
    """It is met, or no longer wanted."""
    if need.stage is NeedStage.CLOSED:
        return []
    _is_open(command, need)
    return [
        NeedClosed(
            need=command.need,
            owner=need.owner,
            category=need.wanted.category,
            area=need.wanted.area,
            reason=command.reason,
        )
    ]


def _is_open(command: NeedCommand, need: Need) -> None:
    if need.stage is NeedStage.NONE:
        raise UnknownNeed(need=command.need)
    if need.stage is NeedStage.CLOSED:
        raise NeedIsClosed(need=command.need)


def _takes_part(provider: ProviderId | None, now: Situation) -> None:
    """Whoever asks in a provider's name needs one that is there; the community always is."""
    if provider is not None:
        takes_work(provider, now)


def _still_to_come(until: datetime | None, now: Situation) -> None:
    if until is not None and until <= now.at:
        raise UntilPast(until=until.isoformat())


def _on_the_lists(rules: Rules, area: AreaPath, category: CategoryPath | None) -> None:
    if area not in rules.area_by_path:
        raise UnknownArea(area=area)
    if category is not None and category not in rules.category_by_path:
        raise UnknownCategory(category=category)
