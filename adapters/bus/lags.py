"""How much lies in the topics and is not taken in yet (kafka-python: independent of those who take it)."""

from collections.abc import Mapping
from typing import Any

from adapters.bus.bystander import bystander, partitions_of
from adapters.bus.topics import Provisioning, Topics, tracked_as
from adapters.settings import Settings


def topic_lags(settings: Settings, taken: Mapping[str, int]) -> list[dict[str, Any]]:
    """For each partition of the command and event topics: its end, the last offset taken in, the difference.

    Args:
        taken: `topic/<topic id>[partition]` → the last offset taken in.

    Raises:
        KafkaAway: the broker does not answer, or a topic is missing.
    """
    topics = Topics(settings.prefix)
    with Provisioning(settings.kafka, settings.librdkafka) as provisioning:
        names = [*topics.commands, *topics.own(provisioning.present()), topics.events]
        ids = provisioning.ids(names)
    with bystander(settings) as consumer:
        partitions = [one for name in names for one in partitions_of(consumer, name)]
        ends: dict[Any, int] = consumer.end_offsets(partitions)
    return [_lag(one, ids[one.topic], ends[one], taken) for one in partitions]


def _lag(partition: Any, topic_id: str, end: int, taken: Mapping[str, int]) -> dict[str, Any]:
    last = taken.get(tracked_as(partition.topic, topic_id, partition.partition), -1)
    return {
        "partition": f"{partition.topic}[{partition.partition}]",
        "end": end,
        "taken": last,
        "behind": max(0, end - 1 - last),
    }
