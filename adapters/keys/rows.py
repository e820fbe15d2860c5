"""The key table, beside the record: one row for each owner, its key wrapped with the master key."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    insert,
    select,
    update,
)

from adapters.keys.owner import Owner
from domain.model import Plain
from projections.engine.arrays import byteas, texts

PAGE: Final = 5_000  # keys wrapped anew in one statement

metadata: Final = MetaData()
keys: Final = Table(
    "sealing_keys",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("subject", String, nullable=False),
    Column("person", String, nullable=False),
    Column("wrapped", LargeBinary),  # none: destroyed
    Column("master", String, nullable=False),  # id of the master key that it is wrapped with
    sqlite_autoincrement=True,
)
_alive: Final = keys.c.wrapped.is_not(None)
# Who writes again after an erasure gets another key.
Index(
    "sealing_keys_owner",
    keys.c.subject,
    keys.c.person,
    unique=True,
    sqlite_where=_alive,
    postgresql_where=_alive,
)
Index("sealing_keys_person", keys.c.person, sqlite_where=_alive, postgresql_where=_alive)
master_key: Final = Table(
    "sealing_master",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False),
)

# One probe of the index for each owner, whatever the planner thinks of the table.
_FIND: Final = {
    "postgresql": """SELECT a.number - 1, k.* FROM unnest(%b::text[], %b::text[]) WITH ORDINALITY
        AS a(subject, person, number), LATERAL (SELECT id, wrapped, master FROM sealing_keys s
        WHERE s.subject = a.subject AND s.person = a.person AND s.wrapped IS NOT NULL OFFSET 0) AS k""",
    "sqlite": """SELECT a.key, k.id, k.wrapped, k.master FROM json_each(?) a JOIN sealing_keys k
        ON k.subject = json_extract(a.value, '$[0]') AND k.person = json_extract(a.value, '$[1]')
        AND k.wrapped IS NOT NULL""",
}
# Nothing is added under a master key that is no longer the town's.
_ADD: Final = {
    "postgresql": """INSERT INTO sealing_keys (subject, person, wrapped, master)
        SELECT k.*, m.id FROM unnest(%b::text[], %b::text[], %b::bytea[]) AS k, sealing_master m
        WHERE m.id = %s ON CONFLICT DO NOTHING""",
    "sqlite": """INSERT OR IGNORE INTO sealing_keys (subject, person, wrapped, master)
        SELECT ?, ?, ?, m.id FROM sealing_master m WHERE m.id = ?""",
}


class KeyRow(Plain, frozen=True):
    """A key as it lies there."""

    number: int
    owner: Owner
    wrapped: bytes | None
    master: str


def find(connection: Connection, owners: Sequence[Owner]) -> list[KeyRow]:
    """The living keys of these owners."""
    dialect = connection.dialect.name
    subjects, people = [one.subject for one in owners], [one.person for one in owners]
    parameters: tuple[Any, ...] = (texts(subjects), texts(people))
    if dialect == "sqlite":
        parameters = (json.dumps(list(zip(subjects, people, strict=True))),)
    found = connection.exec_driver_sql(_FIND[dialect], parameters).fetchall()
    rows = cast("Sequence[tuple[int, int, bytes, str]]", found)
    return [KeyRow(number, owners[place], bytes(wrapped), master) for place, number, wrapped, master in rows]


def add(connection: Connection, wrapped: Sequence[tuple[Owner, bytes]], master: str) -> None:
    """Add keys for owners that have none; nothing where the town has another master key by now."""
    subjects, people = [one.subject for one, _ in wrapped], [one.person for one, _ in wrapped]
    closed = [key for _, key in wrapped]
    if connection.dialect.name == "sqlite":
        lines = [(*line, master) for line in zip(subjects, people, closed, strict=True)]
        connection.exec_driver_sql(_ADD["sqlite"], lines)
    else:
        values = (texts(subjects), texts(people), byteas(closed), master)
        connection.exec_driver_sql(_ADD["postgresql"], values)


def get(connection: Connection, number: int) -> KeyRow | None:
    """The key of this number, destroyed or not."""
    row = connection.execute(select(keys).where(keys.c.id == number)).first()
    return None if row is None else _read(row)


def all_alive(connection: Connection) -> Iterator[Sequence[KeyRow]]:
    """Every living key, a page at a time."""
    after = 0
    while True:
        page = select(keys).where(_alive, keys.c.id > after).order_by(keys.c.id).limit(PAGE)
        found = [_read(row) for row in connection.execute(page)]
        if not found:
            return
        after = found[-1].number
        yield found


def rewrap(connection: Connection, wrapped: Sequence[tuple[int, bytes]], master: str) -> None:
    """Put other bytes in the place of each key's, under another master key."""
    said = [{"number": number, "closed": key} for number, key in wrapped]
    change = update(keys).where(keys.c.id == bindparam("number"))
    connection.execute(change.values(wrapped=bindparam("closed"), master=master), said)


def alive_of(person: str | None = None, subject: str | None = None) -> ColumnElement[bool]:
    """Which keys are meant: those of a person, those about a subject, or the one of both."""
    wanted = [_alive]
    wanted += [] if person is None else [keys.c.person == person]
    wanted += [] if subject is None else [keys.c.subject == subject]
    return and_(*wanted)


def master_of(connection: Connection) -> str | None:
    """The id of the town's master key; None before the first."""
    return connection.execute(select(master_key.c.id)).scalar()


def set_master(connection: Connection, master: str) -> None:
    """From now on this is the town's master key."""
    if not connection.execute(update(master_key).values(id=master)).rowcount:
        connection.execute(insert(master_key).values(only=1, id=master))


def _read(row: Any) -> KeyRow:
    wrapped = None if row.wrapped is None else bytes(row.wrapped)
    return KeyRow(row.id, Owner(row.subject, row.person), wrapped, row.master)
