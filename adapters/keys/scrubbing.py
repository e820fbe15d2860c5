"""Rids the files of the database of what was overwritten in the key table: it is laid down anew.

Who else uses the table may stand in the way. Then that is noted beside it, and done as soon as it can be;
nobody is held up for it.
"""

from contextlib import closing
from time import monotonic, sleep
from typing import Final

import psycopg
from sqlalchemy import Column, Connection, Engine, LargeBinary, Table, delete, insert, select, text
from sqlalchemy.exc import OperationalError

from adapters.keys.rows import keys, metadata
from projections.engine.database import for_writing

PATIENCE: Final = 10.0  # seconds for others to end that began before a key was destroyed
LOOK: Final = 0.02  # seconds between two looks at them
TURN: Final = 0.2  # seconds that whoever wants a key waits at most behind a wish to lock the table
PAUSE: Final = 1.0  # seconds between two such wishes

left: Final = Table("sealing_unscrubbed", metadata, Column("mark", LargeBinary, primary_key=True))


def to_do(connection: Connection, mark: bytes) -> None:
    """Note, in the transaction that overwrites a key, that this is to be done."""
    connection.execute(insert(left).values(mark=mark))


def is_left(engine: Engine) -> bool:
    """Whether it is still to be done."""
    with engine.connect() as connection:
        return connection.execute(select(left.c.mark).limit(1)).first() is not None


def scrub(engine: Engine, patience: float) -> bool:
    """Whether nothing is left of what was overwritten before this. `patience`: seconds to wait for others."""
    with engine.connect() as connection:
        marks = connection.execute(select(left.c.mark)).scalars().all()
    done = (
        _vacuumed(engine, patience) if engine.dialect.name == "postgresql" else _rewritten(engine, patience)
    )
    if done and marks:
        with for_writing(engine).begin() as connection:
            connection.execute(delete(left).where(left.c.mark.in_(marks)))
    return done


def _vacuumed(engine: Engine, patience: float) -> bool:
    """What a transaction could still see that began before is copied along, so those end first."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        since, until = _transaction(connection), monotonic() + patience
        while (held := _older(connection, since)) and monotonic() < until:
            sleep(LOOK)
        while not (locked := _vacuum(connection)) and monotonic() < until:
            sleep(PAUSE)
    return locked and not held


def _vacuum(connection: Connection) -> bool:
    """False: somebody has the table in use. Behind a wish to lock it others wait, so it is a short one."""
    connection.exec_driver_sql(f"SET lock_timeout = {int(TURN * 1000)}")
    try:
        connection.exec_driver_sql("VACUUM FULL sealing_keys")
    except OperationalError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            return False
        raise
    finally:
        connection.exec_driver_sql("RESET lock_timeout")
    return True


def _transaction(connection: Connection) -> str:
    """The number of a transaction that begins now."""
    return connection.exec_driver_sql("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)").scalar_one()


def _older(connection: Connection, since: str) -> int:
    """How many others see the database as it was before that transaction."""
    open_ones = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND greatest(age(backend_xmin), age(backend_xid)) > age(CAST(:since AS xid))"
    )
    return connection.execute(open_ones, {"since": since}).scalar_one()


def _rewritten(engine: Engine, patience: float) -> bool:
    """SQLite: without patience nothing is laid down anew that could not reach the file after all."""
    if not patience and not _emptied(engine, patience):
        return False
    with for_writing(engine).begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        _rewrite(connection)
    return _emptied(engine, patience)


def _emptied(engine: Engine, patience: float) -> bool:
    """Whether all of SQLite's write-ahead file was brought over. Others cannot write meanwhile."""
    with closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        try:
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")  # who has the connection next is more patient
        return not busy


def _rewrite(connection: Connection) -> None:
    """Lay the table down anew, in the order of its ids, and let go of the old pages overwritten.

    Where a full page was divided a copy of a row can have stayed behind in it, which no change of that row
    reaches. Rows that come in their order divide none.
    """
    connection.exec_driver_sql("ALTER TABLE sealing_keys RENAME TO sealing_keys_before")
    for index in keys.indexes:
        index.drop(connection)
    keys.create(connection)
    connection.exec_driver_sql("INSERT INTO sealing_keys SELECT * FROM sealing_keys_before ORDER BY id")
    connection.exec_driver_sql("DROP TABLE sealing_keys_before")
