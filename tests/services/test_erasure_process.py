"""Whose texts an erasure reaches, whose it lets be, and what its receipt says."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import pytest

from domain.commands import FinishErasure, FinishOrderErasure
from domain.events import RulesAdopted
from domain.facts import Recorded
from domain.ids import OrderId, ResidentId, StreamId
from domain.model import Event
from domain.reached import How, Place, Reached
from domain.sealed import Sealed
from services.erasing import Around, read
from services.erasure_process import ErasureProcess
from services.reactions import Message
from tests.support.a_person import person_erased, texts_erased
from tests.support.a_provider import changed, enrolled
from tests.support.a_town import AUNT_LI, MONDAY, UNCLE_WANG, WATER, days, rules_with
from tests.support.an_order import ORDER, OTHER, completed, placed, rated, seconded
from tests.support.recorded import recorded
from tests.support.some_keys import SomeKeys

STAFF: Final = ""
IT, ANOTHER = str(ORDER), str(OTHER)
OLD: Final = Sealed("s1.old")
COMMENTED: Final = rated(by=UNCLE_WANG).model_copy(update={"comment": Sealed("comment")})


class Noted:
    def __init__(self) -> None:
        self.orders: dict[tuple[ResidentId, OrderId], bool] = {}

    def note(self, person: ResidentId, order: OrderId, *, own: bool) -> None:
        self.orders.setdefault((person, order), own)

    def of(self, person: ResidentId) -> Sequence[tuple[OrderId, bool]]:
        return [(order, own) for (who, order), own in self.orders.items() if who == person]


class Following:
    """The process, over a record of its own."""

    def __init__(self, *alive: tuple[str, str], bus: bool = False) -> None:
        self.keys = SomeKeys(*alive)
        self._facts: list[Recorded] = []
        around = Around(
            bus=bus,
            with_town_key=lambda text: text.startswith("s1."),
            rules=lambda: rules_with(letter_days=90),
        )
        self._process = ErasureProcess(Noted(), self.keys, self._history, around)

    def after(self, *events: Event, order: OrderId = ORDER) -> list[Message]:
        said: list[Message] = []
        for event in events:
            self._facts.append(recorded(event, len(self._facts) + 1, order=order))
            said += self._process.react(self._facts[-1])
        return self._carried_out(said)

    def at(self, position: int) -> Sequence[Message]:
        """The fact at a position once more."""
        return self._carried_out(self._process.react(self._facts[position - 1]))

    def again(self) -> Sequence[Message]:
        """The last fact once more, as after a crash."""
        return self.at(len(self._facts))

    def _carried_out(self, said: Sequence[Message]) -> list[Message]:
        """What is left to send when the keys, which come first, are destroyed."""
        for number, message in enumerate(said):
            assert (message.topic == "keys") == (number % 2 == 0)
            if message.topic == "keys":
                self.keys.destroy_all(read(message.data))
        return list(said[1::2])

    def _history(self, stream: StreamId) -> Iterable[Recorded]:
        return [one for one in self._facts if one.fact.stream == stream]


def lines(message: Message) -> dict[Place, Reached]:
    kind = FinishErasure if message.type == "FinishErasure" else FinishOrderErasure
    return {one.place: one for one in kind.model_validate_json(message.data).reached}


def test_all_that_a_person_wrote_and_what_staff_wrote_about_it_is_forgotten() -> None:
    mine = [(AUNT_LI, IT), (STAFF, IT), (AUNT_LI, ANOTHER), (AUNT_LI, "letter/http/1")]
    following = Following(*mine)
    following.after(placed(), completed())
    (message,) = following.after(person_erased())
    assert (message.type, message.subject, message.id) == (
        "FinishErasure",
        f"person/{AUNT_LI}",
        "erasure-3-2",
    )
    assert following.keys.alive == set()


def test_others_keep_what_is_theirs() -> None:
    theirs = [(UNCLE_WANG, IT), (UNCLE_WANG, ANOTHER), (STAFF, ANOTHER), (UNCLE_WANG, "letter/http/2")]
    following = Following(*theirs, (AUNT_LI, IT), (AUNT_LI, ANOTHER))
    following.after(placed(), seconded())
    following.after(placed(by=UNCLE_WANG), order=OTHER)
    following.after(person_erased())
    assert following.keys.alive == set(theirs)


def test_what_staff_wrote_after_the_first_erasure_is_found_too() -> None:
    following = Following((AUNT_LI, IT))
    following.after(placed(), person_erased())
    following.keys.alive.add((STAFF, IT))
    following.after(completed(), person_erased(erasure=2))
    assert following.keys.alive == set()


def test_who_has_the_same_name_on_a_list_is_another() -> None:
    listed = [(AUNT_LI, "provider/water"), (AUNT_LI, "rules")]
    following = Following((AUNT_LI, IT), *listed)
    following.after(placed(), person_erased())
    assert following.keys.alive == set(listed)
    following.after(person_erased(erasure=2, listed="rules"))
    assert following.keys.alive == {listed[0]}


def test_of_a_volunteer_the_list_is_forgotten_and_nothing_else() -> None:
    others = [("mei", "provider/roads"), ("mei", IT), ("zhou", "provider/water")]
    following = Following(("mei", "provider/water"), *others)
    following.after(enrolled(), changed(), enrolled().model_copy(update={"volunteer": "zhou"}))
    mei = ResidentId(enrolled().volunteer)
    following.keys.alive = {(mei if who == "mei" else who, where) for who, where in following.keys.alive}
    (message,) = following.after(person_erased(mei, listed=f"provider/{WATER}"))
    assert following.keys.alive == {(mei if who == "mei" else who, where) for who, where in others}
    assert lines(message)[Place.LOG].count == 4  # two names, twice health


def test_of_somebody_on_duty_the_names_are_counted() -> None:
    following = Following(("d-chen", "rules"))
    following.after(RulesAdopted(version=1, rules=rules_with()))
    (message,) = following.after(person_erased(ResidentId("d-chen"), listed="rules"))
    assert (lines(message)[Place.LOG].count, following.keys.alive) == (1, set())


def test_the_texts_of_an_order_are_everybodys() -> None:
    following = Following((AUNT_LI, IT), (STAFF, IT), (UNCLE_WANG, IT), (AUNT_LI, ANOTHER))
    following.after(placed(), completed(), COMMENTED)
    (message,) = following.after(texts_erased())
    assert (message.type, message.subject) == ("FinishOrderErasure", IT)
    assert following.keys.alive == {(AUNT_LI, ANOTHER)}
    assert lines(message)[Place.LOG].count == 3  # but why is kept


def test_a_neighbours_comment_is_not_counted_as_mine() -> None:
    following = Following((AUNT_LI, IT))
    following.after(placed(), completed(), COMMENTED)
    assert lines(*following.after(person_erased()))[Place.LOG].count == 2
    assert lines(*following.after(person_erased(UNCLE_WANG)))[Place.LOG].count == 1


def test_the_receipt_names_every_place_and_what_is_not_reached() -> None:
    following = Following((AUNT_LI, IT), (AUNT_LI, "letter/x"))
    following.after(placed().model_copy(update={"contact": OLD}))
    told = lines(*following.after(person_erased()))
    assert set(told) == set(Place)
    assert told[Place.LOG] == Reached(place=Place.LOG, how=How.KEY_DESTROYED, count=1)
    assert told[Place.TOWN_KEY] == Reached(place=Place.TOWN_KEY, how=How.NOT_REACHED, count=1)
    assert told[Place.DEAD_LETTERS] == Reached(place=Place.DEAD_LETTERS, how=How.KEY_DESTROYED, count=1)
    assert told[Place.BACKUPS].how is How.NOT_REACHED
    assert told[Place.NAMELESS_LETTERS].until == MONDAY + days(90)
    assert {told[place].how for place in (Place.TOPICS, Place.COMMAND_TOPICS, Place.NOTICES)} == {How.NONE}


def test_over_kafka_it_says_when_what_lies_in_clear_is_gone() -> None:
    following = Following((AUNT_LI, IT), bus=True)
    told = lines(*following.after(placed(), person_erased()))
    assert told[Place.COMMAND_TOPICS].how is How.EXPIRES
    assert told[Place.COMMAND_TOPICS].until == MONDAY + timedelta(days=8)
    assert told[Place.TOPICS].how is How.KEY_DESTROYED


@pytest.mark.parametrize("alive", [[(AUNT_LI, IT), (STAFF, IT)], [(STAFF, IT)], []])
def test_after_a_crash_it_is_carried_out_once_more_and_says_the_same(alive: list[tuple[str, str]]) -> None:
    following = Following((AUNT_LI, IT), (STAFF, IT))
    first = following.after(placed(), completed(), person_erased())
    following.keys.alive = set(alive)  # a crash somewhere in between
    assert following.again() == first
    assert following.keys.alive == set()


def test_what_was_written_behind_it_is_not_counted() -> None:
    following = Following((AUNT_LI, IT))
    (first,) = following.after(placed(), person_erased())
    following.after(completed())
    assert following.at(2) == [first]


def test_nobody_is_forgotten_unasked() -> None:
    following = Following((AUNT_LI, IT))
    assert following.after(placed(), seconded(), completed(), COMMENTED) == []
    assert following.keys.alive == {(AUNT_LI, IT)}
