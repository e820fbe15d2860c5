"""The broker: topics in memory, its clock, and the client library's producer and consumer as we use them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from zlib import crc32

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError

from adapters.bus.incoming import Partition
from tests.faults.simulator.faults import Faults, shuffled
from tests.support.a_town import MONDAY

PARTITIONS: Final = 3
Report = Callable[[KafkaError | None, Any], None]


class Message:
    """One message at its place, as librdkafka hands it over."""

    def __init__(
        self, place: tuple[str, int, int], key: bytes | None, value: bytes, headers: Any, at: datetime
    ) -> None:
        self._place = place
        self._key = key
        self._value = value
        self._headers = headers
        self.at = at

    def topic(self) -> str:
        return self._place[0]

    def partition(self) -> int:
        return self._place[1]

    def offset(self) -> int:
        return self._place[2]

    def key(self) -> bytes | None:
        return self._key

    def value(self) -> bytes:
        return self._value

    def headers(self) -> list[tuple[str, bytes]]:
        return list(self._headers)

    def timestamp(self) -> tuple[int, int]:
        return TIMESTAMP_LOG_APPEND_TIME, round(self.at.timestamp() * 1000)

    @property
    def intake(self) -> str:
        """What the worker calls its arrival."""
        return f"{self._place[0]}[{self._place[1]}]@{self._place[2]}"

    @property
    def position(self) -> int:
        """Of what the relay sent: its place in the record."""
        return int(dict(self._headers)["ce_position"])


class Broker:
    """Never loses what it took; its clock moves with each message."""

    def __init__(self, chance: Random, faults: Faults, narrow: Sequence[str]) -> None:
        """`narrow`: the topics of one partition."""
        self._chance = chance
        self._faults = faults
        self._narrow = narrow
        self._topics: dict[str, list[list[Message]]] = {}
        self._seconds = 0

    def now(self) -> datetime:
        self._seconds += 1
        return MONDAY + timedelta(seconds=self._seconds)

    def wait(self, seconds: int) -> None:
        """Nothing happens for a while."""
        self._seconds += seconds

    def topic(self, name: str) -> list[list[Message]]:
        """Its partitions."""
        count = 1 if name in self._narrow else PARTITIONS
        return self._topics.setdefault(name, [[] for _ in range(count)])

    def partitions(self, topics: Sequence[str]) -> list[Partition]:
        return [(topic, number) for topic in topics for number in range(len(self.topic(topic)))]

    def lying_in(self, partition: Partition) -> list[Message]:
        return self.topic(partition[0])[partition[1]]

    def place_for(self, topic: str, key: bytes | None) -> Partition:
        """The partition of a key; of none, any."""
        count = len(self.topic(topic))
        return topic, self._chance.randrange(count) if key is None else crc32(key) % count

    def append(self, partition: Partition, key: bytes | None, value: bytes, headers: Any = ()) -> Message:
        lying = self.lying_in(partition)
        lying.append(Message((*partition, len(lying)), key, value, headers, self.now()))
        return lying[-1]

    def producer(self, settings: Mapping[str, Any]) -> "Producer":
        """Stands for `confluent_kafka.Producer`."""
        return Producer(self, self._chance, self._faults, gapless=settings["enable.gapless.guarantee"])


class Producer:
    """Sends partition by partition; one gap ends it, where it was told to leave none."""

    def __init__(self, broker: Broker, chance: Random, faults: Faults, *, gapless: bool) -> None:
        self._broker = broker
        self._chance = chance
        self._faults = faults
        self._gapless = gapless
        self._queues: dict[Partition, list[tuple[bytes | None, bytes, Any, Report]]] = defaultdict(list)

    def produce(
        self, topic: str, value: bytes, key: bytes | None, *, headers: Any, on_delivery: Report
    ) -> None:
        self._queues[self._broker.place_for(topic, key)].append((key, value, headers, on_delivery))

    def poll(self, _timeout: float) -> int:
        return 0

    def purge(self) -> None:
        self._queues.clear()

    def flush(self, _timeout: float) -> int:
        """What is left unsent, or sent without an ack."""
        for partition in shuffled(self._chance, list(self._queues)):
            if left := self._send(partition, self._queues.pop(partition)):
                return left
        return 0

    def _send(self, partition: Partition, queue: list[tuple[bytes | None, bytes, Any, Report]]) -> int:
        for place, (key, value, headers, report) in enumerate(queue):
            if self._faults.strikes("broker: a message refused"):
                report(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE), None)
                if self._gapless:
                    return len(queue) - place
                continue
            self._faults.at_broker("broker: before a message")
            self._broker.append(partition, key, value, headers)
            self._faults.at_broker("broker: behind a message")
        return 0


class Watermarks:
    """Stands for the consumer that is asked where a topic ends."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def get_watermark_offsets(self, partition: Any, **_: float) -> tuple[int, int]:
        return 0, len(self._broker.lying_in((partition.topic, partition.partition)))
