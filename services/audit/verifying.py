"""Holds the record against what was sealed of it, event by event, and against every checkpoint."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Protocol, cast
from uuid import UUID

import msgspec

from services.audit.checkpoints import Checkpoint
from services.audit.flaws import Flaw
from services.audit.merkle import hash_of, leaf_hash, whole
from services.audit.roots import Roots
from services.audit.tiles import WIDTH

TOLD: Final = 1_000  # events that are named; beyond them they are only counted


class Stored(Protocol):
    """One stored event as it lies in the record."""

    @property
    def id(self) -> int: ...
    @property
    def originator_id(self) -> UUID | str: ...
    @property
    def originator_version(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def state(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Leaves:
    """A tile of leaves as it was sealed; missing or torn it only says how many there should be."""

    count: int
    hashes: Sequence[bytes] | None
    positions: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint to hold the record against."""

    source: str  # checkpoint: our own, or witness
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class _Found:
    """An event that is not what was sealed there."""

    position: int
    leaf: bytes
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A place where the record is not what was sealed."""

    index: int
    position: int
    leaf: bytes | None  # None: nothing was sealed there
    found: _Found | None  # None: nothing lies there


class Verifier:
    """Takes tile after tile, and reads as many events as belong to it."""

    def __init__(self, events: Iterator[Stored], marks: Sequence[Mark]) -> None:
        """`events` in order of the record."""
        self._events = events
        self._next = next(events, None)
        self._marks = sorted(marks, key=lambda mark: mark.checkpoint.size)
        self._sizes = sorted({mark.checkpoint.size for mark in marks})
        self._sealed, self._lying = Roots(self._sizes), Roots(self._sizes)
        self._ends = {0: 0}  # size → position of the last of so many
        self._same = True  # so far; then one of the two is enough
        self._wrong: list[_Wrong] = []
        self._flaws: list[Flaw] = []
        self._last = 0  # position of the last event read
        self.sealed = 0  # leaves
        self.tail = 0  # events behind them
        self.unnamed = 0  # wrong places beyond those that are named

    def tile(self, tile: Leaves) -> bytes | None:
        """Hold the next tile against its events; returns the root of its leaves, None if it is not full."""
        if tile.hashes is None:
            sealed, places = self._adopted(tile.count)
            lying = sealed
            self._flaws.append(_span("tile_missing", self.sealed, self.sealed + tile.count - 1))
        else:
            sealed, places, lying = tile.hashes, tile.positions, list[bytes]()
            for at, (leaf, position) in enumerate(zip(tile.hashes, tile.positions, strict=True)):
                event = self._next
                if event is not None and event.id == position and leaf_of(event) == leaf:
                    lying.append(leaf)
                    self._advance()
                else:
                    self._differs(self.sealed + at, position, leaf, lying)
        root = whole(sealed) if len(sealed) == WIDTH else None
        self._grow(sealed, lying, places, root)
        self.sealed += len(sealed)
        return root

    def finish(self) -> list[Flaw]:
        """Read what is not sealed yet; returns everything found wanting."""
        while (adopted := self._adopted(WIDTH))[0]:
            unsealed, places = adopted
            self.tail += len(unsealed)
            self._grow(unsealed, unsealed, places)
        proven = self._against_marks()
        tiles = [wrong.index for wrong in self._wrong if wrong.index < proven]
        if tiles:
            self._flaws.append(_span("tiles_differ", tiles[0], tiles[-1]))
        self._name([wrong for wrong in self._wrong if wrong.index >= proven])
        return self._flaws

    def _adopted(self, count: int) -> tuple[list[bytes], list[int]]:
        """Leaves and places of the events that come next, where no seal says otherwise."""
        taken: list[bytes] = []
        places: list[int] = []
        while self._next is not None and len(taken) < count:
            taken.append(leaf_of(self._next))
            places.append(self._next.id)
            self._advance()
        return taken, places

    def _advance(self) -> None:
        assert self._next is not None
        self._last = self._next.id
        self._next = next(self._events, None)

    def _differs(self, index: int, position: int, leaf: bytes, lying: list[bytes]) -> None:
        while self._next is not None and self._next.id < position:
            self._note(_Wrong(index, self._next.id, None, self._taken(lying)))
        found = self._taken(lying) if self._next is not None and self._next.id == position else None
        if found is None or found.leaf != leaf:
            self._note(_Wrong(index, position, leaf, found))

    def _taken(self, lying: list[bytes]) -> _Found:
        event = self._next
        assert event is not None
        lying.append(leaf_of(event))
        self._advance()
        return _Found(event.id, lying[-1], _subject(event), event.originator_version)

    def _note(self, wrong: _Wrong) -> None:
        if len(self._wrong) < TOLD:
            self._wrong.append(wrong)
        else:
            self.unnamed += 1

    def _grow(
        self,
        sealed: Sequence[bytes],
        lying: Sequence[bytes],
        places: Sequence[int],
        root: bytes | None = None,
    ) -> None:
        start = self._sealed.size
        for size in self._sizes[bisect_right(self._sizes, start) :]:
            if size > start + len(sealed):
                break
            self._ends[size] = places[size - start - 1]
        if self._same and list(sealed) != lying:
            self._same = False
            self._lying = self._sealed.copy()
        self._sealed.take(sealed, root)
        if not self._same:
            self._lying.take(lying)

    def _against_marks(self) -> int:
        """How many leaves are proven by what lies in the record, where the seal says something else."""
        proven = 0
        for source, marks in groupby(sorted(self._marks, key=lambda mark: mark.source), lambda m: m.source):
            good = 0  # position up to which all is as it was signed
            for mark in marks:
                said = mark.checkpoint
                if self._sealed.at(said.size) != said.root:
                    if self._same or self._lying.at(said.size) != said.root:
                        self._flaws.append(self._not_of(source, said, good))
                        break  # whatever follows stands on it
                    proven = max(proven, said.size)
                elif self._ends[said.size] != said.position:  # all of it, and none where it was
                    self._flaws.append(self._not_of(source, said, good))
                    break
                good = said.position
        return proven

    def _not_of(self, source: str, said: Checkpoint, good: int) -> Flaw:
        if said.size > self._sealed.size:
            known = {"count": self._sealed.size, "position": self._last}
            return Flaw.of(f"{source}_ahead", size=said.size, **known)
        return Flaw.of(f"{source}_differs", size=said.size, position=good + 1, until=said.position)

    def _name(self, wrong: Sequence[_Wrong]) -> None:
        """Tell what was moved, edited, inserted and deleted."""
        lying = {one.found.leaf: one.found for one in wrong if one.found}
        moved = {one.leaf for one in wrong if one.leaf in lying}
        gone: list[_Wrong] = []
        for one in wrong:
            new = one.found if one.found and one.found.leaf not in moved else None
            if one.leaf in moved:
                self._flaws.append(_of_event("event_reordered", lying[one.leaf], one.position))
            elif one.leaf is not None and new is None:
                gone.append(one)
            elif new is not None:
                self._flaws.append(_of_event("event_edited" if one.leaf else "event_inserted", new))
        for _, run in groupby(enumerate(gone), lambda numbered: numbered[1].index - numbered[0]):
            self._flaws.append(self._deleted([one for _, one in run]))

    def _deleted(self, run: Sequence[_Wrong]) -> Flaw:
        at_the_end = run[-1].index == self.sealed - 1 and not self.tail
        code = "events_truncated" if at_the_end else "event_deleted"
        return Flaw.of(code, position=run[0].position, until=run[-1].position, count=len(run))


def leaf_of(event: Stored) -> bytes:
    """The leaf that an event makes as it lies there; what no writer of ours puts there makes another."""
    try:
        stream = cast("UUID", event.originator_id)
        return leaf_hash(stream, event.originator_version, event.topic, event.state)
    except (AttributeError, OverflowError, UnicodeEncodeError):
        return hash_of(repr((event.originator_id, event.originator_version, event.topic)).encode())


def _span(code: str, first: int, last: int) -> Flaw:
    return Flaw.of(code, position=first, until=last)


def _of_event(code: str, found: _Found, sealed_at: int | None = None) -> Flaw:
    told = {"subject": found.subject, "version": found.version}
    if sealed_at is None:
        return Flaw.of(code, position=found.position, **told)
    return Flaw.of(code, position=sealed_at, until=found.position, **told)


class _Named(msgspec.Struct):
    subject: str


_read_name: Final = msgspec.json.Decoder(_Named).decode


def _subject(event: Stored) -> str:
    """What it says it is about; its stream where it does not even say that."""
    try:
        return _read_name(event.state.partition(b"\n")[0]).subject
    except (ValueError, msgspec.MsgspecError):
        return str(event.originator_id)
