"""What feeds a read model: each fact once, in one transaction with its place, however often it comes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, NamedTuple, Protocol

from sqlalchemy import Connection, Engine, MetaData

from domain.facts import Recorded
from projections.engine import positions
from projections.engine.database import for_writing, lock_tables
from projections.engine.digest import digest_of
from projections.engine.positions import LOG, Place

BATCH: Final = 500


class ReadModel(ABC):
    """Tables, and how facts change them. A row depends on the facts of one key, or on sums that commute.

    Table names carry the version: a changed model fills new tables beside the old ones.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    metadata: ClassVar[MetaData]

    @property
    def id(self) -> str:
        """Its name in `read_positions`."""
        return f"{self.name}_v{self.version}"

    @abstractmethod
    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        """Fold the facts, oldest first, in memory and write each row once; pass over unknown events."""


class Log(Protocol):
    """The record in log order."""

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` facts behind a position, oldest first; none at the end of the log.

        Gaps in the numbers are normal.
        """
        ...


class Part(NamedTuple):
    """What came from one partition: its facts, oldest first, and the offset of the last on the bus."""

    batch: Sequence[Recorded]
    offset: int | None = None
    follows: int | None = None  # the offset that must be in the rows already, where that is known


class FellBack(RuntimeError):
    """The rows hold less than they did: their database lost its last commits. Read on from their place."""


class Projector:
    """One read model in one database."""

    def __init__(self, model: ReadModel, engine: Engine) -> None:
        self.model = model
        self.engine = engine
        self._writing = for_writing(engine)

    def create(self) -> None:
        """Create the tables that are missing."""
        with self._writing.begin() as connection:
            lock_tables(connection)
            positions.metadata.create_all(connection)
            self.model.metadata.create_all(connection)

    def apply(self, batch: Sequence[Recorded], *, partition: str = LOG, offset: int | None = None) -> int:
        """Apply what is new of a batch and note the place, in one transaction. Returns how many were new.

        What lies at or below the stored place is passed over, so a second delivery, or a process that
        was thought dead, changes nothing. `offset` is the last one of the batch on the bus.

        Raises:
            WrongFeed: the model is fed from the log and now from the bus, or the other way round.
            FellBack: a batch is missing before this one.
        """
        return self.apply_parts({partition: Part(batch, offset)})

    def apply_parts(self, parts: Mapping[str, Part]) -> int:
        """The same for what came from several partitions, all in one transaction.

        A row depends on one key's facts, which come over one partition, or on sums that commute.
        """
        fresh: list[Recorded] = []
        moved: dict[str, Place] = {}
        with self._writing.begin() as connection:
            places = positions.lock_places(connection, self.model.id, sorted(parts))
            for partition, part in parts.items():
                place = places[partition]
                if part.follows is not None and (place.offset is None or place.offset < part.follows):
                    raise FellBack(f"{self.model.id} {partition}: {place.offset}, not {part.follows}")
                new = _behind(place.position, part.batch)
                fresh += new
                reached = Place(
                    new[-1].position if new else place.position, _later(place.offset, part.offset)
                )
                if reached != place:
                    moved[partition] = reached
            if fresh:
                self.model.apply(connection, sorted(fresh, key=_position))
            positions.move_places(connection, self.model.id, moved)
        return len(fresh)

    def position(self, partition: str = LOG) -> int:
        """The last log position in the rows; 0 before the first."""
        return self.positions().get(partition, Place(0)).position

    def positions(self) -> dict[str, Place]:
        """The place of every partition it follows."""
        with self.engine.connect() as connection:
            return positions.all_places(connection, self.model.id)

    def seed_partitions(self, partitions: Mapping[str, int | None], *, position: int) -> None:
        """Follow the bus from here on: the rows hold all facts up to this log position, of every partition.

        Args:
            partitions: each partition's name with the last offset to pass over, None to start at its first.
            position: the log position up to which `fill_from` has read.
        """
        with self._writing.begin() as connection:
            positions.seed_places(connection, self.model.id, position, partitions)

    def reset(self) -> None:
        """Empty it, as if it had never read."""
        with self._writing.begin() as connection:
            lock_tables(connection)
            positions.metadata.create_all(connection)
            self.model.metadata.drop_all(connection)
            self.model.metadata.create_all(connection)
            positions.forget_places(connection, self.model.id)

    def fill_from(self, log: Log, *, until: int | None = None, limit: int = BATCH) -> int:
        """Read on from its place in the log to the end, or to a position. Returns how many were read."""
        return catch_up([self], log, until=until, limit=limit)

    def rebuild(self, log: Log, *, until: int | None = None, limit: int = BATCH) -> int:
        """Empty it and fill it again. Returns how many facts were read."""
        self.reset()
        return self.fill_from(log, until=until, limit=limit)

    def digest(self) -> str:
        """SHA-256 (hex) of what the rows say; see `digest_of`."""
        with self.engine.connect() as connection:
            return digest_of(connection, self.model.metadata)


def catch_up(
    projectors: Sequence[Projector], log: Log, *, until: int | None = None, limit: int = BATCH
) -> int:
    """Bring several read models to the end of the log, or to a position, reading it once for all.

    Returns how many facts were read.
    """
    if not projectors:
        return 0
    places = [projector.position() for projector in projectors]
    read = 0
    while batch := _up_to(until, log.read(min(places), limit)):
        last = batch[-1].position
        read += len(batch)
        for which, projector in enumerate(projectors):
            if places[which] < last:
                projector.apply(batch)
                places[which] = last
    return read


def _position(recorded: Recorded) -> int:
    return recorded.position


def _behind(position: int, batch: Sequence[Recorded]) -> list[Recorded]:
    """What is new, each once, even when the batch itself repeats or goes back."""
    fresh: list[Recorded] = []
    for recorded in batch:
        if recorded.position > position:
            position = recorded.position
            fresh.append(recorded)
    return fresh


def _up_to(until: int | None, batch: Sequence[Recorded]) -> Sequence[Recorded]:
    if until is None:
        return batch
    return [recorded for recorded in batch if recorded.position <= until]


def _later(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)
