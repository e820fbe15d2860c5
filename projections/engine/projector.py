"""What feeds a read model: each fact once, in one transaction with its place, however often it comes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine, MetaData, delete

from domain.facts import Recorded
from projections.engine import generations, parking, positions
from projections.engine.database import for_writing, lock_tables, make_durable, snapshot, under_names
from projections.engine.digest import digest_of
from projections.engine.parking import Parked, TooManyParked, Undecoded
from projections.engine.positions import LOG, Place, WrongFeed

BATCH: Final = 500
REPLAY: Final = 5_000
"""Facts at once where nobody waits for them: of an order's many, only the last state is written."""


class ReadModel(ABC):
    """Tables, and how facts change them. A row depends on the facts of one key, or on sums that commute.

    Table names carry the version: a changed model fills new tables beside the old ones.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    metadata: ClassVar[MetaData]
    in_log_order: ClassVar[bool] = False
    """Whether a row depends on the facts of many keys in their order, so that partitions cannot feed it."""

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


class Poisoned(Exception):
    """A batch holds a fact that the model fails on."""


class OnlyInOrder(Exception):
    """What was parked belongs before what has been learnt since."""

    code: Final = "only_in_order"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"读模型{model}按日志次序学习，补不进受阻的事件，请用 sidan projections rebuild {model} 重建。"
            f" The read model {model} learns in log order and takes nothing in later; rebuild it with"
            f" sidan projections rebuild {model}."
        )


class Retried(NamedTuple):
    """How many parked facts were applied, and what still waits."""

    applied: int
    left: Parked


class Part(NamedTuple):
    """What came from one partition: its facts, oldest first, and the offset of the last on the bus."""

    batch: Sequence[Recorded]
    offset: int | None = None
    follows: int | None = None  # the offset handed over just before, by whoever hands this over


class MissedBatch(Exception):
    """What was handed over before is not in the rows: a crash of the database took its last commits along."""

    def __init__(self, model: str, partition: str, place: Place, follows: int) -> None:
        super().__init__(f"{model} has {partition} up to {place.offset}, this batch follows {follows}")


class Projector:
    """One read model in one database."""

    def __init__(self, model: ReadModel, engine: Engine, generation: int | None = None) -> None:
        """Of the live tables, or of another generation's, which no query sees."""
        self.model = model
        self.generation = generation
        self.id = model.id if generation is None else generations.named_of(model.id, generation)
        self.engine = engine
        if generation is not None:
            self.engine = under_names(engine, generations.Names(model.metadata, generation))
        self._writing = for_writing(self.engine)

    def create(self) -> None:
        """Create the tables that are missing."""
        with self._writing.begin() as connection:
            lock_tables(connection)
            _create_own(connection)
            if self.generation is None:
                self.model.metadata.create_all(connection)
            else:
                generations.create_tables(connection, self.model.metadata, self.generation)

    def apply(self, batch: Sequence[Recorded], *, partition: str = LOG, offset: int | None = None) -> int:
        """Apply what is new of a batch and note the place, in one transaction. Returns how many were new.

        What lies at or below the stored place is passed over, so a second delivery, or a process that
        was thought dead, changes nothing. `offset` is the last one of the batch on the bus.

        A fact that the model fails on is parked, with all that follow in its stream; others are not kept.

        Raises:
            WrongFeed: the model is fed from the log and now from the bus, or the other way round; or it is
                one that only the log can feed.
            MissedBatch: read on from the place that is stored.
            TooManyParked: it fails on so many that it must be wrong itself; nothing is applied.
        """
        return self.apply_parts({partition: Part(batch, offset)})

    def apply_parts(self, parts: Mapping[str, Part]) -> int:
        """The same for what came from several partitions, all in one transaction.

        A row depends on one key's facts, which come over one partition, or on sums that commute.
        """
        try:
            return self._apply_parts(parts, self._fold_at_once)
        except Poisoned:
            return self._apply_parts(parts, self.fold)

    def _apply_parts(
        self, parts: Mapping[str, Part], fold: Callable[[Connection, Sequence[Recorded]], None]
    ) -> int:
        if self.model.in_log_order and parts.keys() - {LOG}:
            raise WrongFeed(self.id, min(parts.keys() - {LOG}), [LOG])
        fresh: list[Recorded] = []
        moved: dict[str, Place] = {}
        with self._writing.begin() as connection:
            if any(part.offset is not None for part in parts.values()):
                make_durable(connection)  # whoever hands these over goes on from here, crash or no crash
            places = positions.lock_places(connection, self.id, sorted(parts))
            for partition, part in parts.items():
                place = places[partition]
                if part.follows is not None and (place.offset is None or place.offset < part.follows):
                    raise MissedBatch(self.id, partition, place, part.follows)
                new = _behind(place.position, part.batch)
                fresh += new
                reached = Place(
                    new[-1].position if new else place.position, _later(place.offset, part.offset)
                )
                if reached != place:
                    moved[partition] = reached
            if fresh:
                fold(connection, sorted(fresh, key=_position))
            positions.move_places(connection, self.id, moved)
        return len(fresh)

    def _fold_at_once(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        """The usual way. Raises Poisoned: one of the facts cannot be taken in; find out which."""
        facts = self._unparked(connection, facts, set(parking.streams(connection, self.id)))
        try:
            self.model.apply(connection, facts)
        except Exception as error:
            if parking.is_poison(error):
                raise Poisoned from error
            raise

    def fold(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        """Take in what can be taken in and park the rest; the place is the caller's."""
        self._fold_halves(connection, facts, set(parking.streams(connection, self.id)))

    def _fold_halves(self, connection: Connection, facts: Sequence[Recorded], parked: set[UUID]) -> None:
        """Half by half, down to the facts that fail, each in its savepoint. `parked` grows."""
        facts = self._unparked(connection, facts, parked)
        if not facts:
            return
        try:
            with connection.begin_nested():
                self.model.apply(connection, facts)
        except Exception as error:
            if not parking.is_poison(error):
                raise
            if len(facts) == 1:
                self._park(connection, [(facts[0], parking.in_words(error))], parked)
                return
            half = len(facts) // 2
            self._fold_halves(connection, facts[:half], parked)
            self._fold_halves(connection, facts[half:], parked)

    def _unparked(
        self, connection: Connection, facts: Sequence[Recorded], parked: set[UUID]
    ) -> Sequence[Recorded]:
        """Those that may be applied; what nobody can read, and what follows a parked fact, is parked."""
        if not parked and not any(type(one.fact.event) is Undecoded for one in facts):
            return facts
        aside: list[tuple[Recorded, str]] = []
        others: list[Recorded] = []
        for recorded in facts:
            event = recorded.fact.event
            if recorded.fact.stream in parked:
                aside.append((recorded, parking.BEHIND))
            elif isinstance(event, Undecoded):
                parked.add(recorded.fact.stream)
                aside.append((recorded, event.why))
            else:
                others.append(recorded)
        self._park(connection, aside, parked)
        return others

    def _park(self, connection: Connection, facts: Sequence[tuple[Recorded, str]], parked: set[UUID]) -> None:
        parked |= {recorded.fact.stream for recorded, _ in facts}
        if len(parked) > parking.MOST:
            raise TooManyParked(self.model.name)
        parking.park(connection, self.id, facts)

    def retry(self, log: Log) -> Retried:
        """Apply what is parked, stream by stream in order; each goes as far as it can.

        Nobody else feeds the model while one stream is under way.

        Raises:
            OnlyInOrder: facts wait, and the model takes none in later.
        """
        with self.engine.connect() as connection:
            waiting = parking.streams(connection, self.id)
        if waiting and self.model.in_log_order:
            raise OnlyInOrder(self.model.name)
        applied = sum(self._retry_stream(log, stream) for stream in waiting)
        return Retried(applied, parking.parked_counts(self.engine, [self.id])[self.id])

    def _retry_stream(self, log: Log, stream: UUID) -> int:
        with self._writing.begin() as connection:
            positions.lock_model(connection, self.id)
            done: list[int] = []
            for waiting in parking.of_stream(connection, self.id, stream):
                failed = self._failed_again(connection, log, waiting.position)
                if failed is not None:
                    parking.still(connection, self.id, waiting.position, failed)
                    break
                done.append(waiting.position)
            parking.release(connection, self.id, done)
        return len(done)

    def _failed_again(self, connection: Connection, log: Log, position: int) -> str | None:
        """Why it still cannot be taken in; None if it was."""
        (recorded,) = log.read(position - 1, 1)
        if isinstance(recorded.fact.event, Undecoded):
            return recorded.fact.event.why
        try:
            with connection.begin_nested():
                self.model.apply(connection, [recorded])
        except Exception as error:
            if not parking.is_poison(error):
                raise
            return parking.in_words(error)
        return None

    def position(self, partition: str = LOG) -> int:
        """The last log position in the rows; 0 before the first."""
        return self.positions().get(partition, Place(0)).position

    def positions(self) -> dict[str, Place]:
        """The place of every partition it follows."""
        with self.engine.connect() as connection:
            return positions.all_places(connection, self.id)

    def seed_partitions(self, partitions: Mapping[str, int | None], *, position: int) -> None:
        """Follow the bus from here on: the rows hold all facts up to this log position, of every partition.

        Args:
            partitions: each partition's name with the last offset to pass over, None to start at its first.
            position: the log position up to which `fill_from` has read.
        """
        with self._writing.begin() as connection:
            positions.seed_places(connection, self.id, position, partitions)

    def reset(self) -> None:
        """Empty it, as if it had never read."""
        self.create()
        with self._writing.begin() as connection:
            positions.forget_places(connection, self.id)
            parking.forget(connection, self.id)
            for table in self.model.metadata.sorted_tables:
                connection.execute(delete(table))

    def drop(self) -> None:
        """Its tables are gone, those of other generations too, and it has never read."""
        with self._writing.begin() as connection:
            lock_tables(connection)
            _create_own(connection)
            live, previous = generations.of_model(connection, self.model.id)
            for generation in (previous, max(live, previous or 0) + 1):  # the latter of a rebuild that died
                if generation is not None:
                    generations.drop_tables(connection, self.model.metadata, generation)
                    positions.forget_places(connection, generations.named_of(self.model.id, generation))
                    parking.forget(connection, generations.named_of(self.model.id, generation))
            generations.forget(connection, self.model.id)
            positions.forget_places(connection, self.model.id)
            parking.forget(connection, self.model.id)
            self.model.metadata.drop_all(connection)

    def fill_from(self, log: Log, *, until: int | None = None, limit: int = BATCH) -> int:
        """Read on from its place in the log to the end, or to a position. Returns how many were read."""
        return catch_up([self], log, until=until, limit=limit)

    def digest(self) -> str:
        """SHA-256 (hex) of what the rows say; see `digest_of`."""
        with snapshot(self.engine) as connection:
            return digest_of(connection, self.model.metadata)


def _create_own(connection: Connection) -> None:
    """What the engine keeps of all read models."""
    for own in (positions.metadata, parking.metadata, generations.metadata):
        own.create_all(connection)


def catch_up(
    projectors: Sequence[Projector],
    log: Log,
    *,
    until: int | None = None,
    limit: int = BATCH,
    told: Callable[[int], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Bring several read models to the end of the log, or to a position, reading it once for all.

    `told` hears the position reached; `stopped` is asked before each batch. Returns how many facts were read.
    """
    if not projectors:
        return 0
    places = [projector.position() for projector in projectors]
    read = 0
    while not stopped() and (batch := _up_to(until, log.read(min(places), limit))):
        last = batch[-1].position
        read += len(batch)
        for which, projector in enumerate(projectors):
            if places[which] < last:
                projector.apply(batch)
                places[which] = last
        told(last)
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
