"""The calls that wait for an answer, for the call process; read when a batch begins, written at its end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, select

from adapters.reactors.tables import called_orders
from domain.events import CommandRejected, OrderEvent
from domain.facts import Recorded
from domain.ids import OrderId, Position, ProviderId, stream_of
from projections.engine import from_micros, to_micros
from services.call_process import Called


class CalledOrders:
    """See `services.call_process.Calls`."""

    def __init__(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        self._connection = connection
        events = [one.fact for one in batch]
        named = {fact.stream.hex for fact in events if isinstance(fact.event, OrderEvent)}
        named |= {stream_of(f.event.subject).hex for f in events if isinstance(f.event, CommandRejected)}
        rows = connection.execute(select(called_orders).where(called_orders.c.order_id.in_(sorted(named))))
        self._written = {called.order: called for called in map(_called, rows)}
        self._now = dict(self._written)

    def put(self, called: Called) -> None:
        self._now[called.order] = called

    def get(self, order: OrderId) -> Called | None:
        return self._now.get(order)

    def drop(self, order: OrderId) -> None:
        self._now.pop(order, None)

    def due(self, now: datetime, most: int) -> Sequence[Called]:
        self.write()
        columns = called_orders.c
        over = select(called_orders).where(*_over(now))
        rows = self._connection.execute(over.order_by(columns.accept_by, columns.order_id).limit(most))
        found = [_called(row) for row in rows]
        known = {one.order: one for one in found}
        self._written |= known
        self._now |= known
        return found

    def write(self) -> None:
        """Write what differs from what lies there."""
        gone = [order.hex for order, was in self._written.items() if self._now.get(order) != was]
        new = [_row(one) for order, one in self._now.items() if self._written.get(order) != one]
        if gone:
            self._connection.execute(delete(called_orders).where(called_orders.c.order_id.in_(gone)))
        if new:
            self._connection.execute(insert(called_orders), new)
        self._written = dict(self._now)


def calls_due(connection: Connection, now: datetime) -> bool:
    """Whether the time of a call is over, for a look without a lock."""
    return (
        connection.execute(select(called_orders.c.order_id).where(*_over(now)).limit(1)).first() is not None
    )


def _over(now: datetime) -> tuple[Any, ...]:
    columns = called_orders.c
    return columns.asked.is_(False), columns.accept_by <= to_micros(now)


def _row(one: Called) -> dict[str, Any]:
    return {
        "order_id": one.order.hex,
        "provider": one.provider,
        "accept_by": to_micros(one.accept_by),
        "position": one.position,
        "correlation": one.correlation,
        "asked": one.asked,
    }


def _called(row: Row[Any]) -> Called:
    return Called(
        OrderId(UUID(row.order_id)),
        ProviderId(row.provider),
        from_micros(int(row.accept_by)),
        Position(row.position),
        row.correlation,
        row.asked,
    )
