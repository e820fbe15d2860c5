"""Sends messages and waits until the broker has them all (confluent's Producer, idempotent and gapless)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from adapters.bus.topics import FACT_BYTES, KafkaAway
from domain.model import Plain

SETTINGS: Final[Mapping[str, Any]] = {
    "enable.idempotence": True,
    "enable.gapless.guarantee": True,
    "message.timeout.ms": 0,  # never give one up while later ones go
    "acks": "all",
    "linger.ms": 2,
    "batch.size": 512 * 1024,  # bytes; less than any of our topics takes
    "compression.type": "none",  # so that every client can read it; an installation may set its own
    "partitioner": "murmur2_random",
    "queue.buffering.max.messages": 200_000,
    "message.max.bytes": FACT_BYTES,
    "log_level": 3,
}

FLUSH: Final = 0.5  # seconds between looks whether we are to stop
LAST_CHANCE: Final = 4.0  # seconds for the acks, once we are


class Outgoing(Plain, frozen=True):
    """One message to a topic."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass
class _Delivery:
    error: KafkaError | None = None
    places: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def report(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self.error = self.error or error
        else:
            self.places.append((message.partition() or 0, message.offset() or 0))


class Sending(Protocol):
    """Delivers batches in order."""

    def send(self, messages: Sequence[Outgoing]) -> object:
        """Deliver all before it returns. Raises KafkaAway."""
        ...


class Sender:
    """Delivers batches in order, to a broker."""

    def __init__(
        self,
        kafka: str,
        options: Mapping[str, Any],
        *,
        places: bool = False,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Connects when it first sends.

        Args:
            places: ask for each message's place in its topic, which costs as much again as sending it.
            stopped: once it is true, a broker that does not take the messages soon is given up.
        """
        self._stopped = stopped
        reports = {"delivery.report.only.error": not places}
        self._settings = {**SETTINGS, **reports, "bootstrap.servers": kafka, **options}
        self._producer = Producer(self._settings)

    def send(self, messages: Sequence[Outgoing], timeout: float = 30.0) -> list[tuple[int, int]]:
        """Deliver all, in order per key.

        Returns:
            (partition, offset) of each, in the order of the acks, where places were asked for.

        Raises:
            KafkaAway: not all were delivered. Nothing later was sent; sending them again may double them.
        """
        delivery = _Delivery()
        try:
            for message in messages:
                self._produce(message, delivery)
            left = self._flushed(timeout)
        except (KafkaException, BufferError, SystemError) as error:
            # A fatal error is thrown into the midst of the reports, which makes it a SystemError.
            self._give_up()
            raise _away(delivery.error or error.__cause__ or error) from error
        if delivery.error is not None or left:
            self._give_up()
            raise _away(delivery.error or f"{left} unacknowledged after {timeout} s")
        return delivery.places

    def _flushed(self, timeout: float) -> int:
        """Wait for the acks; returns how many are missing."""
        deadline = monotonic() + timeout
        while left := self._producer.flush(FLUSH):
            if self._stopped():
                deadline = min(deadline, monotonic() + LAST_CHANCE)
                return self._producer.flush(max(0.0, deadline - monotonic()))
            if monotonic() >= deadline:
                return left
        return 0

    def _produce(self, message: Outgoing, delivery: _Delivery) -> None:
        while True:
            try:
                self._producer.produce(
                    message.topic,
                    message.value,
                    message.key,
                    headers=list(message.headers),
                    on_delivery=delivery.report,
                )
            except BufferError:
                self._producer.poll(0.5)  # full: let some of it go
            else:
                return

    def _give_up(self) -> None:
        """A message that failed must not be followed by those queued behind it."""
        self._producer.purge()
        self._producer.flush(5.0)
        self._producer = Producer(self._settings)


def _away(why: object) -> KafkaAway:
    return KafkaAway(
        f"消息没有送达Kafka：{why}，请检查服务。 Kafka did not take a message: {why}; check the broker."
    )
