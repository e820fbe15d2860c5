"""What both databases' recorders can do beyond the library's interface: batches in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, LiteralString, Protocol, Self, cast
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

from domain.facts import CommandKey
from domain.ids import Position


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A row of `command_keys`."""

    source: str
    id: str
    digest: bytes
    position: Position


@dataclass(frozen=True, slots=True)
class Rows:
    """Events to come, by the column."""

    streams: Sequence[UUID]
    versions: Sequence[int]
    topics: Sequence[str]
    states: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.streams)


def rows_of(events: Sequence[StoredEvent]) -> Rows:
    """The same, from the library's rows."""
    return Rows(
        [cast("UUID", event.originator_id) for event in events],
        [event.originator_version for event in events],
        [event.topic for event in events],
        [event.state for event in events],
    )


@dataclass(frozen=True, slots=True)
class Keys:
    """Rows of `command_keys` to come, by the column.

    `back` tells how far a command's first event lies before the last of those inserted with it.
    """

    sources: Sequence[str]
    ids: Sequence[str]
    digests: Sequence[bytes]
    back: Sequence[int]


NO_KEYS: Final = Keys((), (), (), ())


class Ready(Protocol):
    """Events and the command keys they answer, as the database's driver takes them; so many events."""

    def __len__(self) -> int: ...


class Transaction(Protocol):
    """Entered, it holds the write lock. Left, its commit is sent, or after an error it is rolled back."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None: ...

    def wait(self) -> None:
        """Return when the commit that was sent is durable; raises if it failed."""
        ...

    def look(
        self,
        streams: Sequence[tuple[UUID, int]],
        keys: Sequence[CommandKey],
        names: Sequence[str],
    ) -> None:
        """Ask what `looked` then answers."""
        ...

    def looked(self) -> tuple[list[int], list[KeyRow], dict[str, int]]:
        """Which streams (by index) have another last version, the keys known, the positions set."""
        ...

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]: ...

    def versions(self, streams: Sequence[UUID]) -> dict[UUID, int]: ...

    def insert(self, ready: Any) -> None:
        """What its own recorder has made ready."""
        ...

    def restore(self, events: Sequence[Notification], keys: Sequence[KeyRow]) -> None:
        """Insert what another record held, at the places it had there; what is inserted later follows."""
        ...

    def inserted(self) -> list[int]:
        """The notification ids of all that was inserted. Before `wait` it costs a trip to the server."""
        ...

    def set_positions(self, positions: Mapping[str, int]) -> None: ...


class BatchRecorder(Protocol):
    """An application recorder that also takes part in our own transactions."""

    def writing(self) -> Transaction: ...

    def ready(self, rows: Rows, keys: Keys = NO_KEYS) -> Ready:
        """For a transaction to insert; to be made while the server is at work on something else."""
        ...

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None: ...

    def select_events(self, originator_id: UUID, *, lte: int | None = None) -> Sequence[StoredEvent]: ...

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        """The events of many streams, each stream in order."""
        ...

    def select_before(self, streams: Sequence[UUID], position: int) -> Sequence[Notification]:
        """The events of many streams that lie before a place in the log, each stream in order."""
        ...

    def select_stream(self, stream: UUID) -> Sequence[Notification]:
        """One stream with the places its events have in the log."""
        ...

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]: ...

    def max_notification_id(self) -> int | None: ...

    def count_of(self, topic: str, after: int, until: int) -> int:
        """How many facts of one kind lie behind a position, up to another."""
        ...

    def scan(self, statement: LiteralString) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, however many, without holding them all."""
        ...

    def read_positions(self) -> dict[str, int]: ...

    def move_position(self, name: str, position: int) -> None: ...

    def town_secret(self) -> bytes:
        """The town's secret, made at first use and kept with the record."""
        ...
