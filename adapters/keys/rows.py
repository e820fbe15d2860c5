"""The key table, beside the record: one row for each owner, its key wrapped with the master key."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from typing import Any, Final, cast

import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
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
from projections.engine.arrays import bigints, byteas, texts
from projections.engine.database import for_writing

PAGE: Final = 5_000  # keys wrapped anew in one statement

metadata: Final = MetaData()
keys: Final = Table(
    "sealing_keys",
    metadata,
    # Drawn by lot, not counted: keys can be brought along from another database at any time.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("subject", String, nullable=False),
    Column("person", String, nullable=False),
    Column("wrapped", LargeBinary),  # none: destroyed
    Column("master", String, nullable=False),  # id of the master key that it is wrapped with
    Column("brought", Boolean, nullable=False),  # from another database: it opens, new texts have another
)
_alive: Final = keys.c.wrapped.is_not(None)
_used: Final = and_(_alive, keys.c.brought.is_(False))
_brought: Final = and_(_alive, keys.c.brought.is_(True))


def _index(name: str, where: ColumnElement[bool], *columns: Column[Any], unique: bool = False) -> None:
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


# Who writes again after an erasure gets another key.
_index("sealing_keys_owner", _used, keys.c.subject, keys.c.person, unique=True)
_index("sealing_keys_brought", _brought, keys.c.subject, keys.c.person)
_index("sealing_keys_person", _alive, keys.c.person)
master_key: Final = Table(
    "sealing_master",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False),
)

# What is there and what is made now, in one trip. Nothing is made under a master key that is no longer the
# town's; a key that another process makes at the same moment is in neither part.
_ENSURE: Final = """WITH asked AS (
        SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::bytea[])
        AS k(id, subject, person, wrapped)),
    made AS (
        INSERT INTO sealing_keys (id, subject, person, wrapped, master, brought)
        SELECT k.*, m.id, false FROM asked k, sealing_master m WHERE m.id = %b ON CONFLICT DO NOTHING
        RETURNING id, subject, person, wrapped, master)
    SELECT * FROM made UNION ALL
    SELECT there.* FROM asked, LATERAL (
        SELECT id, subject, person, wrapped, master FROM sealing_keys k
        WHERE k.subject = asked.subject AND k.person = asked.person
            AND k.wrapped IS NOT NULL AND k.brought IS false OFFSET 0) there"""
_ADD: Final = """INSERT OR IGNORE INTO sealing_keys (id, subject, person, wrapped, master, brought)
    SELECT ?, ?, ?, ?, m.id, 0 FROM sealing_master m WHERE m.id = ?"""
_FIND: Final = """SELECT k.id, k.subject, k.person, k.wrapped, k.master
    FROM json_each(?) a JOIN sealing_keys k
    ON k.subject = json_extract(a.value, '$[0]') AND k.person = json_extract(a.value, '$[1]')
    AND k.wrapped IS NOT NULL AND k.brought IS 0"""


class KeyRow(Plain, frozen=True):
    """A key as it lies there."""

    number: int
    owner: Owner
    wrapped: bytes | None
    master: str


def ensure(engine: Engine, offered: Sequence[KeyRow], master: str) -> list[KeyRow]:
    """The living keys of their owners, where there is none the one that is offered; committed.

    Fewer where `master` is not the town's master key, or somebody else made one at this moment.
    """
    if engine.dialect.name == "sqlite":
        return _ensured_here(engine, offered, master)
    columns = (
        bigints([one.number for one in offered]),
        texts([one.owner.subject for one in offered]),
        texts([one.owner.person for one in offered]),
        byteas([one.wrapped or b"" for one in offered]),
    )
    with closing(engine.raw_connection()) as pooled:
        connection = cast("psycopg.Connection[tuple[Any, ...]]", pooled.driver_connection)
        connection.autocommit = True  # BEGIN and COMMIT are piped with the rest
        try:
            with connection.pipeline():
                connection.execute("BEGIN", prepare=False)
                # It reaches the disk with the texts, or before: they come later in the same log.
                connection.execute("SET LOCAL synchronous_commit TO off", prepare=False)
                found = connection.execute(_ENSURE, (*columns, master), prepare=True, binary=True)
                connection.execute("COMMIT", prepare=False)
            rows = found.fetchall()
        finally:
            if not connection.closed:
                connection.rollback()
                connection.autocommit = False
    return [_row(*row) for row in rows]


def _ensured_here(engine: Engine, offered: Sequence[KeyRow], master: str) -> list[KeyRow]:
    names = [(one.owner.subject, one.owner.person) for one in offered]
    lines = [(one.number, one.owner.subject, one.owner.person, one.wrapped, master) for one in offered]
    with for_writing(engine).begin() as connection:
        connection.exec_driver_sql(_ADD, lines)
        found = connection.exec_driver_sql(_FIND, (json.dumps(names),)).fetchall()
    return [_row(*row) for row in found]


def _row(number: int, subject: str, person: str, wrapped: bytes, master: str) -> KeyRow:
    return KeyRow(number, Owner(subject, person), bytes(wrapped), master)


def get(connection: Connection, number: int) -> KeyRow | None:
    """The key of this number, destroyed or not."""
    row = connection.execute(select(keys).where(keys.c.id == number)).first()
    return None if row is None else _read(row)


def pages(connection: Connection, *, alive: bool = False) -> Iterator[Sequence[KeyRow]]:
    """Every key, or every living one, a page at a time."""
    after = -1
    wanted = select(keys).where(_alive) if alive else select(keys)
    while True:
        page = wanted.where(keys.c.id > after).order_by(keys.c.id).limit(PAGE)
        found = [_read(row) for row in connection.execute(page)]
        if not found:
            return
        after = found[-1].number
        yield found


def bring(connection: Connection, brought: Sequence[KeyRow]) -> int:
    """Add keys as they lie elsewhere; how many were not there yet. Those destroyed there are so here."""
    there = select(keys.c.id).where(keys.c.id.in_([one.number for one in brought]))
    known = set(connection.execute(there).scalars())
    fresh = [
        {
            "id": one.number,
            "subject": one.owner.subject,
            "person": one.owner.person,
            "wrapped": one.wrapped,
            "master": one.master,
            "brought": True,
        }
        for one in brought
        if one.number not in known
    ]
    gone = [one.number for one in brought if one.wrapped is None and one.number in known]
    connection.execute(update(keys).where(keys.c.id.in_(gone), _alive).values(wrapped=None, master=""))
    if fresh:
        connection.execute(insert(keys), fresh)
    return len(fresh)


def rewrap(connection: Connection, wrapped: Sequence[tuple[int, bytes]], master: str) -> None:
    """Put other bytes in the place of each key's, under another master key."""
    said = [{"number": number, "closed": key} for number, key in wrapped]
    change = update(keys).where(keys.c.id == bindparam("number"))
    connection.execute(change.values(wrapped=bindparam("closed"), master=master), said)


def alive_of(person: str | None = None) -> ColumnElement[bool]:
    """The living keys, or those of a person."""
    return _alive if person is None else and_(_alive, keys.c.person == person)


def numbers(connection: Connection, subject: str, whose: Collection[str] | None) -> Iterator[int]:
    """The living keys about a subject, those of these people; None: everybody's."""
    these = keys.c.subject == subject
    if whose is not None:
        these = and_(these, keys.c.person.in_(sorted(whose)))
    for kind in (_used, _brought):  # each has an index of its own; together they would have none
        yield from connection.scalars(select(keys.c.id).where(kind, these).order_by(keys.c.id))


def destroy(connection: Connection, these: Sequence[int]) -> int:
    """Take the keys of these numbers; returns how many were alive."""
    gone = update(keys).values(wrapped=None, master="").where(_alive)
    pages = (these[at : at + PAGE] for at in range(0, len(these), PAGE))
    return sum(connection.execute(gone.where(keys.c.id.in_(page))).rowcount for page in pages)


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
