"""An operator sees to a dead letter once."""

import pytest
from msgspec.structs import replace

from domain.dead_letters import Letter, discard, refused, requeue
from domain.events import MessageDiscarded, MessageRequeued
from domain.facts import Actor, Recorded
from domain.ids import Position
from domain.rejections import LetterCut, LetterErased, LetterSettled, UnknownLetter, WrongRole
from domain.stages import Role
from tests.golden.events import EXAMPLES, as_fact

OPERATOR = Actor(role=Role.OPERATOR, id="op-1")
PARKED = next(one for one in EXAMPLES if one.wire == "MessageParked")
LETTER = Letter(Recorded(Position(7), as_fact(PARKED)))
SETTLED = Letter(
    LETTER.parked,
    Recorded(Position(9), as_fact(next(one for one in EXAMPLES if type(one) is MessageDiscarded))),
)


def cut() -> Letter:
    fact = as_fact(PARKED.model_copy(update={"code": "too_large"}))
    return Letter(replace(LETTER.parked, fact=fact))


def test_an_operator_sees_to_a_letter() -> None:
    assert discard(LETTER, 7, OPERATOR) is LETTER
    assert requeue(LETTER, 7, OPERATOR, corrected=False) is LETTER


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR}))
def test_nobody_else_does(role: Role) -> None:
    with pytest.raises(WrongRole):
        discard(LETTER, 7, Actor(role=role, id="x"))
    with pytest.raises(WrongRole):
        requeue(LETTER, 7, Actor(role=role, id="x"), corrected=False)


def test_where_there_is_no_letter_there_is_nothing_to_do() -> None:
    with pytest.raises(UnknownLetter):
        discard(None, 8, OPERATOR)
    with pytest.raises(UnknownLetter):
        requeue(None, 8, OPERATOR, corrected=True)


def test_once_is_enough() -> None:
    with pytest.raises(LetterSettled):
        discard(SETTLED, 7, OPERATOR)
    with pytest.raises(LetterSettled):
        requeue(SETTLED, 7, OPERATOR, corrected=True)


def test_what_was_cut_needs_a_whole_body() -> None:
    with pytest.raises(LetterCut):
        requeue(cut(), 7, OPERATOR, corrected=False)
    assert requeue(cut(), 7, OPERATOR, corrected=True)


def test_a_refusal_keeps_what_was_asked_and_nothing_of_how_it_went() -> None:
    note = MessageRequeued(letter=7, status="", code="", answered="", corrected="ab")
    event = refused(note, LetterSettled(letter=7))
    assert (event.subject, event.command, event.code) == (
        "dead-letters/7",
        "RequeueMessage",
        "letter_settled",
    )
    assert event.asked == '{"letter":7,"corrected":"ab"}'


def test_one_that_was_erased_is_read_again_with_a_whole_body_only() -> None:
    with pytest.raises(LetterErased, match="at 7 said was erased"):
        requeue(LETTER, 7, OPERATOR, corrected=False, erased=True)
    assert requeue(LETTER, 7, OPERATOR, corrected=True, erased=True) is LETTER
