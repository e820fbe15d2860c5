"""Files of commands through the imports topic, and their answers from the outcomes topic."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from time import monotonic
from typing import Any, Final, Self

import pydantic_core

from adapters.bus.bystander import bystander, partitions_of
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import KafkaAway, Topics
from adapters.envelope import MAX_BYTES
from adapters.settings import Settings

PATIENCE: Final = 60.0  # seconds without a single answer before we say that nobody works
AHEAD: Final = 20_000  # lines sent and not answered yet

Answer = tuple[str, str]
"""Status and code."""


class Submission:
    """One file on its way. Answers are known by where each line came to lie in the topic."""

    def __init__(self, settings: Settings) -> None:
        self._topics = Topics(settings.prefix)
        self._topic = self._topics.name("imports")
        self._open = ExitStack()
        self._outcomes = self._open.enter_context(bystander(settings))
        _at_the_end(self._outcomes, self._topics.outcomes)
        self._sender = Sender(settings.kafka, settings.librdkafka, places=True)
        self._sent: set[str] = set()
        self._early: dict[str, Answer] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def waiting(self) -> int:
        """How many lines have no answer yet."""
        return len(self._sent)

    def fitting(self, lines: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Those that the topic takes, and those too large for it."""
        return [one for one in lines if len(one) <= MAX_BYTES], [one for one in lines if len(one) > MAX_BYTES]

    def send(self, lines: Sequence[bytes]) -> None:
        """Deliver them, in order for each subject.

        Raises:
            KafkaAway: the broker does not take them.
        """
        places = self._sender.send(
            [Outgoing(self._topic, _subject(line), line.rstrip(b"\r\n")) for line in lines]
        )
        self._sent.update(f"{self._topic}[{partition}]@{offset}" for partition, offset in places)

    def answers(self, *, patient: bool = False) -> Iterator[Answer]:
        """What has been answered meanwhile; waits while too many lines are unanswered, or when patient.

        Raises:
            KafkaAway: nobody answers.
        """
        yield from self._matched()
        deadline = monotonic() + PATIENCE
        while True:
            found = list(self._read(0.2 if patient else 0.0))
            yield from found
            if found:
                deadline = monotonic() + PATIENCE
            if self.waiting <= (0 if patient else AHEAD):
                return
            if monotonic() > deadline:
                raise KafkaAway(
                    f"{self.waiting}行没有答复，请检查 sidan worker 和 relay 是否在运行。"
                    f" {self.waiting} lines have no answer; see that sidan worker and relay run."
                )

    def _read(self, seconds: float) -> Iterator[Answer]:
        for messages in self._outcomes.poll(timeout_ms=int(seconds * 1000), max_records=5_000).values():
            for message in messages:
                said = pydantic_core.from_json(message.value)
                self._early[said["intake"]] = (said["status"], said.get("code", ""))
        yield from self._matched()

    def _matched(self) -> Iterator[Answer]:
        for intake in self._sent & self._early.keys():
            self._sent.discard(intake)
            yield self._early.pop(intake)


def _subject(line: bytes) -> bytes | None:
    """The key that keeps an order's commands in order; what cannot be read needs none."""
    try:
        subject = pydantic_core.from_json(line).get("subject")
    except (ValueError, AttributeError):
        return None
    return subject.encode() if isinstance(subject, str) else None


def _at_the_end(consumer: Any, topic: str) -> None:
    """Read what is answered from now on."""
    partitions = partitions_of(consumer, topic)
    consumer.assign(partitions)
    consumer.seek_to_end(*partitions)
    for partition in partitions:
        consumer.position(partition)  # settles it: what is answered later is read
