"""What the processes that erase remember: who wrote about which order, what still rests, what is kept."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapters.reactors.notes import OrderNotes
from adapters.reactors.runner import MakeReactor
from adapters.reactors.tables import kept_letters, orders_of, resting_orders
from domain.facts import Recorded
from domain.ids import CategoryPath, OrderId, Position, ResidentId
from domain.rules import Rules
from projections.engine import from_micros, to_micros
from services.erasing import Keys
from services.letters_process import Kept as KeptLetter
from services.letters_process import LettersProcess
from services.reactions import Reactor
from services.retention_process import Kept, Resting, RetentionProcess

_DAY: Final = timedelta(days=1) // timedelta(microseconds=1)


class OrdersOf:
    """See `services.erasing.OrdersOf`; written at once at the end of a batch, or when asked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._new: dict[tuple[ResidentId, OrderId], bool] = {}

    def note(self, person: ResidentId, order: OrderId, *, own: bool) -> None:
        self._new.setdefault((person, order), own)

    def of(self, person: ResidentId) -> Sequence[tuple[OrderId, bool]]:
        self.write()
        columns = orders_of.c
        rows = self._connection.execute(
            select(columns.order_id, columns.own).where(columns.person == person).order_by(columns.order_id)
        )
        return [(OrderId(UUID(row.order_id)), bool(row.own)) for row in rows]

    def write(self) -> None:
        """Write what is new; who has a row keeps it, since an order is placed before anybody rates it."""
        if not self._new:
            return
        rows = [
            {"person": person, "order_id": order.hex, "own": own}
            for (person, order), own in self._new.items()
        ]
        insert_one = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        self._connection.execute(insert_one(orders_of).on_conflict_do_nothing(), rows)
        self._new.clear()


class RestingOrders(OrderNotes[Resting]):
    """See `services.retention_process.RestingOrders`."""

    table = resting_orders

    def put(self, resting: Resting) -> None:
        self._now[resting.order] = resting

    def count_anew(self, kept: Kept) -> None:
        self.write()
        columns = resting_orders.c
        for category in self._connection.execute(select(columns.category).distinct()).scalars().all():
            days = kept(CategoryPath(category))
            then = None if days is None else columns.since + days * _DAY
            other = columns.due.is_not(None) if then is None else columns.due.is_distinct_from(then)
            these = update(resting_orders).where(columns.category == category, other)
            self._connection.execute(these.values(due=then))
        known = [order.hex for order in self._now]
        self._found(self._connection.execute(select(resting_orders).where(columns.order_id.in_(known))))

    def due(self, now: datetime, most: int) -> Sequence[Resting]:
        self.write()
        columns = resting_orders.c
        over = select(resting_orders).where(*_over(now))
        return self._found(self._connection.execute(over.order_by(columns.due, columns.order_id).limit(most)))

    def _row(self, note: Resting) -> Mapping[str, Any]:
        return {
            "category": note.category,
            "since": to_micros(note.since),
            "due": None if note.due is None else to_micros(note.due),
            "position": note.position,
            "correlation": note.correlation,
            "asked": note.asked,
        }

    def _note(self, row: Row[Any]) -> Resting:
        return Resting(
            OrderId(UUID(row.order_id)),
            CategoryPath(row.category),
            from_micros(int(row.since)),
            None if row.due is None else from_micros(int(row.due)),
            Position(row.position),
            row.correlation,
            row.asked,
        )


def retention_due(connection: Connection, now: datetime) -> bool:
    """Whether the days of an order are over, for a look without a lock."""
    over = select(resting_orders.c.order_id).where(*_over(now)).limit(1)
    return connection.execute(over).first() is not None


def _over(now: datetime) -> tuple[Any, ...]:
    columns = resting_orders.c
    return columns.asked.is_(False), columns.due <= to_micros(now)


class KeptLetters:
    """See `services.letters_process.KeptLetters`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._new: list[dict[str, Any]] = []

    def put(self, letter: KeptLetter) -> None:
        self._new.append(
            {
                "position": letter.position,
                "arrival": letter.arrival,
                "came": to_micros(letter.came),
                "due": to_micros(letter.due),
                "correlation": letter.correlation,
            }
        )

    def end_within(self, kept: timedelta) -> None:
        self.write()
        then = kept_letters.c.came + kept // timedelta(microseconds=1)
        self._connection.execute(update(kept_letters).where(kept_letters.c.due > then).values(due=then))

    def take_due(self, now: datetime, most: int) -> Sequence[KeptLetter]:
        self.write()
        columns = kept_letters.c
        over = select(kept_letters).where(columns.due <= to_micros(now))
        rows = self._connection.execute(over.order_by(columns.due, columns.position).limit(most)).all()
        taken = [row.position for row in rows]
        self._connection.execute(delete(kept_letters).where(columns.position.in_(taken)))
        return [
            KeptLetter(
                Position(row.position),
                row.arrival,
                from_micros(int(row.came)),
                from_micros(int(row.due)),
                row.correlation,
            )
            for row in rows
        ]

    def write(self) -> None:
        """Write what is new."""
        if self._new:
            self._connection.execute(kept_letters.insert(), self._new)
            self._new = []


def letters_due(connection: Connection, now: datetime) -> bool:
    """Whether the time of a letter is over, for a look without a lock."""
    over = select(kept_letters.c.position).where(kept_letters.c.due <= to_micros(now)).limit(1)
    return connection.execute(over).first() is not None


def retention(rules: Callable[[], Rules]) -> MakeReactor:
    """The watch over closed orders, with what it remembers, for one batch or one look at the clock."""

    @contextmanager
    def made(connection: Connection, batch: Sequence[Recorded]) -> Generator[Reactor]:
        resting = RestingOrders(connection, batch)
        yield RetentionProcess(rules, resting)
        resting.write()

    return made


def letters(keys: Keys, rules: Callable[[int], Rules]) -> MakeReactor:
    """The watch over dead letters, with what it remembers, for one batch or one look at the clock."""

    @contextmanager
    def made(connection: Connection, _batch: Sequence[Recorded]) -> Generator[Reactor]:
        kept = KeptLetters(connection)
        yield LettersProcess(kept, keys, rules)
        kept.write()

    return made
