"""Which facts a read model holds, from the places that it has come to."""

from collections.abc import Mapping
from typing import cast

from domain.facts import Recorded
from projections.engine import LOG, Place


def holds(places: Mapping[str, Place], recorded: Recorded) -> bool:
    """Whether a read model with these places has taken a fact in."""
    return has_reached(places, recorded.position, recorded.fact.meta.subject)


def has_reached(places: Mapping[str, Place], position: int, key: str) -> bool:
    """Whether a read model with these places holds the fact at a position.

    On the bus a fact is in the partition of its key; without a key any partition that is as far is taken
    for a sign.
    """
    if LOG in places:
        return places[LOG].position >= position
    if not key:
        return any(place.position >= position for place in places.values())
    number = partition_of(key, len(places)) if places else 0
    return any(name.endswith(f"[{number}]") and place.position >= position for name, place in places.items())


def partition_of(key: str, partitions: int) -> int:
    """Where our producers (`murmur2_random`) put a key."""
    from kafka.partitioner import (  # noqa: PLC0415 - embedded needs no Kafka
        murmur2,  # pyright: ignore[reportUnknownVariableType] - it has no types
    )

    return (cast("int", murmur2(key.encode())) & 0x7FFFFFFF) % partitions
