"""Who can take an order, who best, and why: first who may at all, then in what order.

A provider is left out if it is unknown, retiring or retired, does not work in the area, does not offer the
category, has declined this order before or let its call pass, has its hands full, or has nobody who is able
and on duty. The others are ranked by a score of named parts under the town's weights, equals by the
provider's id, so that the same question always has the same answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from domain.ids import AreaPath, CategoryPath, ProviderId, within
from domain.on_duty import ALWAYS_THERE, Crew, Window, window_of
from domain.proposal import Part
from domain.provider import Standing
from domain.provider_events import Offer
from domain.routes import Broken
from domain.rules import Rules
from domain.stages import Duty, Urgency


class Reason(StrEnum):
    """Why a candidate ranks where it does; a stable code."""

    ROUTED = "routed"
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
    Reason.ROUTED: ("细则指定承办", "named by a route of the rules"),
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
    Exclusion.DECLINED: ("曾退回此单或逾时未接", "has declined this order before or not accepted it in time"),
    Exclusion.FULL: ("在办已满", "has its hands full"),
    Exclusion.CLOSED: ("届时无人值班", "has nobody on duty then"),
    Exclusion.UNSKILLED: ("没有会办且愿办的人", "has nobody who is able and willing"),
}
"""What people read for a code: Chinese, English."""

BREAKS: Final[Mapping[Exclusion, Broken]] = {
    Exclusion.UNKNOWN: Broken.UNKNOWN,
    Exclusion.RETIRED: Broken.RETIRED,
    Exclusion.NOT_IN_AREA: Broken.NOT_IN_AREA,
    Exclusion.NOT_OFFERED: Broken.NOT_OFFERED,
    Exclusion.UNSKILLED: Broken.UNSKILLED,
}
"""Exclusions under which a route cannot be followed. To be full, closed, or to have declined is everyday."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What an order asks of whoever takes it."""

    category: CategoryPath
    area: AreaPath
    channel: str | None = None
    wanted: ProviderId | None = None
    routed: ProviderId | None = None  # by a route of the rules
    declined_by: frozenset[ProviderId] = frozenset()
    urgency: Urgency = Urgency.NORMAL
    wanted_at: datetime | None = None
    needs: tuple[str, ...] = ()  # skills
    window: Window | None = None  # when somebody has to be there; None: whenever it will be

    def under(self, rules: Rules, now: datetime) -> Self:
        """The same, with whom and which skills the rules ask for, and when somebody has to be there."""
        accept_hours, _ = rules.limits(self.category)
        window = window_of(self.urgency, self.wanted_at, now, accept_hours, rules.zone)
        # A call is for the nearest who can come, and waits for no route to be put right.
        call = self.urgency is Urgency.CALL
        route = None if call else rules.route(self.category, self.area, self.channel)
        return replace(
            self,
            needs=rules.skills_for(self.category),
            window=window,
            routed=None if route is None else route.provider,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """How a provider has done so far, all over town."""

    rated: int = 0
    bad: int = 0  # of the rated
    in_time: int = 0
    late: int = 0


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
    broken: Broken | None = None  # why the order's route cannot be followed: a person has to decide


def broken_route(demand: Demand, able: Iterable[ProviderId], excluded: Iterable[Excluded]) -> Broken | None:
    """Whether the one that a route names is left out for more than an everyday reason."""
    if demand.routed is None or demand.routed in able:
        return None
    why = next((one.why for one in excluded if one.provider == demand.routed), (Exclusion.UNKNOWN,))
    return next((BREAKS[reason] for reason in why if reason in BREAKS), None)
