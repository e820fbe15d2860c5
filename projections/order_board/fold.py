"""How each event changes an order's row. The stages follow `domain.order.evolve`; a test compares them."""

from collections.abc import Callable
from json import dumps
from typing import Any, Final, TypeVar

from domain import events as e
from domain.facts import Meta
from domain.model import Event
from domain.stages import CLOSED, OPEN, WITH_COMMUNITY, RatingSource, Stage
from projections.engine import Row, to_micros
from projections.order_board.tables import orders

_E = TypeVar("_E", bound=Event)
_Change = Callable[[Row, Any, int, Meta], None]

CHANGES: Final[dict[type[Event], _Change]] = {}
EMPTY: Final[Row] = {column.name: None for column in orders.columns} | {
    "declines": 0,
    "round": 1,
    "bad_ratings": 0,
    "seconders": 0,
}
_OPEN: Final = frozenset(str(stage) for stage in OPEN)


def _on(event: type[_E]) -> Callable[[Callable[[Row, _E, int, Meta], None]], _Change]:
    def register(change: Callable[[Row, _E, int, Meta], None]) -> _Change:
        CHANGES[event] = change
        return change

    return register


def _move(row: Row, stage: str, at: int) -> None:
    row["stage"] = stage
    row["stage_since"] = at


def _give_back(row: Row, at: int) -> None:
    """Back with the community; the next who gets it has hours of its own."""
    _move(row, "placed", at)
    row["provider"] = row["accept_by"] = row["due_at"] = None


def _close(row: Row, stage: str, at: int | None, since: int) -> None:
    _move(row, stage, since)
    row["closed_at"] = at
    row["closed_how"] = stage
    row["accept_by"] = None


def _text(value: str | None) -> str | None:
    """A plain str: database drivers look at the exact type."""
    return None if value is None else str(value)


@_on(e.OrderPlaced)
def _placed(row: Row, event: e.OrderPlaced, at: int, meta: Meta) -> None:
    _move(row, "placed", at)
    row["number"] = event.number
    row["placed_at"] = at
    row["resident"] = event.resident
    row["wanted"] = event.wanted
    row["wanted_at"] = to_micros(event.wanted_at)
    row["urgency"] = str(event.urgency)
    row["channel"] = _text(meta.channel)
    row["entered_by"] = meta.actor.id if meta.on_behalf_of else None
    row["details"] = _text(event.details)
    row["contact"] = _text(event.contact)
    row["address"] = _text(event.address)


@_on(e.OrderAmended)
def _amended(row: Row, event: e.OrderAmended, _at: int, _meta: Meta) -> None:
    for name in ("details", "contact", "address"):
        text = getattr(event, name)
        if text is not None:
            row[name] = str(text)


@_on(e.OrderSeconded)
def _seconded(row: Row, _event: e.OrderSeconded, _at: int, _meta: Meta) -> None:
    row["seconders"] += 1


@_on(e.DispatchProposed)
def _proposed(row: Row, event: e.DispatchProposed, _at: int, _meta: Meta) -> None:
    named = [[candidate.provider, candidate.reasons] for candidate in event.proposal.candidates]
    row["proposal"] = dumps(named, separators=(",", ":"))


@_on(e.OrderDispatched)
def _dispatched(row: Row, event: e.OrderDispatched, at: int, _meta: Meta) -> None:
    _move(row, "dispatched", at)
    row["provider"] = event.provider
    row["accountable"] = event.accountable
    row["accept_by"] = to_micros(event.accept_by)
    row["due_at"] = to_micros(event.due_at)
    row["proposal"] = None


@_on(e.OrderPooled)
def _pooled(row: Row, event: e.OrderPooled, at: int, _meta: Meta) -> None:
    _move(row, "pooled", at)
    row["due_at"] = to_micros(event.due_at)
    row["proposal"] = None


@_on(e.OrderClaimed)
def _claimed(row: Row, event: e.OrderClaimed, at: int, _meta: Meta) -> None:
    _move(row, "accepted", at)
    row["provider"] = row["accountable"] = event.provider
    row["due_at"] = to_micros(event.due_at)


@_on(e.OrderAccepted)
def _accepted(row: Row, event: e.OrderAccepted, at: int, _meta: Meta) -> None:
    _move(row, "accepted", at)
    row["accountable"] = event.provider
    row["accept_by"] = None


@_on(e.OrderDeclined)
def _declined(row: Row, event: e.OrderDeclined, at: int, _meta: Meta) -> None:
    _give_back(row, at)
    row["declines"] = event.declines
    row["reason"] = event.reason


@_on(e.OrderSentToArbitration)
def _sent_to_arbitration(row: Row, _event: e.OrderSentToArbitration, at: int, _meta: Meta) -> None:
    _move(row, "arbitration", at)


@_on(e.OrderRecalled)
def _recalled(row: Row, event: e.OrderRecalled, at: int, _meta: Meta) -> None:
    _give_back(row, at)
    row["said"] = _text(event.reason)


@_on(e.ProgressReported)
def _progressed(row: Row, event: e.ProgressReported, _at: int, _meta: Meta) -> None:
    row["progress"] = _text(event.note)


@_on(e.OrderCompleted)
def _completed(row: Row, event: e.OrderCompleted, at: int, _meta: Meta) -> None:
    _close(row, "completed", at, at)
    row["result"] = _text(event.result)
    row["due_at"] = to_micros(event.due_at)
    row["in_time"] = event.in_time
    row["resolved"] = event.resolved


@_on(e.OrderAnswered)
def _answered(row: Row, event: e.OrderAnswered, at: int, _meta: Meta) -> None:
    _close(row, "answered", at, at)
    row["notice"] = _text(event.notice)


@_on(e.OrderNotAccepted)
def _not_accepted(row: Row, event: e.OrderNotAccepted, at: int, _meta: Meta) -> None:
    _close(row, "not-accepted", at, at)
    row["reason"] = event.reason
    row["notice"] = _text(event.notice)


@_on(e.OrderMarkedDuplicate)
def _marked_duplicate(row: Row, event: e.OrderMarkedDuplicate, at: int, _meta: Meta) -> None:
    _close(row, "duplicate", at, at)
    row["duplicate_of"] = event.of.hex
    row["notice"] = _text(event.notice)


@_on(e.OrderWithdrawn)
def _withdrawn(row: Row, event: e.OrderWithdrawn, at: int, _meta: Meta) -> None:
    _close(row, "withdrawn", at, at)
    row["said"] = _text(event.reason)


@_on(e.OrderRated)
def _rated(row: Row, event: e.OrderRated, at: int, _meta: Meta) -> None:
    if event.bad:
        row["bad_ratings"] += 1
    if event.source is RatingSource.SECONDER:
        return
    _move(row, "rated", at)
    row["level"] = _text(event.level)
    row["bad"] = event.bad
    row["comment"] = _text(event.comment)


@_on(e.OrderReopened)
def _reopened(row: Row, event: e.OrderReopened, at: int, _meta: Meta) -> None:
    """A new round with its own limit and rating; who had it stays accountable, a bad rating stays counted."""
    _give_back(row, at)
    row["round"] = event.round
    row["declines"] = 0
    row["said"] = _text(event.reason)
    for name in ("closed_at", "closed_how", "in_time", "resolved", "level", "bad"):
        row[name] = None


@_on(e.OrderImported)
def _imported(row: Row, event: e.OrderImported, at: int, _meta: Meta) -> None:
    reached = event.accepted_at if event.stage is Stage.ACCEPTED else event.closed_at
    _move(row, str(event.stage), to_micros(reached) or at)  # no better known than its beginning
    if event.stage in CLOSED:
        how = Stage.COMPLETED if event.stage is Stage.RATED else event.stage
        row["closed_at"] = to_micros(event.closed_at)
        row["closed_how"] = str(how)
    row["number"] = event.number
    row["placed_at"] = at
    row["source"] = event.source
    row["channel"] = event.channel
    row["provider"] = None if event.stage in WITH_COMMUNITY else event.provider
    row["accountable"] = event.provider
    row["due_at"] = to_micros(event.due_at)
    row["in_time"] = event.in_time
    row["level"] = _text(event.level)
    row["bad"] = event.bad
    row["bad_ratings"] = int(bool(event.bad))
    row["details"] = _text(event.details)


@_on(e.OrderTextsErased)
@_on(e.OrderErasureFinished)
def _erased(_row: Row, _event: e.OrderEvent, _at: int, _meta: Meta) -> None:
    """The texts stay as they are, closed; nothing opens them any more."""


def set_deadline(row: Row) -> None:
    """The first moment after which an open order is overdue: to be accepted while offered, and to be done."""
    if row["stage"] in _OPEN:
        accept_by, due_at = row["accept_by"], row["due_at"]
        row["deadline"] = min(accept_by, due_at) if accept_by and due_at else accept_by or due_at
    else:
        row["deadline"] = None
