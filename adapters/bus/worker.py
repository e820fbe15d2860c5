"""The worker: commands in from their topics, facts into the record, one transaction a batch, each once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from logging import DEBUG, INFO
from time import monotonic

import structlog
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message

from adapters.bus.feed import Displaced, Work
from adapters.bus.incoming import Partition, attributes_of, offset_of, partition_of, place_of
from adapters.bus.topics import Topics, tracked_as, wrong_clock
from adapters.envelope import Arrived, Decoder
from adapters.logs import in_detail
from adapters.metrics import count_batch, count_commands
from adapters.open_orders import OpenOrders
from adapters.store.event_store import EventStore
from services.handling import Batch, Handler, Prepared, Started, Superseded
from services.requests import Outcome, Status

log: structlog.stdlib.BoundLogger = structlog.get_logger()


_New = tuple[Sequence[Arrived], Mapping[str, tuple[int, int]]]
"""What arrived, and of each partition the last offset before it and the last one in it."""


class Worker:
    """Takes batches in. `topic_ids` tell a topic from one of the same name that was deleted before it."""

    def __init__(
        self,
        store: EventStore,
        handler: Handler,
        decoder: Decoder,
        topics: Topics,
        topic_ids: Mapping[str, str],
        *,
        open_orders: OpenOrders,
    ) -> None:
        self._store = store
        self._handler = handler
        self._decoder = decoder
        self._doors = {topic: topics.door(topic) for topic in topic_ids}
        self._topic_ids = topic_ids
        self._open_orders = open_orders
        self._taken: dict[Partition, int] = {}

    def offsets(self, partitions: Sequence[Partition]) -> Mapping[Partition, int | None]:
        """The last offset recorded of each partition."""
        recorded = self._store.positions()
        found = {partition: recorded.get(self._name(partition)) for partition in partitions}
        self._taken = {**self._taken, **{one: -1 if at is None else at for one, at in found.items()}}
        return found

    def work(self, messages: Sequence[Message]) -> Work:
        """A batch to record: facts, command keys and the position of each partition in one transaction."""
        return _Work(self._handler, partial(self._new, messages), self._read)

    def _new(self, messages: Sequence[Message]) -> _New:
        """What was not taken in yet; from now on it counts as taken, for the next is prepared meanwhile."""
        arrived: list[Arrived] = []
        ends: dict[Partition, int] = {}
        for message in messages:
            partition, offset = partition_of(message), offset_of(message)
            if offset > self._taken.get(partition, -1):
                arrived.append(self._arrived(message, partition, offset))
                ends[partition] = offset
        if not arrived:
            raise Displaced(f"{place_of(messages[-1])} was taken in before")
        progress = {self._name(one): (self._taken.get(one, -1), end) for one, end in ends.items()}
        self._taken.update(ends)
        return arrived, progress

    def _read(self, new: _New) -> Batch:
        arrived, progress = new
        return Batch(self._open_orders.kept_to(self._decoder.decode_all(arrived)), progress)

    def _arrived(self, message: Message, partition: Partition, offset: int) -> Arrived:
        topic, number = partition
        kind, milliseconds = message.timestamp()
        if kind != TIMESTAMP_LOG_APPEND_TIME:
            raise wrong_clock(topic)
        return Arrived(
            message.value() or b"",
            attributes_of(message),
            self._doors[topic],
            datetime.fromtimestamp(milliseconds / 1000, UTC),
            f"{topic}[{number}]@{offset}",
        )

    def _name(self, partition: Partition) -> str:
        topic, number = partition
        return tracked_as(topic, self._topic_ids[topic], number)


class _Work:
    def __init__(self, handler: Handler, new: Callable[[], _New], read: Callable[[_New], Batch]) -> None:
        self._handler = handler
        self._find_new = new
        self._read = read
        self._new: _New | None = None
        self._begun = monotonic()
        self._batch: Batch | None = None
        self._prepared: Prepared | None = None
        self._started: Started | None = None

    def prepare(self) -> None:
        self._new = self._new or self._find_new()
        self._batch = self._batch or self._read(self._new)
        self._prepared = self._handler.prepare(self._batch)

    def start(self) -> None:
        assert self._prepared is not None
        try:
            self._started = self._handler.start(self._prepared)
        except Superseded as superseded:
            raise Displaced(str(superseded)) from superseded

    def finish(self) -> None:
        assert self._started is not None
        assert self._batch is not None
        outcomes = self._handler.finish(self._started)
        count_batch("worker", len(outcomes), monotonic() - self._begun)
        _tell(self._batch, outcomes)

    def drop(self) -> None:
        if self._prepared is not None:
            self._handler.drop(self._prepared)


def _tell(batch: Batch, outcomes: Sequence[Outcome]) -> None:
    """Count and say in the log what became of a batch; each message that nobody could read by itself."""
    count_commands(outcomes)
    log.debug("worker.recorded", commands=len(outcomes), position=outcomes[-1].positions[-1])
    each = in_detail()
    for one, outcome in zip(batch.intake, outcomes, strict=True):
        if outcome.status is Status.PARKED or each:
            log.log(
                INFO if outcome.status is Status.PARKED else DEBUG,
                "worker.parked" if outcome.status is Status.PARKED else "worker.command",
                correlation=one.asked.correlation,
                status=str(outcome.status),
                code=outcome.code,
                command=outcome.key.id,
                position=outcome.positions[0],
            )
