"""A reader that belongs to no group and disturbs nobody (kafka-python): for audit, lag and answers.

The library has no types, so it comes as Any.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from adapters.bus.topics import KafkaAway
from adapters.settings import Settings

_OURS: Final = {
    "security.protocol": "security_protocol",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
}
"""A setting for librdkafka → what kafka-python calls it."""


@contextmanager
def bystander(settings: Settings, **options: Any) -> Generator[Any]:
    """A consumer, closed on leaving.

    Raises:
        KafkaAway: the broker does not answer.
    """
    security = {_OURS[name]: value for name, value in settings.librdkafka.items() if name in _OURS}
    try:
        consumer: Any = KafkaConsumer(
            bootstrap_servers=settings.kafka.split(","), enable_auto_commit=False, **security, **options
        )
        try:
            yield consumer
        finally:
            consumer.close()
    except KafkaError as error:
        raise KafkaAway(
            f"连不上Kafka {settings.kafka}（{error}），请检查地址和服务。"
            f" Kafka at {settings.kafka} does not answer ({error}); check SIDAN_KAFKA."
        ) from error


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
