"""Checkpoints on their topic: written once they are signed, read back by an auditor as a witness."""

from collections.abc import Callable
from typing import Any, Final

from adapters.bus.bystander import bystander, partitions_of
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import Topics
from adapters.sealed_log import Publish
from adapters.settings import Settings

PATIENCE: Final = 10_000  # milliseconds without a message before the broker counts as away


def publisher(settings: Settings, origin: str, stopped: Callable[[], bool] = lambda: False) -> Publish:
    """Sends checkpoints; they are there when it returns. Raises KafkaAway."""
    topic = Topics(settings.prefix).checkpoints
    sender = Sender(settings.kafka, settings.librdkafka, stopped=stopped)
    return lambda notes: sender.send([Outgoing(topic, origin.encode(), note) for note in notes])


def published(settings: Settings) -> list[bytes]:
    """Every checkpoint of the topic, in its order. Raises KafkaAway."""
    with bystander(settings, consumer_timeout_ms=PATIENCE) as consumer:
        (partition,) = partitions_of(consumer, Topics(settings.prefix).checkpoints)
        end: int = consumer.end_offsets([partition])[partition]
        notes: list[bytes] = []
        if end:
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            _read(consumer, end, notes)
    return notes


def _read(consumer: Any, end: int, notes: list[bytes]) -> None:
    for message in consumer:
        notes.append(message.value or b"")  # one without a value is no checkpoint
        if message.offset + 1 >= end:
            return
