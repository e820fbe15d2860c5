"""The read models at the command line: status, verify, rebuild, back, retry."""

import sqlite3

import pytest

from adapters.bootstrap import Node
from adapters.settings import Settings
from projections.engine.alone import alone
from projections.order_board import OrderBoard
from tests.adapters.cli.a_terminal import Sidan

NAMES = ["order_board", "menu", "matching", "rating", "needs", "evidence"]


def spoil(sidan: Sidan, statement: str) -> None:
    with sqlite3.connect(sidan.file) as connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()


def test_each_read_model_says_how_far_it_has_read(sidan: Sidan) -> None:
    told = sidan.json("projections", "status")
    assert [one["name"] for one in told["projections"]] == NAMES
    assert all(one["partitions"]["log"]["position"] == told["head"] for one in told["projections"])


def test_a_shadow_finds_a_row_that_was_changed_and_rebuilding_mends_it(sidan: Sidan) -> None:
    sidan.placed()
    assert sidan.json("projections", "verify")["ok"]
    spoil(sidan, "UPDATE order_board_v2 SET stage = 'rated'")
    said = sidan("projections", "verify", "--json")
    assert said.code == 1
    assert [one["name"] for one in said.json["projections"]] == NAMES
    assert [one["name"] for one in said.json["projections"] if not one["ok"]] == ["order_board"]
    wrong = next(one for one in said.json["projections"] if not one["ok"])["parting"]
    assert (wrong["event"], wrong["table"]) == ("OrderPlaced", "order_board_v2")
    assert "OrderPlaced" in sidan("projections", "verify", "order_board").out
    assert sidan.json("projections", "rebuild", "order_board")["facts"] == len(sidan.log())
    assert sidan.json("projections", "verify", "order_board")["ok"]


def test_two_do_not_rebuild_one_read_model_at_once(sidan: Sidan) -> None:
    with Node(Settings(store=sidan.store)) as node, alone(node.reads, node.projectors[0].id, "order_board"):
        for words in (("order_board",), ("order_board", "--back")):
            said = sidan("projections", "rebuild", *words, "--json")
            assert (said.code, said.json["error"]["code"]) == (1, "being_rebuilt")
        assert sidan.json("projections", "rebuild", "menu")["ok"]
    assert sidan.json("projections", "rebuild", "order_board")["ok"]


def test_a_read_model_nobody_has_is_a_usage_error(sidan: Sidan) -> None:
    said = sidan("projections", "rebuild", "weather", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "unknown_projection")


def test_the_generation_before_is_one_command_away(sidan: Sidan) -> None:
    sidan.placed()
    assert (
        sidan("projections", "rebuild", "order-board", "--back", "--json").json["error"]["code"]
        == "no_way_back"
    )
    assert sidan.json("projections", "rebuild", "order_board")["generation"] == 2
    sidan.placed()
    assert sidan.json("projections", "rebuild", "order_board", "--back")["generation"] == 1
    assert len(sidan.json("orders", "list")["orders"]) == 2
    (board, *_) = sidan.json("projections", "status")["projections"]
    assert (board["generation"], board["previous"]) == (1, 2)
    assert sidan.json("projections", "verify")["ok"]


def test_what_waits_is_ill_health_until_it_is_retried(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = OrderBoard.apply

    def failing(self, connection, batch) -> None:
        if any(type(one.fact.event).wire == "OrderDispatched" for one in batch):
            raise KeyError("provider")
        honest(self, connection, batch)

    monkeypatch.setattr(OrderBoard, "apply", failing)
    order = sidan.dispatched()
    sidan.placed()
    said = sidan("projections", "status", "--json")
    assert (said.code, said.json["ok"]) == (1, False)
    (board, *others) = said.json["projections"]
    assert board["parked"]["facts"] == 1
    assert board["parked"]["why"] == "KeyError: 'provider'"
    assert not any(one["parked"]["facts"] for one in others)
    assert "KeyError" in sidan("projections", "status", "--csv").out
    assert sidan("projections", "retry", "order_board", "--json").code == 1
    monkeypatch.setattr(OrderBoard, "apply", honest)
    assert sidan.json("projections", "retry", "order_board")["applied"] == 1
    assert sidan.json("projections", "status")["ok"]
    assert sidan.json("orders", "show", order)["stage"] == "dispatched"


def test_an_event_of_a_newer_release_stops_nobody_else(sidan: Sidan) -> None:
    order = sidan.dispatched()
    spoil(sidan, "UPDATE stored_events SET topic = 'OrderSung' WHERE topic = 'OrderDispatched'")
    with Node(Settings(store=sidan.store)) as node:
        for one in node.projectors:
            one.reset()
    sidan.placed()
    said = sidan("projections", "status", "--json")
    assert {one["name"]: one["parked"]["facts"] for one in said.json["projections"]} == dict.fromkeys(
        NAMES, 1
    )
    assert len(sidan.json("orders", "list")["orders"]) == 2
    spoil(sidan, "UPDATE stored_events SET topic = 'OrderDispatched' WHERE topic = 'OrderSung'")
    for name in NAMES[:-1]:
        assert sidan.json("projections", "retry", name)["applied"] == 1
    said = sidan("projections", "retry", "evidence", "--json")  # what it learnt since would come before it
    assert (said.code, said.json["error"]["code"]) == (1, "only_in_order")
    assert sidan.json("projections", "rebuild", "evidence")["ok"]
    assert sidan.json("projections", "retry", "evidence")["applied"] == 0
    assert sidan.json("orders", "show", order)["stage"] == "dispatched"
    assert sidan.json("projections", "verify")["ok"]
