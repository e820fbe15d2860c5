"""One-key call (一键呼叫): who does not accept in its minutes loses the order to the next.

It follows the log: a call that is dispatched is watched until somebody answers. When its time is over it is
recalled from just that offer; it comes back to the community, where auto-dispatch sends it to the nearest who
was not called yet.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final, Protocol

from msgspec.structs import replace

from domain import events as e
from domain.commands import RecallOrder
from domain.facts import Recorded
from domain.ids import OrderId, Position, ProviderId, stream_of
from domain.model import Plain
from domain.rejections import DateInFuture
from domain.sealed import Sealed
from services.reactions import Message, Reactor, message_of

MOST: Final = 500  # in one look
# Closed like any text of a person at the door that the command goes through.
PASSED_REASON: Final = Sealed("呼叫逾时未接，转呼下一家 not accepted in time, the next one is called")

ENDS: Final = (e.OrderAccepted, e.OrderDeclined, e.OrderRecalled, e.OrderWithdrawn)
"""The offer is answered or gone."""


class Called(Plain, frozen=True):
    """A call that a provider was sent and has not answered."""

    order: OrderId
    provider: ProviderId
    accept_by: datetime
    position: Position  # of what the recall will be caused by
    correlation: str
    asked: bool = False  # recalled; the answer is not in the log yet


class Calls(Protocol):
    """The calls that are watched, remembered from batch to batch."""

    def put(self, called: Called) -> None: ...
    def get(self, order: OrderId) -> Called | None: ...
    def drop(self, order: OrderId) -> None: ...

    def due(self, now: datetime, most: int) -> Sequence[Called]:
        """Those not yet asked back whose time is over, the longest over first."""
        ...


class CallProcess(Reactor):
    """Watches what was called, and calls it back when its time is over."""

    name: ClassVar[str] = "call"

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event, meta = recorded.fact.event, recorded.fact.meta
        order = OrderId(recorded.fact.stream)
        if is_watched(recorded):
            assert isinstance(event, e.OrderDispatched)
            self._calls.put(
                Called(order, event.provider, event.accept_by, recorded.position, meta.correlation)
            )
        elif isinstance(event, ENDS):
            self._calls.drop(order)
        elif isinstance(event, e.CommandRejected) and event.code == DateInFuture.code:
            self._too_early(event, recorded)
        return ()

    def tick(self, now: datetime) -> Sequence[Message]:
        """Call back what is due."""
        said: list[Message] = []
        for one in self._calls.due(now, MOST):
            self._calls.put(replace(one, asked=True))
            said.append(_back(one))
        return said

    def _too_early(self, event: e.CommandRejected, recorded: Recorded) -> None:
        """The clock here is ahead of the one that recorded it: ask again, under another id."""
        one = self._calls.get(OrderId(stream_of(event.subject)))
        cause = recorded.fact.meta.cause
        if one is not None and (cause.source, cause.id) == (_back(one).source, _back(one).id):
            self._calls.put(replace(one, asked=False, position=recorded.position))


def is_watched(recorded: Recorded) -> bool:
    """A call that goes on to the next if it is not accepted.

    One whose time was over when it was recorded is history, told late: nobody is called because of it.
    """
    event = recorded.fact.event
    return (
        isinstance(event, e.OrderDispatched) and event.call and event.accept_by > recorded.fact.meta.recorded
    )


def _back(one: Called) -> Message:
    """Only from this offer: it may be accepted meanwhile, or gone and come again."""
    command = RecallOrder(
        order=one.order, provider=one.provider, reason=PASSED_REASON, accept_by=one.accept_by
    )
    return message_of(CallProcess.name, command, one.position, one.accept_by, one.correlation)
