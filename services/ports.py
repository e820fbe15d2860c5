"""What the use cases need from outside, in their own words."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.facts import CommandKey, Fact, Recorded
from domain.ids import Position, StreamId
from domain.situation import State


@dataclass(frozen=True, slots=True)
class Answered:
    """What is remembered of a command that was answered: a keyed digest of it and where the answer begins."""

    digest: bytes
    position: Position


class Writing(Protocol):
    """One transaction that holds the write lock of the record: what it reads stays true until it commits."""

    def versions(self, streams: Sequence[StreamId]) -> Mapping[StreamId, int]:
        """The last version of each stream that has any."""
        ...

    def load(self, subjects: Mapping[StreamId, str]) -> dict[StreamId, State]:
        """The state of each subject as recorded, its initial state where nothing is."""
        ...

    def answered(self, keys: Sequence[CommandKey]) -> Mapping[CommandKey, Answered]:
        """Those of the keys that were answered before."""
        ...

    def progress(self, names: Sequence[str]) -> Mapping[str, int]:
        """How far each named source was taken in; a name never seen is left out."""
        ...

    def record(
        self,
        facts: Sequence[Fact],
        keys: Sequence[tuple[CommandKey, bytes, int]],
        progress: Mapping[str, int],
    ) -> Sequence[Position]:
        """Append the facts; remember the keys (key, digest, index of its first fact) and the progress."""
        ...


class Store(Protocol):
    """The record."""

    def load(self, subjects: Mapping[StreamId, str]) -> dict[StreamId, State]:
        """The state of each subject as recorded, its initial state where nothing is."""
        ...

    def writing(self) -> AbstractContextManager[Writing]:
        """Take the write lock; commits on leaving, rolls back on an error."""
        ...

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """The log in order of commit. Positions ascend, with gaps."""
        ...

    def history(self, stream: StreamId) -> Iterable[Recorded]:
        """One stream from its beginning."""
        ...

    def head(self) -> int:
        """The last position of the log; 0 while it is empty."""
        ...
