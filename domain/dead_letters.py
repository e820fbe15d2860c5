"""A dead letter: a message nobody could read. An operator sees to it once: reads it again, or discards it."""

from domain.events import CommandRejected, MessageDiscarded, MessageParked, MessageRequeued
from domain.facts import Actor, Recorded
from domain.ids import Position
from domain.model import Plain
from domain.rejections import LetterCut, LetterErased, LetterSettled, Refused, UnknownLetter, WrongRole
from domain.stages import ROLE_NAMES, Role

TOO_LARGE = "too_large"
SUBJECT_PREFIX = "dead-letters/"
"""Begins what a refused note on a letter is about."""
_HOW_IT_WENT = {"status", "code", "answered"}


class Letter(Plain, frozen=True):
    """What was parked, and what an operator did about it."""

    parked: Recorded  # of a MessageParked
    settled: Recorded | None = None  # of a MessageRequeued or a MessageDiscarded

    @property
    def position(self) -> Position:
        """Where it was parked: its name."""
        return self.parked.position

    @property
    def message(self) -> MessageParked:
        event = self.parked.fact.event
        assert isinstance(event, MessageParked)
        return event


def discard(letter: Letter | None, position: int, actor: Actor) -> Letter:
    """The letter, if this person may put it away now.

    Raises:
        WrongRole, UnknownLetter, LetterSettled.
    """
    return _open(letter, position, actor, "丢弃死信", "discard a dead letter")


def requeue(
    letter: Letter | None, position: int, actor: Actor, *, corrected: bool, erased: bool = False
) -> Letter:
    """The letter, if this person may have it read again now.

    Raises:
        WrongRole, UnknownLetter, LetterSettled.
        LetterCut, LetterErased: only its beginning was kept, or nothing, and no corrected body is given.
    """
    found = _open(letter, position, actor, "重读死信", "requeue a dead letter")
    if found.message.code == TOO_LARGE and not corrected:
        raise LetterCut(letter=position)
    if erased and not corrected:
        raise LetterErased(letter=position)
    return found


def refused(note: MessageRequeued | MessageDiscarded, refusal: Refused) -> CommandRejected:
    """What is recorded instead of the note of one who may not see to a letter, or not now."""
    return CommandRejected(
        subject=f"{SUBJECT_PREFIX}{note.letter}",
        command="RequeueMessage" if isinstance(note, MessageRequeued) else "DiscardMessage",
        code=refusal.code,
        reason_zh=refusal.reason_zh,
        reason_en=refusal.reason_en,
        asked=note.model_dump_json(exclude=_HOW_IT_WENT, exclude_none=True),
    )


def _open(letter: Letter | None, position: int, actor: Actor, zh: str, en: str) -> Letter:
    if actor.role is not Role.OPERATOR:
        role_zh, role = ROLE_NAMES[actor.role]
        raise WrongRole(role_zh=role_zh, role=role, command_zh=zh, command=en)
    if letter is None:
        raise UnknownLetter(letter=position)
    if letter.settled is not None:
        raise LetterSettled(letter=position)
    return letter
