"""A reader that belongs to no group and disturbs nobody (kafka-python): for audit, lag and answers.

The library has no types, so it comes as Any.
"""

import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from adapters.bus.topics import KafkaAway, in_kafka_python
from adapters.settings import Settings

PATIENCE: Final = 3.0  # seconds for a broker to take our call
SILENCE: Final = 10_000  # milliseconds without a message before the broker counts as away


@contextmanager
def bystander(settings: Settings, **options: Any) -> Generator[Any]:
    """A consumer, closed on leaving.

    Raises:
        KafkaAway: the broker does not answer.
    """
    if not any(_answers(address) for address in settings.kafka.split(",")):
        raise _away(settings, "no answer")  # kafka-python would go on asking, and leave its sockets open
    security = in_kafka_python(settings.librdkafka)
    try:
        consumer: Any = KafkaConsumer(
            bootstrap_servers=settings.kafka.split(","), enable_auto_commit=False, **security, **options
        )
        try:
            yield consumer
        finally:
            consumer.close()
    except KafkaError as error:
        raise _away(settings, error) from error


def partitions_of(consumer: Any, topic: str) -> list[Any]:
    """The partitions of a topic, in order.

    Raises:
        KafkaAway: there is no such topic.
    """
    numbers: set[int] | None = consumer.partitions_for_topic(topic)
    if not numbers:
        raise KafkaAway(
            f"没有主题{topic}，请先运行 sidan init。 There is no topic {topic}; run sidan init first."
        )
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def place_of(partition: Any) -> str:
    """How a partition is called in what is found."""
    return f"{partition.topic}[{partition.partition}]"


def messages_of(consumer: Any, partition: Any, end: int) -> Iterator[Any]:
    """Every message of a partition up to an offset. Raises KafkaAway: the broker does not hand them out."""
    if not end:
        return
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    while consumer.position(partition) < end:
        before = consumer.position(partition)
        for message in consumer:
            yield message
            if message.offset + 1 >= end:
                return
        if consumer.position(partition) == before:
            name = place_of(partition)
            raise KafkaAway(f"{name}读不下去，请检查Kafka。 {name} does not go on; check the broker.")


def _answers(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
    except (OSError, ValueError):
        return False
    return True


def _away(settings: Settings, why: object) -> KafkaAway:
    return KafkaAway(
        f"连不上Kafka {settings.kafka}（{why}），请检查地址和服务。"
        f" Kafka at {settings.kafka} does not answer ({why}); check SIDAN_KAFKA."
    )
