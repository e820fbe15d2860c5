"""A city of districts that are like each other, made by seed: its rules, its providers and their orders."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from random import Random
from typing import Any, Final
from uuid import UUID

from adapters.bootstrap import Node
from adapters.settings import Settings
from benchmarks.bad_morning import COMMUNITIES, GROUPS, STREETS, Unit, a_unit
from benchmarks.load import Line, decoded, line
from domain.stages import Level, ProviderKind
from projections.engine import catch_up
from services.handling import Batch

OF_A_DISTRICT: Final = 1_000  # providers
ITEMS: Final = 5  # of a group
BATCH: Final = 500
TEXT: Final = "三楼卫生间漏水，请尽快来修"
OFFICE: Final = [{"weekdays": [1, 2, 3, 4, 5], "start": "08:00", "end": "20:00"}]
USUAL: Final = 0.7  # of the orders go to who must
_LEVELS: Final = (Level.VERY_SATISFIED, Level.SATISFIED, Level.SATISFIED, Level.DISSATISFIED)


@dataclass(frozen=True)
class City:
    """As large as it has districts; what one of them is like does not depend on how many there are.

    `offers`: how much of the catalogue a team offers. `places`: how many orders an average provider has
    room for.
    """

    districts: int
    offers: float
    places: int
    seed: int = 1

    @cached_property
    def units(self) -> list[list[Unit]]:
        """By district."""
        made: list[list[Unit]] = []
        for district in range(self.districts):
            chance = Random(f"{self.seed}/{district}")
            made.append([a_unit(n, OF_A_DISTRICT, self.offers, chance) for n in range(OF_A_DISTRICT)])
        return made

    @cached_property
    def chance(self) -> Random:
        return Random(self.seed)

    def setting_up(self) -> Iterator[Line]:
        """Its rules and its providers."""
        yield _asked("AdoptRules", "rules", "operator", "bench", {"rules": self._rules()})
        for district, units in enumerate(self.units):
            for unit in units:
                provider = _name(district, unit)
                body = self._registration(district, unit)
                yield _asked("RegisterProvider", f"provider/{provider}", "community", "bench", body)

    def placed(self, orders: int) -> Iterator[Line]:
        """Orders that wait, in the first district."""
        for _ in range(orders):
            yield self._place(0, *self._what_and_where())

    def lived(self, orders: int, districts: int = 1) -> Iterator[Line]:
        """Orders from the call to the rating, in so many of the districts."""
        for _ in range(orders):
            where = self.chance.randrange(districts)
            group, street, community = self._what_and_where()
            placed = self._place(where, group, street, community)
            yield placed
            provider = self._sent(where, group, street, community)
            if provider:
                yield from _done(placed.subject, provider, self.chance.choice(_LEVELS).value)

    def _what_and_where(self) -> tuple[int, int, int]:
        chance = self.chance
        return chance.randrange(GROUPS), chance.randrange(STREETS), chance.randrange(COMMUNITIES)

    def _place(self, district: int, group: int, street: int, community: int) -> Line:
        category = f"g{group}/i{self.chance.randrange(ITEMS)}"
        body = {
            "category": category,
            "area": f"d{district}/s{street}/c{community}",
            "details": TEXT,
        }
        return _asked("PlaceOrder", str(next(_orders)), "resident", "r-1", body)

    def _sent(self, district: int, group: int, street: int, community: int) -> str | None:
        able = [
            unit
            for unit in self.units[district]
            if group in unit.groups and street in unit.streets and unit.community in (None, community)
        ]
        if not able:
            return None
        usual = self.chance.random() < USUAL
        first = next((unit for unit in able if unit.must), able[0])
        return _name(district, first if usual else self.chance.choice(able))

    def _registration(self, district: int, unit: Unit) -> Mapping[str, Any]:
        town_wide = len(unit.streets) == STREETS
        streets = [f"d{district}"] if town_wide else [f"d{district}/s{street}" for street in unit.streets]
        place = f"{district}区" if town_wide else _street(district, unit.streets[0])
        kind = "处" if unit.must else f"服务队（{'甲乙丙丁'[int(unit.id[-3:]) % 4]}）"
        return {
            "name_zh": f"{place}{min(unit.groups, default=0)}号{kind}",
            "name_en": unit.id,
            "kind": ProviderKind.DEPARTMENT.value,
            "contact": "0755-23000000",
            "capacity": max(1, round(self.places * unit.weight)),
            "hours": OFFICE if unit.must else [],
            "areas": [one if unit.community is None else f"{one}/c{unit.community}" for one in streets],
            "offers": [
                {"category": f"g{group}", "duty": "must" if unit.must else "can"}
                for group in sorted(unit.groups)
            ],
        }

    def _rules(self) -> Mapping[str, Any]:
        return {
            "town": "bench",
            "name": _words("测量"),
            "levels": [_words("区"), _words("街道"), _words("社区")],
            "areas": [{"path": path, "name": _words(name)} for path, name in self._areas()],
            "catalogue": [
                {"path": path, "name": _words(f"事项{path}"), "kind": "complaint"}
                for group in range(GROUPS)
                for path in (f"g{group}", *(f"g{group}/i{item}" for item in range(ITEMS)))
            ],
        }

    def _areas(self) -> Iterator[tuple[str, str]]:
        for district in range(self.districts):
            yield f"d{district}", f"{district}区"
            for street in range(STREETS):
                yield f"d{district}/s{street}", _street(district, street)
                for community in range(COMMUNITIES):
                    yield f"d{district}/s{street}/c{community}", f"{district}-{street}-{community}"


def open_city(url: str, city: City) -> Node:
    """A node over a record that holds the city, with its read models at the end of it."""
    node = Node(Settings(store=url))
    node.create()
    take_in(node, city.setting_up())
    return node


_numbers: Final = count(1)
_orders: Final = (
    UUID(int=number * 1000 << 80 | 7 << 76 | 2 << 62) for number in count(1)
)  # UUIDv7, one a second


def take_in(node: Node, lines: Iterable[Line]) -> None:
    """Through the handler in batches, as they would come over the bus, and into the read models."""
    lines = iter(lines)
    while batch := list(islice(lines, BATCH)):
        taken = decoded(node.decoder, batch, next(_numbers))
        outcomes = node.handler.handle(Batch(taken.intake))
        assert {outcome.status for outcome in outcomes} == {"recorded"}, outcomes[0]
    catch_up(node.projectors, node.log)


def _asked(kind: str, subject: str, role: str, actor: str, body: Mapping[str, Any]) -> Line:
    return line(
        kind, subject, role, actor, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    )


def dispatched(order: str, city: City) -> Line:
    """A dispatcher sends an order to the same provider as all others."""
    provider = _name(0, city.units[0][0])
    return _asked("DispatchOrder", order, "community", "c-1", {"provider": provider})


def capacity(unit: Unit, places: int) -> Line:
    """A provider of the first district has room for so many."""
    return _asked("ChangeCapacity", f"provider/{_name(0, unit)}", "community", "c-1", {"capacity": places})


def _done(order: str, provider: str, level: str) -> Iterator[Line]:
    by = {"provider": provider}
    yield _asked("DispatchOrder", order, "community", "c-1", by)
    yield _asked("AcceptOrder", order, "provider", provider, by)
    yield _asked("CompleteOrder", order, "provider", provider, {**by, "result": TEXT})
    yield _asked("RateOrder", order, "resident", "r-1", {"level": level})


def _name(district: int, unit: Unit) -> str:
    return f"d{district}-{unit.id}"


def _words(text: str) -> Mapping[str, str]:
    """The rules have to come in one message, so they are short."""
    return {"zh": text, "en": "-"}


def _street(district: int, street: int) -> str:
    return f"{district}-{street}街"
