"""Folds facts into sums of whole counts, so that it does not matter whose facts come first."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from sqlalchemy import Connection

from domain import events as e
from domain.facts import Recorded
from domain.model import Event
from domain.stages import Level, RatingSource, Stage
from projections.engine import ReadModel, Row, Sheet, to_micros
from projections.rating import tables
from projections.rating.tables import LEVELS, NOBODY, SECONDER_LEVELS, SUMS

_ORDERS: Final = Sheet(tables.orders)
_SUMS: Final = Sheet(tables.sums)
_PLACE: Final = {name: place for place, name in enumerate(SUMS)}
_Key = tuple[str, str, str]


class Rating(ReadModel):
    """Per provider, category and area: what was done, in what time, and what the public says of it."""

    name: ClassVar = "rating"
    version: ClassVar = tables.VERSION
    metadata: ClassVar = tables.metadata

    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        ours = [(r.fact.stream.hex, r) for r in batch if type(r.fact.event) in _COUNTED]
        if not ours:
            return
        rows = _ORDERS.load(connection, {order for order, _ in ours})
        tally = _Tally()
        for order, recorded in ours:
            row = rows.get(order)
            if row is None:
                row = rows[order] = {"order_id": order} | _NEW
            event = recorded.fact.event
            assert isinstance(event, e.OrderEvent)
            row["category"] = event.category
            row["area"] = event.area
            row["position"] = recorded.position
            _COUNTED[type(event)](tally, row, event, to_micros(recorded.fact.meta.at))
        _ORDERS.write(connection, rows.values())
        _SUMS.add(connection, {key: sums for key, sums in tally.sums.items() if any(sums)})


_NEW: Final[Row] = {"provider": None, "accept_by": None, "due_at": None, "resolved": False}


@dataclass(slots=True)
class _Tally:
    """What a batch adds to each sum."""

    sums: defaultdict[_Key, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * len(SUMS)))

    def count(self, provider: str | None, event: e.OrderEvent, *names: str, by: int = 1) -> None:
        counts = self.sums[provider or NOBODY, event.category, event.area]
        for name in names:
            counts[_PLACE[name]] += by


def _dispatched(_tally: _Tally, row: Row, event: e.OrderDispatched, _at: int) -> None:
    row["provider"] = event.provider
    row["accept_by"] = to_micros(event.accept_by)
    row["due_at"] = to_micros(event.due_at)


def _responded(tally: _Tally, row: Row, event: e.OrderAccepted | e.OrderDeclined, at: int) -> None:
    tally.count(event.provider, event, "responded")
    if row["accept_by"] is not None and at <= row["accept_by"]:
        tally.count(event.provider, event, "responded_in_time")
    row["accept_by"] = None


def _accepted(tally: _Tally, row: Row, event: e.OrderAccepted, at: int) -> None:
    tally.count(event.provider, event, "accepted")
    if row["accept_by"] is not None:  # an imported order shows no offer to answer
        _responded(tally, row, event, at)


def _declined(tally: _Tally, row: Row, event: e.OrderDeclined, at: int) -> None:
    tally.count(event.provider, event, "declined")
    if row["accept_by"] is not None:
        _responded(tally, row, event, at)
    row["provider"] = row["due_at"] = None


def _claimed(tally: _Tally, row: Row, event: e.OrderClaimed, _at: int) -> None:
    tally.count(event.provider, event, "claimed")
    row["provider"] = event.provider
    row["due_at"] = to_micros(event.due_at)


def _given_back(tally: _Tally, row: Row, event: e.OrderEvent, at: int) -> None:
    """Nobody has it any more; an offer that ran out unanswered was missed."""
    passed_on = isinstance(event, e.OrderRecalled) and event.passed_on  # to the moment when its time is over
    if row["accept_by"] is not None and (passed_on or at > row["accept_by"]):
        tally.count(row["provider"], event, "missed")
    row["provider"] = row["accept_by"] = row["due_at"] = None


def _completed(tally: _Tally, row: Row, event: e.OrderCompleted, _at: int) -> None:
    tally.count(event.provider, event, "completed", "unrated", "stated")
    if event.in_time is not None:
        tally.count(event.provider, event, "in_time" if event.in_time else "late")
    if event.resolved:
        tally.count(event.provider, event, "resolved")
    row["resolved"] = event.resolved
    row["provider"] = row["accept_by"] = row["due_at"] = None


def _rated(tally: _Tally, _row: Row, event: e.OrderRated, _at: int) -> None:
    if event.source is RatingSource.SECONDER:
        tally.count(event.provider, event, SECONDER_LEVELS[event.level])
        if event.bad:
            tally.count(event.provider, event, "seconder_bad")
        return
    tally.count(event.provider, event, "unrated", by=-1)
    _rate(tally, event.provider, event, event.level, bad=event.bad)


def _rate(tally: _Tally, provider: str | None, event: e.OrderEvent, level: Level, *, bad: bool) -> None:
    tally.count(provider, event, LEVELS[level])
    if bad:
        tally.count(provider, event, "bad")


def _reopened(tally: _Tally, row: Row, event: e.OrderReopened, _at: int) -> None:
    """What was called solved was not; the completion, its time and its rating stay counted."""
    tally.count(event.provider, event, "reopened")
    if row["resolved"]:
        tally.count(event.provider, event, "resolved", by=-1)
    row["resolved"] = False


def _answered(tally: _Tally, _row: Row, event: e.OrderAnswered, _at: int) -> None:
    tally.count(None, event, "answered", "unrated")


def _not_accepted(tally: _Tally, _row: Row, event: e.OrderNotAccepted, _at: int) -> None:
    tally.count(None, event, "not_accepted")


def _duplicate(tally: _Tally, _row: Row, event: e.OrderMarkedDuplicate, _at: int) -> None:
    tally.count(None, event, "duplicate")


def _withdrawn(tally: _Tally, row: Row, event: e.OrderWithdrawn, at: int) -> None:
    tally.count(event.provider, event, "withdrawn")
    _given_back(tally, row, event, at)


_CLOSED_AS: Final = {
    Stage.NOT_ACCEPTED: "not_accepted",
    Stage.DUPLICATE: "duplicate",
    Stage.WITHDRAWN: "withdrawn",
    Stage.ANSWERED: "answered",
    Stage.COMPLETED: "completed",
    Stage.RATED: "completed",
}


def _imported(tally: _Tally, row: Row, event: e.OrderImported, _at: int) -> None:
    """Counted by the stage it shows. Whether it was solved is not known, so it has no part in that rate."""
    if event.stage in (Stage.DISPATCHED, Stage.ACCEPTED):
        row["provider"] = event.provider
        row["due_at"] = to_micros(event.due_at)
    closed_as = _CLOSED_AS.get(event.stage)
    if closed_as is None:
        return
    tally.count(event.provider, event, closed_as)
    if closed_as == "completed" and event.in_time is not None:
        tally.count(event.provider, event, "in_time" if event.in_time else "late")
    if event.level is not None:
        tally.count(event.provider, event, "imported_ratings")
        _rate(tally, event.provider, event, event.level, bad=bool(event.bad))
    elif closed_as in ("completed", "answered"):
        tally.count(event.provider, event, "unrated")


_COUNTED: Final[dict[type[Event], Callable[[_Tally, Row, Any, int], None]]] = {
    e.OrderDispatched: _dispatched,
    e.OrderAccepted: _accepted,
    e.OrderDeclined: _declined,
    e.OrderClaimed: _claimed,
    e.OrderRecalled: _given_back,
    e.OrderCompleted: _completed,
    e.OrderRated: _rated,
    e.OrderReopened: _reopened,
    e.OrderAnswered: _answered,
    e.OrderNotAccepted: _not_accepted,
    e.OrderMarkedDuplicate: _duplicate,
    e.OrderWithdrawn: _withdrawn,
    e.OrderImported: _imported,
}
