"""How the engine is doing, and what is done about it."""

import sqlite3

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


def spoil(sidan: Sidan, statement: str) -> None:
    with sqlite3.connect(sidan.file) as connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()


def test_status_names_every_follower_and_its_lag(sidan: Sidan) -> None:
    sidan.placed()
    told = sidan.json("status")
    assert told["head"] == len(sidan.log())
    names = {one["name"] for one in told["roles"]}
    assert {"order_board", "menu", "matching", "rating", "auto-dispatch", "retirement", "work"} <= names
    assert {(one["events"], one["seconds"]) for one in told["roles"]} == {(0, 0.0)}
    assert "落后事件" in sidan("status").out


def test_lag_is_counted_in_events_and_seconds(sidan: Sidan) -> None:
    from adapters.cli.watching import lags_of  # noqa: PLC0415 - what the command shows, before it catches up

    behind(sidan)
    with Node(Settings(store=sidan.store)) as node:
        lags = list(lags_of(node, node.store.head()))
    assert {one.events for one in lags} == {1}
    assert all(0 < one.seconds < 60 for one in lags)


def test_a_command_brings_the_read_models_up_first(sidan: Sidan) -> None:
    behind(sidan)
    assert len(sidan.json("orders", "list")["orders"]) == 1


def test_each_read_model_says_how_far_it_has_read(sidan: Sidan) -> None:
    told = sidan.json("projections", "status")
    assert {one["name"] for one in told["projections"]} == {"order_board", "menu", "matching", "rating"}
    assert all(one["partitions"]["log"]["position"] == told["head"] for one in told["projections"])


def test_a_shadow_finds_a_row_that_was_changed_and_rebuilding_mends_it(sidan: Sidan) -> None:
    sidan.placed()
    assert sidan.json("projections", "verify")["ok"]
    spoil(sidan, "UPDATE order_board_v1 SET stage = 'rated'")
    said = sidan("projections", "verify", "--json")
    assert said.code == 1
    assert {one["name"]: one["ok"] for one in said.json["projections"]} == {
        "order_board": False,
        "menu": True,
        "matching": True,
        "rating": True,
    }
    assert sidan.json("projections", "rebuild", "order_board")["facts"] == len(sidan.log())
    assert sidan.json("projections", "verify", "order_board")["ok"]


def test_a_read_model_nobody_has_is_a_usage_error(sidan: Sidan) -> None:
    said = sidan("projections", "rebuild", "weather", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "unknown_projection")
