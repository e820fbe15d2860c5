"""Who can take an order, who best, and why: first who may at all, then in what order.

A provider is left out if it is unknown, retiring or retired, does not work in the area, does not offer the
category, has declined this order before, has its hands full, or has nobody who is able and on duty. The
others are ranked by a score of named parts under the town's weights, equals by the provider's id, so that the
same question always has the same answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final, Self

from domain import scoring
from domain.events import Offer
from domain.ids import AreaPath, CategoryPath, ProviderId, within
from domain.model import Plain
from domain.on_duty import ALWAYS_THERE, Crew, Lack, Window, lack, window_of
from domain.proposal import Part
from domain.provider import Standing
from domain.rules import Rules, Weights
from domain.scoring import WHOLE
from domain.stages import Duty, Urgency


class Reason(StrEnum):
    """Why a candidate ranks where it does; a stable code."""

    WANTED = "wanted"
    MUST = "must"
    CAN = "can"
    SAME_AREA = "same-area"
    WIDER_AREA = "wider-area"
    IDLE = "idle"
    ROOM = "room"


class Exclusion(StrEnum):
    """Why a provider cannot take an order; a stable code."""

    UNKNOWN = "unknown"
    RETIRED = "retired"
    NOT_IN_AREA = "not-in-area"
    NOT_OFFERED = "not-offered"
    DECLINED = "declined"
    FULL = "full"
    CLOSED = "closed"
    UNSKILLED = "unskilled"


REASON_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    Reason.WANTED: ("居民点名", "asked for by the resident"),
    Reason.MUST: ("权责清单内，应当承办", "on its list of duties: it must"),
    Reason.CAN: ("服务清单内，可以承办", "on its list of services: it can"),
    Reason.SAME_AREA: ("就在本区域", "works in this very area"),
    Reason.WIDER_AREA: ("服务范围包含本区域", "works in a wider area around it"),
    Reason.IDLE: ("手头没有在办工单", "has nothing in hand"),
    Reason.ROOM: ("尚有余力", "has room left"),
    Exclusion.UNKNOWN: ("未登记", "is not registered"),
    Exclusion.RETIRED: ("已退出或正在退出", "has retired or is retiring"),
    Exclusion.NOT_IN_AREA: ("不服务本区域", "does not work in this area"),
    Exclusion.NOT_OFFERED: ("不承办此事项", "does not offer this category"),
    Exclusion.DECLINED: ("曾退回此单", "has declined this order before"),
    Exclusion.FULL: ("在办已满", "has its hands full"),
    Exclusion.CLOSED: ("届时无人值班", "has nobody on duty then"),
    Exclusion.UNSKILLED: ("没有会办且愿办的人", "has nobody who is able and willing"),
}
"""What people read for a code: Chinese, English."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What an order asks of whoever takes it."""

    category: CategoryPath
    area: AreaPath
    channel: str | None = None
    wanted: ProviderId | None = None
    declined_by: frozenset[ProviderId] = frozenset()
    urgency: Urgency = Urgency.NORMAL
    wanted_at: datetime | None = None
    needs: tuple[str, ...] = ()  # skills
    window: Window | None = None  # when somebody has to be there; None: whenever it will be

    def under(self, rules: Rules, now: datetime) -> Self:
        """The same, with the skills that the rules ask for and when somebody has to be there."""
        accept_hours, _ = rules.limits(self.category)
        window = window_of(self.urgency, self.wanted_at, now, accept_hours, rules.zone)
        return replace(self, needs=rules.skills_for(self.category), window=window)


@dataclass(frozen=True, slots=True)
class Done:
    """How a provider has done so far, all over town."""

    rated: int = 0
    bad: int = 0  # of the rated
    in_time: int = 0
    late: int = 0


_NOTHING_DONE: Final = Done()
_NO_EVIDENCE: Final[Mapping[ProviderId, int]] = {}
_NO_RECORDS: Final[Mapping[ProviderId, Done]] = {}


@dataclass(frozen=True, slots=True)
class Supplier:
    """What a provider brings. `load` counts the orders it was offered or has in hand."""

    provider: ProviderId
    standing: Standing = Standing.UNKNOWN
    areas: tuple[AreaPath, ...] = ()
    offers: tuple[Offer, ...] = ()
    capacity: int = 0
    load: int = 0
    last_given: int = 0  # log position at which it was last sent or took something; 0: never
    crew: Crew = ALWAYS_THERE

    def closest(self, area: AreaPath) -> AreaPath | None:
        """The smallest of its areas that this one lies in."""
        return max((own for own in self.areas if within(area, own)), key=len, default=None)

    def duty(self, category: CategoryPath) -> Duty | None:
        """What binds it to a category, the stronger where it is bound twice."""
        duties = {offer.duty for offer in self.offers if within(category, offer.category)}
        return Duty.MUST if Duty.MUST in duties else Duty.CAN if duties else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider that can take the order, with what each part of its score is worth."""

    provider: ProviderId
    score: int
    parts: Mapping[Part, int]  # points; their sum is the score
    reasons: tuple[Reason, ...]
    duty: Duty
    area: AreaPath  # the smallest of its areas that holds the order's
    capacity: int
    load: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """A provider that cannot take the order, with everything that speaks against it."""

    provider: ProviderId
    why: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, the best first, and who was looked at and left out, by id."""

    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]


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
        self._wanted, self._chance, self._turn = (
            _Points(part, weights) for part in (Part.WANTED, Part.EVIDENCE, Part.TURN)
        )

    def rank(
        self, demand: Demand, suppliers: Iterable[Supplier], chances: Mapping[ProviderId, int] = _NO_EVIDENCE
    ) -> Ranking:
        """Who can take it, the best first.

        Args:
            chances: per mille, how likely each is to be the one, from how orders like this were dispatched.
        """
        able: list[_Fit] = []
        excluded: list[Excluded] = []
        for fit in self._fits(demand, suppliers):
            if _able(fit, demand):
                able.append(fit)
            else:
                excluded.append(Excluded(fit[0].provider, _against(fit, demand)))
        turns = scoring.turns([alone.last_given for alone, _, _ in able])
        candidates = [
            self._candidate(fit, demand.wanted, chances.get(fit[0].provider, 0), turn)
            for fit, turn in zip(able, turns, strict=True)
        ]
        candidates.sort(key=lambda candidate: (-candidate.score, candidate.provider))
        excluded.sort(key=lambda left_out: left_out.provider)
        return Ranking(tuple(candidates), tuple(excluded))

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
            points=scoring.points(parts, self._weights),
        )

    def _look_at_area(self, supplier: Supplier, area: AreaPath) -> "_Here":
        own = supplier.closest(area)
        near = 0 if own is None else scoring.near(area, own)
        return _Here(
            own is not None,
            own or AreaPath(""),
            own == area,
            scoring.points({Part.NEAR: near}, self._weights),
        )

    def _look_at_task(self, supplier: Supplier, demand: Demand) -> "_Suited":
        duty = supplier.duty(demand.category)
        must = WHOLE if duty is Duty.MUST else 0
        missing = lack(supplier.crew, demand.needs, demand.category, demand.window)
        able = duty is not None and missing is None
        return _Suited(able, duty, missing, scoring.points({Part.DUTY: must}, self._weights))

    def _candidate(self, fit: "_Fit", wanted: ProviderId | None, chance: int, turn: int) -> Candidate:
        alone, here, suited = fit
        assert suited.duty is not None  # else it would be excluded
        asked_for = alone.provider == wanted
        points = {
            **self._wanted[WHOLE if asked_for else 0],
            **suited.points,
            **self._chance[chance],
            **here.points,
            **alone.points,
            **self._turn[turn],
        }
        return Candidate(
            alone.provider,
            sum(points.values()),
            points,
            _reasons(asked_for, suited.duty is Duty.MUST, here.same, alone.load > 0),
            suited.duty,
            here.area,
            alone.capacity,
            alone.load,
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
    points: Mapping[Part, int]


class _Here(Plain, frozen=True):
    """A provider in an area."""

    served: bool
    area: AreaPath  # of its own the smallest that holds this one
    same: bool
    points: Mapping[Part, int]


class _Suited(Plain, frozen=True):
    """A provider and a task."""

    able: bool  # it offers that, and somebody can come
    duty: Duty | None
    lack: Lack | None
    points: Mapping[Part, int]


_Fit = tuple[_Alone, _Here, _Suited]
"""A provider and an order, all but what others say of the two."""


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


class _Points(dict[int, Mapping[Part, int]]):
    """What each value of one part is worth."""

    def __init__(self, part: Part, weights: Weights) -> None:
        super().__init__()
        self._part = part
        self._weights = weights

    def __missing__(self, value: int) -> Mapping[Part, int]:
        worth = self[value] = scoring.points({self._part: value}, self._weights)
        return worth


@cache
def _reasons(wanted: bool, must: bool, same_area: bool, busy: bool) -> tuple[Reason, ...]:
    return (
        *([Reason.WANTED] if wanted else []),
        Reason.MUST if must else Reason.CAN,
        Reason.SAME_AREA if same_area else Reason.WIDER_AREA,
        Reason.ROOM if busy else Reason.IDLE,
    )
