"""A process manager stands before an event that this release cannot read, and goes on when one can."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from adapters.bootstrap import Node
from adapters.roles import process
from domain.events import OrderPlaced
from domain.facts import Recorded
from domain.rules import Rules
from domain.stages import AutoDispatch, Role
from projections.engine import open_reads, undecoded
from tests.adapters.reactors.test_runner import Outside, ids, runner, until_quiet
from tests.support.a_bus import BusTown, a_bus_town, dispatch, place
from tests.support.a_node import ask, found_the_town, node_of
from tests.support.a_town import WATER
from tests.support.history import History
from tests.support.waiting import eventually, running

LAMP = {"category": "facilities/lights/street", "area": "gm-street/dongzhou/mudun", "details": "灯坏了"}
ALL = {"auto-dispatch", "call", "retirement", "work", "needs", "erasure", "retention", "letters"}


class OfNextYear:
    """A log in which the third order came by an event of a later release."""

    def __init__(self, history: History) -> None:
        self._history = history
        placed = [one for one in history.facts if isinstance(one.fact.event, OrderPlaced)]
        self.position = placed[2].position

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        return [
            undecoded(one.position, one.fact.stream, one.fact.version, "OrderSung", "not known")
            if one.position == self.position
            else one
            for one in self._history.read(after, limit)
        ]


@pytest.fixture
def history() -> History:
    history = History()
    for _ in range(5):
        history.place()
    return history


def told(logged: Sequence[Any]) -> list[tuple[str, str, int, str]]:
    """Who stands before what."""
    unreadable = [one for one in logged if one["event"] == "reactor.unreadable"]
    return [(one["log_level"], one["reactor"], one["position"], one["type"]) for one in unreadable]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def reads(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    postgres = request.param == "postgres"
    engine = open_reads(
        request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'r.db'}"
    )
    yield engine
    engine.dispose()


def test_it_does_all_before_it_says_so_once_and_goes_on_when_it_can_be_read(
    reads: Engine, history: History
) -> None:
    outside = Outside()
    later = OfNextYear(history)
    today = runner(reads, later, outside)  # pyright: ignore[reportArgumentType]
    with capture_logs() as logged:
        for _ in range(5):
            until_quiet(today)
    assert len(outside.received) == 2
    assert today.positions()["pooling"] < later.position
    assert told(logged) == [("error", "pooling", later.position, "OrderSung")]
    until_quiet(runner(reads, history, outside))  # the release that can
    assert len(ids(outside)) == len(set(ids(outside))) == 5


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    founded, used = tmp_path / "founded", tmp_path / "used"
    founded.mkdir()
    used.mkdir()
    found_the_town(founded)
    with node_of(founded, used, stalled=0.0) as node:
        yield node


def renamed(node: Node, position: int, wire: str) -> None:
    """As if another release had written it."""
    statement: LiteralString = "UPDATE stored_events SET topic = {0} WHERE notification_id = {0}"
    if node.settings.store.startswith("postgresql://"):
        with psycopg.connect(node.settings.store) as connection:
            connection.execute(statement.format("%s"), (wire, position))
        return
    with closing(sqlite3.connect(node.settings.store.removeprefix("sqlite:///"))) as file, file:
        file.execute(statement.format("?"), (wire, position))


def stalled(node: Node) -> set[str]:
    return {name.partition("/")[2] for name in node.standing().stalled if name.startswith("process/")}


def test_embedded_it_stands_and_status_says_who(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.standing.STILL", 0.0)
    ask(node, "PlaceOrder", LAMP, Role.RESIDENT, "r-li")
    strange = node.store.head()
    renamed(node, strange, "OrderSung")
    ask(node, "PlaceOrder", LAMP, Role.RESIDENT, "r-li")
    with capture_logs() as logged:
        for _ in range(4):
            node.follow()
    assert {(name, at) for _, name, at, _ in told(logged)} == {(name, strange) for name in ALL}
    assert len(told(logged)) == len(ALL)
    assert node.projectors[0].position() == node.store.head()  # read models go on
    node.standing()
    assert stalled(node) == ALL
    renamed(node, strange, "OrderPlaced")
    for projector in node.projectors:
        if projector.model.in_log_order:
            projector.reset()
        else:
            projector.retry(node.log)  # auto-dispatch asks one of them, where it was parked
    node.follow()
    assert stalled(node) == set()
    assert set(node._reactors.positions().values()) == {node.store.head()}


@pytest.fixture
def town(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url, stalled=0.0) as town:
        town.found(by_bus=[WATER])
        yield town


def test_on_the_bus_its_role_stands_too_and_does_not_end(
    town: BusTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.standing.STILL", 0.0)
    orders = [town.new_order() for _ in range(3)]
    strange = 0
    for order in orders:
        town.ask(place(order))
        town.ask(dispatch(order))
        if order == orders[1]:
            strange = town.node.store.head()
    renamed(town.node, strange, "OrderSung")

    def offered() -> list[str | None]:
        return [one.key for one in town.heard(town.topics.work(WATER))]

    with capture_logs() as logged, running(lambda stop: process(town.node, stop)) as (role,):
        eventually(lambda: offered() == orders[:1])
        eventually(lambda: len(told(logged)) == len(ALL))
        town.node.standing()
        eventually(lambda: stalled(town.node) == ALL)
        assert not role.ended
        renamed(town.node, strange, "OrderDispatched")
        eventually(lambda: offered() == orders)
        eventually(lambda: stalled(town.node) == set())
    assert len(told(logged)) == len(ALL)


def test_what_it_said_waits_while_the_order_it_is_about_cannot_be_read(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    _always_sends(monkeypatch)
    ask(node, "PlaceOrder", LAMP, Role.RESIDENT, "r-li")
    placed = node.store.read(node.store.head() - 1, 1)[0]
    subject = placed.fact.meta.subject
    ask(node, "AmendOrder", {"details": "两盏"}, Role.RESIDENT, "r-li", subject=subject)
    node.desk = Node(node.settings).desk  # which knows nothing of it yet
    strange = node.store.head()
    renamed(node, strange, "OrderSung")
    with capture_logs() as logged:
        for _ in range(3):
            node.follow()
    assert [one["event"] for one in logged].count("reactor.unsent") == 1
    renamed(node, strange, "OrderAmended")
    node.follow()
    assert node.store.read(strange, 9)[0].fact.meta.actor.id == "sidan/auto-dispatch"


def _always_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rules, "auto_dispatch", lambda *_: AutoDispatch.ON)
