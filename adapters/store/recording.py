"""What both databases' recorders can do beyond the library's interface: batches in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, cast
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

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
class NewKey:
    """A row to come: `back` tells how far its first event lies before the last one just inserted."""

    source: str
    id: str
    digest: bytes
    back: int


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
        keys: Sequence[tuple[str, str]],
        names: Sequence[str],
    ) -> None:
        """Ask what `looked` then answers."""
        ...

    def looked(self) -> tuple[list[int], list[KeyRow], dict[str, int]]:
        """Which streams (by index) have another last version, the keys known, the positions set."""
        ...

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]: ...

    def versions(self, streams: Sequence[UUID]) -> dict[UUID, int]: ...

    def insert(self, rows: Rows) -> None: ...

    def inserted(self) -> list[int]:
        """The notification ids of all that was inserted. Before `wait` it costs a trip to the server."""
        ...

    def insert_keys(self, keys: Sequence[NewKey]) -> None:
        """Right behind the insert of their events."""
        ...

    def set_positions(self, positions: Mapping[str, int]) -> None: ...


class BatchRecorder(Protocol):
    """An application recorder that also takes part in our own transactions."""

    def writing(self) -> Transaction: ...

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None: ...

    def select_events(self, originator_id: UUID, *, lte: int | None = None) -> Sequence[StoredEvent]: ...

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        """The events of many streams, each stream in order."""
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

    def read_positions(self) -> dict[str, int]: ...

    def move_position(self, name: str, position: int) -> None: ...

    def town_secret(self) -> bytes:
        """The town's secret, made at first use and kept with the record."""
        ...
