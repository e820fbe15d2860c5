"""The calls that wait for an answer, for the call process; read when a batch begins, written at its end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from adapters.reactors.notes import OrderNotes
from adapters.reactors.tables import called_orders
from domain.ids import OrderId, Position, ProviderId
from projections.engine import from_micros, to_micros
from services.call_process import Called


class CalledOrders(OrderNotes[Called]):
    """See `services.call_process.Calls`."""

    table = called_orders

    def put(self, called: Called) -> None:
        self._now[called.order] = called

    def due(self, now: datetime, most: int) -> Sequence[Called]:
        self.write()
        columns = called_orders.c
        over = select(called_orders).where(*_over(now))
        return self._found(
            self._connection.execute(over.order_by(columns.accept_by, columns.order_id).limit(most))
        )

    def _row(self, note: Called) -> Mapping[str, Any]:
        return {
            "provider": note.provider,
            "accept_by": to_micros(note.accept_by),
            "position": note.position,
            "correlation": note.correlation,
            "asked": note.asked,
        }

    def _note(self, row: Row[Any]) -> Called:
        return Called(
            OrderId(UUID(row.order_id)),
            ProviderId(row.provider),
            from_micros(int(row.accept_by)),
            Position(row.position),
            row.correlation,
            row.asked,
        )


def calls_due(connection: Connection, now: datetime) -> bool:
    """Whether the time of a call is over, for a look without a lock."""
    return (
        connection.execute(select(called_orders.c.order_id).where(*_over(now)).limit(1)).first() is not None
    )


def _over(now: datetime) -> tuple[Any, ...]:
    columns = called_orders.c
    return columns.asked.is_(False), columns.accept_by <= to_micros(now)
