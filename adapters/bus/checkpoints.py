"""Checkpoints on their topic: written once they are signed, read back by an auditor as a witness."""

from collections.abc import Callable

from adapters.bus.bystander import SILENCE, bystander, messages_of, partitions_of
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import Topics
from adapters.sealed_log import Publish
from adapters.settings import Settings


def publisher(settings: Settings, origin: str, stopped: Callable[[], bool] = lambda: False) -> Publish:
    """Sends checkpoints; they are there when it returns. Raises KafkaAway."""
    topic = Topics(settings.prefix).checkpoints
    sender = Sender(settings.kafka, settings.librdkafka, stopped=stopped)
    return lambda notes: sender.send([Outgoing(topic, origin.encode(), note) for note in notes])


def published(settings: Settings) -> list[bytes]:
    """Every checkpoint of the topic, in its order. Raises KafkaAway."""
    with bystander(settings, consumer_timeout_ms=SILENCE) as consumer:
        (partition,) = partitions_of(consumer, Topics(settings.prefix).checkpoints)
        end: int = consumer.end_offsets([partition])[partition]
        # One without a value is no checkpoint.
        return [message.value or b"" for message in messages_of(consumer, partition, end)]
