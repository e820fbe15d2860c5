"""Folds facts about needs into the list of needs and who has taken them up."""

from collections.abc import Sequence
from json import dumps
from typing import ClassVar, Final

from sqlalchemy import Connection, delete, tuple_

from domain import events as e
from domain import need_events as n
from domain.facts import Recorded
from domain.ids import AreaPath
from domain.model import Event
from domain.need import NeedStage
from domain.provider import Standing
from domain.provider_events import ProviderEvent
from projections.engine import ReadModel, Row, Sheet, to_micros
from projections.needs import tables

_NEEDS: Final = Sheet(tables.needs)
_TAKERS: Final = Sheet(tables.takers)
_PROVIDERS: Final = Sheet(tables.providers)
_AREAS: Final = Sheet(tables.areas)

_STANDING_AFTER: Final[dict[type[Event], Standing]] = {
    e.ProviderRegistered: Standing.ACTIVE,
    e.ProviderRetiring: Standing.RETIRING,
    e.ProviderRetired: Standing.RETIRED,
}
_OF_PROVIDERS: Final = frozenset({*_STANDING_AFTER, e.ProviderAmended, e.ProviderOffersChanged})


class Needs(ReadModel):
    """What each side needs, where, until when, and who has taken it up."""

    name: ClassVar = "needs"
    version: ClassVar = tables.VERSION
    metadata: ClassVar = tables.metadata

    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        changes = [one for one in batch if isinstance(one.fact.event, n.NeedEvent)]
        if changes:
            _apply_needs(connection, changes)
        supply = [one for one in batch if type(one.fact.event) in _OF_PROVIDERS]
        if supply:
            _apply_providers(connection, supply)


def _apply_needs(connection: Connection, changes: Sequence[Recorded]) -> None:
    rows = _NEEDS.load(connection, {_event(one).need for one in changes})
    taken: dict[tuple[str, str], Row | None] = {}  # who has a need at the end of the batch, or has it no more
    for recorded in changes:
        event = _event(recorded)
        row = rows.setdefault(event.need, {"need": event.need} | _NEW)
        _fold(row, recorded)
        if isinstance(event, n.NeedTakenUp | n.NeedLetGo):
            key = (event.need, event.provider or tables.COMMUNITY)
            taken[key] = _taker(key, recorded) if isinstance(event, n.NeedTakenUp) else None
    _NEEDS.write(connection, rows.values())
    if taken:
        key = tuple_(tables.takers.c.need, tables.takers.c.provider)
        connection.execute(delete(tables.takers).where(key.in_(list(taken))))
        _TAKERS.write(connection, [row for row in taken.values() if row is not None])


_NEW: Final[Row] = {"takers": 0, "closed_at": None}


def _event(recorded: Recorded) -> n.NeedEvent:
    event = recorded.fact.event
    assert isinstance(event, n.NeedEvent)
    return event


def _fold(row: Row, recorded: Recorded) -> None:
    event, fact = _event(recorded), recorded.fact
    row["category"], row["area"] = event.category, event.area
    row["version"], row["position"] = fact.version, recorded.position
    if isinstance(event, n.NeedStated | n.NeedAmended):
        row["title_zh"], row["title_en"] = event.title_zh, event.title_en
        row["takers_wanted"], row["until"] = event.takers_wanted, to_micros(event.until)
    if isinstance(event, n.NeedStated):
        row["owner"] = event.owner or tables.COMMUNITY
        row["stage"], row["stated_at"] = NeedStage.OPEN.value, to_micros(fact.meta.at)
    elif isinstance(event, n.NeedTakenUp | n.NeedLetGo):
        row["takers"] = event.takers
    elif isinstance(event, n.NeedClosed):
        row["stage"], row["closed_at"] = NeedStage.CLOSED.value, to_micros(fact.meta.at)


def _taker(key: tuple[str, str], recorded: Recorded) -> Row:
    event = recorded.fact.event
    assert isinstance(event, n.NeedTakenUp)
    need, provider = key
    return {
        "need": need,
        "provider": provider,
        "since": to_micros(recorded.fact.meta.at),
        "note": event.note,
    }


def _apply_providers(connection: Connection, changes: Sequence[Recorded]) -> None:
    rows = _PROVIDERS.load(connection, {_provider(one).provider for one in changes})
    areas: dict[str, set[AreaPath]] = {}
    for recorded in changes:
        event = _provider(recorded)
        row = rows.setdefault(event.provider, {"provider": event.provider})
        row["position"] = recorded.position
        if isinstance(event, e.ProviderRegistered | e.ProviderAmended):
            row["name_zh"], row["name_en"] = event.name_zh, event.name_en
        if isinstance(event, e.ProviderRegistered | e.ProviderOffersChanged):
            areas[event.provider] = set(event.areas)
            row["offers"] = dumps(sorted({offer.category for offer in event.offers}))
        if type(event) in _STANDING_AFTER:
            row["standing"] = _STANDING_AFTER[type(event)].value
    _PROVIDERS.write(connection, rows.values())
    if areas:
        _AREAS.delete(connection, "provider", areas)
        _AREAS.write(connection, [{"provider": who, "area": area} for who in areas for area in areas[who]])


def _provider(recorded: Recorded) -> ProviderEvent:
    event = recorded.fact.event
    assert isinstance(event, ProviderEvent)
    return event
