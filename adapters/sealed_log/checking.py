"""An auditor's look at the sealed record: reads it all, and says what is wrong and what cannot be proven."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eventsourcing.persistence import Notification

from adapters.sealed_log.log import SealedLog
from adapters.sealed_log.signing import proves
from adapters.store.event_store import EventStore
from adapters.store.whole import places_shared
from services.audit.checkpoints import BadCheckpoint, Checkpoint, VerifierKey, each, opened, parse
from services.audit.flaws import Flaw, Limit
from services.audit.merkle import whole
from services.audit.tiles import WIDTH
from services.audit.verifying import Leaves, Mark, Verifier

PAGE = 4000  # events read at once
TILES = 16  # tiles of leaves, as many events
_BEFORE_ALL = -(1 << 62)  # who inserts by hand may number as they like
Told = Callable[[int], None]
"""Hears the position that was read last."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an auditor found."""

    events: int
    sealed: int
    checkpoints: int  # of our own
    witnessed: int  # of witnesses
    flaws: Sequence[Flaw]
    unnamed: int  # events beyond those named
    limits: Sequence[Limit]

    @property
    def ok(self) -> bool:
        return not self.flaws


@dataclass
class Checking:
    """One look. `witnesses` are notes from outside the database, `keys` the public keys that count.

    `kept`: whether the witnesses were kept by somebody else than who seals.
    """

    store: EventStore
    sealed_log: SealedLog
    keys: Sequence[VerifierKey]
    witnesses: Sequence[bytes] | None = None
    told: Told = lambda _: None
    kept: bool = True
    _flaws: list[Flaw] = field(default_factory=list[Flaw])
    _filed: int = 0  # the largest size under which there is a checkpoint, whatever it says

    def run(self) -> Verdict:
        """Read everything."""
        own = list(self._own())
        witnessed = list(self._witnessed())
        verifier = Verifier(self._events(), [*own, *witnessed])
        above = _Above(self.sealed_log)
        newest = max((mark.checkpoint.size for mark in own), default=0)
        end = max(self._reach(newest), -(-newest // WIDTH))
        for tile in self._tiles(end, newest):
            above.take(verifier.tile(tile))
        self._flaws += [*verifier.finish(), *above.finish()]
        if verifier.sealed < newest and not any(flaw.size for flaw in self._flaws):
            self._flaws.append(Flaw.of("tile_missing", position=verifier.sealed, until=newest - 1))
        self._beside(verifier.sealed, end)
        return Verdict(
            events=verifier.sealed + verifier.tail,
            sealed=verifier.sealed,
            checkpoints=len(own),
            witnessed=len(witnessed),
            flaws=self._flaws,
            unnamed=verifier.unnamed,
            limits=self._limits(verifier, witnessed),
        )

    def _events(self) -> Iterator[Notification]:
        position = _BEFORE_ALL
        while stored := self.store.read_stored(position, PAGE):
            yield from stored
            position = stored[-1].id
            self.told(position)

    def _own(self) -> Iterator[Mark]:
        size = 0
        while notes := self.sealed_log.notes(size):
            for size, note in notes:
                if (found := self._opened(note, "checkpoint", size)) is not None:
                    if found.size != size:
                        self._flaws.append(Flaw.of("checkpoint_misfiled", size=size, count=found.size))
                    yield Mark("checkpoint", found)
            self._filed = size

    def _witnessed(self) -> Iterator[Mark]:
        for number, note in enumerate(self.witnesses or (), 1):
            if (found := self._opened(note, "witness", number)) is not None:
                yield Mark("witness", found)

    def _opened(self, note: bytes, source: str, number: int) -> Checkpoint | None:
        """None: it cannot be held against anything, which is noted."""
        try:
            found = parse(note)
        except BadCheckpoint:
            self._flaws.append(Flaw.of(f"{source}_unreadable", size=number))
            return None
        if self.keys and not any(_signed(note, key) for key in self.keys):
            self._flaws.append(Flaw.of(f"{source}_unsigned", size=found.size))
            return None
        return found

    def _reach(self, newest: int) -> int:
        """How many tiles of leaves there can be, as far as there are some."""
        return self.sealed_log.reach(-(-max(newest, self.store.head()) // WIDTH))

    def _beside(self, sealed: int, end: int) -> None:
        """What lies where whoever reads in order does not come by."""
        if sealed > self._filed:
            self._flaws.append(Flaw.of("checkpoint_missing", position=self._filed, until=sealed - 1))
        if (stray := self.sealed_log.stray(end)) is not None:
            first = stray * WIDTH
            self._flaws.append(Flaw.of("checkpoint_missing", position=first, until=first + WIDTH - 1))
        if shared := places_shared(self.store):
            self._flaws.append(Flaw.of("place_shared", count=shared))

    def _tiles(self, end: int, newest: int) -> Iterator[Leaves]:
        """Every tile of leaves; of those that are missing how many leaves they had."""
        for first in range(0, end, TILES):
            found = self.sealed_log.tiles(first, TILES)
            for number in range(first, min(first + TILES, end)):
                tile, last = found.get(number), number == end - 1
                if tile is not None and tile.is_sound and (last or len(tile.hashes) == WIDTH):
                    yield Leaves(len(tile.hashes), tile.hashes, tile.positions)
                else:
                    signed = newest - number * WIDTH
                    yield Leaves(signed if last and 0 < signed < WIDTH else WIDTH, None)

    def _limits(self, verifier: Verifier, witnessed: Sequence[Mark]) -> list[Limit]:
        found: list[Limit] = []
        if verifier.tail:
            found.append(Limit.of("unsealed_tail", verifier.tail))
        if not self.keys:
            found.append(Limit.of("no_key"))
        reach = max((mark.checkpoint.size for mark in witnessed), default=0)
        if not reach or not self.kept:
            found.append(Limit.of("no_witness"))
        if 0 < reach < verifier.sealed:
            found.append(Limit.of("witness_ends", reach))
        found.append(Limit.of("collusion"))
        return found


def notes_of(path: Path) -> list[bytes]:
    """The notes of a witness's file; what a crash tore off its end is left out. Raises OSError.

    Line ends and the mark that Windows puts into texts are no part of what was signed.
    """
    data = path.read_bytes().removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")
    notes = list(each(data))
    whole_ones = len(notes) - (bool(notes) and not (notes[-1].endswith(b"\n") and b"\n\n" in notes[-1]))
    return notes[:whole_ones]


def _signed(note: bytes, key: VerifierKey) -> bool:
    try:
        opened(note, key, proves)
    except BadCheckpoint:
        return False
    return True


class _Above:
    """Holds the tiles above the leaves against what lies below them."""

    def __init__(self, sealed: SealedLog) -> None:
        self._tree = sealed.tree()
        self._coming: list[list[bytes]] = []  # by level, from 1
        self._done: list[int] = []
        self._flaws: list[Flaw] = []

    def take(self, root: bytes | None) -> None:
        """That of the next tile of leaves; None: it is not full, so nothing lies above it."""
        if root is not None:
            self._push(1, root)

    def _push(self, level: int, root: bytes) -> None:
        if len(self._coming) < level:
            self._coming.append([])
            self._done.append(0)
        coming = self._coming[level - 1]
        coming.append(root)
        if len(coming) == WIDTH:
            self._compare(level)
            self._push(level + 1, whole(coming))
            self._done[level - 1] += 1
            coming.clear()

    def finish(self) -> list[Flaw]:
        for level, coming in enumerate(self._coming, 1):
            if coming:
                self._compare(level)
        return self._flaws

    def _compare(self, level: int) -> None:
        number = self._done[level - 1]
        if list(self._tree.tile(level, number)) != self._coming[level - 1]:
            self._flaws.append(Flaw.of("tile_above", position=level, until=number))
