"""The database that holds the read models: SQLite or PostgreSQL, by URL."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event

_WRITES: Final = "sidan_writes"
_NAMES: Final = "sidan_names"
_LOCK: Final = 0x51DA4  # the advisory lock under which tables are created
# A host that vanishes says nothing; without these libpq waits for it as long as the system likes.
NOTICING: Final[Mapping[str, int]] = {
    "tcp_user_timeout": 5_000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}


def open_reads(url: str, **options: Any) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://…`. It connects when first used."""
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
        options = {"connect_args": dict(NOTICING), **options}
    # What an error says ends up in logs, and logs outlive an erased key: not the values of a statement.
    engine = create_engine(url, hide_parameters=True, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _call_by_other_names, retval=True)
    return engine


def for_writing(engine: Engine) -> Engine:
    """The same database, for transactions that write."""
    return engine.execution_options(**{_WRITES: True})


def under_names(engine: Engine, names: Callable[[str], str]) -> Engine:
    """The same database, where statements find other tables: `names` turns each into what is executed."""
    return engine.execution_options(**{_NAMES: names})


@contextmanager
def named(connection: Connection, names: Callable[[str], str] | None) -> Generator[Connection]:
    """The same for a while, within a transaction."""
    connection.execution_options(**{_NAMES: names})
    try:
        yield connection
    finally:
        connection.execution_options(**{_NAMES: None})


@contextmanager
def snapshot(engine: Engine) -> Generator[Connection]:
    """A connection that sees one moment of the database, however long it reads."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def lock_tables(connection: Connection) -> None:
    """One process at a time creates or drops tables. SQLite's BEGIN IMMEDIATE has seen to it already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def make_durable(connection: Connection) -> None:
    """Let the commit of this transaction wait for the disk.

    SQLite lies beside those who write it: a power cut ends them too, and they read on from what is there.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver begins nothing by itself; _begin does
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    # What a power cut takes from the end, rows and position together, is read from the log again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute(
        "PRAGMA cache_size = -65536"
    )  # KiB: a batch touches many pages, it should not have to spill
    cursor.execute("PRAGMA wal_autocheckpoint = 8000")  # pages, 32 MB: the same pages come again soon
    cursor.close()


def _call_by_other_names(
    connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    names = connection.get_execution_options().get(_NAMES)
    return (names(statement) if names else statement), parameters


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    if connection.dialect.name == "sqlite":
        # A writer that began as a reader fails instead of waiting for its turn.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")  # for the same reason as above
