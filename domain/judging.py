"""Ranks those who could take orders: each part of a score, what it is worth, and why.

What is the same for many orders of a round is looked at once, and words are made only of the few candidates
that are told.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from domain import scoring
from domain.ids import AreaPath, CategoryPath, ProviderId
from domain.matching import (
    Candidate,
    Demand,
    Done,
    Excluded,
    Exclusion,
    Ranking,
    Reason,
    Supplier,
    broken_route,
)
from domain.model import Plain
from domain.on_duty import Lack, Window, lack
from domain.proposal import Part
from domain.provider import Standing
from domain.rules import Weights
from domain.scoring import WHOLE
from domain.stages import Duty

_NOTHING_DONE: Final = Done()
_NO_EVIDENCE: Final[Mapping[ProviderId, int]] = {}
_NO_RECORDS: Final[Mapping[ProviderId, Done]] = {}


def rank(
    demand: Demand,
    suppliers: Iterable[Supplier],
    weights: Weights,
    chances: Mapping[ProviderId, int] = _NO_EVIDENCE,
    records: Mapping[ProviderId, Done] = _NO_RECORDS,
) -> Ranking:
    """Who can take it, the best first; see `Judge`."""
    return Judge(weights, records).rank(demand, suppliers, chances)


class Judge:
    """Ranks who could take orders, for any number of orders at one moment.

    What hangs on the provider alone, or on it and either the area or the category, is looked at once: in a
    large round each one comes into question for hundreds of orders. So all orders have to see it alike.
    """

    def __init__(self, weights: Weights, records: Mapping[ProviderId, Done] = _NO_RECORDS) -> None:
        """Weights are those of the town's rules, `records` says how each provider has done."""
        self._weights = weights
        self._records = records
        self._alone: dict[ProviderId, _Alone] = {}
        self._here: defaultdict[AreaPath, dict[ProviderId, _Here]] = defaultdict(dict)
        self._suited: defaultdict[_Task, dict[ProviderId, _Suited]] = defaultdict(dict)

    def rank(
        self, demand: Demand, suppliers: Iterable[Supplier], chances: Mapping[ProviderId, int] = _NO_EVIDENCE
    ) -> Ranking:
        """Who can take it, the best first.

        Args:
            chances: per mille, how likely each is to be the one, from how orders like this were dispatched.
        """
        scored, excluded = self.score(demand, suppliers, chances)
        broken = broken_route(demand, [one.provider for one in scored], excluded)
        return Ranking(tuple(map(self.told, scored)), excluded, broken)

    def score(
        self, demand: Demand, suppliers: Iterable[Supplier], chances: Mapping[ProviderId, int]
    ) -> tuple[list["Scored"], tuple[Excluded, ...]]:
        """The same in numbers alone: in a large round few of those who could take an order are told of."""
        able: list[_Fit] = []
        excluded: list[Excluded] = []
        for fit in self._fits(demand, suppliers):
            if _able(fit, demand):
                able.append(fit)
            else:
                excluded.append(Excluded(fit[0].provider, _against(fit, demand)))
        turns = scoring.turns([alone.last_given for alone, _, _ in able])
        weights = self._weights.when(demand.urgency)
        scored = [
            _scored(fit, weights, _named(fit[0].provider, demand), chances.get(fit[0].provider, 0), turn)
            for fit, turn in zip(able, turns, strict=True)
        ]
        scored.sort(key=_best_first)
        excluded.sort(key=lambda left_out: left_out.provider)
        return scored, tuple(excluded)

    def anybody(self, demand: Demand, suppliers: Iterable[Supplier]) -> bool:
        """Whether one of them can take it."""
        return any(_able(fit, demand) for fit in self._fits(demand, suppliers))

    def _fits(self, demand: Demand, suppliers: Iterable[Supplier]) -> Iterator["_Fit"]:
        here, suited = self._here[demand.area], self._suited[demand.category, demand.needs, demand.window]
        alone = self._alone
        for supplier in suppliers:
            name = supplier.provider
            if name not in alone:
                alone[name] = self._look_at(supplier)
            if name not in here:
                here[name] = self._look_at_area(supplier, demand.area)
            if name not in suited:
                suited[name] = self._look_at_task(supplier, demand)
            yield alone[name], here[name], suited[name]

    def _look_at(self, supplier: Supplier) -> "_Alone":
        done = self._records.get(supplier.provider, _NOTHING_DONE)
        parts = {
            Part.ROOM: scoring.room(supplier.load, supplier.capacity),
            Part.RATING: scoring.lower_bound(done.rated - done.bad, done.rated),
            Part.TIMELY: scoring.lower_bound(done.in_time, done.in_time + done.late),
        }
        return _Alone(
            provider=supplier.provider,
            standing=supplier.standing,
            free=supplier.standing is Standing.ACTIVE and supplier.load < supplier.capacity,
            capacity=supplier.capacity,
            load=supplier.load,
            last_given=supplier.last_given,
            room=supplier.capacity - supplier.load,
            parts=parts,
            worth=self._worth(parts),
        )

    def _look_at_area(self, supplier: Supplier, area: AreaPath) -> "_Here":
        own = supplier.closest(area)
        near = 0 if own is None else scoring.near(area, own)
        return _Here(own is not None, own or AreaPath(""), own == area, near)

    def _look_at_task(self, supplier: Supplier, demand: Demand) -> "_Suited":
        duty = supplier.duty(demand.category)
        missing = lack(supplier.crew, demand.needs, demand.category, demand.window)
        able, must = duty is not None and missing is None, duty is Duty.MUST
        return _Suited(able, must, duty, missing, self._worth({Part.DUTY: WHOLE if must else 0}))

    def _worth(self, parts: Mapping[Part, int]) -> int:
        return sum(scoring.points(parts, self._weights).values())

    @staticmethod
    def told(scored: "Scored") -> Candidate:
        """With the points of each part, and reasons."""
        alone, here, suited = scored.fit
        assert suited.duty is not None  # else it would be excluded
        parts = {
            Part.ROUTED: WHOLE if scored.named.routed else 0,
            Part.WANTED: WHOLE if scored.named.wanted else 0,
            Part.DUTY: WHOLE if suited.must else 0,
            Part.EVIDENCE: scored.chance,
            Part.NEAR: here.near,
            **alone.parts,
            Part.TURN: scored.turn,
        }
        return Candidate(
            provider=alone.provider,
            score=scored.score,
            parts=scoring.points(parts, scored.weights),
            reasons=_reasons(scored.named, suited.must, here.same, alone.load > 0),
            duty=suited.duty,
            area=here.area,
            capacity=alone.capacity,
            load=alone.load,
        )


_Task = tuple[CategoryPath, tuple[str, ...], Window | None]
"""Category, skills that it needs, and when somebody has to be there."""


class _Alone(Plain, frozen=True):
    """A provider, whatever the order is."""

    provider: ProviderId
    standing: Standing
    free: bool  # it takes work and has room
    capacity: int
    load: int
    last_given: int
    room: int
    parts: Mapping[Part, int]  # of its score, those that hang on it alone
    worth: int  # their points


class _Here(Plain, frozen=True):
    """A provider in an area."""

    served: bool
    area: AreaPath  # of its own the smallest that holds this one
    same: bool
    near: int


class _Suited(Plain, frozen=True):
    """A provider and a task."""

    able: bool  # it offers that, and somebody can come
    must: bool
    duty: Duty | None
    lack: Lack | None
    worth: int


_Fit = tuple[_Alone, _Here, _Suited]
"""A provider and an order, all but what others say of the two."""


class _Named(NamedTuple):
    """Who names a provider for an order."""

    routed: bool  # a route of the rules
    wanted: bool  # the resident


def _named(provider: ProviderId, demand: Demand) -> _Named:
    return _Named(provider == demand.routed, provider == demand.wanted)


class Scored(Plain, frozen=True):
    """A provider that can take an order, before words are made of it."""

    provider: ProviderId
    score: int
    room: int  # orders that it can still take in hand
    must: bool
    fit: _Fit
    named: _Named
    chance: int
    turn: int
    weights: Weights  # that count for the order


def _scored(fit: _Fit, weights: Weights, named: _Named, chance: int, turn: int) -> Scored:
    alone, here, suited = fit
    worth = alone.worth + suited.worth + here.near * weights.near
    worth += chance * weights.evidence + turn * weights.turn
    if named.routed:
        worth += WHOLE * weights.routed
    if named.wanted:
        worth += WHOLE * weights.wanted
    return Scored(alone.provider, worth, alone.room, suited.must, fit, named, chance, turn, weights)


def _best_first(one: Scored) -> tuple[int, ProviderId]:
    return -one.score, one.provider


def _able(fit: _Fit, demand: Demand) -> bool:
    """Nothing speaks against it."""
    alone, here, suited = fit
    return alone.free and here.served and suited.able and alone.provider not in demand.declined_by


def _against(fit: _Fit, demand: Demand) -> tuple[Exclusion, ...]:
    """Everything that speaks against a provider."""
    alone, here, suited = fit
    if alone.standing is Standing.UNKNOWN:
        return (Exclusion.UNKNOWN,)
    against = {
        Exclusion.RETIRED: alone.standing is not Standing.ACTIVE,
        Exclusion.NOT_IN_AREA: not here.served,
        Exclusion.NOT_OFFERED: suited.duty is None,
        Exclusion.DECLINED: alone.provider in demand.declined_by,
        Exclusion.FULL: alone.load >= alone.capacity,
    }
    off_duty = () if suited.lack is None else (Exclusion(suited.lack),)
    return (*(reason for reason, speaks in against.items() if speaks), *off_duty)


@cache
def _reasons(named: _Named, must: bool, same_area: bool, busy: bool) -> tuple[Reason, ...]:
    return (
        *([Reason.ROUTED] if named.routed else []),
        *([Reason.WANTED] if named.wanted else []),
        Reason.MUST if must else Reason.CAN,
        Reason.SAME_AREA if same_area else Reason.WIDER_AREA,
        Reason.ROOM if busy else Reason.IDLE,
    )
