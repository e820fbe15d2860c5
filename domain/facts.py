"""A fact: an event together with who, when, why and under which rules."""

from datetime import datetime

from domain.ids import Position, ResidentId, StreamId
from domain.model import Event, Plain
from domain.stages import Channel, Role


class Actor(Plain, frozen=True):
    """Who asked: a role and the person's, provider's or machine's id in it."""

    role: Role
    id: str


class CommandKey(Plain, frozen=True):
    """What makes a command the same command for ever."""

    source: str
    id: str


class Read(Plain, frozen=True):
    """A subject and the version of it that a decision looked at."""

    subject: str
    version: int


class Meta(Plain, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What every event carries from the first: `recorded` is the door's clock, `at` when it counts."""

    subject: str
    actor: Actor
    on_behalf_of: ResidentId | None = None
    channel: Channel | None = None
    via: str
    command: str  # wire name of what was asked
    cause: CommandKey
    correlation: str
    recorded: datetime
    at: datetime
    rules: int
    reads: tuple[Read, ...] = ()
    part: int = 1
    parts: int = 1
    intake: str  # topic[partition]@offset, or what another door calls it; unique
    class_version: int = 1


class Fact(Plain, frozen=True):
    """One line of the record, before it has a place in the log."""

    stream: StreamId
    version: int
    meta: Meta
    event: Event

    @property
    def originator_id(self) -> StreamId:
        """The eventsourcing library's name for the stream."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The eventsourcing library's name for the version."""
        return self.version


class Recorded(Plain, frozen=True):
    """A fact at its place in the log."""

    position: Position
    fact: Fact
