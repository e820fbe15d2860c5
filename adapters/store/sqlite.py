"""The record in one SQLite file: one writer at a time, WAL, every commit on disk before it counts."""

import json
import secrets
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, LiteralString, Self, cast
from uuid import UUID

from eventsourcing.persistence import (
    DatabaseError,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
)
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteFactory
from eventsourcing.utils import Environment

from adapters.store.recording import NO_KEYS, KeyRow, Keys, Rows, rows_of
from domain.facts import CommandKey

PATIENCE: Final = 60  # seconds that a writer waits for its turn, here or behind another process

_TABLES: Final = (
    # AUTOINCREMENT: a bare rowid would be given out again after a deletion
    """CREATE TABLE IF NOT EXISTS stored_events (
        notification_id INTEGER PRIMARY KEY AUTOINCREMENT,
        originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL,
        state BLOB NOT NULL,
        UNIQUE (originator_id, originator_version))""",
    """CREATE TABLE IF NOT EXISTS command_keys (
        source TEXT NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (source, id)) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS positions (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS town_secret (only INTEGER PRIMARY KEY CHECK (only = 1), value BLOB NOT NULL)",
)
_NO_UTF8: Final = "Could not decode to UTF-8"
_COLUMNS: Final = "notification_id, originator_id, originator_version, topic, state"
_INSERT: Final = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
)
_SELECT_MANY: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id IN (SELECT value FROM json_each(?))"
    " ORDER BY originator_id, originator_version"
)
_SELECT_BEFORE: Final = (
    f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id IN (SELECT value FROM json_each(?))"
    " AND notification_id < ? ORDER BY originator_id, originator_version"
)


@dataclass(frozen=True, slots=True)
class _Lines:
    """What an insert runs through, row by row; a key's place is counted back from the last event."""

    events: Sequence[tuple[str, int, str, bytes]]
    keys: Sequence[tuple[str, str, bytes, int]]

    def __len__(self) -> int:
        return len(self.events)


class SqliteTransaction:
    """Under BEGIN IMMEDIATE and the library's writer lock."""

    def __init__(self, locked: AbstractContextManager[SQLiteCursor]) -> None:
        self._locked = locked
        self._inserted: list[int] = []

    def __enter__(self) -> Self:
        self._cursor = self._locked.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._locked.__exit__(kind, error, trace)

    def wait(self) -> None:
        """It is durable already: SQLite's commit returns no sooner."""

    def look(
        self,
        streams: Sequence[tuple[UUID, int]],
        keys: Sequence[CommandKey],
        names: Sequence[str],
    ) -> None:
        recorded = self.versions([stream for stream, _ in streams])
        moved = [
            number for number, (stream, version) in enumerate(streams) if recorded.get(stream, 0) != version
        ]
        self._looked = moved, self._command_keys(keys), self._positions(names)

    def looked(self) -> tuple[list[int], list[KeyRow], dict[str, int]]:
        return self._looked

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        self._cursor.execute(_SELECT_MANY, (_json(streams),))
        return [_stored(row) for row in self._cursor.fetchall()]

    def versions(self, streams: Sequence[UUID]) -> dict[UUID, int]:
        self._cursor.execute(
            "SELECT s.value,"
            " (SELECT max(originator_version) FROM stored_events WHERE originator_id = s.value)"
            " FROM json_each(?) s",
            (_json(streams),),
        )
        return {UUID(row[0]): row[1] for row in self._cursor.fetchall() if row[1] is not None}

    def _command_keys(self, keys: Sequence[CommandKey]) -> list[KeyRow]:
        self._cursor.execute(
            "SELECT k.source, k.id, k.digest, k.position FROM json_each(?) a JOIN command_keys k"
            " ON k.source = json_extract(a.value, '$[0]') AND k.id = json_extract(a.value, '$[1]')",
            (json.dumps([(key.source, key.id) for key in keys]),),
        )
        return [KeyRow(*row) for row in self._cursor.fetchall()]

    def _positions(self, names: Sequence[str]) -> dict[str, int]:
        self._cursor.execute(
            "SELECT name, position FROM positions WHERE name IN (SELECT value FROM json_each(?))",
            (json.dumps(list(names)),),
        )
        return {row[0]: row[1] for row in self._cursor.fetchall()}

    def insert(self, ready: _Lines) -> None:
        self._cursor.executemany(_INSERT, ready.events)
        self._cursor.execute("SELECT last_insert_rowid()")
        last: int = self._cursor.fetchone()[0]
        self._inserted += range(last - len(ready) + 1, last + 1)  # nobody else inserts meanwhile
        self._cursor.executemany(
            "INSERT INTO command_keys VALUES (?,?,?,?)",
            [(source, id_, digest, last - back) for source, id_, digest, back in ready.keys],
        )

    def restore(self, events: Sequence[Notification], keys: Sequence[KeyRow]) -> None:
        self._cursor.executemany(
            "INSERT INTO stored_events VALUES (?,?,?,?,?)",
            [
                (one.id, cast("UUID", one.originator_id).hex, one.originator_version, one.topic, one.state)
                for one in events
            ],
        )
        self._cursor.executemany(
            "INSERT INTO command_keys VALUES (?,?,?,?)",
            [(key.source, key.id, key.digest, key.position) for key in keys],
        )

    def inserted(self) -> list[int]:
        return self._inserted

    def set_positions(self, positions: Mapping[str, int]) -> None:
        self._cursor.executemany(
            "INSERT INTO positions VALUES (?,?)"
            " ON CONFLICT (name) DO UPDATE SET position = max(position, excluded.position)",
            list(positions.items()),
        )


class SqliteRecorder(SQLiteApplicationRecorder):
    """The library's recorder over our own table."""

    def create_table(self) -> None:
        """Create what is missing; several processes may start at once."""
        with self._locked() as cursor:
            for statement in _TABLES:
                cursor.execute(statement)

    def writing(self) -> SqliteTransaction:
        """One transaction that holds the write lock."""
        return SqliteTransaction(self._locked())

    def ready(self, rows: Rows, keys: Keys = NO_KEYS) -> _Lines:
        """One tuple a row."""
        streams = [stream.hex for stream in rows.streams]
        return _Lines(
            list(zip(streams, rows.versions, rows.topics, rows.states, strict=True)),
            list(zip(keys.sources, keys.ids, keys.digests, keys.back, strict=True)),
        )

    @contextmanager
    def _locked(self) -> Generator[SQLiteCursor]:
        with self.datastore.get_connection(commit=True) as connection, _errors_of_the_library():
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Inside a transaction of ours the ids are asked of it, later."""
        if not stored_events:
            return None
        transaction: SqliteTransaction | None = kwargs.get("transaction")
        if transaction is not None:
            transaction.insert(self.ready(rows_of(stored_events)))
            return None
        with self.writing() as own:
            own.insert(self.ready(rows_of(stored_events)))
        return own.inserted()

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        assert isinstance(originator_id, UUID)
        order = "DESC" if desc else "ASC"
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id = ? AND originator_version > ?"
            f" AND originator_version <= ? ORDER BY originator_version {order} LIMIT ?",
            (
                originator_id.hex,
                gt if gt is not None else -1,
                lte if lte is not None else 1 << 62,
                limit or -1,
            ),
        )
        return [_stored(row) for row in rows]

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        return [_stored(row) for row in self._rows(_SELECT_MANY, (_json(streams),))]

    def select_before(self, streams: Sequence[UUID], position: int) -> Sequence[Notification]:
        rows = self._rows(_SELECT_BEFORE, (_json(streams), position))
        return [_notification(row) for row in rows]

    def select_stream(self, stream: UUID) -> Sequence[Notification]:
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id = ? ORDER BY originator_version",
            (stream.hex,),
        )
        return [_notification(row) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        first = 0 if start is None else start + (0 if inclusive_of_start else 1)
        only = "AND topic IN (SELECT value FROM json_each(?))" if topics else "AND ? IS NOT NULL"
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM stored_events WHERE notification_id >= ? AND notification_id <= ?"
            f" {only} ORDER BY notification_id LIMIT ?",
            (first, stop if stop is not None else 1 << 62, json.dumps(list(topics)), limit),
        )
        return [_notification(row) for row in rows]

    def max_notification_id(self) -> int | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._rows("SELECT max(notification_id) FROM stored_events")[0][0]

    def count_of(self, topic: str, after: int, until: int) -> int:
        counting = "SELECT count(*) FROM stored_events WHERE notification_id > ? AND notification_id <= ?"
        found: int = self._rows(f"{counting} AND topic = ?", (after, until, topic))[0][0]
        return found

    def scan(self, statement: LiteralString) -> Iterator[tuple[Any, ...]]:
        with self.datastore.get_connection(commit=False) as connection, _errors_of_the_library():
            cursor = connection.cursor()
            with _whatever_text(cursor):
                cursor.execute(statement)
                while (row := cursor.fetchone()) is not None:
                    yield tuple(row)

    def read_positions(self) -> dict[str, int]:
        return {row[0]: row[1] for row in self._rows("SELECT name, position FROM positions")}

    def move_position(self, name: str, position: int) -> None:
        with self.writing() as transaction:
            transaction.set_positions({name: position})

    def town_secret(self) -> bytes:
        with self._locked() as cursor:
            cursor.execute("INSERT OR IGNORE INTO town_secret VALUES (1, ?)", (secrets.token_bytes(32),))
            cursor.execute("SELECT value FROM town_secret")
            return bytes(cursor.fetchone()[0])

    def _rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        with self.datastore.get_connection(commit=False) as connection, _errors_of_the_library():
            cursor = connection.cursor()
            try:
                cursor.execute(statement, parameters)
                return cursor.fetchall()
            except sqlite3.OperationalError as error:
                if _NO_UTF8 not in str(error):
                    raise
            with _whatever_text(cursor):
                cursor.execute(statement, parameters)
                return cursor.fetchall()


class Factory(SQLiteFactory):
    """Makes our recorder where the library would make its own."""

    application_recorder_class = SqliteRecorder

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        self.datastore.pool.pool_timeout = PATIENCE  # the library's 5 s are shorter than a long commit


def _json(streams: Sequence[UUID]) -> str:
    return json.dumps([stream.hex for stream in streams])


def _stored(row: Any) -> StoredEvent:
    return StoredEvent(UUID(row[1]), row[2], row[3], bytes(row[4]))


def _notification(row: Any) -> Notification:
    """SQLite takes any value in any column: who writes there by hand must not stop an auditor's reading.

    Nor be overlooked: what is not written as we write it is read as something else.
    """
    state = row[4]
    return Notification(
        _stream(row[1]), row[2], row[3], state if isinstance(state, bytes) else repr(state).encode(), row[0]
    )


def _stream(name: object) -> UUID | str:
    """A UUID can be written in many ways, of which our questions find one."""
    try:
        found = UUID(cast("str", name))
    except (ValueError, TypeError, AttributeError):
        return str(name)
    return found if found.hex == name else str(name)


def _whatever(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")


@contextmanager
def _whatever_text(cursor: SQLiteCursor) -> Generator[None]:
    """Text that is no UTF-8 is read too; slower, so only where there is some."""
    connection = cursor.sqlite_cursor.connection
    connection.text_factory = _whatever
    try:
        yield
    finally:
        connection.text_factory = str


@contextmanager
def _errors_of_the_library() -> Generator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise IntegrityError(error) from error
    except sqlite3.OperationalError as error:
        raise OperationalError(error) from error
    except sqlite3.Error as error:
        raise DatabaseError(error) from error
