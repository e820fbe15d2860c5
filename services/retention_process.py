"""Retention (保存期限): the texts of closed orders are erased when the town's rules keep them no longer.

It follows the log: an order that is closed, or rated once more, counts from then on; one that is reopened
does not. When its days are over by the rules in force then, it is asked for; the domain looks once more.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final, Protocol

from msgspec.structs import replace

from domain import events as e
from domain.commands import EraseOrder
from domain.facts import Recorded
from domain.ids import CategoryPath, OrderId, Position, stream_of
from domain.model import Plain
from domain.order import rests_since
from domain.reached import Because
from domain.rejections import DateInFuture, KeptLonger
from domain.rules import Rules
from services.reactions import Message, Reactor, message_of

MOST: Final = 500  # in one look
_AGAIN: Final = (DateInFuture.code, KeptLonger.code)

Kept = Callable[[CategoryPath], int | None]
"""Days that the texts of a category are kept; None: for ever."""


class Resting(Plain, frozen=True):
    """A closed order whose texts are still there."""

    order: OrderId
    category: CategoryPath
    since: datetime
    due: datetime | None  # None: kept for ever
    position: Position  # of what asking will be caused by
    correlation: str
    asked: bool = False  # the answer is not in the log yet


class RestingOrders(Protocol):
    """The closed orders, remembered from batch to batch."""

    def put(self, resting: Resting) -> None: ...
    def get(self, order: OrderId) -> Resting | None: ...
    def drop(self, order: OrderId) -> None: ...

    def count_anew(self, kept: Kept) -> None:
        """When each is due, by other rules."""
        ...

    def due(self, now: datetime, most: int) -> Sequence[Resting]:
        """Those not asked for whose days are over, the longest over first."""
        ...


class RetentionProcess(Reactor):
    """Notes what rests, and asks for it to be erased when its days are over."""

    name: ClassVar[str] = "retention"

    def __init__(self, rules: Callable[[], Rules], resting: RestingOrders) -> None:
        self._rules = rules
        self._resting = resting

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event, order = recorded.fact.event, OrderId(recorded.fact.stream)
        match event:
            case e.RulesAdopted():
                self._resting.count_anew(event.rules.retention_days)
            case e.OrderReopened() | e.OrderTextsErased():
                self._resting.drop(order)
            case e.CommandRejected() if event.code in _AGAIN:
                self._too_early(event, recorded)
            case e.OrderEvent():
                self._note(recorded, event)
            case _:
                pass
        return ()

    def tick(self, now: datetime) -> Sequence[Message]:
        """Ask for what is due; it counts from when it is asked for."""
        said: list[Message] = []
        for one in self._resting.due(now, MOST):
            self._resting.put(replace(one, asked=True))
            said.append(_erase(one, now))
        return said

    def _note(self, recorded: Recorded, event: e.OrderEvent) -> None:
        meta = recorded.fact.meta
        since = rests_since(event, meta.at)
        if since is None:
            return
        order, due = OrderId(recorded.fact.stream), self._due(event.category, since)
        self._resting.put(Resting(order, event.category, since, due, recorded.position, meta.correlation))

    def _due(self, category: CategoryPath, since: datetime) -> datetime | None:
        return due(since, self._rules().retention_days(category))

    def _too_early(self, event: e.CommandRejected, recorded: Recorded) -> None:
        """Other rules came meanwhile, or the clock here is ahead: ask again in time, under another id."""
        one = self._resting.get(OrderId(stream_of(event.subject)))
        cause = recorded.fact.meta.cause
        if one is not None and (cause.source, cause.id) == _named(one):
            again = self._due(one.category, one.since)
            self._resting.put(replace(one, asked=False, due=again, position=recorded.position))


def due(since: datetime, days: int | None) -> datetime | None:
    """When the days are over."""
    return None if days is None else since + timedelta(days=days)


def _erase(one: Resting, now: datetime) -> Message:
    command = EraseOrder(order=one.order, because=Because.RETENTION)
    return message_of(RetentionProcess.name, command, one.position, now, one.correlation)


def _named(one: Resting) -> tuple[str, str]:
    message = _erase(one, one.since)
    return message.source, message.id
