"""The record in PostgreSQL: the table lock makes commit order log order; batches go in as typed arrays."""

import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, LiteralString, Self, cast
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import Environment
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow, tuple_row

from adapters.store.recording import NO_KEYS, KeyRow, Keys, Rows, rows_of
from domain.facts import CommandKey
from projections.engine.arrays import Array, bigints, byteas, texts, uuids
from projections.engine.database import NOTICING

PAGE: Final = 1000  # rows of a scan in memory
_NO_END: Final = (1 << 63) - 1
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
# Wait for the lock as long as it takes, and tell followers at the commit.
_OPENING: Final[tuple[LiteralString, ...]] = (
    "BEGIN",
    "SET LOCAL lock_timeout = 0",
    "LOCK TABLE stored_events IN EXCLUSIVE MODE",
    "NOTIFY stored_events",
)
_INSERT: Final = """INSERT INTO stored_events (originator_id, originator_version, topic, state)
    SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) RETURNING notification_id"""
_RESTORE: Final = """INSERT INTO stored_events
    (notification_id, originator_id, originator_version, topic, state)
    SELECT * FROM unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::text[], %b::bytea[])"""
_RESTORE_KEYS: Final = """INSERT INTO command_keys (source, id, digest, position)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::bigint[])"""
_FOLLOW_ON: Final = "SELECT setval(pg_get_serial_sequence('stored_events', 'notification_id'), %b::bigint)"
# Under the lock nobody else takes a number, so those of one insert follow each other.
_INSERT_KEYS: Final = """INSERT INTO command_keys (source, id, digest, position)
    SELECT source, id, digest, lastval() - back
    FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::bigint[]) AS k(source, id, digest, back)"""
# One index probe a row, whatever the planner thinks of the table's size.
_VERSIONS: Final = """SELECT s.id,
    (SELECT max(originator_version) FROM stored_events WHERE originator_id = s.id)
    FROM unnest(%b::uuid[]) AS s(id)"""
_MOVED: Final = """SELECT s.number
    FROM unnest(%b::uuid[], %b::bigint[]) WITH ORDINALITY AS s(id, version, number)
    WHERE s.version <>
    coalesce((SELECT max(originator_version) FROM stored_events WHERE originator_id = s.id), 0)"""
_KEYS: Final = """SELECT k.* FROM unnest(%b::text[], %b::text[]) AS a(source, id), LATERAL
    (SELECT source, id, digest, position FROM command_keys c
     WHERE c.source = a.source AND c.id = a.id OFFSET 0) AS k"""
_POSITIONS: Final = "SELECT name, position FROM positions WHERE name = ANY(%b) FOR UPDATE"
_SET_POSITIONS: Final = """INSERT INTO positions SELECT * FROM unnest(%b::text[], %b::bigint[])
    ON CONFLICT (name) DO UPDATE SET position = greatest(positions.position, excluded.position)"""
_COLUMNS: Final = "notification_id, originator_id, originator_version, topic, state"
_SELECT_MANY: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id = ANY(%b)"
    " ORDER BY originator_id, originator_version"
)
_SELECT_BEFORE: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id = ANY(%b) AND notification_id < %b"
    " ORDER BY originator_id, originator_version"
)
_SELECT_LOG: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE notification_id BETWEEN %b AND %b"
    " ORDER BY notification_id LIMIT %b"
)
_SELECT_TOPICS: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE notification_id BETWEEN %b AND %b AND topic = ANY(%b)"
    " ORDER BY notification_id LIMIT %b"
)
_COUNT: Final = (
    "SELECT count(*) FROM stored_events WHERE notification_id > %b AND notification_id <= %b AND topic = %b"
)
_SELECT_STREAM: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id = %b ORDER BY originator_version"
)


@dataclass(frozen=True, slots=True)
class _Arrays:
    """What an insert sends; no keys, no array of them."""

    count: int
    events: tuple[Array, ...]
    keys: tuple[Array, ...]

    def __len__(self) -> int:
        return self.count


class PostgresTransaction:
    """Under the exclusive lock on stored_events: readers go on, writers wait their turn.

    Statements are piped: the server is waited for only where an answer is looked at, and in `wait`.
    """

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore
        self._open = ExitStack()
        self._inserts: list[Cursor[TupleRow]] = []
        self._inserted: list[int] = []

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._connection = opening.enter_context(self._datastore.get_connection())
            opening.enter_context(_own_transactions(self._connection))
            opening.enter_context(self._connection.pipeline())
            for statement in _OPENING:
                self._connection.execute(statement, prepare=False)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._open.__exit__(kind, error, trace)
            return
        with ExitStack() as failing:
            failing.push(self._open.pop_all())
            self._connection.execute("COMMIT", prepare=False)
            self._open = failing.pop_all()

    def wait(self) -> None:
        self._open.close()

    def look(
        self,
        streams: Sequence[tuple[UUID, int]],
        keys: Sequence[CommandKey],
        names: Sequence[str],
    ) -> None:
        self._looks = (
            self._send(
                _MOVED, uuids([stream for stream, _ in streams]), bigints([version for _, version in streams])
            ),
            self._send(_KEYS, texts([key.source for key in keys]), texts([key.id for key in keys])),
            self._send(_POSITIONS, list(names)) if names else (),
        )

    def looked(self) -> tuple[list[int], list[KeyRow], dict[str, int]]:
        moved, known, positions = self._looks
        return (
            [number - 1 for (number,) in moved],
            [KeyRow(source, id_, bytes(digest), position) for source, id_, digest, position in known],
            dict(cast("Iterable[tuple[str, int]]", positions)),
        )

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        return _stored(self._send(_SELECT_MANY, list(streams)).fetchall())

    def versions(self, streams: Sequence[UUID]) -> dict[UUID, int]:
        found = self._send(_VERSIONS, uuids(streams))
        return {stream: version for stream, version in found if version is not None}

    def insert(self, ready: _Arrays) -> None:
        self._inserts.append(self._send(_INSERT, *ready.events))
        if ready.keys:
            self._send(_INSERT_KEYS, *ready.keys)

    def restore(self, events: Sequence[Notification], keys: Sequence[KeyRow]) -> None:
        if not events:
            return
        self._send(
            _RESTORE,
            bigints([one.id for one in events]),
            uuids([cast("UUID", one.originator_id) for one in events]),
            bigints([one.originator_version for one in events]),
            texts([one.topic for one in events]),
            byteas([one.state for one in events]),
        )
        self._send(_FOLLOW_ON, events[-1].id)
        if keys:
            self._send(
                _RESTORE_KEYS,
                texts([key.source for key in keys]),
                texts([key.id for key in keys]),
                byteas([key.digest for key in keys]),
                bigints([key.position for key in keys]),
            )

    def inserted(self) -> list[int]:
        self._inserted += [row[0] for insert in self._inserts for row in insert.fetchall()]
        self._inserts.clear()
        return self._inserted

    def set_positions(self, positions: Mapping[str, int]) -> None:
        self._send(_SET_POSITIONS, texts(list(positions)), bigints(list(positions.values())))

    def _send(self, statement: LiteralString, *parameters: object) -> Cursor[TupleRow]:
        """A cursor of its own, since its answer is looked at later."""
        return self._connection.cursor(row_factory=tuple_row).execute(statement, parameters, prepare=True)


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

    def writing(self) -> PostgresTransaction:
        """One transaction that holds the write lock."""
        return PostgresTransaction(self.datastore)

    def ready(self, rows: Rows, keys: Keys = NO_KEYS) -> _Arrays:
        """Binary arrays, a column each."""
        return _Arrays(
            len(rows),
            (uuids(rows.streams), bigints(rows.versions), texts(rows.topics), byteas(rows.states)),
            (texts(keys.sources), texts(keys.ids), byteas(keys.digests), bigints(keys.back))
            if keys.ids
            else (),
        )

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Inside a transaction of ours the ids are asked of it, later."""
        if not stored_events:
            return None
        transaction: PostgresTransaction | None = kwargs.get("transaction")
        if transaction is not None:
            transaction.insert(self.ready(rows_of(stored_events)))
            return None
        with self.writing() as own:
            own.insert(self.ready(rows_of(stored_events)))
        own.wait()
        return own.inserted()

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        return _stored(self._rows(_SELECT_MANY, (list(streams),)))

    def select_before(self, streams: Sequence[UUID], position: int) -> Sequence[Notification]:
        return _notifications(self._rows(_SELECT_BEFORE, (list(streams), position)))

    def select_stream(self, stream: UUID) -> Sequence[Notification]:
        return _notifications(self._rows(_SELECT_STREAM, (stream,)))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """As the library's, without a dictionary for each row."""
        first = 0 if start is None else start + (0 if inclusive_of_start else 1)
        last = _NO_END if stop is None else stop
        if topics:
            return _notifications(self._rows(_SELECT_TOPICS, (first, last, list(topics), limit)))
        return _notifications(self._rows(_SELECT_LOG, (first, last, limit)))

    def count_of(self, topic: str, after: int, until: int) -> int:
        counted = self._rows(_COUNT, (after, until, topic))
        return cast("int", counted[0][0])

    def scan(self, statement: LiteralString) -> Iterator[tuple[Any, ...]]:
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor("scan", row_factory=tuple_row) as cursor,
        ):
            cursor.itersize = PAGE
            yield from cursor.execute(statement)

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
            return cursor.execute(statement, parameters, prepare=True, binary=True).fetchall()


class Factory(PostgresFactory):
    """Makes our recorder where the library would make its own."""

    application_recorder_class = PostgresRecorder

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        # The pool's own pauses double for minutes; whoever hands the batch in again waits as it sees fit.
        self.datastore.pool.reconnect_timeout = GIVE_UP
        cast("dict[str, Any]", self.datastore.pool.kwargs).update(NOTICING)


@contextmanager
def _own_transactions(connection: Connection[Any]) -> Generator[None]:
    """BEGIN and COMMIT are ours to send, so that neither is waited for."""
    connection.autocommit = True
    try:
        yield
    finally:
        if not connection.broken:
            connection.rollback()  # of what an error has left open
            connection.autocommit = False


def _notifications(rows: Sequence[TupleRow]) -> list[Notification]:
    return [Notification(row[1], row[2], row[3], row[4], row[0]) for row in rows]


def _stored(rows: Sequence[TupleRow]) -> list[StoredEvent]:
    return [StoredEvent(row[1], row[2], row[3], bytes(row[4])) for row in rows]
