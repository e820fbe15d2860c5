"""What processes that answer events have in common: a fact comes in, messages to send come out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.commands import AnyCommand
from domain.facts import Recorded
from domain.ids import Position

SYSTEM = "system"
KEYS = "keys"  # leads nowhere: who sends carries it out


@dataclass(frozen=True, slots=True)
class Message:
    """A CloudEvent to send. Its id derives from the causing fact, so a repeat has the same bytes."""

    topic: str  # without the town's prefix: system, work.<provider>, or keys
    id: str
    source: str
    type: str
    subject: str
    time: datetime  # the cause's `at`, or the moment that something was due
    data: bytes  # JSON
    correlation: str


class NotYet(Exception):
    """What a reaction has to look at has not come as far as the fact; react to it later."""


class Reactor(ABC):
    """A process manager: pure but for what it remembers through the ports it was given."""

    name: ClassVar[str]

    @abstractmethod
    def react(self, recorded: Recorded) -> Sequence[Message]:
        """The messages this fact calls for; called once for each fact, in log order.

        Raises:
            NotYet: nothing was remembered; this fact and those behind it have to wait.
        """

    def conclude(self) -> Sequence[Message]:
        """The messages that the facts since the last time call for together; called at the end of a batch."""
        return ()

    def tick(self, now: datetime) -> Sequence[Message]:  # noqa: ARG002 - most are called on by facts alone
        """The messages that time alone calls for; called when all is read and something is due."""
        return ()


def command_message(reactor: str, cause: Recorded, command: AnyCommand, number: int = 1) -> Message:
    """A command of a reactor, caused by a fact."""
    meta = cause.fact.meta
    return message_of(reactor, command, cause.position, meta.at, meta.correlation, number=number)


def message_of(
    reactor: str,
    command: AnyCommand,
    cause: Position,
    time: datetime,
    correlation: str,
    *,
    number: int = 1,
) -> Message:
    """A command of a reactor, caused by what lies at a place in the log, for a moment of its own."""
    return Message(
        topic=SYSTEM,
        id=f"{reactor}-{cause}-{number}",
        source=f"sidan/{reactor}",
        type=command.wire,
        subject=command.subject,
        time=time,
        data=command.model_dump_json(exclude_none=True).encode(),
        correlation=correlation,
    )
