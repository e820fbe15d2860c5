"""CloudEvents over HTTP, repeats, and bad input: each has its code and stops nobody else."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from httpx import Response

from adapters.web.intake import MAX_READ, read_body
from domain.events import CommandRepeated, MessageParked
from domain.facts import Fact
from tests.adapters.web.asking import AREA, CLERK, LAMP, LI, ROADS, SECRET, Web

DATA = {"category": LAMP, "area": AREA, "details": "灯不亮"}

ONE, OTHER = "01a1e323-6ff2-742f-9b61-1feff1677006", "01a1e323-6ff2-742f-9b61-1feff1677007"


def event(**changes: Any) -> dict[str, Any]:
    base = {"specversion": "1.0", "id": "e-1", "source": "desk/1", "type": "PlaceOrder", "actor": "r-li"}
    return {**base, "role": "resident", "data": DATA, **changes}


def send(web: Web, content: bytes | str, **headers: str) -> Response:
    return web.client.post("/commands", content=content, headers=headers)


def last(web: Web) -> Fact:
    head = web.node.store.head()
    return web.node.store.read(head - 1, 1)[0].fact


def test_a_structured_event_is_taken(web: Web) -> None:
    told = send(web, json.dumps(event())).json()
    assert told["events"] == ["OrderPlaced"]
    assert (last(web).meta.actor.id, last(web).meta.cause.source) == ("r-li", "desk/1")


def test_an_event_in_binary_mode_is_taken(web: Web) -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "b-1", "ce-source": "desk/1", "ce-type": "PlaceOrder"}
    answer = send(web, json.dumps(DATA), **headers, **LI)
    assert answer.json()["events"] == ["OrderPlaced"]


def test_the_role_of_the_event_must_be_that_of_the_caller(web: Web) -> None:
    answer = send(web, json.dumps(event(role="community")), **LI)
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize("where", ["header", "event"])
def test_nobody_takes_the_role_of_the_machine(web: Web, where: str) -> None:
    said = {"X-Role": "system"} if where == "header" else {}
    answer = send(web, json.dumps(event(role="system")), **said)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_role")


def test_a_step_takes_no_other_command_in_disguise(web: Web) -> None:
    order = web.dispatched()
    hidden = event(type="RecallOrder", role="community", subject=order, data={"reason": "派错"})
    answer = web.step(order, "pool", hidden, CLERK)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_field")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xff\xfe\x00", "unreadable"),
        (b"[1, 2]", "unreadable"),
        (json.dumps(event(type="BuyPizza")).encode(), "unknown_type"),
        (json.dumps(event(source="")).encode(), "not_cloudevent"),
        (json.dumps(event(data={"category": LAMP})).encode(), "invalid_field"),
        (json.dumps(event(data={**DATA, "colour": "red"})).encode(), "invalid_field"),
        (json.dumps(event(data={**DATA, "order": "no-id"})).encode(), "invalid_field"),
        (json.dumps(event(subject=ONE, data={**DATA, "order": OTHER})).encode(), "subject_mismatch"),
    ],
)
def test_what_cannot_be_read_is_parked_and_told(web: Web, body: bytes, code: str) -> None:
    answer = send(web, body)
    assert (answer.status_code, answer.json()["code"], answer.json()["outcome"]) == (400, code, "parked")
    parked = last(web).event
    assert isinstance(parked, MessageParked)
    assert (parked.code, parked.digest) == (code, hashlib.sha256(body).hexdigest())
    assert web.placed()["status"] == "recorded"  # nobody else is stopped


def test_an_order_that_does_not_exist_is_unknown(web: Web) -> None:
    answer = web.step("01a1e323-6ff2-742f-9b61-1feff1677006", "pool", {}, CLERK)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_order")


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (datetime.now(UTC) + timedelta(days=9), "date_in_future"),
        (datetime(1901, 1, 1, tzinfo=UTC), "date_absurd"),
    ],
)
def test_a_date_that_cannot_be_meant_is_refused(web: Web, time: datetime, code: str) -> None:
    answer = send(web, json.dumps(event(time=time.isoformat())))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_ten_megabytes_are_parked_as_digest_and_beginning(web: Web) -> None:
    body = json.dumps({**DATA, "details": "很" * 3_400_000}, ensure_ascii=False).encode()
    answer = web.client.post("/orders", content=body, headers=LI)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    parked = last(web).event
    assert isinstance(parked, MessageParked)
    assert (parked.size, parked.digest) == (len(body), hashlib.sha256(body).hexdigest())
    assert len(parked.body) < 200_000


def test_a_body_without_end_is_not_read_to_its_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.intake.MAX_READ", 1_000_000)
    answer = web.client.post("/orders", content=b"x" * 5_000_000, headers=LI)
    parked = last(web).event
    assert answer.status_code == 413
    assert isinstance(parked, MessageParked)
    assert parked.size == 1_000_000


def test_nobody_waits_for_the_end_of_a_body_without_end() -> None:
    class Endless:
        sent = 0

        async def stream(self) -> AsyncIterator[bytes]:
            while self.sent <= 2 * MAX_READ:
                self.sent += 1_000_000
                yield b"x" * 1_000_000

    endless: Any = Endless()
    body = anyio.run(read_body, endless)
    assert len(body) == MAX_READ
    assert endless.sent <= MAX_READ + 1_000_000


def test_a_repeat_is_told_what_the_first_was_told(web: Web) -> None:
    first = web.post("/orders", DATA, LI, **{"Idempotency-Key": "once"})
    again = web.post("/orders", DATA, LI, **{"Idempotency-Key": "once"})
    assert (first.status_code, again.status_code) == (201, 200)
    told = again.json()
    assert (told["status"], told["code"], told["first"]) == (
        "repeated",
        "repeated",
        first.json()["positions"][0],
    )
    for name in ("subject", "number", "query_code"):
        assert told[name] == first.json()[name]
    repeated = last(web).event
    assert isinstance(repeated, CommandRepeated)
    assert repeated.first == told["first"]


def test_a_repeat_of_a_refusal_is_refused_again(web: Web) -> None:
    key = {"Idempotency-Key": "once"}
    order = web.placed()["subject"]
    first = web.step(order, "dispatch", {"provider": "nobody"}, CLERK, **key)
    again = web.step(order, "dispatch", {"provider": "nobody"}, CLERK, **key)
    assert (again.status_code, again.json()["code"]) == (404, "unknown_provider")
    assert (again.json()["outcome"], again.json()["first"]) == ("repeated", first.json()["positions"][0])


def test_what_is_so_already_is_no_refusal(web: Web) -> None:
    order = web.dispatched()
    again = web.step(order, "dispatch", {"provider": ROADS}, CLERK)
    assert (again.status_code, again.json()["status"], again.json()["code"]) == (200, "repeated", "already")


def test_a_key_reused_for_something_else_is_refused(web: Web) -> None:
    key = {"Idempotency-Key": "once"}
    web.post("/orders", DATA, LI, **key)
    answer = web.post("/orders", {**DATA, "details": "别的事"}, LI, **key)
    assert (answer.status_code, answer.json()["code"]) == (422, "id_reused")


def test_two_people_may_use_the_same_key(web: Web) -> None:
    key = {"Idempotency-Key": "once"}
    for who in (LI, {**LI, "X-Actor": "r-wang"}):
        assert web.post("/orders", DATA, who, **key).status_code == 201


def test_a_refusal_says_nothing_of_what_was_written(web: Web) -> None:
    answer = web.post("/orders", {**DATA, "details": SECRET, "area": SECRET}, LI)
    assert (answer.status_code, "13800000000" in answer.text) == (400, False)
