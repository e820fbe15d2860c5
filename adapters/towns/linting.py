"""Looks through rules that are valid for what has no effect or will not go as it was meant."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Final

from adapters.towns.findings import Finding
from adapters.towns.suspicions import suspicion
from domain.ids import AreaPath, CategoryPath, ProviderId, lineage, within
from domain.judging import Judge
from domain.matching import BREAKS, Demand, Exclusion, Supplier
from domain.proposal import Part
from domain.provider import Standing
from domain.routes import Route
from domain.rules import Rules
from domain.stages import AutoDispatch

GRADED: Final = ("evidence", "near", "room", "rating", "timely")  # parts that may differ by one per cent
AMONG_EQUALS: Final = ("turn",)  # meant to decide where nothing else does
PER_CENT: Final = 100
MINUTES: Final = 60  # in an hour


class Linter:
    """One town's rules, and who there is to take orders."""

    def __init__(
        self, rules: Rules, suppliers: Mapping[ProviderId, Supplier], lines: Mapping[str, int]
    ) -> None:
        """`lines` tells where in the file things stand; see `TownFile.lines`."""
        self._rules = rules
        self._suppliers = suppliers
        self._lines = lines
        self._judge = Judge(rules.weights)

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in order of line."""
        found = [
            *self.routes(),
            *self._unreachable(),
            *self._dispatch(),
            *self._skills(),
            *self._uncovered(),
            *self._weights(),
            *self._calls(),
            *self._retention(),
        ]
        return tuple(sorted(found))

    def routes(self) -> Iterator[Finding]:
        """Routes that cannot be followed for some of the orders that they are for."""
        for number, route in enumerate(self._rules.routes, 1):
            told = {"number": number, "provider": route.provider}
            for reason, where in self._breaks(route).items():
                code = BREAKS[reason].value.replace("-", "_")
                yield self._at(f"route {number - 1}", code, **told, **where)

    def _breaks(self, route: Route) -> dict[Exclusion, dict[str, str]]:
        """Why, each with the first order that shows it."""
        supplier = self._suppliers.get(route.provider) or Supplier(route.provider)
        if supplier.standing is not Standing.ACTIVE:
            gone = supplier.standing is not Standing.UNKNOWN
            return {Exclusion.RETIRED if gone else Exclusion.UNKNOWN: {}}
        found: dict[Exclusion, dict[str, str]] = {}
        items, areas = self._items(route.category), self._leaves(route.area)
        # Who offers what, and who works where, are apart: it is enough to go through each once.
        orders = [*product(items, areas[:1]), *product(items[:1], areas)]
        for item, area in orders:
            demand = Demand(item, area, needs=self._rules.skills_for(item))
            for reason in self._against(demand, supplier):
                if reason in BREAKS:
                    found.setdefault(reason, {"what": item, "where": area})
        return found

    def _unreachable(self) -> Iterator[Finding]:
        routes = self._rules.routes
        for number, route in enumerate(routes):
            by = next((place for place, other in enumerate(routes[:number]) if _covers(other, route)), None)
            if by is not None:
                told = {"number": number + 1, "provider": route.provider, "by": by + 1}
                yield self._at(f"route {number}", "route_unreachable", **told)
        if routes and not self._rules.weights.routed:
            yield self._at("weight routed", "routes_void")

    def _dispatch(self) -> Iterator[Finding]:
        settings = self._rules.dispatch
        keys = [(setting.category, setting.area) for setting in settings]
        for number, setting in enumerate(settings):
            first = keys.index(keys[number])
            if first < number:
                told = {"number": number + 1, "by": first + 1}
                yield self._at(f"auto_dispatch {number}", "dispatch_void", **told)
            elif setting.mode is not AutoDispatch.OFF and not self._anybody(setting.category, setting.area):
                told = {"number": number + 1, "mode": setting.mode}
                yield self._at(f"auto_dispatch {number}", "dispatch_nobody", **told)
        if self._rules.most_per_round and all(setting.mode is AutoDispatch.OFF for setting in settings):
            yield self._at("most_per_round", "share_void")

    def _anybody(self, category: CategoryPath | None, area: AreaPath | None) -> bool:
        """Whether some order there could be taken by somebody with nothing in hand."""
        around = [set(lineage(leaf)) for leaf in self._leaves(area)]
        takers = map(self._takers, self._items(category))
        return any(where & paths for where in takers for paths in around)

    def _takers(self, item: CategoryPath) -> set[str]:
        """The areas in which somebody offers an item and is able to do it."""
        needs = self._rules.skills_for(item)
        return {
            area
            for one in self._suppliers.values()
            for area in one.areas
            if not self._against(Demand(item, area, needs=needs), one)
        }

    def _against(self, demand: Demand, supplier: Supplier) -> tuple[Exclusion, ...]:
        """All that speaks against a provider, at no moment in particular."""
        _, excluded = self._judge.score(demand, [supplier], {})
        return excluded[0].why if excluded else ()

    def _retention(self) -> Iterator[Finding]:
        """A rule that says what the one around it says, or takes texts away that may still be asked about."""
        rules = self._rules
        asked_about = max(rules.rate_days, rules.reopen_days)
        for kept in rules.retention:
            category = kept.category or ""
            around = rules.retention_days(CategoryPath(lineage(category)[1])) if category else None
            told = {"what": category or "*", "days": kept.days}
            if kept.days == around:
                yield self._at(f"retention {told['what']}", "retention_void", **told)
            elif kept.days < asked_about:
                yield self._at(f"retention {told['what']}", "retention_early", **told, least=asked_about)

    def _skills(self) -> Iterator[Finding]:
        known = set[str]()
        for one in self._active:
            known.update(one.crew.skills, *(hand.skills for hand in one.crew.volunteers))
        for item in self._rules.catalogue:
            for skill in item.skills or ():
                if skill not in known:
                    yield self._at(f"category {item.path}", "skill_nobody_has", what=item.path, skill=skill)

    def _uncovered(self) -> Iterator[Finding]:
        """Whoever must or can do it, whether able to or not: that is another finding."""
        for item in self._items(None):
            where = {area for one in self._active if one.duty(item) for area in one.areas}
            missing = [leaf for leaf in self._leaves(None) if not where & set(lineage(leaf))]
            if missing:
                told = {"what": item, "count": len(missing), "where": missing[0]}
                yield self._at(f"category {item}", "item_uncovered", **told)

    def _weights(self) -> Iterator[Finding]:
        weights: dict[str, int] = self._rules.weights.model_dump(include={part.value for part in Part})
        if not any(weights.values()):
            yield self._at("weights", "weights_zero")
            return
        by = max(GRADED, key=lambda part: weights[part])
        for part, weight in weights.items():
            if 0 < weight * PER_CENT < weights[by] and part not in AMONG_EQUALS:
                told = {"part": part, "weight": weight, "by": by, "heavier": weights[by]}
                yield self._at(f"weight {part}", "weight_outweighed", **told)

    def _calls(self) -> Iterator[Finding]:
        """A call that has longer than anything else is none."""
        limits = {item: self._rules.limits(item)[0] for item in self._items(None)}
        shortest = min(limits, key=lambda item: limits[item], default=None)
        if shortest is not None and self._rules.call_minutes > limits[shortest] * MINUTES:
            told = {"minutes": self._rules.call_minutes, "what": shortest, "hours": limits[shortest]}
            yield self._at("call_minutes", "call_too_slow", **told)

    @cached_property
    def _active(self) -> Sequence[Supplier]:
        return [one for one in self._suppliers.values() if one.standing is Standing.ACTIVE]

    def _items(self, category: CategoryPath | None) -> list[CategoryPath]:
        """What can be ordered, under a category."""
        listed = (one.path for one in self._rules.catalogue if one.kind != "group")
        return [path for path in listed if within(path, category or "")]

    @cached_property
    def _all_leaves(self) -> Sequence[AreaPath]:
        above = {area.path.rpartition("/")[0] for area in self._rules.areas}
        return [area.path for area in self._rules.areas if area.path not in above]

    def _leaves(self, area: AreaPath | None) -> list[AreaPath]:
        """The smallest areas in one."""
        return [path for path in self._all_leaves if within(path, area or "")]

    def _at(self, place: str, code: str, /, **details: object) -> Finding:
        return suspicion(self._lines.get(place, 0), code, **details)


def _covers(earlier: Route, later: Route) -> bool:
    """Whether every order of the later one fits the earlier one too."""
    return (
        within(later.category or "", earlier.category or "")
        and within(later.area or "", earlier.area or "")
        and earlier.channel in (None, later.channel)
    )
