"""The same commands where a broker stands between, and the auditor who trusts the topic alone."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any
from uuid import uuid4

import pytest

from adapters.bootstrap import Node
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import Topics
from adapters.roles import ROLES, projecting
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from adapters.tables.mapping import DEFAULT
from domain.stages import Stage
from projections.engine import LOG
from tests.adapters.cli.a_terminal import LAKE, Said, Sidan
from tests.adapters.tables.a_table import DIRTY, dirty_rows, json_table
from tests.support.waiting import eventually, running

# The table's one row of the future is past by now.
DIRTY_TODAY = {**DIRTY, "recorded": DIRTY["recorded"] + 1, "rejected": DIRTY["rejected"] - 1}


class OverKafka(Sidan):
    """The program with a broker and a PostgreSQL, its topics under a name that nobody else has."""

    def __init__(self, kafka: str, store: str) -> None:
        self.store = store
        self.settings = Settings(store=store, kafka=kafka, prefix=f"cli{uuid4().hex[:10]}")
        self.topics = Topics(self.settings.prefix)

    def __call__(self, *words: str, typed: bytes = b"") -> Said:
        over = ("--kafka", self.settings.kafka, "--prefix", self.settings.prefix)
        return super().__call__(*words, *over, typed=typed)

    @contextmanager
    def working(self, *names: str) -> Generator[Node]:
        """These roles run until the block ends."""
        with Node(self.settings) as node, running(*(_role(node, name) for name in names)):
            yield node


@pytest.fixture
def sidan(kafka: str, postgres_url: str) -> OverKafka:
    sidan = OverKafka(kafka, postgres_url)
    told = sidan.json("init", "--town", str(LAKE))
    assert sidan.topics.events in told["topics"]
    assert sidan.json("init", "--town", str(LAKE))["topics"] == []
    return sidan


def _role(node: Node, name: str) -> Callable[[Event], None]:
    return lambda stop: ROLES[name](node, stop)


def test_a_week_goes_through_the_bus_and_the_topic_alone_tells_it_all(sidan: OverKafka) -> None:
    lines = sidan("simulate", "--town", str(LAKE), "--orders", "30", "--seed", "5", "--faults").bytes
    large = b'{"specversion":"1.0","data":"' + b"x" * 600_000 + b'"}\n'
    with sidan.working("worker", "relay", "project"):
        told = sidan.json("submit", "-", typed=lines + large)
        assert told["lines"] == len(lines.splitlines()) + 1
        assert told["lines"] == sum(told[one] for one in ("recorded", "rejected", "parked", "repeated"))
        assert told["codes"]["too_large"] == 1
        assert sidan.json("submit", "-", typed=lines)["recorded"] == 0
        eventually(lambda: _behind(sidan.json("status")) == 0)
    rebuilt = sidan.json("audit", "replay", "--all", "--from-topic")
    assert (rebuilt["ok"], rebuilt["differing"]) == (True, [])
    assert rebuilt["subjects"] == sidan.json("audit", "replay", "--all")["subjects"]
    order = sidan.json("orders", "list")["orders"][0]["order_id"]
    assert sidan.json("audit", "replay", order, "--from-topic") == sidan.json("audit", "replay", order)
    assert sidan.json("projections", "verify")["ok"]


def test_a_table_goes_through_the_bus_with_its_dirt(kafka: str, postgres_url: str, tmp_path: Path) -> None:
    sidan = OverKafka(kafka, postgres_url)
    table = str(json_table(tmp_path / "hotline.jsonl", dirty_rows()))
    for _ in range(2):  # the second time nothing is missing
        sidan.json("init", "--from-table", table, "--map", str(DEFAULT), "--name", "湖区")
    with sidan.working("worker", "relay", "project") as node:
        told = sidan.json("submit", table, "--map", str(DEFAULT))
        assert {name: told[name] for name in DIRTY_TODAY} == DIRTY_TODAY
        assert told["lines"] == sum(DIRTY_TODAY.values())
        assert sidan.json("submit", table, "--map", str(DEFAULT))["recorded"] == 0
        eventually(lambda: sum(node.queries.board.count_by_stage().values()) == told["recorded"])
        eventually(lambda: _behind(sidan.json("status")) == 0)
    assert sidan.json("audit", "replay", "--all", "--from-topic")["ok"]


def test_a_topic_that_says_something_else_is_found(sidan: OverKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sidan.placed()
    with sidan.working("relay") as node:
        eventually(lambda: node.store.positions().get("relay") == node.store.head())
        head = node.store.head()
    assert sidan.json("audit", "replay", order, "--from-topic")["ok"]
    stranger = Outgoing(sidan.topics.events, order.encode(), b'{"category":"roads/lamp"}', ())
    Sender(sidan.settings.kafka, {}).send([stranger])
    later = sidan.placed()
    said = sidan("audit", "replay", "--all", "--from-topic", "--json")
    assert said.code == 1
    stranger_found, lacks = said.json["differing"]
    assert (stranger_found["code"], stranger_found["position"]) == ("topic_stranger", None)
    assert stranger_found["partition"].startswith(sidan.topics.events)
    assert (lacks["code"], lacks["subject"], lacks["position"] > head) == ("topic_lacks", later, True)
    said = sidan("audit", "replay", later, "--from-topic", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unknown_order")
    monkeypatch.setattr(
        EventStore, "head", lambda _: head
    )  # what came while the topic was read is on its way
    said = sidan("audit", "replay", "--all", "--from-topic", "--json")
    assert [one["code"] for one in said.json["differing"]] == ["topic_stranger"]


def test_without_a_worker_submit_says_so(sidan: OverKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.bus.submitting.PATIENCE", 0.5)
    said = sidan("submit", "-", "--json", typed=b"{}\n")
    assert (said.code, said.json["error"]["code"]) == (3, "kafka_away")
    assert "sidan worker" in said.err


def _behind(told: dict[str, object]) -> int:
    """What lies in the topics and is not taken in, and what of the record the relay has not sent."""
    partitions, followers = told["topics"], told["roles"]
    assert isinstance(partitions, list)
    assert isinstance(followers, list)
    relay = [one["events"] for one in followers if one["role"] == "relay"]
    return sum(one["behind"] for one in partitions) + sum(relay)


def _standing(sidan: OverKafka) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    told = sidan("status", "--json").json  # whatever its exit code
    return told, {f"{one['role']}/{one['name']}": one for one in told["roles"]}


def _ends(told: dict[str, Any], topic: str) -> int:
    return sum(one["end"] for one in told["topics"] if one["partition"].startswith(f"{topic}["))


MODELS = ("order_board", "menu", "matching", "rating")


def test_status_tells_each_role_s_lag_in_events_and_seconds(sidan: OverKafka) -> None:
    with sidan.working("relay", "project", "process"):
        sidan.placed()
        eventually(lambda: _behind(sidan.json("status")) == 0)
        eventually(lambda: {one["events"] for one in _standing(sidan)[1].values()} == {0})
        told, roles = _standing(sidan)
    head, sent = told["head"], _ends(told, sidan.topics.events)
    assert (told["mode"], told["status"], head) == ("kafka", "ok", len(sidan.log()))
    assert sent == head  # every fact so far is public
    for name in ("relay/relay", "process/work", *(f"project/{model}" for model in MODELS)):
        one = roles[name]
        assert (one["events"], one["seconds"], one["stalled"]) == (0, 0.0, False), name
    assert roles["relay/relay"]["position"] == head

    sidan.placed()  # nobody works
    sleep(0.3)
    told, roles = _standing(sidan)
    assert (told["head"], _ends(told, sidan.topics.events)) == (head + 1, sent)
    for name, one in roles.items():
        assert one["events"] == (0 if name == "worker/worker" else 1), name
        assert (one["seconds"] >= 0.3) == (name != "worker/worker"), name

    with sidan.working("relay"):
        eventually(lambda: _standing(sidan)[1]["relay/relay"]["events"] == 0)
    told, roles = _standing(sidan)
    assert _ends(told, sidan.topics.events) == sent + 1
    behind = {one["partition"]: one["behind"] for one in told["topics"] if one["behind"]}
    assert set(behind.values()) == {1}
    assert {roles[f"project/{model}"]["events"] for model in MODELS} == {1}
    assert all(roles[f"project/{model}"]["seconds"] >= 0.3 for model in MODELS)
    with sidan.working("project", "process"):
        eventually(lambda: {one["events"] for one in _standing(sidan)[1].values()} == {0})


def test_status_counts_commands_that_no_worker_has_taken_in(sidan: OverKafka) -> None:
    sender = Sender(sidan.settings.kafka, {})
    sender.send([Outgoing(sidan.topics.name("residents"), b"k", b"{}") for _ in range(3)])
    sleep(0.2)
    told, roles = _standing(sidan)
    assert (roles["worker/worker"]["events"], roles["worker/worker"]["position"]) == (3, 0)
    assert roles["worker/worker"]["seconds"] >= 0.2
    assert _ends(told, sidan.topics.name("residents")) == 3
    with sidan.working("worker"):
        eventually(lambda: _standing(sidan)[1]["worker/worker"]["events"] == 0)
    assert _standing(sidan)[1]["worker/worker"]["position"] == 3


def test_one_read_model_can_be_kept_up_alone(sidan: OverKafka) -> None:
    sidan.placed()
    with sidan.working("relay") as node, running(lambda stop: projecting(["order_board"])(node, stop)):
        eventually(lambda: node.queries.board.count_by_stage()[Stage.PLACED] == 1)

        def kept_up() -> set[str]:
            return {one.model.name for one in node.projectors if one.positions().keys() - {LOG}}

        eventually(lambda: kept_up() == {"order_board"})  # it is filled first, then it follows the topic


def test_what_learns_in_log_order_is_kept_up_by_who_runs_the_process_managers(sidan: OverKafka) -> None:
    sidan.placed()
    with sidan.working("relay", "project") as node:
        eventually(lambda: node.queries.board.count_by_stage()[Stage.PLACED] == 1)
        (evidence,) = node.in_log_order
        assert (evidence.model.name, evidence.positions()) == ("evidence", {})
        told, roles = _standing(sidan)
        assert (told["not_begun"], roles["process/evidence"]["events"]) == ([], told["head"])
    with sidan.working("process") as node:
        (evidence,) = node.in_log_order
        eventually(lambda: evidence.position() == node.store.head())
        assert evidence.positions().keys() == {LOG}
        eventually(lambda: _standing(sidan)[1]["process/evidence"]["events"] == 0)
    told = sidan.json("projections", "verify", "evidence")
    assert [one["name"] for one in told["projections"]] == ["evidence"]


def test_what_learns_in_log_order_cannot_be_kept_up_by_the_bus(sidan: OverKafka) -> None:
    said = sidan("project", "evidence")
    assert said.code == 2
    assert "only_in_order" in said.err


def test_a_read_model_that_nobody_knows_cannot_be_kept_up(sidan: OverKafka) -> None:
    said = sidan("project", "weather")
    assert said.code == 2
    assert "unknown_projection" in said.err
