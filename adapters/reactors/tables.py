"""What reactors remember: how far they have read, what is still to be sent, and their own notes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from services.reactions import Message

metadata: Final = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only an INTEGER key by itself

reactor_positions: Final = Table(
    "reactor_positions",
    metadata,
    Column("reactor", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
outbox: Final = Table(
    "reactor_outbox",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("topic", String, nullable=False),
    Column("id", String, nullable=False),
    Column("source", String, nullable=False),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("time", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("correlation", String, nullable=False),
)
held_orders: Final = Table(
    "reactor_held_orders",
    metadata,
    Column("order_id", String, primary_key=True),
    Column("provider", String, nullable=False, index=True),
)
waiting_orders: Final = Table(
    "reactor_waiting_orders",
    metadata,
    Column("order_id", String, primary_key=True),
    Column("since", BigInteger, nullable=False, index=True),  # log position
    Column("version", Integer, nullable=False),
    Column("category", String, nullable=False),
    Column("area", String, nullable=False),
    Column("asked", String, index=True),  # who was decided on; empty: proposed
    Column("call", Boolean, nullable=False, quote=True),  # a word of SQL's own
)
_calls = waiting_orders.c.call.is_(True)
# Few among many: where the town has all set to off, nothing else is ever looked for.
Index("reactor_waiting_calls", waiting_orders.c.since, sqlite_where=_calls, postgresql_where=_calls)
called_orders: Final = Table(
    "reactor_called_orders",
    metadata,
    Column("order_id", String, primary_key=True),
    Column("provider", String, nullable=False),
    Column("accept_by", BigInteger, nullable=False, index=True),  # microseconds, as in read models
    Column("position", BigInteger, nullable=False),
    Column("correlation", String, nullable=False),
    Column("asked", Boolean, nullable=False),
)
orders_of: Final = Table(
    "reactor_orders_of",
    metadata,
    Column("person", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("own", Boolean, nullable=False),
)
resting_orders: Final = Table(
    "reactor_resting_orders",
    metadata,
    Column("order_id", String, primary_key=True),
    Column("category", String, nullable=False, index=True),
    Column("since", BigInteger, nullable=False),  # microseconds, as in read models
    Column("due", BigInteger),  # None: kept for ever
    Column("position", BigInteger, nullable=False),
    Column("correlation", String, nullable=False),
    Column("asked", Boolean, nullable=False),
)
_unasked = resting_orders.c.asked.is_(False)
Index("reactor_resting_due", resting_orders.c.due, sqlite_where=_unasked, postgresql_where=_unasked)
kept_letters: Final = Table(
    "reactor_kept_letters",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("arrival", String, nullable=False),
    Column("came", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False, index=True),  # microseconds, as in read models
    Column("correlation", String, nullable=False),
)
last_looks: Final = Table(
    "reactor_last_looks",
    metadata,
    Column("reactor", String, primary_key=True),
    Column("at", BigInteger, nullable=False),  # microseconds since 1970
)
leaving_providers: Final = Table(
    "reactor_leaving_providers",
    metadata,
    Column("provider", String, primary_key=True),
    Column("returning", Integer, nullable=False, quote=True),  # a word of SQLite's own
)
need_ties: Final = Table(
    "reactor_need_ties",
    metadata,
    Column("need", String, primary_key=True),
    Column("provider", String, primary_key=True, index=True),
    Column("own", Boolean, nullable=False),
)
bus_providers: Final = Table("reactor_bus_providers", metadata, Column("provider", String, primary_key=True))


def seen_position(connection: Connection, reactor: str) -> int:
    """How far it had read, for a look without a lock."""
    columns = reactor_positions.c
    return connection.execute(select(columns.position).where(columns.reactor == reactor)).scalar() or 0


def position_of(connection: Connection, reactor: str) -> int:
    """How far it has read, locked until the transaction ends."""
    columns = reactor_positions.c
    locked = select(columns.position).where(columns.reactor == reactor).with_for_update()
    found = connection.execute(locked).scalar_one_or_none()
    if found is None:
        insert_one = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        new = insert_one(reactor_positions).values(reactor=reactor, position=0).on_conflict_do_nothing()
        connection.execute(new)  # waits for another process that does the same, which may have read on
        found = connection.execute(locked).scalar_one()
    return found


def move_position(connection: Connection, reactor: str, position: int) -> None:
    """Note how far it has read."""
    connection.execute(
        update(reactor_positions).where(reactor_positions.c.reactor == reactor).values(position=position)
    )


def put_out(connection: Connection, messages: Sequence[Message]) -> None:
    """Remember what to send."""
    if not messages:
        return
    connection.execute(
        insert(outbox),
        [
            {
                "topic": message.topic,
                "id": message.id,
                "source": message.source,
                "type": message.type,
                "subject": message.subject,
                "time": message.time.isoformat(),
                "data": message.data,
                "correlation": message.correlation,
            }
            for message in messages
        ],
    )


def to_send(connection: Connection, limit: int) -> list[tuple[int, Message]]:
    """The oldest messages not yet known to be sent."""
    rows = connection.execute(select(outbox).order_by(outbox.c.number).limit(limit)).all()
    return [
        (
            row.number,
            Message(
                topic=row.topic,
                id=row.id,
                source=row.source,
                type=row.type,
                subject=row.subject,
                time=datetime.fromisoformat(row.time),
                data=bytes(row.data),
                correlation=row.correlation,
            ),
        )
        for row in rows
    ]


def forget_sent(connection: Connection, numbers: Sequence[int]) -> None:
    """They have arrived. Just these: a lower number may yet appear, of a transaction that took longer."""
    connection.execute(delete(outbox).where(outbox.c.number.in_(numbers)))
