"""How the engine is doing, and what is done about it."""

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
