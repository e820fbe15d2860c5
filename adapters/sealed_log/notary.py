"""Seals the record: follows it in order of commit, and signs what it has come to."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from eventsourcing.persistence import Notification
from sqlalchemy import Connection

from adapters.sealed_log.broken import SealBroken
from adapters.sealed_log.log import SealedLog, leaves_in, newest, tiles_in, write, write_checkpoint
from adapters.sealed_log.signing import SigningKey
from adapters.sealed_log.witness import WitnessFile
from adapters.store.event_store import EventStore
from services.audit.checkpoints import Checkpoint, parse, signed
from services.audit.merkle import EMPTY, root_at
from services.audit.tiles import WIDTH, Place, TiledTree, TileSpoilt, grown, over
from services.audit.verifying import leaf_of

SENT: Final = "checkpoints"  # how far the topic has got, among the record's positions: the size
BATCH: Final = 4096  # events sealed in one transaction

Publish = Callable[[Sequence[bytes]], object]
"""Sends checkpoints to the topic; they are there when it returns."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Notary:
    """Seals one town's record. Several at once do no harm: each looks under the lock what is sealed."""

    def __init__(
        self,
        store: EventStore,
        sealed_log: SealedLog,
        key: SigningKey,
        witness: WitnessFile,
        clock: Callable[[], datetime],
        *,
        events: int = BATCH,
        seconds: float = 60.0,
        publish: Publish | None = None,
    ) -> None:
        """Nothing is sealed yet.

        Args:
            events: unsealed ones that are sealed at once.
            seconds: that one stays unsealed at the longest.
        """
        self._store = store
        self._sealed_log = sealed_log
        self._key = key
        self._witness = witness
        self._clock = clock
        self._most = events
        self._longest = timedelta(seconds=seconds)
        self._publish = publish
        self._out: tuple[Checkpoint | None, ...] = ()  # up to which file and topic have them; (): unknown
        self._since: datetime | None = None  # when the oldest unsealed one was first seen

    def run_once(self) -> int:
        """Seal what is due; returns how many events that was.

        Raises:
            SealBroken: what was sealed is not what lies there. OSError: the file cannot be written.
        """
        last = self._handed_out()
        waiting = self._store.head() - (last.position if last else 0)
        if waiting <= 0:
            self._since = None
            return 0
        now = self._clock()
        self._since = self._since or now
        if waiting < self._most and now - self._since < self._longest:
            return 0
        done = self._seal(last)
        self._since = None
        self._handed_out()
        return done

    def seal(self, told: Callable[[int], None] = lambda _: None) -> Checkpoint | None:
        """Seal up to the head at once; returns the newest checkpoint, None where the record is empty.

        Args:
            told: hears the position up to which all is sealed.

        Raises:
            What `run_once` raises.
        """
        head = self._store.head()
        last = self._handed_out()
        while (last.position if last else 0) < min(head, self._store.head()):
            self._seal(last)
            last = self._handed_out()
            told(last.position if last else 0)
        return last

    def _handed_out(self) -> Checkpoint | None:
        """The newest checkpoint, once file and topic have all: they may know of another history.

        What a crash kept from them is made up for.
        """
        last = self._sealed_log.last()
        if self._out != (last,):
            self._hand_out(last)
            self._out = (last,)
        return last

    def _seal(self, last: Checkpoint | None) -> int:
        """Leaves and a checkpoint over them, in one transaction. 0: nothing new, or another was first."""
        stored = self._store.read_stored(last.position if last else 0, BATCH)
        if not stored:
            return 0
        leaves = [leaf_of(one) for one in stored]
        with self._sealed_log.sealing() as connection:
            note = newest(connection)
            if (parse(note) if note is not None else None) != last:
                return 0
            changed = _changed(connection, last, leaves)
            size = (last.size if last else 0) + len(stored)
            root = root_at(size, TiledTree(over(changed, tiles_in(connection))).subtree)
            made = Checkpoint(self._key.verifier.name, size, root, stored[-1].id, self._clock())
            write(connection, changed, _positions(connection, last, stored))
            write_checkpoint(connection, size, signed(made, self._key.verifier, self._key.sign))
        log.debug("log.sealed", size=size, position=made.position)
        return len(stored)

    def _hand_out(self, last: Checkpoint | None) -> None:
        with self._witness.opened() as file:
            if file.last is not None:
                self._compare(file.last, last)
            for notes in self._behind(file.last.size if file.last else 0):
                file.append(notes)
        if self._publish is not None:
            for notes in self._behind(self._store.positions().get(SENT, 0)):
                self._publish(notes)
                self._store.move_position(SENT, parse(notes[-1]).size)

    def _behind(self, size: int) -> Iterator[list[bytes]]:
        while rows := self._sealed_log.notes(size):
            yield [note for _, note in rows]
            size = rows[-1][0]

    def _compare(self, witnessed: Checkpoint, last: Checkpoint | None) -> None:
        """Raises SealBroken where the file bears witness of something else."""
        name = str(self._witness.path)
        if last is None or last.size < witnessed.size:
            raise SealBroken("seal_rolled_back", name)
        if (witnessed.size, witnessed.root, witnessed.origin) == (last.size, last.root, last.origin):
            return
        try:
            with self._sealed_log.reading() as connection:
                root = root_at(witnessed.size, TiledTree(tiles_in(connection)).subtree)
        except TileSpoilt as spoilt:
            raise SealBroken("seal_tiles", str(spoilt)) from spoilt
        if (root, last.origin) != (witnessed.root, witnessed.origin):
            raise SealBroken("seal_forked", name)


def _changed(
    connection: Connection, last: Checkpoint | None, leaves: Sequence[bytes]
) -> dict[Place, list[bytes]]:
    """The tiles as they become. Raises SealBroken where those that are there are not what was signed."""
    size, root = (last.size, last.root) if last else (0, EMPTY)
    read = tiles_in(connection)
    try:
        if root_at(size, TiledTree(read).subtree) != root:
            raise SealBroken("seal_tiles", str(size))
        return grown(size, leaves, read)
    except TileSpoilt as spoilt:
        raise SealBroken("seal_tiles", str(spoilt)) from spoilt


def _positions(
    connection: Connection, last: Checkpoint | None, stored: Sequence[Notification]
) -> dict[int, Sequence[int]]:
    """Where the leaves of each tile that changes lie, by its number. Raises SealBroken."""
    first, within = divmod(last.size if last else 0, WIDTH)
    tile = leaves_in(connection, first) if within else None
    before = tile.positions if tile else ()
    if len(before) != within:
        raise SealBroken("seal_tiles", f"tile 0/{first}")
    places = [*before, *(one.id for one in stored)]
    return {first + at // WIDTH: places[at : at + WIDTH] for at in range(0, len(places), WIDTH)}
