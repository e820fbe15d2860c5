"""Folds facts about orders and providers into demand and supply."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from json import dumps, loads
from typing import Any, ClassVar, Final

from sqlalchemy import Connection

from domain import events as e
from domain.facts import Recorded
from domain.model import Event
from domain.provider import Standing
from domain.provider_events import ProviderEvent
from domain.stages import Stage, Urgency
from projections.engine import ReadModel, Row, Sheet, to_micros
from projections.matching import tables

_ORDERS: Final = Sheet(tables.orders)
_PROVIDERS: Final = Sheet(tables.providers)
_LISTINGS: Final = Sheet(tables.listings)
_LOADS: Final = Sheet(tables.loads)

_STAGE_AFTER: Final[dict[type[Event], str]] = {
    e.OrderPlaced: Stage.PLACED.value,
    e.OrderPooled: Stage.POOLED.value,
    e.OrderDispatched: Stage.DISPATCHED.value,
    e.OrderClaimed: Stage.ACCEPTED.value,
    e.OrderAccepted: Stage.ACCEPTED.value,
    e.OrderDeclined: Stage.PLACED.value,
    e.OrderRecalled: Stage.PLACED.value,
    e.OrderSentToArbitration: Stage.ARBITRATION.value,
    e.OrderReopened: Stage.PLACED.value,
    e.OrderCompleted: Stage.COMPLETED.value,
    e.OrderAnswered: Stage.ANSWERED.value,
    e.OrderNotAccepted: Stage.NOT_ACCEPTED.value,
    e.OrderMarkedDuplicate: Stage.DUPLICATE.value,
    e.OrderWithdrawn: Stage.WITHDRAWN.value,
}
_ORDER_EVENTS: Final = frozenset({*_STAGE_AFTER, e.OrderImported, e.OrderAmended})
_GIVEN: Final = (e.OrderDispatched, e.OrderClaimed, e.OrderImported)
_TAKERS: Final = (e.OrderDispatched, e.OrderClaimed, e.OrderAccepted, e.OrderImported)
_HAND: Final = ("skills", "hours", "willing")  # of a volunteer; name and health are nothing to matching
_NEW: Final[Row] = {
    "channel": None,
    "wanted": None,
    "wanted_at": None,
    "urgency": Urgency.NORMAL.value,
    "provider": None,
    "declined_by": "",
    "stage": "",
    "waiting_since": None,
}
_WAITING: Final = frozenset({Stage.PLACED.value, Stage.POOLED.value, Stage.ARBITRATION.value})
_IN_HAND: Final = frozenset({Stage.DISPATCHED.value, Stage.ACCEPTED.value})


class Matching(ReadModel):
    """Demand and supply: orders that wait, and who offers what, where, with how much room."""

    name: ClassVar = "matching"
    version: ClassVar = tables.VERSION
    metadata: ClassVar = tables.metadata

    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        demand = [(r.fact.stream.hex, r) for r in batch if type(r.fact.event) in _ORDER_EVENTS]
        if demand:
            _apply_demand(connection, demand)
        supply = [recorded for recorded in batch if type(recorded.fact.event) in _PROVIDER_CHANGES]
        if supply:
            _apply_supply(connection, supply)


def _apply_demand(connection: Connection, batch: Sequence[tuple[str, Recorded]]) -> None:
    rows = _ORDERS.load(connection, {order for order, _ in batch})
    loads: defaultdict[str, int] = defaultdict(int)
    given: dict[str, int] = {}
    for row in rows.values():
        if row["provider"]:
            loads[row["provider"]] -= 1
    for order, recorded in batch:
        row = rows.get(order)
        if row is None:
            row = rows[order] = {"order_id": order} | _NEW
        _fold_order(row, recorded)
        if isinstance(recorded.fact.event, _GIVEN) and recorded.fact.event.provider:
            given[recorded.fact.event.provider] = recorded.position
    for row in rows.values():
        if row["provider"]:
            loads[row["provider"]] += 1
    _ORDERS.write(connection, rows.values())
    changed = given.keys() | {provider for provider, more in loads.items() if more}
    _LOADS.add(
        connection, {(provider,): (loads.get(provider, 0), given.get(provider, 0)) for provider in changed}
    )


def _fold_order(row: Row, recorded: Recorded) -> None:
    fact = recorded.fact
    event = fact.event
    assert isinstance(event, e.OrderEvent)
    row["category"] = event.category
    row["area"] = event.area
    row["position"] = recorded.position
    kind = type(event)
    if kind is e.OrderAmended:
        return
    row["stage"] = str(event.stage) if isinstance(event, e.OrderImported) else _STAGE_AFTER[kind]
    row["waiting_since"] = to_micros(fact.meta.at) if row["stage"] in _WAITING else None
    _fold_people(row, event)


def _fold_people(row: Row, event: e.OrderEvent) -> None:
    """Who is asked for, who has it, who would not."""
    if row["stage"] not in _IN_HAND:
        row["provider"] = None
    elif isinstance(event, _TAKERS):
        row["provider"] = event.provider
    if isinstance(event, e.OrderPlaced):
        row["wanted"] = event.wanted
        row["wanted_at"] = to_micros(event.wanted_at)
        row["urgency"] = str(event.urgency)
        row["channel"] = event.channel and str(event.channel)
    elif isinstance(event, e.OrderImported):
        row["channel"] = event.channel
    elif isinstance(event, e.OrderDeclined) or (isinstance(event, e.OrderRecalled) and event.passed_on):
        row["declined_by"] = _with(row["declined_by"], event.provider)
    elif isinstance(event, e.OrderReopened):
        row["declined_by"] = ""


def _with(names: str, provider: str | None) -> str:
    return " ".join(sorted({*names.split(), *([provider] if provider else [])}))


def _apply_supply(connection: Connection, batch: Sequence[Recorded]) -> None:
    rows = _PROVIDERS.load(connection, {_provider(recorded) for recorded in batch})
    listings: dict[str, list[Row]] = {}
    for recorded in batch:
        provider = _provider(recorded)
        row = rows.setdefault(provider, {"provider": provider} | _UNKNOWN)
        event = recorded.fact.event
        _PROVIDER_CHANGES[type(event)](row, event)
        row["position"] = recorded.position
        if isinstance(event, e.ProviderRegistered | e.ProviderOffersChanged):
            listings[provider] = _listed(event)
    _PROVIDERS.write(connection, rows.values())
    if listings:
        _LISTINGS.delete(connection, "provider", listings)
        _LISTINGS.write(connection, [listing for listed in listings.values() for listing in listed])


def _provider(recorded: Recorded) -> str:
    event = recorded.fact.event
    assert isinstance(event, ProviderEvent)
    return event.provider


def _listed(event: e.ProviderRegistered | e.ProviderOffersChanged) -> list[Row]:
    categories = sorted({offer.category for offer in event.offers})
    return [
        {"category": category, "area": area, "provider": event.provider}
        for category in categories
        for area in sorted(set(event.areas))
    ]


_UNKNOWN: Final[Row] = {
    "name_zh": "",
    "name_en": "",
    "kind": "",
    "contact": "",
    "standing": Standing.UNKNOWN.value,
    "capacity": 0,
    "areas": "[]",
    "offers": "[]",
    "hours": "[]",
    "skills": "[]",
    "volunteers": "{}",
}


def _offering(row: Row, event: e.ProviderRegistered | e.ProviderOffersChanged) -> None:
    row["areas"] = dumps(event.areas)
    row["offers"] = dumps([[offer.category, str(offer.duty)] for offer in event.offers])


def _named(row: Row, event: e.ProviderRegistered | e.ProviderAmended) -> None:
    row["name_zh"] = event.name_zh
    row["name_en"] = event.name_en
    row["kind"] = str(event.kind)
    row["contact"] = event.contact
    row["hours"] = dumps([shift.model_dump() for shift in event.hours])
    row["skills"] = dumps(event.skills)


def _registered(row: Row, event: e.ProviderRegistered) -> None:
    _named(row, event)
    _offering(row, event)
    row["standing"] = Standing.ACTIVE.value
    row["capacity"] = event.capacity


def _capacity(row: Row, event: e.ProviderCapacityChanged) -> None:
    row["capacity"] = event.capacity


def _volunteer(row: Row, event: e.VolunteerEnrolled | e.VolunteerChanged) -> None:
    known = {**loads(row["volunteers"]), event.volunteer: event.model_dump(include=set(_HAND))}
    row["volunteers"] = dumps(known, sort_keys=True)


def _released(row: Row, event: e.VolunteerReleased) -> None:
    known = loads(row["volunteers"])
    del known[event.volunteer]
    row["volunteers"] = dumps(known)


def _retiring(row: Row, _: e.ProviderRetiring) -> None:
    row["standing"] = Standing.RETIRING.value


def _retired(row: Row, _: e.ProviderRetired) -> None:
    row["standing"] = Standing.RETIRED.value


_PROVIDER_CHANGES: Final[dict[type[Event], Callable[[Row, Any], None]]] = {
    e.ProviderRegistered: _registered,
    e.ProviderAmended: _named,
    e.ProviderOffersChanged: _offering,
    e.ProviderCapacityChanged: _capacity,
    e.VolunteerEnrolled: _volunteer,
    e.VolunteerChanged: _volunteer,
    e.VolunteerReleased: _released,
    e.ProviderRetiring: _retiring,
    e.ProviderRetired: _retired,
}
