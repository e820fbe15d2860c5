"""A fact: an event together with who, when, why and under which rules."""

from datetime import datetime

from domain.ids import AreaPath, Position, ProviderId, ResidentId, StreamId
from domain.model import Event, Plain
from domain.stages import Channel, Role


class Actor(Plain, frozen=True):
    """Who asked: a role and the person's, provider's or machine's id in it."""

    role: Role
    id: str


class Proof(Plain, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who it is that a door has proven to be asking: by a token of their own, or a provider's own topic."""

    actor: str
    area: AreaPath | None = None  # the one a dispatcher answers for
    provider: ProviderId | None = None  # the one that staff speak for


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
    # What else of the envelope the decision looked at, so that it can be made again.
    proof: Proof | None = None  # None: the door proves the role alone
    trusted_time: bool = False  # whether the time that the sender claims counts at this door
    claimed: datetime | None = None  # that time, of what was refused; else `at` says what came of it


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
