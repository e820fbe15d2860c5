"""Folds a batch of facts into the rows of the orders it is about."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from sqlalchemy import Connection

from domain.events import OrderEvent
from domain.facts import Recorded
from projections.engine import ReadModel, Row, Sheet, to_micros
from projections.order_board import tables
from projections.order_board.fold import CHANGES, EMPTY, set_deadline

_ORDERS: Final = Sheet(tables.orders)
_TEXTS: Final = Sheet(tables.texts)
_COUNTS: Final = Sheet(tables.counts)
_Cell = tuple[str, str, str]


class OrderBoard(ReadModel):
    """What is open, where, at which stage, with whom, since when, due when; the closed can be followed."""

    name: ClassVar = "order_board"
    version: ClassVar = tables.VERSION
    metadata: ClassVar = tables.metadata

    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        ours = [(r.fact.stream.hex, r) for r in batch if type(r.fact.event) in CHANGES]
        if not ours:
            return
        rows = _ORDERS.load(connection, {order for order, _ in ours})
        before = {order: _cell(row) for order, row in rows.items()}
        for order, recorded in ours:
            row = rows.get(order)
            if row is None:
                row = rows[order] = EMPTY | {"order_id": order}
            _fold(row, recorded)
        for row in rows.values():
            set_deadline(row)
        _ORDERS.write(connection, rows.values())
        _TEXTS.write(connection, _new_texts(rows.values()))
        _COUNTS.add(connection, _moves(before, rows))


def _fold(row: Row, recorded: Recorded) -> None:
    fact = recorded.fact
    event = fact.event
    assert isinstance(event, OrderEvent)
    row["category"] = event.category
    row["area"] = event.area
    CHANGES[type(event)](row, event, to_micros(fact.meta.at), fact.meta)
    row["version"] = fact.version
    row["position"] = recorded.position


def _new_texts(rows: Iterable[Row]) -> list[Row]:
    """The texts that came with this batch; what an order said before is not read."""
    empty = dict.fromkeys(tables.TEXTS)
    return [empty | row for row in rows if not row.keys().isdisjoint(empty)]


def _cell(row: Row) -> _Cell:
    return row["area"], row["category"], row["stage"]


def _moves(before: dict[str, _Cell], rows: dict[str, Row]) -> dict[_Cell, tuple[int]]:
    """What each count gains or loses."""
    gained: defaultdict[_Cell, int] = defaultdict(int)
    for order, row in rows.items():
        now = _cell(row)
        was = before.get(order)
        if now != was:
            gained[now] += 1
            if was is not None:
                gained[was] -= 1
    return {cell: (number,) for cell, number in gained.items() if number}
