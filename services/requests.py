"""What a door hands in, and what it gets back."""

from collections.abc import Sequence
from enum import StrEnum

from domain.commands import AnyCommand
from domain.events import CommandRejected, MessageDiscarded, MessageRequeued, TextsOpened
from domain.facts import CommandKey
from domain.ids import Position, StreamId
from domain.model import Event, Plain
from domain.rejections import Refused
from domain.sealed import Sealed
from domain.situation import Asked


class Request(Plain, frozen=True):
    """A command that could be read. A door that already knows why not puts the refusal in."""

    asked: Asked
    command: AnyCommand
    subject: str  # the command's
    stream: StreamId  # the one that holds it
    digest: bytes  # keyed digest of the content as sent
    refusal: Refused | None = None


class Unreadable(Plain, frozen=True, kw_only=True):
    """Bytes that could not be read as a command."""

    asked: Asked
    code: str
    reason_zh: str
    reason_en: str
    body: Sealed
    size: int
    digest: str
    envelope: Sealed | None = None


class Tending(Plain, frozen=True):
    """An operator sees to a dead letter. Where it was read again, it stands right behind what came of it."""

    asked: Asked
    stream: StreamId | None  # the letter's; None: it may not be seen to, and the refusal stands apart
    event: MessageRequeued | MessageDiscarded | CommandRejected


class Opening(Plain, frozen=True):
    """Somebody is about to be shown personal texts; they are, once it is on record."""

    asked: Asked
    event: TextsOpened


class Status(StrEnum):
    """What became of a request."""

    RECORDED = "recorded"
    REJECTED = "rejected"
    REPEATED = "repeated"
    PARKED = "parked"


class Outcome(Plain, frozen=True):
    """The answer to one request. Positions are those of its facts in the log."""

    status: Status
    key: CommandKey
    subject: str
    code: str = ""
    reason_zh: str = ""
    reason_en: str = ""
    positions: Sequence[Position] = ()
    events: Sequence[Event] = ()
    first: Position | None = None  # of a repeat: where the first answer begins
