"""The bytes of dead letters end by their age, and nothing else does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from domain.events import MessageParked, RulesAdopted
from domain.rules import Rules
from domain.sealed import Sealed
from services.erasing import read
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

    def end_within(self, kept: timedelta) -> None:
        self.kept = [replace(one, due=min(one.due, one.came + kept)) for one in self.kept]

    def take_due(self, now: datetime, most: int) -> Sequence[Kept]:
        due = [one for one in self.kept if one.due <= now][:most]
        self.kept = [one for one in self.kept if one not in due]
        return due


LETTERS_FOR: Final = days(180)


def following(letter_days: int | None = None) -> LettersProcess:
    """The process in a town whose rules say this, in whatever version."""
    return LettersProcess(Noted(), KEYS, lambda _: Rules(letter_days=letter_days))


def adopted(letter_days: int) -> RulesAdopted:
    return RulesAdopted(version=2, rules=Rules(letter_days=letter_days))


def test_a_letter_is_kept_for_its_time_and_then_its_key_goes_once() -> None:
    process = following()
    assert process.react(PARKED) == ()
    assert process.tick(MONDAY + LETTERS_FOR - days(1)) == []
    (said,) = process.tick(MONDAY + LETTERS_FOR)
    assert (said.topic, said.id) == ("keys", "letters-7-1")
    assert read(said.data) == KEYS.keys_of({LETTER: None}) != []
    assert process.tick(MONDAY + LETTERS_FOR) == []


def test_the_rules_say_for_how_long() -> None:
    process = following(letter_days=200)
    process.react(PARKED)
    assert process.tick(MONDAY + days(199)) == []
    assert len(process.tick(MONDAY + days(200))) == 1


def test_other_rules_end_what_is_there_sooner() -> None:
    process = following()
    process.react(PARKED)
    process.react(recorded(adopted(letter_days=30), 8))
    assert process.tick(MONDAY + days(29)) == []
    assert len(process.tick(MONDAY + days(30))) == 1


def test_other_rules_keep_nothing_longer_than_a_receipt_has_promised() -> None:
    process = following()
    process.react(PARKED)
    process.react(recorded(adopted(letter_days=300), 8))
    assert len(process.tick(MONDAY + LETTERS_FOR)) == 1


def test_a_letter_counts_by_the_rules_that_it_came_under() -> None:
    known = {1: Rules(letter_days=20), 2: Rules(letter_days=300)}
    process = LettersProcess(Noted(), KEYS, known.__getitem__)
    process.react(PARKED)
    assert len(process.tick(MONDAY + days(20))) == 1


def test_what_could_be_read_is_none_of_its_business() -> None:
    process = following()
    process.react(recorded(placed()))
    assert process.tick(MONDAY + LETTERS_FOR) == []
