"""What a door hands in, and what it gets back."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.commands import AnyCommand
from domain.facts import CommandKey
from domain.ids import Position
from domain.model import Event
from domain.rejections import Refused
from domain.sealed import Sealed
from domain.situation import Asked


@dataclass(frozen=True, slots=True)
class Request:
    """A command that could be read. A door that already knows why not puts the refusal in."""

    asked: Asked
    command: AnyCommand
    digest: bytes  # keyed digest of the content as sent
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that could not be read as a command."""

    asked: Asked
    code: str
    reason_zh: str
    reason_en: str
    body: Sealed
    size: int
    digest: str


class Status(StrEnum):
    """What became of a request."""

    RECORDED = "recorded"
    REJECTED = "rejected"
    REPEATED = "repeated"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Outcome:
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
