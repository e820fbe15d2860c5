"""Who reads an order's texts is on record, by which right, and the resident can see it."""

from typing import Any
from urllib.parse import quote

import pytest
from eventsourcing.persistence import OperationalError

from adapters.keys.master import OtherMasterKey
from adapters.readings import Reading, all_readings, of_subject
from domain.ids import RULES_SUBJECT
from tests.adapters.web.asking import AREA, CLERK, LI, ROADS, SECRET, WANG, Web, unit

AUDITOR = {"X-Role": "auditor", "X-Actor": "a-1"}
OPERATOR = {"X-Role": "operator", "X-Actor": "op-1"}


def order_of(web: Web) -> tuple[str, str]:
    """A dispatched order and its query code."""
    told = web.placed(contact="13900000000")
    web.done(told["subject"], "dispatch", {"provider": ROADS, "why": "路熟"}, CLERK)
    web.node.follow()
    return told["subject"], told["query_code"]


def read(web: Web, subject: str) -> list[Reading]:
    return of_subject(web.node.store, subject)


@pytest.mark.parametrize(
    ("who", "by"),
    [
        (OPERATOR, ("operator", None, None)),
        (CLERK, ("community", None, AREA)),
        (unit(), ("provider", ROADS, None)),
    ],
)
@pytest.mark.parametrize(("path", "fields"), [("", ("details", "contact")), ("/story", ("details", "why"))])
def test_a_reading_says_who_what_and_by_which_right(
    web: Web, who: dict[str, str], by: tuple[str, str | None, str | None], path: str, fields: tuple[str, ...]
) -> None:
    order, _ = order_of(web)
    assert "13800000000" in web.get(f"/orders/{order}{path}", who).text
    (one,) = read(web, order)
    assert (one.actor.role, one.actor.id) == (who["X-Role"], who["X-Actor"])
    assert (one.right, one.provider, one.area) == by
    assert (one.person, one.via, one.fields) == ("r-li", "http", fields)


@pytest.mark.parametrize("who", [AUDITOR, WANG, unit("water"), None])
def test_who_may_not_read_leaves_no_reading(web: Web, who: dict[str, str] | None) -> None:
    order, _ = order_of(web)
    for path in (f"/orders/{order}", f"/orders/{order}/story", f"/web/orders/{order}"):
        assert web.get(path, who).status_code == 200
    assert read(web, order) == []


def test_the_query_code_reads_as_a_resident(web: Web) -> None:
    told = web.placed()
    found = web.get(
        f"/orders/by-number/{told['number']}", CLERK, code=told["query_code"], after=told["after"]
    )
    assert found.json()["texts"]["details"] == SECRET
    (one,) = read(web, told["subject"])
    assert (one.right, one.actor.id) == ("query-code", CLERK["X-Actor"])


@pytest.mark.parametrize("said", [quote("回访 call back"), "回访 call back".encode()])
def test_a_purpose_is_kept_sealed(web: Web, said: Any) -> None:
    order, _ = order_of(web)
    web.get(f"/orders/{order}", {**CLERK, "X-Purpose": said})
    web.get(f"/orders/{order}", CLERK)
    given, none = read(web, order)
    assert given.purpose is not None
    assert web.node.opening.unshown(given.purpose) == "回访 call back"
    assert none.purpose is None


def test_nothing_is_shown_that_cannot_be_put_on_record(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    order, _ = order_of(web)

    def away(*_: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(web.node.desk, "ask", away)
    for path in (f"/orders/{order}", f"/orders/{order}/story"):
        answer = web.get(path, CLERK)
        assert (answer.status_code, answer.json()["code"]) == (503, "reading_unrecorded")
        assert "13800000000" not in answer.text
        assert web.get(path).status_code == 200  # who reads no texts is served all the same


def test_what_takers_of_needs_wrote_is_read_need_by_need(web: Web) -> None:
    for need in ("shade", "bench"):
        asked = {"need": need, "title_zh": "凉亭", "title_en": "Shade", "area": AREA}
        assert web.post("/needs", asked, CLERK).status_code == 201
        took = web.post(f"/needs/{need}/take-up", {"provider": ROADS, "note": "周六去"}, unit())
        assert took.status_code == 200
    web.node.follow()
    assert "周六去" in web.get("/needs", CLERK).text
    assert "周六去" not in web.get("/needs", WANG).text
    assert sorted(one.subject for one in all_readings(web.node.store)) == ["need/bench", "need/shade"]


def test_a_name_on_duty_is_read_by_who_may_read_the_order(web: Web) -> None:
    told = web.placed()
    web.node.follow()
    web.client.post("/web/who", data={"role": "community", "actor": CLERK["X-Actor"]})
    assert web.get(f"/web/orders/{told['subject']}").status_code == 200
    (one,) = read(web, RULES_SUBJECT)
    assert one.fields[0].startswith("people.")
    assert one.person is None
    (order,) = read(web, told["subject"])
    assert (order.via, order.fields) == ("page", ("details",))


def test_the_page_to_say_who_one_is_names_nobody(web: Web) -> None:
    names = [web.node.opening.unshown(one.name) for one in web.node.rules.people]
    told = web.get("/web/who").text
    assert "dongzhou-dispatch-1" in told
    assert not [name for name in names if name in told]


def test_why_a_letter_was_put_away_is_told_of_one_letter_and_that_is_on_record(web: Web) -> None:
    web.post("/orders", {"category": "x"}, LI)
    (letter,) = web.get("/dead-letters", OPERATOR).json()["dead_letters"]
    position = letter["position"]
    web.client.post(f"/dead-letters/{position}/discard?reason=spam", headers=OPERATOR)
    (listed,) = web.get("/dead-letters", OPERATOR).json()["dead_letters"]
    assert listed["settled"]["reason"] is None
    assert web.get(f"/dead-letters/{position}", OPERATOR).json()["settled"]["reason"] == "spam"
    (one,) = read(web, f"letter/{position}")
    assert (one.actor.id, one.fields) == ("op-1", ("reason",))


def test_operators_and_auditors_see_who_has_read_an_order(web: Web) -> None:
    order, _ = order_of(web)
    web.get(f"/orders/{order}", {**CLERK, "X-Purpose": "x"})
    for who in (OPERATOR, AUDITOR):
        (one,) = web.get(f"/orders/{order}/readings", who).json()
        assert (one["actor"], one["via"], one["purpose_given"]) == (CLERK["X-Actor"], "http", True)
        assert (one["right"], one["fields"]) == ("community", ["details", "contact"])


def test_a_resident_sees_which_offices_have_read_it_and_no_names_of_staff(web: Web) -> None:
    order, code = order_of(web)
    web.get(f"/orders/{order}", CLERK)
    web.get(f"/orders/{order}", unit())
    answer = web.get(f"/orders/{order}/readings", code=code)
    clerk, roads = answer.json()
    assert (clerk["role"], clerk["area"], clerk["actor"], clerk["via"]) == ("community", AREA, None, None)
    assert (roads["role"], roads["provider"], roads["actor"]) == ("provider", ROADS, None)
    assert CLERK["X-Actor"] not in answer.text


@pytest.mark.parametrize("who", [None, WANG, CLERK, unit()])
def test_others_are_not_told_who_has_read_it(web: Web, who: dict[str, str] | None) -> None:
    order, _ = order_of(web)
    for code in ("", "12345x"):
        answer = web.get(f"/orders/{order}/readings", who, code=code)
        assert (answer.status_code, answer.json()["code"]) == (403, "readings_closed")
    missing = web.get("/orders/019cac2e-f380-7000-8000-000000000009/readings", who)
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_order")


def test_ones_own_page_says_plainly_who_has_read_it(web: Web) -> None:
    order, code = order_of(web)
    number = web.get(f"/orders/{order}").json()["number"]
    web.client.post("/web/follow", data={"number": number, "code": code})
    nobody = web.get(f"/web/my/{order}").text
    assert "除您以外还没有人看过" in nobody
    web.get(f"/orders/{order}", CLERK)
    web.get(f"/orders/{order}", unit())
    told = web.get(f"/web/my/{order}", lang="zh").text
    seen = told[told.index('id="seen"') :]
    assert "社区" in seen
    assert web.node.queries.menu.providers()[ROADS][0] in seen  # pyright: ignore[reportArgumentType]
    assert "查看过 2 次" in seen
    assert CLERK["X-Actor"] not in seen


def test_with_another_master_key_it_says_which_key_to_put_where(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, _ = order_of(web)

    def other(_: object) -> str:
        raise OtherMasterKey

    monkeypatch.setattr(web.node.keys, "open", other)
    answer = web.get(f"/orders/{order}", OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (503, "other_master_key")
    assert "SIDAN_MASTER_KEY" in answer.json()["detail"]
