"""What the use cases need from outside, in their own words."""

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from domain.facts import CommandKey, Fact, Recorded
from domain.ids import Position, StreamId
from domain.model import Plain
from domain.situation import State

Subjects = Mapping[str, StreamId]
"""Subjects and the streams that hold them."""


class Answered(Plain, frozen=True):
    """What is remembered of a command that was answered: a keyed digest of it and where the answer begins."""

    digest: bytes
    position: Position


class Seen(Plain, frozen=True):
    """What the record holds at the moment the write lock is taken. It stays true until the commit."""

    moved: Sequence[str]  # the subjects whose last version is another than was expected
    answered: Mapping[CommandKey, Answered]  # those of the keys that were answered before
    progress: Mapping[str, int]  # how far each source was taken in; one never seen is left out


class Encoded(Protocol):
    """Facts as they will lie in the record, with the keys of the commands that they answer.

    Made outside the lock, or while the record is looked at.
    """

    def __len__(self) -> int: ...


class Writing(Protocol):
    """One transaction. Entered, it holds the write lock: what it reads stays true until it commits.

    Left, its commit is sent, or after an error it is rolled back.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def wait(self) -> None:
        """Return when the commit that was sent is durable; raises if it failed."""
        ...

    @property
    def seen(self) -> Seen:
        """What was asked for on entering; the first time it is waited for."""
        ...

    @property
    def positions(self) -> Sequence[Position]:
        """Where the facts that were recorded came to lie. Asked for before `wait` it costs a trip."""
        ...

    def versions(self, streams: Sequence[StreamId]) -> Mapping[StreamId, int]:
        """The last version of each stream that has any."""
        ...

    def load(self, subjects: Subjects) -> dict[str, State]:
        """The state of each subject as recorded, its initial state where nothing is."""
        ...

    def record(self, facts: Encoded, progress: Mapping[str, int]) -> None:
        """Append the facts; remember their keys and the progress."""
        ...


class Store(Protocol):
    """The record."""

    def load(self, subjects: Subjects) -> dict[str, State]:
        """The state of each subject as recorded, its initial state where nothing is."""
        ...

    def state(self, subject: str) -> State:
        """The state of one subject."""
        ...

    def encode(self, facts: Sequence[Fact], keys: Sequence[tuple[CommandKey, bytes, int]] = ()) -> Encoded:
        """The facts, and for each key to remember the digest and the index of its first fact."""
        ...

    def writing(
        self, expected: Mapping[str, tuple[StreamId, int]], keys: Sequence[CommandKey], sources: Sequence[str]
    ) -> Writing:
        """A transaction that looks, once it holds the lock, at these subjects, keys and sources.

        `expected` maps each subject to its stream and the version that it is expected to have.
        """
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
