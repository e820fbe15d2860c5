"""What the board says about an order, and how it is asked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any, Final

from domain.ids import AreaPath, CategoryPath, OrderId, OrderNumber, ProviderId, ResidentId
from domain.stages import Level, Stage, Urgency
from projections.engine import from_micros


@dataclass(frozen=True, slots=True)
class Proposed:
    """A candidate that auto-dispatch proposed, with the codes of its reasons."""

    provider: ProviderId
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as it stands. Moments are in UTC; texts residents and staff wrote are sealed, as recorded."""

    order_id: OrderId
    number: OrderNumber  # 单号, 12 digits
    placed_at: datetime
    category: CategoryPath
    area: AreaPath
    stage: Stage
    stage_since: datetime
    resident: ResidentId | None
    wanted: ProviderId | None
    wanted_at: datetime | None
    urgency: Urgency | None  # None: imported, nobody knows
    channel: str | None  # a domain.stages.Channel, or an imported order's own word
    entered_by: str | None  # 代点单: who entered it for the resident
    source: str | None  # an imported order's number in the other system
    provider: ProviderId | None
    accountable: ProviderId | None  # 首接负责
    declines: int
    round: int
    accept_by: datetime | None
    due_at: datetime | None
    deadline: datetime | None  # while open: the first moment after which it is overdue
    closed_at: datetime | None
    closed_how: Stage | None  # completed, answered, not-accepted, duplicate or withdrawn
    in_time: bool | None
    resolved: bool | None
    level: Level | None
    bad: bool | None
    bad_ratings: int  # of every round and rater
    seconders: int
    reason: str | None
    duplicate_of: OrderId | None
    proposal: tuple[Proposed, ...]
    details: str | None
    contact: str | None
    address: str | None
    said: str | None  # why the resident withdrew or reopened it
    notice: str | None
    progress: str | None
    result: str | None
    comment: str | None
    version: int
    position: int  # of its last fact in the log

    def overdue(self, now: datetime) -> bool:
        """Open and past its time to accept or to finish."""
        return self.deadline is not None and now > self.deadline


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders: each part narrows it, an empty one lets all pass."""

    stages: Collection[Stage] = ()
    area: AreaPath | None = None  # this one and all in it
    category: CategoryPath | None = None  # this one and all in it
    provider: ProviderId | None = None
    overdue_at: datetime | None = None  # overdue at this moment
    seconded: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders, and the cursor of the next ones if there are more."""

    orders: tuple[OrderRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class CategoryLoad:
    """How many orders a category has had, and how many of them are open."""

    category: CategoryPath
    orders: int
    open: int


_MOMENTS: Final = ("placed_at", "stage_since", "wanted_at", "accept_by", "due_at", "deadline", "closed_at")


def order_row(values: dict[str, Any]) -> OrderRow:
    """A row of the table, in the words of the domain."""
    for name in _MOMENTS:
        values[name] = from_micros(values[name])
    values["stage"] = Stage(values["stage"])
    values["closed_how"] = Stage(values["closed_how"]) if values["closed_how"] else None
    values["urgency"] = Urgency(values["urgency"]) if values["urgency"] else None
    values["level"] = Level(values["level"]) if values["level"] else None
    named = loads(values["proposal"]) if values["proposal"] else ()
    values["proposal"] = tuple(Proposed(provider, tuple(reasons)) for provider, reasons in named)
    return OrderRow(**values)
