"""Folds the town's rules and the providers' lists into the menu."""

from collections.abc import Sequence
from typing import ClassVar, Final

from sqlalchemy import Connection, delete

from domain.events import (
    ProviderAmended,
    ProviderOffersChanged,
    ProviderRegistered,
    ProviderRetired,
    ProviderRetiring,
    RulesAdopted,
)
from domain.facts import Recorded
from domain.model import Event
from domain.provider import Standing
from domain.provider_events import ProviderEvent
from domain.rules import Rules
from domain.stages import Duty
from projections.engine import ReadModel, Row, Sheet
from projections.menu import tables

_ITEMS: Final = Sheet(tables.items)
_AREAS: Final = Sheet(tables.areas)
_PROVIDERS: Final = Sheet(tables.providers)
_OFFERS: Final = Sheet(tables.offers)

_OURS: Final[tuple[type[ProviderEvent], ...]] = (
    ProviderRegistered,
    ProviderAmended,
    ProviderOffersChanged,
    ProviderRetiring,
    ProviderRetired,
)


class Menu(ReadModel):
    """What can be ordered at an address, from whom, and how long it may take."""

    name: ClassVar = "menu"
    version: ClassVar = tables.VERSION
    metadata: ClassVar = tables.metadata

    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        rules: Rules | None = None
        changes: list[tuple[int, ProviderEvent]] = []
        for recorded in batch:
            event: Event = recorded.fact.event
            if isinstance(event, RulesAdopted):
                rules = event.rules
            elif isinstance(event, _OURS):
                changes.append((recorded.position, event))
        if rules is not None:
            _adopt(connection, rules)
        if changes:
            _apply(connection, changes)


def _adopt(connection: Connection, rules: Rules) -> None:
    """The newest rules replace all of the catalogue and the areas."""
    connection.execute(delete(tables.items))
    connection.execute(delete(tables.areas))
    _AREAS.write(
        connection,
        [{"area": area.path, "name_zh": area.name.zh, "name_en": area.name.en} for area in rules.areas],
    )
    _ITEMS.write(connection, [_item(rules, number) for number in range(len(rules.catalogue))])


def _item(rules: Rules, number: int) -> Row:
    item = rules.catalogue[number]
    accept_hours, finish_hours = rules.limits(item.path)
    return {
        "category": item.path,
        "name_zh": item.name.zh,
        "name_en": item.name.en,
        "kind": item.kind,
        "accept_hours": accept_hours,
        "finish_hours": finish_hours,
    }


def _apply(connection: Connection, changes: Sequence[tuple[int, ProviderEvent]]) -> None:
    rows = _PROVIDERS.load(connection, {event.provider for _, event in changes})
    offers: dict[str, list[Row]] = {}
    for position, event in changes:
        provider = event.provider
        row = rows.setdefault(provider, {"provider": provider} | _NEW)
        row["position"] = position
        if isinstance(event, ProviderRegistered | ProviderAmended):
            row["name_zh"], row["name_en"] = event.name_zh, event.name_en
            row["kind"], row["contact"] = str(event.kind), event.contact
        if isinstance(event, ProviderRegistered | ProviderOffersChanged):
            offers[provider] = _offers(event)
        if type(event) in _STANDING_AFTER:
            row["standing"] = _STANDING_AFTER[type(event)].value
    _PROVIDERS.write(connection, rows.values())
    if offers:
        _OFFERS.delete(connection, "provider", offers)
        _OFFERS.write(connection, [row for listed in offers.values() for row in listed])


_NEW: Final[Row] = {
    "name_zh": "",
    "name_en": "",
    "kind": "",
    "contact": "",
    "standing": Standing.UNKNOWN.value,
}


_STANDING_AFTER: Final[dict[type[ProviderEvent], Standing]] = {
    ProviderRegistered: Standing.ACTIVE,
    ProviderRetiring: Standing.RETIRING,
    ProviderRetired: Standing.RETIRED,
}


def _offers(event: ProviderRegistered | ProviderOffersChanged) -> list[Row]:
    """One row for each area and category; where one is listed twice, must outweighs can."""
    duties: dict[str, Duty] = {}
    for offer in event.offers:
        if duties.get(offer.category) is not Duty.MUST:
            duties[offer.category] = offer.duty
    return [
        {"area": area, "category": category, "provider": event.provider, "duty": str(duty)}
        for area in sorted(set(event.areas))
        for category, duty in sorted(duties.items())
    ]
