"""The bytes of dead letters end by their age, and nothing else does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.events import MessageParked
from domain.sealed import Sealed
from services.erasing import LETTERS_FOR, read
from services.letters_process import Kept, LettersProcess
from tests.support.a_town import MONDAY, days
from tests.support.an_order import placed
from tests.support.recorded import recorded
from tests.support.some_keys import SomeKeys

PARKED: Final = recorded(
    MessageParked(
        code="unreadable",
        reason_zh="读不懂",
        reason_en="no",
        body=Sealed("b"),
        size=1,
        digest="d",
        envelope=None,
    ),
    7,
)


LETTER: Final = f"letter/{PARKED.fact.meta.intake}"
KEYS: Final = SomeKeys(("", LETTER), ("", "letter/another"))


class Noted:
    def __init__(self) -> None:
        self.kept: list[Kept] = []

    def put(self, letter: Kept) -> None:
        self.kept.append(letter)

    def take_due(self, now: datetime, most: int) -> Sequence[Kept]:
        due = [one for one in self.kept if one.due <= now][:most]
        self.kept = [one for one in self.kept if one not in due]
        return due


def test_a_letter_is_kept_for_its_time_and_then_its_key_goes_once() -> None:
    process = LettersProcess(Noted(), KEYS)
    assert process.react(PARKED) == ()
    assert process.tick(MONDAY + LETTERS_FOR - days(1)) == []
    (said,) = process.tick(MONDAY + LETTERS_FOR)
    assert (said.topic, said.id) == ("keys", "letters-7-1")
    assert read(said.data) == KEYS.keys_of({LETTER: None}) != []
    assert process.tick(MONDAY + LETTERS_FOR) == []


def test_what_could_be_read_is_none_of_its_business() -> None:
    process = LettersProcess(Noted(), KEYS)
    process.react(recorded(placed()))
    assert process.tick(MONDAY + LETTERS_FOR) == []
