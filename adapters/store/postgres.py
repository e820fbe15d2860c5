"""The record in PostgreSQL: the table lock makes commit order log order; batches go in as typed arrays."""

import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, LiteralString, cast
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory
from eventsourcing.utils import Environment
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from adapters.store.recording import KeyRow

GIVE_UP: Final = 1.0  # seconds until an attempt to reconnect ends; the next request starts another
CREATING: Final = 0x51DA0  # advisory lock: one process at a time creates tables

_TABLES: Final[tuple[LiteralString, ...]] = (
    """CREATE TABLE IF NOT EXISTS command_keys (
        source text NOT NULL, id text NOT NULL, digest bytea NOT NULL, position bigint NOT NULL,
        PRIMARY KEY (source, id))""",
    "CREATE TABLE IF NOT EXISTS positions (name text PRIMARY KEY, position bigint NOT NULL)",
    """CREATE TABLE IF NOT EXISTS town_secret (
        only_one int PRIMARY KEY CHECK (only_one = 1), value bytea NOT NULL)""",
)
# One trip to the server: wait for the lock as long as it takes, and tell followers at the commit.
_LOCK: Final = "SET LOCAL lock_timeout = 0; LOCK TABLE stored_events IN EXCLUSIVE MODE; NOTIFY stored_events"
_INSERT: Final = """INSERT INTO stored_events (originator_id, originator_version, topic, state)
    SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) RETURNING notification_id"""
_INSERT_KEYS: Final = """INSERT INTO command_keys (source, id, digest, position)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::bigint[])"""
# One index probe a row, whatever the planner thinks of the table's size.
_VERSIONS: Final = """SELECT s.id,
    (SELECT max(originator_version) FROM stored_events WHERE originator_id = s.id)
    FROM unnest(%b::uuid[]) AS s(id)"""
_KEYS: Final = """SELECT k.* FROM unnest(%b::text[], %b::text[]) AS a(source, id), LATERAL
    (SELECT source, id, digest, position FROM command_keys c
     WHERE c.source = a.source AND c.id = a.id OFFSET 0) AS k"""
_POSITIONS: Final = "SELECT name, position FROM positions WHERE name = ANY(%b) FOR UPDATE"
_SET_POSITIONS: Final = """INSERT INTO positions SELECT * FROM unnest(%b::text[], %b::bigint[])
    ON CONFLICT (name) DO UPDATE SET position = excluded.position"""
_COLUMNS: Final = "notification_id, originator_id, originator_version, topic, state"
_SELECT_MANY: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id = ANY(%b)"
    " ORDER BY originator_id, originator_version"
)
_SELECT_STREAM: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id = %b ORDER BY originator_version"
)


class PostgresTransaction:
    """Under the exclusive lock on stored_events: readers go on, writers wait their turn."""

    def __init__(self, cursor: Cursor[TupleRow]) -> None:
        self._cursor = cursor

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        return _stored(self._cursor.execute(_SELECT_MANY, (list(streams),), prepare=True).fetchall())

    def versions(self, streams: Sequence[UUID]) -> dict[UUID, int]:
        rows = self._cursor.execute(_VERSIONS, (list(streams),), prepare=True).fetchall()
        return {stream: version for stream, version in rows if version is not None}

    def command_keys(self, keys: Sequence[tuple[str, str]]) -> list[KeyRow]:
        columns = ([key[0] for key in keys], [key[1] for key in keys])
        rows = self._cursor.execute(_KEYS, columns, prepare=True).fetchall()
        return [KeyRow(source, id_, bytes(digest), position) for source, id_, digest, position in rows]

    def positions(self, names: Sequence[str]) -> dict[str, int]:
        rows = self._cursor.execute(_POSITIONS, (list(names),), prepare=True).fetchall()
        return dict(cast("list[tuple[str, int]]", rows))

    def insert(self, events: Sequence[StoredEvent]) -> list[int]:
        columns = (
            [event.originator_id for event in events],
            [event.originator_version for event in events],
            [event.topic for event in events],
            [event.state for event in events],
        )
        return [row[0] for row in self._cursor.execute(_INSERT, columns, prepare=True).fetchall()]

    def insert_keys(self, rows: Sequence[KeyRow]) -> None:
        columns = (
            [row.source for row in rows],
            [row.id for row in rows],
            [row.digest for row in rows],
            [row.position for row in rows],
        )
        self._cursor.execute(_INSERT_KEYS, columns, prepare=True)

    def set_positions(self, positions: Mapping[str, int]) -> None:
        self._cursor.execute(_SET_POSITIONS, (list(positions), list(positions.values())), prepare=True)


class PostgresRecorder(PostgresApplicationRecorder):
    """The library's recorder with our batches: locks, then reads, then writes; never retries by itself."""

    def create_table(self) -> None:
        """Create what is missing; several processes may start at once."""
        with self.datastore.get_connection() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (CREATING,))
            try:
                super().create_table()
                for statement in _TABLES:
                    connection.execute(statement)
            finally:
                connection.execute("SELECT pg_advisory_unlock(%s)", (CREATING,))

    @contextmanager
    def writing(self) -> Generator[PostgresTransaction]:
        """Hold the write lock for one transaction."""
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            cursor.execute(_LOCK, prepare=False)
            yield PostgresTransaction(cursor)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        if not stored_events:
            return None
        transaction: PostgresTransaction | None = kwargs.get("transaction")
        if transaction is not None:
            return transaction.insert(stored_events)
        with self.writing() as own:
            return own.insert(stored_events)

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        return _stored(self._rows(_SELECT_MANY, (list(streams),)))

    def select_stream(self, stream: UUID) -> Sequence[Notification]:
        rows = self._rows(_SELECT_STREAM, (stream,))
        return [Notification(row[1], row[2], row[3], bytes(row[4]), row[0]) for row in rows]

    def read_positions(self) -> dict[str, int]:
        return dict(cast("list[tuple[str, int]]", self._rows("SELECT name, position FROM positions")))

    def move_position(self, name: str, position: int) -> None:
        """Remember how far a follower has come; takes no lock on the log."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(_SET_POSITIONS, ([name], [position]), prepare=True)

    def town_secret(self) -> bytes:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "INSERT INTO town_secret VALUES (1, %b) ON CONFLICT DO NOTHING", (secrets.token_bytes(32),)
            )
            found = cursor.execute("SELECT value FROM town_secret").fetchone()
            assert found is not None
            return bytes(found["value"])

    def _rows(self, statement: LiteralString, parameters: Sequence[object] = ()) -> list[TupleRow]:
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            return cursor.execute(statement, parameters, prepare=True).fetchall()


class Factory(PostgresFactory):
    """Makes our recorder where the library would make its own."""

    application_recorder_class = PostgresRecorder

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        # The pool's own pauses double for minutes; whoever hands the batch in again waits as it sees fit.
        self.datastore.pool.reconnect_timeout = GIVE_UP


def _stored(rows: Sequence[TupleRow]) -> list[StoredEvent]:
    return [StoredEvent(row[1], row[2], row[3], bytes(row[4])) for row in rows]
