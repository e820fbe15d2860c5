"""The one way into the record: an eventsourcing Application with our mapper and recorders."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import (
    InfrastructureFactory,
    Mapper,
    Notification,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType

from adapters.store import postgres, sqlite
from adapters.store.recording import BatchRecorder, KeyRow, Transaction
from adapters.store.wire import FactMapper, decode
from domain.facts import CommandKey, Fact, Recorded
from domain.ids import Position, StreamId
from domain.lifecycle import evolve, initial
from domain.situation import State
from services.ports import Answered, Writing

_SQLITE: Final = "sqlite:///"


class UnknownStore(ValueError):
    """The URL names no database we can use. It is not repeated: it may hold a password."""

    def __init__(self) -> None:
        super().__init__(
            "存储地址不可用，请写成 sqlite:///文件 或 postgresql://用户:密码@主机:端口/库，"
            "TLS 等请用 PGSSLMODE 等变量设置。"
            " The store's URL cannot be used; write sqlite:///FILE or"
            " postgresql://USER:PASSWORD@HOST:PORT/DATABASE, and set TLS by PGSSLMODE and its kin."
        )


class EventStore(Application[UUID]):
    """The record of one town."""

    name = "stored"  # the library prefixes its table with it: stored_events

    def __init__(self, url: str) -> None:
        """Open the record at `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`."""
        super().__init__(_environment(url))
        self._batches = cast("BatchRecorder", self.recorder)

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Only what the URL says: nothing from the process environment slips in."""
        return Environment(name, env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        factory = sqlite.Factory(env) if "SQLITE_DBNAME" in env else postgres.Factory(env)
        return cast("InfrastructureFactory[TrackingRecorder]", factory)

    def construct_mapper(self) -> Mapper[UUID]:
        return FactMapper()

    def load(self, subjects: Mapping[StreamId, str]) -> dict[StreamId, State]:
        """The states of many subjects, read at once."""
        return _folded(subjects, self._batches.select_many(list(subjects)))

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Take the write lock; commits on leaving, rolls back on an error."""
        with self._batches.writing() as transaction:
            yield _Writing(self, transaction)

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` facts behind a position, in order of commit."""
        return [_recorded(one) for one in self.read_stored(after, limit)]

    def read_stored(self, after: int, limit: int) -> Sequence[Notification]:
        """The same, as the bytes that lie in the record."""
        return self._batches.select_notifications(after, limit, inclusive_of_start=False)

    def history(self, stream: StreamId) -> Iterable[Recorded]:
        """One stream from its beginning."""
        return [_recorded(one) for one in self._batches.select_stream(stream)]

    def head(self) -> int:
        """The last position; 0 while the log is empty."""
        return self._batches.max_notification_id() or 0

    def positions(self) -> dict[str, int]:
        """How far each named follower and source has come."""
        return self._batches.read_positions()

    def move_position(self, name: str, position: int) -> None:
        """Remember how far a follower has come."""
        self._batches.move_position(name, position)

    def town_secret(self) -> bytes:
        """32 bytes, made when the record was."""
        return self._batches.town_secret()


class _Writing:
    def __init__(self, store: EventStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    def load(self, subjects: Mapping[StreamId, str]) -> dict[StreamId, State]:
        return _folded(subjects, self._transaction.select_many(list(subjects))) if subjects else {}

    def versions(self, streams: Sequence[StreamId]) -> Mapping[StreamId, int]:
        return cast("Mapping[StreamId, int]", self._transaction.versions(streams))

    def answered(self, keys: Sequence[CommandKey]) -> Mapping[CommandKey, Answered]:
        rows = self._transaction.command_keys([(key.source, key.id) for key in keys]) if keys else []
        return {CommandKey(row.source, row.id): Answered(row.digest, Position(row.position)) for row in rows}

    def progress(self, names: Sequence[str]) -> Mapping[str, int]:
        return self._transaction.positions(names) if names else {}

    def record(
        self,
        facts: Sequence[Fact],
        keys: Sequence[tuple[CommandKey, bytes, int]],
        progress: Mapping[str, int],
    ) -> Sequence[Position]:
        recordings = self._store.events.put(cast("Any", facts), transaction=self._transaction)
        positions = [Position(recording.notification.id) for recording in recordings]
        if keys:
            self._transaction.insert_keys(
                [KeyRow(key.source, key.id, digest, positions[index]) for key, digest, index in keys]
            )
        if progress:
            self._transaction.set_positions(progress)
        return positions


def _recorded(stored: Notification) -> Recorded:
    stream = cast("UUID", stored.originator_id)
    fact = decode(stored.topic, stored.state, stream, stored.originator_version)
    return Recorded(Position(stored.id), fact)


def _folded(subjects: Mapping[StreamId, str], stored: Iterable[StoredEvent]) -> dict[StreamId, State]:
    """Each subject's state after its events, which come stream by stream."""
    states = {stream: initial(subject) for stream, subject in subjects.items()}
    for event in stored:
        stream = StreamId(cast("UUID", event.originator_id))
        fact = decode(event.topic, event.state, stream, event.originator_version)
        states[stream] = evolve(states[stream], fact.event, fact.meta.at)
    return states


def _environment(url: str) -> dict[str, str]:
    """The library's settings for a URL."""
    if url.startswith(_SQLITE):
        file = url.removeprefix(_SQLITE)
        if file and not file.startswith("file:"):
            return {"SQLITE_DBNAME": file, "SQLITE_LOCK_TIMEOUT": str(sqlite.PATIENCE)}
    parts = urlsplit(url)
    try:
        port = parts.port or 5432
    except ValueError:  # its sentence would quote a piece of a password that holds a slash
        raise UnknownStore from None
    if parts.scheme == "postgresql" and parts.hostname and len(parts.path) > 1 and not parts.query:
        return {
            "POSTGRES_DBNAME": unquote(parts.path[1:]),
            "POSTGRES_HOST": parts.hostname,
            "POSTGRES_PORT": str(port),
            "POSTGRES_USER": unquote(parts.username or ""),
            "POSTGRES_PASSWORD": unquote(parts.password or ""),
            "POSTGRES_CONNECT_TIMEOUT": "5",
            "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "30",
            "POSTGRES_PRE_PING": "yes",  # a restarted server is noticed before a batch is under way
            "POSTGRES_POOL_SIZE": "1",
            "POSTGRES_MAX_OVERFLOW": "14",
        }
    raise UnknownStore
