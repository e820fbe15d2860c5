"""A call goes from one to the next as time passes, and lies with the community in the end."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from adapters.bootstrap import Node
from adapters.envelope import Door
from adapters.settings import Settings
from domain.events import OrderDispatched, OrderRecalled
from domain.ids import time_ordered_id
from services.requests import Status
from tests.support.a_bus import CONSOLE, accept, command, dispatch, place, register
from tests.support.a_town import EAST, MONDAY, ROADS, RULES, STREET, WATER, hours

CALL = str(time_ordered_id(MONDAY, b"a call"))
ORDER = str(time_ordered_id(MONDAY, b"an order"))
MINUTE = hours(1 / 60)


class Town:
    """Two who could come, water the nearer one; auto-dispatch is off, and a call has ten minutes."""

    def __init__(self, store: str, reads: str) -> None:
        self.now = MONDAY
        self.node = Node(Settings(store=store, reads=reads), clock=lambda: self.now)
        self.node.create()
        rules = RULES.model_dump(mode="json", exclude_defaults=True)
        self.ask(command("AdoptRules", "rules", "operator", "op", rules=rules))
        self.ask(register(WATER, areas=[EAST]))
        self.ask(register(ROADS, areas=[STREET]))

    def ask(self, body: bytes) -> None:
        outcome = self.node.ask(self.node.decode(body, {}, CONSOLE))
        assert outcome.status is Status.RECORDED, outcome
        self.node.follow()

    def at(self, now: datetime) -> None:
        self.now = now
        self.node.follow()

    def told(self, order: str = CALL) -> list[tuple[str, str | None]]:
        """What happened to the order, and to whom."""
        facts = [one.fact for one in self.node.store.read(0, 999) if str(one.fact.stream) == order]
        return [(fact.event.wire, getattr(fact.event, "provider", None)) for fact in facts][1:]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    store, reads = f"sqlite:///{tmp_path / 'sidan.db'}", f"sqlite:///{tmp_path / 'reads.db'}"
    if request.param == "postgres":
        store = reads = request.getfixturevalue("postgres_url")
    made = Town(store, reads)
    yield made
    made.node.close()


FIRST = [("OrderDispatched", WATER)]
SECOND = [*FIRST, ("OrderRecalled", WATER), ("OrderDispatched", ROADS)]


def test_it_goes_to_the_nearest_then_to_the_next_and_stays_with_the_community(town: Town) -> None:
    town.ask(place(CALL, urgency="call"))
    assert town.told() == FIRST
    town.at(MONDAY + 10 * MINUTE - MINUTE / 60)
    assert town.told() == FIRST
    town.at(MONDAY + 10 * MINUTE)
    assert town.told() == SECOND
    town.at(MONDAY + 19 * MINUTE)
    assert town.told() == SECOND
    town.at(MONDAY + 20 * MINUTE)
    assert town.told() == [*SECOND, ("OrderRecalled", ROADS)]
    town.at(MONDAY + hours(9))
    assert town.told() == [*SECOND, ("OrderRecalled", ROADS)]


def test_when_somebody_new_is_there_it_is_called(town: Town) -> None:
    town.ask(place(CALL, urgency="call"))
    town.at(MONDAY + 10 * MINUTE)
    town.at(MONDAY + 20 * MINUTE)
    town.ask(register("parks"))
    assert town.told()[-1] == ("OrderDispatched", "parks")


def test_who_accepts_in_time_keeps_it(town: Town) -> None:
    town.ask(place(CALL, urgency="call"))
    town.at(MONDAY + 9 * MINUTE)
    town.ask(accept(CALL))
    town.at(MONDAY + hours(1))
    assert town.told() == [*FIRST, ("OrderAccepted", WATER)]


def test_a_dispatchers_choice_is_passed_on_too(town: Town) -> None:
    town.ask(register("parks", capacity=0))
    town.ask(place(CALL, urgency="call"))
    town.ask(command("RecallOrder", CALL, "community", "d-chen", reason="错了"))
    town.ask(dispatch(CALL, "parks"))
    town.at(MONDAY + 10 * MINUTE)
    back = [*FIRST, ("OrderRecalled", WATER)]
    assert town.told() == [*back, ("OrderDispatched", "parks"), ("OrderRecalled", "parks"), *FIRST]


def test_any_other_order_has_its_hours(town: Town) -> None:
    town.ask(place(ORDER))
    town.ask(dispatch(ORDER))
    town.at(MONDAY + hours(1))
    assert town.told(ORDER) == FIRST


def test_a_crash_behind_the_recall_doubles_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.ask(place(CALL, urgency="call"))
    monkeypatch.setattr("adapters.reactors.tables.forget_sent", _crash)
    with pytest.raises(ZeroDivisionError):
        town.at(MONDAY + 10 * MINUTE)
    monkeypatch.undo()
    town.node.follow()
    assert town.told() == SECOND
    recalls = [one.fact for one in town.node.store.read(0, 999) if isinstance(one.fact.event, OrderRecalled)]
    assert [fact.meta.at for fact in recalls] == [MONDAY + 10 * MINUTE]


def test_a_crash_before_the_commit_loses_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.ask(place(CALL, urgency="call"))
    monkeypatch.setattr("adapters.reactors.tables.put_out", _crash)
    with pytest.raises(ZeroDivisionError):
        town.at(MONDAY + 10 * MINUTE)
    monkeypatch.undo()
    town.node.follow()
    assert town.told() == SECOND


def _crash(*_: object) -> None:
    raise ZeroDivisionError


def test_while_nothing_is_due_nothing_is_written(town: Town) -> None:
    town.ask(place(CALL, urgency="call"))
    said: list[str] = []
    event.listen(town.node.reads, "before_cursor_execute", lambda *seen: said.append(seen[2]))
    town.now += 5 * MINUTE
    assert town.node.reactors().run_once() == 0
    assert {one.split()[0] for one in said} - {"BEGIN"} == {"SELECT"}
    assert "BEGIN IMMEDIATE" not in said


def test_what_an_import_tells_late_calls_nobody_back(town: Town) -> None:
    town.now = MONDAY + hours(1)
    door = Door("imports", None, trusted_time=True)
    history = [place(CALL, urgency="call", time=MONDAY.isoformat()), dispatch(CALL, time=MONDAY.isoformat())]
    told = [town.node.decode(body, {}, door) for body in history]
    assert {one.status for one in town.node.desk.ask_all(told)} == {Status.RECORDED}
    town.at(MONDAY + hours(2))
    assert town.told() == FIRST


def test_a_call_says_until_when_it_has_to_be_accepted(town: Town) -> None:
    town.ask(place(CALL, urgency="call"))
    (sent,) = [
        one.fact.event for one in town.node.store.read(0, 999) if one.fact.event.wire == "OrderDispatched"
    ]
    assert isinstance(sent, OrderDispatched)
    assert sent.accept_by == MONDAY + 10 * MINUTE
