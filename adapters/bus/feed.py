"""Batches from topics through FastStream, positioned by our own record of how far we came, never by Kafka's.

FastStream owns subscribing. It parses and decodes nothing: one bad message must not fail its batch.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from time import monotonic, sleep
from typing import Any, Final, Protocol, cast

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from faststream import AckPolicy
from faststream.confluent import KafkaBroker
from faststream.confluent.annotations import KafkaMessage as Handed
from faststream.confluent.message import FAKE_CONSUMER, KafkaMessage

from adapters.away import brief, whereabouts
from adapters.bus.incoming import Partition, offset_of, partition_of, partitions_of
from adapters.bus.topics import KafkaAway

PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # seconds between tries of one batch, in place
LEADER_PAUSES: Final = (0.1, 0.2, 0.5, 1.0)  # seconds between looks for the ends of a partition
LARGEST_BATCH: Final = 2000  # messages; four times 500 spares the broker half its work
GRACE: Final = 7.0  # seconds a batch in hand may take when we are told to stop

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Work(Protocol):
    """A batch in hand.

    Whatever its steps raise, it is tried again in place from `prepare` on, and ends the process at the
    limit; Displaced means that somebody else has taken it in: read on from where they are.
    """

    def prepare(self) -> None:
        """Read it, and do all that can be done while the batch before it is still committing."""
        ...

    def start(self) -> None:
        """Record it; its commit may still be under way afterwards."""
        ...

    def finish(self) -> None:
        """Return when it is durable."""
        ...

    def drop(self) -> None:
        """It will not be started: another has to come first."""
        ...


class Follower(Protocol):
    """What takes the batches in and remembers how far it came."""

    def offsets(self, partitions: Sequence[Partition]) -> Mapping[Partition, int | None]:
        """The last offset taken in of each partition, None where nothing is. Called on assignment."""
        ...

    def work(self, messages: Sequence[Message]) -> Work:
        """A batch to take in."""
        ...


class Displaced(RuntimeError):
    """A batch does not follow what is recorded."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which topics, as which consumer group, how many messages at once, how long to try a batch again."""

    kafka: str
    topics: Sequence[str]
    group: str
    options: Mapping[str, Any]
    largest: int = LARGEST_BATCH
    pauses: Sequence[float] = PAUSES


class Feed:
    """One consumer of one group."""

    def __init__(self, subscription: Subscription, follower: Follower) -> None:
        self._follower = follower
        self._pauses = subscription.pauses
        self._consumer: Consumer | None = None  # the one our partitions were assigned to
        self._failure: BaseException | None = None
        self._stop = Event()
        self._committing: asyncio.Task[bool] | None = None
        self._broker = KafkaBroker(
            subscription.kafka.split(","),
            logger=None,
            config=cast("Any", {"enable.auto.offset.store": False, **subscription.options}),
            allow_auto_create_topics=False,
            graceful_timeout=GRACE,
        )
        self._broker.subscriber(
            *subscription.topics,
            group_id=subscription.group,
            batch=True,
            max_records=subscription.largest,
            polling_interval=0.01,  # a batch waits this long to fill
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            partition_assignment_strategy=("range",),
            on_assign=self._assigned,
            parser=_parse_nothing,
            decoder=_decode_nothing,
        )(self._handle)

    def run(self, stop: Event) -> None:
        """Follow until told to stop; the batch in hand is finished first.

        Raises:
            Whatever ended it.
        """
        self._stop = stop
        asyncio.run(self._follow(stop))
        if self._failure is not None:
            raise self._failure

    async def _follow(self, stop: Event) -> None:
        await self._broker.start()
        try:
            while not stop.is_set() and self._failure is None:  # noqa: ASYNC110 - a thread's event
                await asyncio.sleep(0.05)
        finally:
            await self._broker.stop()
            await self._before()

    async def _handle(self, message: Handed) -> None:
        """Never raises: after an error FastStream would hand over the next batch and lose this one.

        The batch is read and prepared while the one before it commits, and started only after that.
        """
        raw = message.raw_message
        messages = raw if isinstance(raw, tuple) else (raw,)
        if self._failure is not None:
            return
        work = self._follower.work(messages)
        failure = await _tried(work.prepare)
        if not await self._before():
            work.drop()
            await asyncio.to_thread(self._seek, partitions_of(messages))
            return
        failure = failure or await _tried(work.start)
        self._committing = asyncio.create_task(self._commit(work, messages, failure))

    async def _before(self) -> bool:
        """Wait for the batch before; False if it was not taken in."""
        before, self._committing = self._committing, None
        return before is None or await before

    async def _commit(self, work: Work, messages: Sequence[Message], failure: Exception | None) -> bool:
        """See a batch through; trying again in place keeps it from being overtaken by the next."""
        step = work.finish
        for pause in (*self._pauses, None):
            failure = failure or await _tried(step)
            if failure is None:
                self._commit_hint(messages)
                return True
            if isinstance(failure, Displaced):
                await self._displaced(messages, failure)
                return False
            if pause is None or not await self._paused(pause, failure):
                self._end(failure)
                return False
            failure, step = None, partial(_all_of, work)
        return False

    async def _paused(self, pause: float, failure: Exception) -> bool:
        """Wait before the next try; False if there is to be none, since we are told to stop."""
        log.warning("feed.retry", seconds=pause, error=brief(failure))
        log.debug("feed.failure", **whereabouts(failure))
        over = monotonic() + pause
        while monotonic() < over and not self._stop.is_set():  # noqa: ASYNC110 - a thread's event
            await asyncio.sleep(min(pause, 0.05))
        return not self._stop.is_set()

    async def _displaced(self, messages: Sequence[Message], displaced: Displaced) -> None:
        log.warning("feed.displaced", reason=str(displaced))
        await asyncio.to_thread(self._seek, partitions_of(messages))

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Start each partition behind what we have taken in; librdkafka knows no such thing."""
        self._consumer = consumer
        try:
            starts = self._starts(consumer, [(one.topic, one.partition) for one in partitions])
            consumer.assign(starts)
        except Exception as error:  # noqa: BLE001 - it would vanish in librdkafka's thread
            self._end(error)
            consumer.assign([])
            return
        log.info("feed.assigned", starts={f"{one.topic}[{one.partition}]": one.offset for one in starts})

    def _seek(self, partitions: Sequence[Partition]) -> None:
        assert self._consumer is not None
        try:
            for start in self._starts(self._consumer, partitions):
                self._consumer.seek(start)
        except (KafkaException, RuntimeError) as error:  # the partition is no longer ours, or we are stopping
            log.info("feed.seek_skipped", error=str(error))
        except Exception as error:  # noqa: BLE001 - reading on from a wrong place would lose messages
            self._end(error)

    def _starts(self, consumer: Consumer, partitions: Sequence[Partition]) -> list[TopicPartition]:
        taken = self._follower.offsets(partitions)
        return [_start(consumer, partition, taken[partition]) for partition in partitions]

    def _end(self, error: BaseException) -> None:
        log.error("feed.ended", error=brief(error))
        log.debug("feed.failure", **whereabouts(error))
        self._failure = error

    def _commit_hint(self, messages: Sequence[Message]) -> None:
        """Tell Kafka for those who look at lag there; our own record is what counts."""
        assert self._consumer is not None
        ends = {partition_of(message): offset_of(message) + 1 for message in messages}
        hints = [TopicPartition(topic, number, end) for (topic, number), end in ends.items()]
        try:
            self._consumer.commit(offsets=hints, asynchronous=True)
        except (KafkaException, RuntimeError) as error:  # RuntimeError: we are stopping, it is closed
            log.info("feed.hint_failed", error=str(error))


async def _tried(step: Callable[[], None]) -> Exception | None:
    """Do it, outside the loop's thread; the error is for the one who asked, to try again or to end on."""
    try:
        await asyncio.to_thread(step)
    except Exception as error:  # noqa: BLE001 - none is swallowed: each is said, and decides what comes next
        return error
    return None


def _all_of(work: Work) -> None:
    work.prepare()
    work.start()
    work.finish()


def _start(consumer: Consumer, partition: Partition, taken: int | None) -> TopicPartition:
    """Where to read on; compared with what the broker has, since fetch errors are dropped silently."""
    topic, number = partition
    low, high = ends_of(consumer, TopicPartition(topic, number))
    start = low if taken is None else taken + 1
    if start > high:
        raise KafkaAway(
            f"{topic}[{number}]只到{high}，我们已处理到{start - 1}：该主题丢了数据，请先恢复它。"
            f" {topic}[{number}] ends at {high} but we have taken {start - 1}: the topic lost data;"
            " restore it first."
        )
    if start < low:
        log.error("feed.expired", topic=topic, partition=number, first=start, last=low - 1)
    return TopicPartition(topic, number, max(start, low))


def ends_of(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """The first offset and the next one; a partition that has just been made may have no leader yet."""
    for pause in LEADER_PAUSES:
        try:
            return consumer.get_watermark_offsets(partition, timeout=10.0)
        except KafkaException as error:
            log.info("feed.no_leader", topic=partition.topic, partition=partition.partition, error=str(error))
            sleep(pause)
    return consumer.get_watermark_offsets(partition, timeout=10.0)


async def _parse_nothing(messages: tuple[Message, ...]) -> KafkaMessage:
    """Keep the raw messages; FastStream's own parser fails on a header that is not UTF-8."""
    return KafkaMessage(
        body=b"", headers={}, raw_message=messages, consumer=cast("Any", FAKE_CONSUMER), is_manual=True
    )


async def _decode_nothing(_: KafkaMessage) -> bytes:
    return b""
