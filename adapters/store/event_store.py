"""The one way into the record: an eventsourcing Application with our mapper and recorders."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import MappingProxyType, TracebackType
from typing import Final, Self, cast
from urllib.parse import unquote, urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import (
    InfrastructureFactory,
    Mapper,
    MapperDeserialisationError,
    Notification,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType

from adapters.store import postgres, sqlite
from adapters.store.recording import BatchRecorder, Keys, Ready, Rows
from adapters.store.wire import FactMapper, decode, encode
from domain.facts import CommandKey, Fact, Recorded
from domain.ids import Position, StreamId, stream_of
from domain.lifecycle import evolve, initial
from domain.model import Event
from domain.situation import State
from services.ports import Answered, Encoded, Seen, Subjects, Writing

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

    def load(self, subjects: Subjects) -> dict[str, State]:
        """The states of many subjects, read at once."""
        return _folded(subjects, self._batches.select_many(list(subjects.values())))

    def state(self, subject: str) -> State:
        """The state of one subject."""
        return self.load({subject: stream_of(subject)})[subject]

    def encode(self, facts: Sequence[Fact], keys: Sequence[tuple[CommandKey, bytes, int]] = ()) -> Encoded:
        """The facts and keys as rows."""
        rows = Rows(
            [fact.stream for fact in facts],
            [fact.version for fact in facts],
            [fact.event.wire for fact in facts],
            [encode(fact) for fact in facts],
        )
        last = len(facts) - 1
        claimed = Keys(
            [key.source for key, _, _ in keys],
            [key.id for key, _, _ in keys],
            [digest for _, digest, _ in keys],
            [last - first for _, _, first in keys],
        )
        return self._batches.ready(rows, claimed)

    def writing(
        self,
        expected: Mapping[str, tuple[StreamId, int]] = MappingProxyType({}),
        keys: Sequence[CommandKey] = (),
        sources: Sequence[str] = (),
    ) -> Writing:
        """One transaction that holds the write lock."""
        return _Writing(self, expected, keys, sources)

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` facts behind a position, in order of commit."""
        return [_recorded(one) for one in self.read_stored(after, limit)]

    def read_stored(self, after: int, limit: int) -> Sequence[Notification]:
        """The same, as the bytes that lie in the record."""
        return self._batches.select_notifications(after, limit, inclusive_of_start=False)

    def read_only(
        self, event: type[Event], after: int, limit: int, until: int | None = None
    ) -> Sequence[Recorded]:
        """Up to `limit` facts of one kind behind a position and up to another, oldest first."""
        found = self._batches.select_notifications(
            after, limit, until, topics=[event.wire], inclusive_of_start=False
        )
        return [_recorded(one) for one in found]

    def history(self, stream: StreamId) -> Iterable[Recorded]:
        """One stream from its beginning."""
        return [_recorded(one) for one in self._batches.select_stream(stream)]

    def history_stored(self, stream: StreamId) -> Sequence[Notification]:
        """The same, as the bytes that lie in the record."""
        return self._batches.select_stream(stream)

    def earlier(self, streams: Collection[StreamId], before: int) -> Iterable[Recorded]:
        """What of many streams lies before a place in the log, each stream from its beginning."""
        return [_recorded(one) for one in self._batches.select_before(list(streams), before)]

    def head(self) -> int:
        """The last position; 0 while the log is empty."""
        return self._batches.max_notification_id() or 0

    def count_of(self, topic: str, after: int, until: int) -> int:
        """How many facts of one kind lie behind a position, up to another."""
        return self._batches.count_of(topic, after, until)

    def positions(self) -> dict[str, int]:
        """How far each named follower and source has come."""
        return self._batches.read_positions()

    def move_position(self, name: str, position: int) -> None:
        """Remember how far a follower has come; never back, whoever is late to say so."""
        self._batches.move_position(name, position)

    def town_secret(self) -> bytes:
        """32 bytes, made when the record was."""
        return self._batches.town_secret()


class _Writing:
    def __init__(
        self,
        store: EventStore,
        expected: Mapping[str, tuple[StreamId, int]],
        keys: Sequence[CommandKey],
        sources: Sequence[str],
    ) -> None:
        self._store = store
        self._asking = expected, keys, sources
        self._transaction = cast("BatchRecorder", store.recorder).writing()
        self._closing = ExitStack()
        self._seen: Seen | None = None

    def __enter__(self) -> Self:
        expected, keys, sources = self._asking
        with ExitStack() as opening:
            opening.enter_context(self._transaction)
            self._transaction.look(list(expected.values()), keys, sources)
            self._closing = opening.pop_all()
        return self

    @property
    def seen(self) -> Seen:
        if self._seen is None:
            subjects = list(self._asking[0])
            moved, known, progress = self._transaction.looked()
            answered = {CommandKey(row.source, row.id): Answered(row.digest, row.position) for row in known}
            self._seen = Seen([subjects[number] for number in moved], answered, progress)
        return self._seen

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.__exit__(kind, error, trace)

    def wait(self) -> None:
        self._transaction.wait()

    @property
    def positions(self) -> Sequence[Position]:
        return cast("list[Position]", self._transaction.inserted())

    def load(self, subjects: Subjects) -> dict[str, State]:
        return _folded(subjects, self._transaction.select_many(list(subjects.values()))) if subjects else {}

    def versions(self, streams: Sequence[StreamId]) -> Mapping[StreamId, int]:
        return cast("Mapping[StreamId, int]", self._transaction.versions(streams))

    def record(self, facts: Encoded, progress: Mapping[str, int]) -> None:
        if facts:
            self._transaction.insert(cast("Ready", facts))
        if progress:
            self._transaction.set_positions(progress)


def _recorded(stored: Notification) -> Recorded:
    if not isinstance(stored.originator_id, UUID):  # put there by hand
        raise MapperDeserialisationError(f"{stored.topic} of no stream: {stored.originator_id}")
    fact = decode(stored.topic, stored.state, stored.originator_id, stored.originator_version)
    return Recorded(Position(stored.id), fact)


def _folded(subjects: Subjects, stored: Iterable[StoredEvent]) -> dict[str, State]:
    """Each subject's state after its events, which come stream by stream."""
    states = {subject: initial(subject) for subject in subjects}
    subject_of: dict[UUID, str] = {stream: subject for subject, stream in subjects.items()}
    for event in stored:
        stream = cast("UUID", event.originator_id)
        fact = decode(event.topic, event.state, stream, event.originator_version)
        subject = subject_of[stream]
        states[subject] = evolve(states[subject], fact.event, fact.meta.at)
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
