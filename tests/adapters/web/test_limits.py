"""What is too much is refused at once, with a code that says so, and costs nobody else anything."""

import sqlite3
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError
from httpx import Response
from starlette.requests import HTTPConnection

from adapters.bootstrap import Node
from adapters.tokens.identity import Identity
from adapters.web.app import make_app
from adapters.web.limits import Buckets, sender_of
from domain.events import CommandRejected
from domain.stages import Role
from services.handling import Batch
from services.requests import Outcome
from tests.adapters.web.asking import AREA, CLERK, LAMP, LI, WANG, Web
from tests.support.a_node import node_of
from tests.support.in_process import InProcess
from tests.support.waiting import eventually

PLACE = {"category": LAMP, "area": AREA, "details": "灯不亮"}


class Ticks:
    """A clock that goes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def set_so(founded: Path, tmp_path: Path, ticks: Ticks) -> Any:
    @contextmanager
    def opened(**settings: Any) -> Generator[Web]:
        with node_of(founded, tmp_path, **settings) as node:
            transport = InProcess(make_app(node, ticks=ticks))
            yield Web(node, transport)
            transport.close()

    return opened


def codes(*answers: Response) -> list[str | int]:
    return [one.json()["code"] if one.status_code >= 400 else one.status_code for one in answers]


# how often one may ask


def test_a_bucket_gives_what_is_in_it_and_fills_again(ticks: Ticks) -> None:
    buckets = Buckets(0.5, ticks)
    assert [buckets.take("li") for _ in range(6)] == [0, 0, 0, 0, 0, 2.0]
    assert buckets.take("wang") == 0
    ticks.now += 1.0
    assert buckets.take("li") == 1.0
    ticks.now += 1.0
    assert buckets.take("li") == 0
    ticks.now += 1e6
    assert [buckets.take("li") for _ in range(6)][-1] == 2.0  # it never holds more than it can


def test_a_bucket_that_nobody_used_for_longest_is_forgotten(
    ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.web.limits.SENDERS", 2)
    buckets = Buckets(0.1, ticks)
    for sender in ("li", "wang", "li", "chen"):
        buckets.take(sender)
    assert list(buckets._held) == ["li", "chen"]


def test_who_sends_too_often_is_told_when_to_come_again(set_so: Any, ticks: Ticks) -> None:
    with set_so(rate=0.1) as web:
        head = web.node.store.head()
        first, second = (web.post("/orders", PLACE, LI) for _ in range(2))
        assert codes(first, second) == [201, "too_many_requests"]
        assert (second.status_code, second.headers["retry-after"]) == (429, "10")
        assert second.headers["content-type"] == "application/problem+json"
        assert web.node.store.head() == head + 1  # nothing of it was kept
        assert web.get("/board", LI).status_code == 200  # reading is not sending
        ticks.now += 10
        assert codes(web.post("/orders", PLACE, LI)) == [201]


def test_another_name_is_no_other_sender(set_so: Any) -> None:
    with set_so(rate=0.1) as web:
        assert codes(web.post("/orders", PLACE, LI), web.post("/orders", PLACE, WANG)) == [
            201,
            "too_many_requests",
        ]


def test_who_is_proven_has_an_allowance_of_their_own(set_so: Any) -> None:
    with set_so(rate=0.1) as web:
        li, wang = (bearing(web, who) for who in ("r-li", "r-wang"))
        first, second = (web.post("/orders", PLACE, li) for _ in range(2))
        as_wang = web.post("/orders", PLACE, li, **WANG)
        assert codes(first, second, as_wang) == [201, "too_many_requests", "too_many_requests"]
        assert codes(web.post("/orders", PLACE, wang)) == [201]  # it is nobody else's fault


def test_two_tokens_of_one_person_are_one_sender(set_so: Any) -> None:
    with set_so(rate=0.1) as web:
        answers = [web.post("/orders", PLACE, bearing(web, "r-li")) for _ in range(2)]
        assert codes(*answers) == [201, "too_many_requests"]


def bearing(web: Web, actor: str) -> dict[str, str]:
    now = datetime.now(UTC)
    identity = Identity(role=Role.RESIDENT, actor=actor, expires=now + timedelta(days=1))
    return {"Authorization": f"Bearer {web.node.tokens.add(identity, now)}"}


@pytest.mark.parametrize(
    ("host", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_who_proves_nothing_counts_as_where_they_come_from(host: str, counted_as: str) -> None:
    said = [(b"x-role", b"resident"), (b"x-actor", b"r-li")]
    assert sender_of(HTTPConnection({"type": "http", "headers": said, "client": (host, 5)})) == counted_as


def test_no_rate_is_no_limit(set_so: Any) -> None:
    with set_so(rate=0.0) as web:
        assert codes(*(web.post("/orders", PLACE, LI) for _ in range(5))) == [201] * 5


# how many at once


class Slow:
    """A record that takes its time."""

    def __init__(self, node: Node) -> None:
        self.entered, self.open = Event(), Event()
        self._handle = node.handler.handle
        node.handler.handle = self  # pyright: ignore[reportAttributeAccessIssue] - in its place

    def __call__(self, batch: Batch) -> list[Outcome]:
        self.entered.set()
        assert self.open.wait(20)
        return self._handle(batch)


def test_a_crowd_is_turned_away_at_once_and_who_waits_is_served(set_so: Any) -> None:
    with set_so(waiting=3) as web, ThreadPoolExecutor(3) as pool:
        slow = Slow(web.node)
        waiting: list[Future[Response]] = [pool.submit(web.post, "/orders", PLACE, LI) for _ in range(3)]
        assert slow.entered.wait(10)
        eventually(lambda: len(web.node.desk._waiting) == 2)
        late = web.post("/orders", PLACE, WANG, **{"Idempotency-Key": "late"})
        assert (late.status_code, codes(late), late.headers["retry-after"]) == (503, ["overloaded"], "1")
        assert web.get("/health").status_code == 200
        slow.open.set()
        assert codes(*(one.result() for one in waiting)) == [201] * 3
        again = web.post("/orders", PLACE, WANG, **{"Idempotency-Key": "late"})
        assert codes(again) == [201]  # turned away is not answered: the key is free


def test_a_record_that_is_away_is_said_and_may_be_tried_again(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Batch) -> list[Outcome]:
        raise OperationalError("restarting")

    with monkeypatch.context() as patched:
        patched.setattr(web.node.handler, "handle", away)
        answer = web.post("/orders", PLACE, LI, **{"Idempotency-Key": "k"})
    assert (answer.status_code, codes(answer), answer.headers["retry-after"]) == (503, ["store_away"], "1")
    assert codes(web.post("/orders", PLACE, LI, **{"Idempotency-Key": "k"})) == [201]


def test_a_table_of_another_shape_is_not_told_as_a_store_that_is_away(web: Web) -> None:
    with sqlite3.connect(web.node.settings.store.removeprefix("sqlite:///")) as rows:
        rows.execute("ALTER TABLE command_keys RENAME COLUMN digest TO other")
    answer = web.post("/orders", PLACE, LI, **{"Idempotency-Key": "k"})
    assert (answer.status_code, codes(answer)) == (500, ["other_release"])


# how many orders one may have open


def test_a_resident_has_only_so_many_orders_open(set_so: Any) -> None:
    with set_so(open_orders=2) as web:
        orders = [web.placed()["subject"] for _ in range(2)]
        web.node.follow()
        head = web.node.store.head()
        third = web.post("/orders", PLACE, LI)
        assert (third.status_code, codes(third)) == (409, ["too_many_open_orders"])
        assert third.json()["positions"] == [head + 1]  # the refusal is on record
        (refused,) = web.node.store.read(head, 1)
        assert isinstance(refused.fact.event, CommandRejected)
        assert (refused.fact.event.code, refused.fact.meta.actor.id) == ("too_many_open_orders", "r-li")
        assert "灯不亮" not in refused.fact.event.asked
        assert codes(web.post("/orders", PLACE, WANG)) == [201]
        web.done(orders[0], "withdraw", {"reason": "好了"}, LI)
        web.node.follow()
        assert codes(web.post("/orders", PLACE, LI)) == [201]


def test_staff_meets_the_same_limit_for_the_resident_and_none_for_itself(set_so: Any) -> None:
    with set_so(open_orders=1) as web:
        web.placed()
        web.node.follow()
        for_li = web.post("/orders", PLACE, CLERK, **{"X-On-Behalf-Of": LI["X-Actor"]})
        assert codes(for_li) == ["too_many_open_orders"]
        assert codes(web.post("/orders", PLACE, CLERK, **{"X-On-Behalf-Of": "r-zhao"})) == [201]


def test_a_repeat_is_answered_however_many_are_open(set_so: Any) -> None:
    with set_so(open_orders=1) as web:
        first = web.post("/orders", PLACE, LI, **{"Idempotency-Key": "k"})
        web.node.follow()
        again = web.post("/orders", PLACE, LI, **{"Idempotency-Key": "k"})
        assert codes(first, again) == [201, 200]
        assert again.json()["number"] == first.json()["number"]


def test_a_corrected_letter_meets_the_limit_too(set_so: Any) -> None:
    with set_so(open_orders=1) as web:
        letter = web.post("/orders", {**PLACE, "colour": "red"}, LI).json()["positions"][0]
        web.placed()
        web.node.follow()
        operator = {"X-Role": "operator", "X-Actor": "op-1"}
        told = web.post(f"/dead-letters/{letter}/requeue", PLACE, operator).json()
        assert (told["status"], told["code"]) == ("rejected", "too_many_open_orders")


def test_other_steps_are_not_counted(set_so: Any) -> None:
    with set_so(open_orders=1) as web:
        order = web.placed()["subject"]
        web.node.follow()
        assert web.step(order, "second", {}, WANG).status_code == 200


# how much at once


def test_a_form_that_is_too_large_is_refused(web: Web) -> None:
    answer = web.client.post("/web/place", data={"details": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "1 MiB" in answer.text
