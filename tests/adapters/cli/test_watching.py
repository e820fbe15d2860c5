"""How the engine is doing, and what is done about it."""

import pytest

from adapters.bootstrap import Node
from adapters.cli.asking import SOURCE
from adapters.envelope import Door
from adapters.settings import Settings
from domain.stages import Role
from tests.adapters.cli.a_terminal import Sidan


def behind(sidan: Sidan) -> None:
    """Something is recorded by a process that died before its read models followed."""
    with Node(Settings(store=sidan.store)) as node:
        body = b'{"category":"roads/lamp","area":"lake/east","details":"x"}'
        envelope = {"id": "1", "source": SOURCE, "type": "PlaceOrder", "actor": "r-li"}
        node.ask(node.decode(body, envelope, Door("test", Role.RESIDENT)))


def test_status_names_every_follower_and_its_lag(sidan: Sidan) -> None:
    sidan.placed()
    told = sidan.json("status")
    assert told["head"] == len(sidan.log())
    names = {one["name"] for one in told["roles"]}
    assert {
        "order_board",
        "menu",
        "matching",
        "rating",
        "auto-dispatch",
        "call",
        "retirement",
        "work",
        "needs",
    } <= names
    assert {(one["events"], one["seconds"]) for one in told["roles"]} == {(0, 0.0)}
    assert (told["status"], told["stalled"], told["not_begun"]) == ("ok", [], [])
    assert "落后事件" in sidan("status").out


def test_lag_is_counted_in_events_and_seconds(sidan: Sidan) -> None:
    behind(sidan)
    with Node(Settings(store=sidan.store)) as node:
        lags = node.standing().roles  # what the command shows, before it catches up
    assert {one.events for one in lags} == {1}
    assert all(0 < one.seconds < 60 for one in lags)


def test_status_counts_what_lies_aside(sidan: Sidan) -> None:
    assert sidan.json("status")["parked"] == {"messages": 0}
    sidan.json("submit", "-", typed="{张阿姨\n{李叔叔\n".encode())
    assert sidan.json("status")["parked"] == {"messages": 2}
    letter = sidan.json("dead-letters", "list")["dead_letters"][0]["position"]
    sidan("dead-letters", "discard", str(letter), "--as", "operator:op", "--reason", "玩笑")
    assert sidan.json("status")["parked"] == {"messages": 1}  # somebody has seen to the other


def test_messages_that_lie_aside_are_counted_once(sidan: Sidan) -> None:
    with Node(Settings(store=sidan.store)) as node:
        for number in range(3):
            assert node.standing().parked == {"messages": number}
            node.ask(node.decode(b"{", {}, Door("test", Role.RESIDENT)))


def test_a_follower_that_does_not_follow_is_found_wanting(
    sidan: Sidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind(sidan)
    monkeypatch.setattr(Node, "follow", lambda _: 0)
    monkeypatch.setattr("adapters.cli.watching.sleep", lambda _: None)
    monkeypatch.setattr("adapters.standing.STILL", 0.0)
    assert sidan("status").code == 0  # it is given time
    monkeypatch.setenv("SIDAN_STALLED", "0")
    said = sidan("status", "--json")
    assert (said.code, said.json["status"]) == (1, "stalled")
    assert {"project/order_board", "process/auto-dispatch"} <= set(said.json["stalled"])
    assert "停住了" in sidan("status").out


def test_a_command_brings_the_read_models_up_first(sidan: Sidan) -> None:
    behind(sidan)
    assert len(sidan.json("orders", "list")["orders"]) == 1
