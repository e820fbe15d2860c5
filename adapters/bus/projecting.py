"""Read models fed by Kafka: each batch of events is decoded once for all read models of the process."""

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final
from uuid import UUID

import structlog
from confluent_kafka import Consumer, Message, TopicPartition
from eventsourcing.persistence import MapperDeserialisationError
from sqlalchemy import Engine

from adapters.bus.feed import Displaced, Work, ends_of
from adapters.bus.incoming import Partition, headers_of, offset_of, partition_of, place_of
from adapters.bus.reading import OURS, recorded_from
from adapters.bus.topics import tracked_as
from adapters.logs import in_detail
from adapters.metrics import count_batch
from domain.facts import Recorded
from projections.engine import LOG, MissedBatch, Part, Projector, Record, undecoded

_FILLING: Final = 0x51DA6  # the advisory lock under which a read model is filled

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Projecting:
    """Applies batches of the events topic to the read models."""

    def __init__(self, projectors: Sequence[Projector], topic: str, topic_id: str) -> None:
        self._projectors = projectors
        self._topic = topic
        self._topic_id = topic_id
        self._handed: dict[int, int | None] = {}  # the last offset of each partition handed to us

    def fill_new_ones(self, store: Record, consumer: Consumer, partitions: Sequence[int]) -> None:
        """A read model that has not followed this topic yet is filled from the record, then follows."""
        names = {self._name(number) for number in partitions}
        for projector in self._projectors:
            with _one_at_a_time(projector.engine):
                places = projector.positions()
                if places and set(places) >= names:
                    continue
                if places.keys() - {LOG}:
                    projector.reset()  # it followed a topic that is no more, or had fewer partitions
                self._fill(projector, store, consumer, partitions)

    def _fill(
        self, projector: Projector, store: Record, consumer: Consumer, partitions: Sequence[int]
    ) -> None:
        """The ends of the topic are taken before the head of the record, so all before them is in it."""
        ends = {number: self._end(consumer, number) for number in partitions}
        head = store.head()
        read = projector.fill_from(store, until=head)
        seeds = {self._name(number): end - 1 if end else None for number, end in ends.items()}
        projector.seed_partitions(seeds, position=head)
        log.info("project.filled", model=projector.model.name, facts=read, position=head)

    def offsets(self, partitions: Sequence[Partition]) -> Mapping[Partition, int | None]:
        """The offset behind which any of the read models has to read on; the others drop what they have."""
        places = [projector.positions() for projector in self._projectors]
        found: dict[Partition, int | None] = {}
        for partition in partitions:
            offsets = [place[self._name(partition[1])].offset for place in places]
            known = [offset for offset in offsets if offset is not None]
            found[partition] = min(known) if len(known) == len(offsets) else None
            self._handed[partition[1]] = found[partition]
        return found

    def work(self, messages: Sequence[Message]) -> Work:
        """A batch to apply to every read model, in one transaction each; decoded once for all of them."""
        return _Work(self._projectors, lambda: self._parts(messages))

    def _parts(self, messages: Sequence[Message]) -> Mapping[str, Part]:
        by_partition: dict[int, list[Message]] = defaultdict(list)
        for message in messages:
            by_partition[partition_of(message)[1]].append(message)
        parts: dict[str, Part] = {}
        for number, batch in by_partition.items():
            last = offset_of(batch[-1])
            parts[self._name(number)] = Part(_facts(batch), last, self._handed.get(number))
            self._handed[number] = last
        return parts

    def _end(self, consumer: Consumer, number: int) -> int:
        return ends_of(consumer, TopicPartition(self._topic, number))[1]

    def _name(self, number: int) -> str:
        return tracked_as(self._topic, self._topic_id, number)


class _Work:
    def __init__(self, projectors: Sequence[Projector], read: Callable[[], Mapping[str, Part]]) -> None:
        self._projectors = projectors
        self._read = read
        self._begun = monotonic()
        self._parts: Mapping[str, Part] = {}

    def prepare(self) -> None:
        self._parts = self._parts or self._read()

    def start(self) -> None:
        """The whole of it is one wait for the database: while it lasts the next batch is decoded."""

    def finish(self) -> None:
        try:
            for projector in self._projectors:
                projector.apply_parts(self._parts)
        except MissedBatch as missed:
            raise Displaced(str(missed)) from missed
        facts = sum(len(part.batch) for part in self._parts.values())
        count_batch("project", facts, monotonic() - self._begun)
        log.debug("project.applied", partitions=sorted(self._parts))
        if in_detail():
            _tell(self._parts)

    def drop(self) -> None:
        """Nothing is held."""


def _tell(parts: Mapping[str, Part]) -> None:
    """Each fact that is in the read models now, for whoever follows one command through the log."""
    for part in parts.values():
        for one in part.batch:
            log.debug(
                "project.fact",
                correlation=one.fact.meta.correlation,
                type=one.fact.event.wire,
                position=one.position,
            )


@contextmanager
def _one_at_a_time(engine: Engine) -> Generator[None]:
    """One process fills; another that starts meanwhile waits and finds it done."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_FILLING,))
        yield


def _facts(messages: Sequence[Message]) -> list[Recorded]:
    return [fact for message in messages if (fact := _recorded(message))]


def _recorded(message: Message) -> Recorded | None:
    """The fact; None where somebody else has written, of which the record knows nothing."""
    headers = headers_of(message)
    if not OURS.issubset([name for name, _ in headers]):
        log.error("project.foreign", place=place_of(message))
        return None
    try:
        return recorded_from(headers, message.value() or b"")
    except MapperDeserialisationError as error:
        log.error("project.undecoded", place=place_of(message), error=str(error))  # noqa: TRY400 - all is said
        found = {name: (value or b"").decode() for name, value in headers if name in OURS - {"ce_meta"}}
        stream, version = UUID(found["ce_stream"]), int(found["ce_version"])
        return undecoded(int(found["ce_position"]), stream, version, found["ce_type"], str(error))
