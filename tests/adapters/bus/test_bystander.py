"""What a reader of a whole partition is given: everything up to its end, or the broker counts as away."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from kafka.structs import TopicPartition

from adapters.away import KafkaAway
from adapters.bus.bystander import messages_of


class Said(NamedTuple):
    offset: int


class Consumer:
    """Hands out so many messages at a time, and then is silent."""

    def __init__(self, *portions: int) -> None:
        self._portions = list(portions)
        self._next = 0

    def assign(self, _partitions: list[TopicPartition]) -> None: ...

    def seek_to_beginning(self, _partition: TopicPartition) -> None: ...

    def position(self, _partition: TopicPartition) -> int:
        return self._next

    def __iter__(self) -> Iterator[Said]:
        for _ in range(self._portions.pop(0) if self._portions else 0):
            self._next += 1
            yield Said(self._next - 1)


def read(consumer: Consumer, end: int) -> list[int]:
    return [one.offset for one in messages_of(consumer, TopicPartition("t.checkpoints", 0), end)]


def test_a_silence_in_between_is_waited_out() -> None:
    assert read(Consumer(2, 3), 5) == [0, 1, 2, 3, 4]


def test_half_a_partition_is_not_taken_for_the_whole() -> None:
    with pytest.raises(KafkaAway, match=r"t\.checkpoints\[0\] does not go on"):
        read(Consumer(2), 5)


def test_what_came_after_we_looked_is_left_to_the_next() -> None:
    assert read(Consumer(9), 5) == [0, 1, 2, 3, 4]


def test_nothing_is_asked_of_an_empty_partition() -> None:
    assert read(Consumer(), 0) == []
