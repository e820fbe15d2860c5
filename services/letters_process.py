"""Dead letters (死信) are kept for a time: then the keys to their bytes are destroyed, whosever they are.

An erasure reaches the letters that say whose they are; of the others nobody knows, so they end by their age,
and its receipt says until when. So other rules end what is there sooner, never later than was promised.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final, Protocol

from domain import events as e
from domain.facts import Recorded
from domain.ids import Position
from domain.model import Plain
from domain.rules import Rules
from services.erasing import DESTROY, LETTER, Keys, written
from services.reactions import KEYS, Message, Reactor

MOST: Final = 500  # in one look


class Kept(Plain, frozen=True):
    """A letter whose bytes are still there."""

    position: Position
    arrival: str  # names its key
    came: datetime
    due: datetime
    correlation: str


class KeptLetters(Protocol):
    """The letters, remembered from batch to batch."""

    def put(self, letter: Kept) -> None: ...

    def end_within(self, kept: timedelta) -> None:
        """Each is due so long after it came, or sooner."""
        ...

    def take_due(self, now: datetime, most: int) -> Sequence[Kept]:
        """Those whose time is over, the longest over first; they are remembered no longer."""
        ...


class LettersProcess(Reactor):
    """Notes what is parked, and has its key destroyed in time."""

    name: ClassVar[str] = "letters"

    def __init__(self, letters: KeptLetters, keys: Keys, rules: Callable[[int], Rules]) -> None:
        """`rules`: those of a version, for when the notes are made again."""
        self._letters = letters
        self._keys = keys
        self._rules = rules

    def react(self, recorded: Recorded) -> Sequence[Message]:
        meta, event = recorded.fact.meta, recorded.fact.event
        match event:
            case e.MessageParked():
                came = meta.recorded
                due = came + self._rules(meta.rules).letters_for
                self._letters.put(Kept(recorded.position, meta.intake, came, due, meta.correlation))
            case e.RulesAdopted():
                self._letters.end_within(event.rules.letters_for)
            case _:
                pass
        return ()

    def tick(self, now: datetime) -> Sequence[Message]:
        return [self._destroy(one, now) for one in self._letters.take_due(now, MOST)]

    def _destroy(self, letter: Kept, now: datetime) -> Message:
        subject = f"{LETTER}{letter.arrival}"
        return Message(
            topic=KEYS,
            id=f"{LettersProcess.name}-{letter.position}-1",
            source=f"sidan/{LettersProcess.name}",
            type=DESTROY,
            subject=subject,
            time=now,
            data=written(self._keys.keys_of({subject: None})),
            correlation=letter.correlation,
        )
