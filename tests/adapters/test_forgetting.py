"""Somebody is forgotten: what they wrote opens for nobody any more, and everything else stays as it was."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from adapters.bootstrap import Node
from adapters.cli.audit.replaying import names_of
from adapters.dead_letters import By
from adapters.opening import Reading
from adapters.settings import Settings
from domain.facts import Actor
from domain.ids import OrderId, ResidentId, StreamId, stream_of, time_ordered_id
from domain.reached import How, Place, Reached
from domain.rejections import LetterErased
from domain.stages import Right, Role
from projections.engine import Projector, catch_up, open_reads
from services.audit.auditor import check_all
from services.requests import Status
from services.story import tell
from tests.support.a_bus import CONSOLE, accept, command, dispatch, register
from tests.support.a_town import EAST, MONDAY, POTHOLE, RULES, WATER, days, hours

MINE: Final = {
    "details": "紫藤巷的坑是我家门口 wisteria-lane",
    "contact": "李桂芬 13987654321",
    "address": "紫藤巷7号402室",
}
COMMENT: Final = "李桂芬的评语 very-own-words"
RESULT: Final = "已到李桂芬家门口补好 filled-at-her-door"
PARKED: Final = "{李桂芬没写完 unfinished-13987654321"
THEIRS: Final = "王叔的另一个坑 another-pothole"
WHY: Final = "来函要求 asked-in-writing"
ERASED: Final = "〔已删除 erased〕"
_SEALED: Final = re.compile(rb"s2\.[0-9]+\.[A-Za-z0-9_=-]*")
HERS, HIS = (str(time_ordered_id(MONDAY, name)) for name in (b"hers", b"his"))


class Town:
    """Two residents, one provider, everything said once."""

    def __init__(self, store: str, reads: str, **rules: Any) -> None:
        self.now = MONDAY
        self.node = Node(Settings(store=store, reads=reads), clock=lambda: self.now)
        self.node.create()
        adopted = {**RULES.model_dump(mode="json", exclude_defaults=True), **rules}
        self.ask(command("AdoptRules", "rules", "operator", "op", rules=adopted))
        self.ask(register(WATER, areas=[EAST]))

    def ask(self, body: bytes, status: Status = Status.RECORDED) -> None:
        outcome = self.node.ask(self.node.decode(body, {}, CONSOLE))
        assert outcome.status is status, outcome
        self.node.follow()

    def live(self) -> None:
        """Both orders are done and rated; something of hers cannot be read."""
        about: dict[str, Any] = {"category": POTHOLE, "area": EAST}
        self.ask(command("PlaceOrder", HERS, "resident", "r-li", **about, **MINE))
        self.ask(command("PlaceOrder", HIS, "resident", "r-wang", **about, details=THEIRS))
        self.ask(command("SecondOrder", HIS, "resident", "r-li"))
        for order in (HERS, HIS):
            self.ask(dispatch(order))
            self.ask(accept(order))
            result = RESULT if order == HERS else "好了 done"
            done: dict[str, Any] = {"provider": WATER, "result": result, "resolved": True}
            self.ask(command("CompleteOrder", order, "provider", WATER, **done))
            self.ask(command("RateOrder", order, "resident", "r-li", level="satisfied", comment=COMMENT))
        envelope = {"id": "p-1", "source": "test", "type": "PlaceOrder", "actor": "r-li", "role": "resident"}
        self.ask_in_vain(PARKED.encode(), **envelope)

    def ask_in_vain(self, body: bytes, **envelope: str) -> None:
        assert self.node.ask(self.node.decode(body, envelope, CONSOLE)).status is Status.PARKED
        self.node.follow()

    def forget(self, person: str = "r-li", **more: Any) -> tuple[Reached, ...]:
        asked = command(
            "ErasePerson", f"person/{person}", "operator", "op", person=person, reason=WHY, **more
        )
        self.ask(asked)
        return self.node.forgetting.erasures(f"person/{person}")[-1].reached

    def opened(self) -> set[str]:
        """Everything in the record that somebody closed, as it opens now."""
        stored = self.node.store.read_stored(0, 9_999)
        found = {one.decode() for row in stored for one in _SEALED.findall(row.state)}
        return {self.node.keys.open(text) for text in found}

    def story(self, order: str) -> str:
        facts = list(self.node.store.history(StreamId(stream_of(order))))
        names = replace(names_of(self.node), unseal=self.node.keys.open)
        return "\n".join(step.zh for step in tell(facts, names))

    def digests(self) -> dict[str, str]:
        return {one.model.name: one.digest() for one in self.node.projectors}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    store, reads = f"sqlite:///{tmp_path / 'sidan.db'}", f"sqlite:///{tmp_path / 'sidan.db'}"
    if request.param == "postgres":
        store = reads = request.getfixturevalue("postgres_url")
    made = Town(store, reads, retention=[{"category": POTHOLE, "days": 100}])
    yield made
    made.node.close()


def parked_text(town: Town, body: bytes = PARKED.encode()) -> set[str]:
    """How parked bytes open."""
    return {base64.b64encode(body).decode()} & town.opened()


def at(reached: tuple[Reached, ...], place: Place) -> Reached:
    return next(one for one in reached if one.place is place)


def test_what_somebody_wrote_opens_until_it_is_erased_and_then_for_nobody(town: Town) -> None:
    town.live()
    mine = {*MINE.values(), COMMENT, RESULT}
    assert mine <= town.opened()
    assert parked_text(town)
    reached = town.forget()
    assert not mine & town.opened()
    assert not parked_text(town)
    assert {THEIRS, "好了 done", WHY} <= town.opened()
    assert at(reached, Place.LOG) == Reached(place=Place.LOG, how=How.KEY_DESTROYED, count=6)
    assert at(reached, Place.DEAD_LETTERS).count == 1
    assert at(reached, Place.TOWN_KEY).how is How.NONE
    assert {one.place for one in reached} == set(Place)


def test_an_erased_dead_letter_is_shown_as_erased_and_read_again_only_with_a_new_body(town: Town) -> None:
    town.live()
    letters, by = town.node.dead_letters, By(Actor(role=Role.OPERATOR, id="op"), "cli")
    (letter,), _ = letters.page()
    town.forget()
    reading = Reading(actor=by.actor, via="cli", right=Right.OPERATOR, subject=f"letter/{letter.position}")
    assert letters.opened(letter, reading, body=True)["body"] == ERASED
    with pytest.raises(LetterErased):
        letters.requeue(letter.position, by)
    whole = command("ErasePerson", "person/r-wang", "operator", "op", person="r-wang", reason=WHY)
    assert letters.requeue(letter.position, by, body=whole)[0].status is Status.RECORDED


def test_a_dead_letter_that_says_not_whose_it_is_ends_by_its_age(town: Town) -> None:
    town.live()
    text = "{不知是谁写的 nobody-says-whose"
    town.ask_in_vain(text.encode())
    inside = base64.b64encode(text.encode()).decode()
    nameless = at(town.forget(), Place.NAMELESS_LETTERS)
    assert inside in town.opened()
    assert nameless.until is not None
    go_to(town, nameless.until - hours(1))
    assert inside in town.opened()
    go_to(town, nameless.until)
    assert inside not in town.opened()
    assert THEIRS not in town.opened()  # its hundred days are over too
    assert WHY in town.opened()
    assert [letter.message.code for letter in town.node.dead_letters.page()[0]] == ["unreadable"] * 2


def test_a_towns_own_number_of_days_counts_for_letters_and_receipts(town: Town) -> None:
    town.live()
    assert at(town.forget(), Place.NAMELESS_LETTERS).until == MONDAY + days(180)
    rules = {**RULES.model_dump(mode="json", exclude_defaults=True), "letter_days": 20}
    town.ask(command("AdoptRules", "rules", "operator", "op", rules=rules))
    assert at(town.forget(), Place.NAMELESS_LETTERS).until == MONDAY + days(20)
    town.ask_in_vain(b"{nobody-says-whose")
    assert parked_text(town, b"{nobody-says-whose")
    go_to(town, MONDAY + days(20))
    assert not parked_text(town, b"{nobody-says-whose")


def test_it_is_shown_as_erased(town: Town) -> None:
    town.live()
    town.forget()
    row = town.node.queries.board.get(OrderId(stream_of(HERS)))
    assert row is not None
    for name in ("details", "contact", "address", "result", "comment"):
        assert town.node.keys.open(getattr(row, name)) == ERASED
    assert town.story(HERS).count(ERASED) == 3
    assert "李桂芬" not in town.story(HERS)
    assert THEIRS in town.story(HIS)


def test_numbers_and_the_record_are_as_before(town: Town) -> None:
    town.live()
    before, rates = town.digests(), town.node.queries.rating.records().done
    head = town.node.store.head()
    stored = [(one.id, one.state) for one in town.node.store.read_stored(0, 9_999)]
    town.forget()
    assert town.digests() == before
    assert town.node.queries.rating.records().done == rates
    assert [(one.id, one.state) for one in town.node.store.read_stored(0, 9_999) if one.id <= head] == stored
    assert check_all(town.node.store.read(0, 9_999), whole_log=True) == []


def test_what_comes_later_is_not_erased(town: Town) -> None:
    town.live()
    town.forget()
    again = str(time_ordered_id(MONDAY, b"again"))
    about: dict[str, Any] = {"category": POTHOLE, "area": EAST, "details": "新的坑 a-new-one"}
    town.ask(command("PlaceOrder", again, "resident", "r-li", **about))
    assert "新的坑 a-new-one" in town.opened()
    town.forget()
    assert "新的坑 a-new-one" not in town.opened()


def test_a_preview_reaches_what_the_erasure_reaches_and_erases_nothing(town: Town) -> None:
    town.live()
    preview = town.node.forgetting.of_person(ResidentId("r-li"), None)
    assert (preview.orders, preview.open_orders) == (1, 0)
    assert COMMENT in town.opened()
    assert town.forget() == preview.reached


def test_nothing_of_it_lies_in_clear_in_any_file(town: Town, tmp_path: Path) -> None:
    town.live()
    town.forget()
    told = [*MINE.values(), COMMENT, RESULT, "李桂芬", "13987654321", "unfinished"]
    for file in files_of(town, tmp_path):
        try:
            held = file.read_bytes()
        except FileNotFoundError:  # of another test's database, which has been dropped since
            continue
        for text in told:
            assert text.encode() not in held, (file, text)


def files_of(town: Town, folder: Path) -> list[Path]:
    """Of SQLite all files, of PostgreSQL the data directory with its WAL."""
    store = town.node.settings.store
    if store.startswith("postgresql"):
        with psycopg.connect(store, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            found = connection.execute("SHOW data_directory").fetchone()
        assert found is not None
        folder = Path(found[0])
        if not folder.is_dir():
            pytest.skip("the server's files are elsewhere")
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return files


BEFORE_THE_KEYS: Final = "adapters.keys.keyring.Keyring.destroy_all"
BEHIND_THE_KEYS: Final = "adapters.desk.Desk.ask_all"
BEHIND_THE_RECEIPT: Final = "adapters.reactors.tables.forget_sent"


@pytest.mark.parametrize("where", [BEFORE_THE_KEYS, BEHIND_THE_KEYS, BEHIND_THE_RECEIPT])
def test_a_crash_anywhere_ends_in_one_receipt_all_the_same(
    town: Town, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    town.live()
    monkeypatch.setattr(where, _crash)
    asked = command("ErasePerson", "person/r-li", "operator", "op", person="r-li", reason=WHY)
    with pytest.raises(ZeroDivisionError):
        town.ask(asked)
    assert (COMMENT in town.opened()) == (where == BEFORE_THE_KEYS)
    monkeypatch.undo()
    town.node.follow()
    (one,) = town.node.forgetting.erasures("person/r-li")
    assert at(one.reached, Place.LOG).count == 6
    assert COMMENT not in town.opened()


def test_a_repeat_leaves_what_was_written_after_the_receipt(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.live()
    monkeypatch.setattr(BEHIND_THE_RECEIPT, _crash)
    with pytest.raises(ZeroDivisionError):
        town.forget()
    monkeypatch.undo()
    later = command("ReopenOrder", HERS, "resident", "r-li", reason="又坏了 broken-again")
    assert town.node.ask(town.node.decode(later, {}, CONSOLE)).status is Status.RECORDED
    town.node.follow()
    assert "又坏了 broken-again" in town.opened()
    assert COMMENT not in town.opened()


def _crash(*_: object) -> None:
    raise ZeroDivisionError


def told(town: Town, order: str) -> list[str]:
    return [one.fact.event.wire for one in town.node.store.history(StreamId(stream_of(order)))][-2:]


ERASING: Final = ["OrderTextsErased", "OrderErasureFinished"]


def go_to(town: Town, moment: datetime) -> None:
    town.now = moment
    town.node.follow()


def test_the_texts_of_an_order_alone_are_erased(town: Town) -> None:
    town.live()
    town.ask(command("EraseOrder", HIS, "operator", "op", reason=WHY))
    assert told(town, HIS) == ERASING
    assert THEIRS not in town.opened()
    assert {RESULT, WHY} <= town.opened()


def test_the_rules_erase_what_has_rested_long_enough(town: Town) -> None:
    town.live()
    go_to(town, MONDAY + days(100) - hours(1))
    assert {COMMENT, THEIRS} <= town.opened()
    go_to(town, MONDAY + days(100))
    assert told(town, HERS) == told(town, HIS) == ERASING
    assert not {COMMENT, THEIRS, RESULT} & town.opened()
    assert parked_text(town)
    go_to(town, MONDAY + days(300))
    assert told(town, HERS) == ERASING
    assert check_all(town.node.store.read(0, 9_999), whole_log=True) == []


def test_a_rating_or_other_rules_count_anew(town: Town) -> None:
    town.live()
    go_to(town, MONDAY + days(10))
    town.ask(command("ReopenOrder", HIS, "resident", "r-wang", reason="再修 again"))
    go_to(town, MONDAY + days(99))
    adopted = {
        **RULES.model_dump(mode="json", exclude_defaults=True),
        "retention": [{"category": POTHOLE, "days": 120}],
    }
    town.ask(command("AdoptRules", "rules", "operator", "op", rules=adopted))
    go_to(town, MONDAY + days(119))
    assert COMMENT in town.opened()
    go_to(town, MONDAY + days(120))
    assert told(town, HERS) == ERASING
    assert told(town, HIS)[-1] == "OrderReopened"
    assert THEIRS in town.opened()


def test_who_is_on_a_list_is_forgotten_there_alone(town: Town) -> None:
    asked = {"volunteer": "r-li", "name": "志愿者李 volunteer-li", "health": "膝盖不好 bad-knee"}
    town.live()
    town.ask(command("EnrolVolunteer", f"provider/{WATER}", "community", "d-chen", provider=WATER, **asked))
    reached = town.forget("r-li", listed=f"provider/{WATER}")
    assert not {"志愿者李 volunteer-li", "膝盖不好 bad-knee"} & town.opened()
    assert COMMENT in town.opened()
    assert at(reached, Place.LOG).count == 2


def test_a_read_model_that_is_filled_anew_says_the_same(town: Town) -> None:
    town.live()
    town.forget()
    town.ask(command("EraseOrder", HIS, "operator", "op", reason=WHY))
    anew = [Projector(type(one.model)(), open_reads("sqlite://")) for one in town.node.projectors]
    for projector in anew:
        projector.create()
    catch_up(anew, town.node.log)
    assert {one.model.name: one.digest() for one in anew} == town.digests()
