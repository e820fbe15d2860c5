"""What a reactor remembers of orders: read when a batch begins, changed in memory, written at its end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Row, Table, delete, insert, select

from domain.events import CommandRejected, OrderEvent
from domain.facts import Recorded
from domain.ids import OrderId, stream_of

T = TypeVar("T")


class OrderNotes(Generic[T]):
    """Notes on orders, one row each in a table whose key is `order_id`."""

    table: Table

    def __init__(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        self._connection = connection
        self._written: dict[OrderId, T] = {}
        self._now: dict[OrderId, T] = {}
        column = self.table.c.order_id
        self._found(connection.execute(select(self.table).where(column.in_(sorted(_named(batch))))))

    def get(self, order: OrderId) -> T | None:
        return self._now.get(order)

    def drop(self, order: OrderId) -> None:
        self._now.pop(order, None)

    def write(self) -> None:
        """Write what differs from what lies there."""
        gone = [order.hex for order, was in self._written.items() if self._now.get(order) != was]
        new = [
            {"order_id": order.hex, **self._row(note)}
            for order, note in self._now.items()
            if self._written.get(order) != note
        ]
        if gone:
            self._connection.execute(delete(self.table).where(self.table.c.order_id.in_(gone)))
        if new:
            self._connection.execute(insert(self.table), new)
        self._written = dict(self._now)

    def _found(self, rows: Iterable[Row[Any]]) -> list[T]:
        """The notes of these rows, which may be changed from now on; what is in memory has been written."""
        known = {OrderId(UUID(row.order_id)): self._note(row) for row in rows}
        self._written |= known
        self._now |= known
        return list(known.values())

    def _row(self, note: T) -> Mapping[str, Any]:
        """The columns of a note beside its key."""
        raise NotImplementedError

    def _note(self, row: Row[Any]) -> T:
        raise NotImplementedError


def _named(batch: Sequence[Recorded]) -> set[str]:
    """The orders that a batch is about, and those that a command was refused for."""
    facts = [one.fact for one in batch]
    named = {fact.stream.hex for fact in facts if isinstance(fact.event, OrderEvent)}
    return named | {stream_of(f.event.subject).hex for f in facts if isinstance(f.event, CommandRejected)}
