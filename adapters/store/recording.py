"""What both databases' recorders can do beyond the library's interface: batches in one transaction."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A row of `command_keys`."""

    source: str
    id: str
    digest: bytes
    position: int


class Transaction(Protocol):
    """An open transaction that holds the write lock."""

    def select_many(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]: ...

    def versions(self, streams: Sequence[UUID]) -> dict[UUID, int]: ...

    def command_keys(self, keys: Sequence[tuple[str, str]]) -> list[KeyRow]: ...

    def positions(self, names: Sequence[str]) -> dict[str, int]: ...

    def insert(self, events: Sequence[StoredEvent]) -> list[int]: ...

    def insert_keys(self, rows: Sequence[KeyRow]) -> None: ...

    def set_positions(self, positions: Mapping[str, int]) -> None: ...


class BatchRecorder(Protocol):
    """An application recorder that also takes part in our own transactions."""

    def writing(self) -> AbstractContextManager[Transaction]: ...

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

    def read_positions(self) -> dict[str, int]: ...

    def move_position(self, name: str, position: int) -> None: ...

    def town_secret(self) -> bytes:
        """The town's secret, made at first use and kept with the record."""
        ...
