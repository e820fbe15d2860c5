"""A store that an earlier release wrote is opened by this one, and goes on as if nothing had happened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.bootstrap import Node
from adapters.reactors.tables import need_ties, waiting_orders
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from projections.engine.shapes import derived_shapes
from tests.adapters.cli.a_terminal import CHEN, Sidan
from tests.upgrades.releases import RELEASES, expected, loaded, unpacked
from tests.upgrades.writing import digest_of_rows

KNOWN_THEN = ("auto-dispatch", "call", "retirement", "work", "needs")

LI = ("--as", "resident:r-li")
MEALS = ("--as", "provider:meals")
ON_SQLITE = [(release, "sqlite") for release in RELEASES]
ON_POSTGRES = [pytest.param((release, "postgres"), marks=pytest.mark.postgres) for release in RELEASES]


@pytest.fixture(params=[*ON_SQLITE, *ON_POSTGRES], ids=str)
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sidan:
    """This release's program over a store that another one wrote."""
    for name in ("SIDAN_STORE", "SIDAN_KAFKA", "SIDAN_AS", "SIDAN_READS"):
        monkeypatch.delenv(name, raising=False)
    release, database = request.param
    sidan = Sidan(tmp_path)
    sidan.store = (
        loaded(release, tmp_path, request.getfixturevalue("postgres_url"))
        if database == "postgres"
        else unpacked(release, sidan.file)
    )
    return sidan


@pytest.fixture
def told(old: Sidan, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What that release said of it."""
    del old
    return expected(request.node.callspec.params["old"][0])


@pytest.fixture
def node(old: Sidan) -> Iterator[Node]:
    with Node(Settings(store=old.store)) as opened:
        opened.create()
        yield opened


def logged(url: str) -> list[tuple[Any, ...]]:
    """Every row of the log, as `writing` saw them."""
    store = EventStore(url)
    try:
        found = store.read_stored(0, 100_000)
    finally:
        store.close()
    return [(one.id, one.originator_id.hex, one.originator_version, one.topic, one.state) for one in found]  # pyright: ignore[reportAttributeAccessIssue]


def test_opening_it_says_what_is_made_again_once_and_leaves_the_record_alone(
    old: Sidan, told: dict[str, Any]
) -> None:
    first, second = old("orders", "list", "--limit", "500", "--json"), old("orders", "list", "--json")
    assert "流程的笔记的数据表是另一版本的样子，正在按记录重做。" in first.err
    assert "of the process managers have another release's shape and are being made again" in first.err
    assert (first.code, second.code, second.err) == (0, 0, "")
    assert {one["order_id"]: one["stage"] for one in first.json["orders"]} == told["stages"]
    assert digest_of_rows(logged(old.store)) == told["log"]


def test_its_record_replays_clean_and_its_read_models_say_what_they_said(
    old: Sidan, told: dict[str, Any]
) -> None:
    replayed = old.json("audit", "replay", "--all")
    assert (replayed["ok"], replayed["facts"]) == (True, told["facts"])
    models = old.json("projections", "verify")["projections"]
    versions = {one["name"]: one["version"] for one in old.json("projections", "status")["projections"]}
    now = {one["name"]: {"version": versions[one["name"]], "digest": one["digest"]} for one in models}
    then = {name: one for name, one in told["models"].items() if versions[name] == one["version"]}
    # One that says something else in the same tables needs another version, in its tables' names.
    assert now | then == now


def test_what_was_said_in_confidence_can_still_be_read(old: Sidan, told: dict[str, Any]) -> None:
    order = next(iter(told["stages"]))
    said = old("audit", "replay", order, "--open", "--why", "看看")
    assert said.code == 0
    assert "无法打开" not in said.out
    assert "“" in said.out


def test_work_goes_on_in_it(old: Sidan, told: dict[str, Any]) -> None:
    placed = old.json("place", "--category", "care/meals", "--area", "lake/east", "--details", "午饭", *LI)
    order = placed["order"]
    assert placed["position"] > told["head"]
    old.json("dispatch", order, "--provider", "meals", *CHEN)
    old.json("accept", order, *MEALS)
    old.json("complete", order, "--result", "送到了", *MEALS)
    old.json("rate", order, "--level", "satisfied", *LI)
    assert old.json("orders", "show", order)["stage"] == "rated"
    assert old.json("projections", "verify")["ok"]
    assert old.json("audit", "replay", "--all")["ok"]


def test_process_managers_know_again_what_they_knew_and_say_nothing_of_it(
    node: Node, told: dict[str, Any]
) -> None:
    with node.reads.connect() as connection:
        waiting = connection.execute(select(waiting_orders)).all()
    assert {(row.category, row.area) for row in waiting} >= {("care/visit", "lake/west")}
    for row in waiting:
        (fact,) = node.store.read(row.since - 1, 1)
        assert row.version == fact.fact.version
    assert node.store.head() == told["head"]
    positions = node._reactors.positions()
    assert {positions[name] for name in KNOWN_THEN} == {told["head"]}


@pytest.fixture
def misshapen(old: Sidan) -> Sidan:
    """One of its read models has a column by another name."""
    with Node(Settings(store=old.store)) as node:
        node.create()
        with node.reads.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE rating_sums_v1 RENAME COLUMN resolved TO solved")
            connection.execute(derived_shapes.delete())
    return old


def test_a_read_model_left_in_another_shape_is_filled_anew(misshapen: Sidan) -> None:
    said = misshapen("rating")
    assert "读模型rating的数据表是另一版本的样子" in said.err
    assert said.code == 0
    assert misshapen.json("projections", "verify", "rating")["ok"]


def test_it_is_filled_before_anybody_asks_it(misshapen: Sidan) -> None:
    with Node(Settings(store=misshapen.store)) as node:
        node.create()
        assert {one.position() for one in node.projectors} == {node.store.head()}


def test_notes_that_an_end_came_upon_halfway_are_made_again(node: Node) -> None:
    node.derived._drop_notes()
    node._reactors.create()  # and there the process ended: right tables with nothing in them
    assert not node.derived.is_current
    node.derived.create()
    with node.reads.connect() as connection:
        assert connection.execute(select(waiting_orders)).all()


def test_notes_that_an_earlier_release_did_not_take_are_taken(node: Node) -> None:
    with node.reads.begin() as connection:
        ties = connection.execute(select(need_ties)).all()
        connection.exec_driver_sql("DROP TABLE reactor_need_ties")
        connection.execute(derived_shapes.delete())
    node.derived.create()
    with node.reads.connect() as connection:
        assert connection.execute(select(need_ties)).all() == ties != []


def test_what_no_replay_brings_back_is_not_guessed_at(old: Sidan) -> None:
    with Node(Settings(store=old.store)) as node, node.reads.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE reactor_outbox RENAME COLUMN data TO body")
    said = old("orders", "list", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "other_release")
