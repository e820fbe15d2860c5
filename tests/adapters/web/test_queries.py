"""Queries over HTTP: what stands where, for whom it is opened, and one's own write read back."""

from typing import Any

import pytest

from adapters.bootstrap import Node
from adapters.places import has_reached, partition_of
from projections.engine import LOG, Place
from tests.adapters.web.asking import AREA, CLERK, LAMP, LI, ROADS, SECRET, WANG, Web, unit


def test_one_reads_ones_own_write(web: Web) -> None:
    told = web.placed()
    assert web.get(f"/orders/{told['subject']}").status_code == 404  # nobody has followed the log yet
    assert web.get(f"/orders/{told['subject']}", after=told["after"]).json()["stage"] == "placed"


def test_a_position_that_is_not_reached_is_told_after_a_while(node: Node) -> None:
    with Web(node, patience=0.05) as web:
        answer = web.get("/board", after="999999999")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_caught_up")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("after", ["soon", "-1", "1" * 30, "½"])
def test_what_is_no_position_is_refused(web: Web, after: str) -> None:
    assert web.get("/board", after=after).json()["code"] == "invalid_after"


def test_on_the_bus_a_fact_is_in_the_partition_of_its_key() -> None:
    key = "01a1e323-6ff2-742f-9b61-1feff1677006"
    mine = partition_of(key, 4)
    places = {f"sidan.events/x[{number}]": Place(9 if number == mine else 99, 0) for number in range(4)}
    assert has_reached(places, 9, key)
    assert not has_reached(places, 10, key)  # though the others are further
    assert not has_reached({}, 1, key)
    assert has_reached({LOG: Place(10)}, 10, "")


def test_partitions_are_those_of_the_java_client() -> None:
    """Values of Apache Kafka's own test of murmur2, made positive."""
    assert [partition_of(key, 2**31) for key in ("21", "foobar")] == [
        (-973932308) & 0x7FFFFFFF,
        (-790332482) & 0x7FFFFFFF,
    ]


def test_pages_stay_as_they_are_while_orders_come(web: Web) -> None:
    placed = [web.placed()["subject"] for _ in range(5)]
    web.node.follow()
    first = web.get("/orders", limit=2).json()
    web.placed()
    web.node.follow()
    second = web.get("/orders", limit=2, cursor=first["next"]).json()
    third = web.get("/orders", limit=2, cursor=second["next"]).json()
    seen = [one["order_id"] for page in (first, second, third) for one in page["orders"]]
    assert seen == placed[::-1]
    assert third["next"] is None


def test_orders_are_filtered(web: Web) -> None:
    web.placed()
    order = web.dispatched()
    web.node.follow()
    for found in (web.get("/orders", stage="dispatched"), web.get("/orders", provider=ROADS)):
        assert [one["order_id"] for one in found.json()["orders"]] == [order]
    assert len(web.get("/orders", area="gm-street/dongzhou", category="facilities").json()["orders"]) == 2
    assert web.get("/orders", area="gm-street/cuihu").json()["orders"] == []
    assert web.get("/orders", overdue=True).json()["orders"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "nonsense"}, "bad_cursor"),
        ({"limit": 0}, "invalid_parameter"),
        ({"stage": "asleep"}, "invalid_parameter"),
    ],
)
def test_a_query_that_does_not_fit_is_a_problem(web: Web, query: dict[str, Any], code: str) -> None:
    answer = web.get("/orders", **query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_why_a_query_does_not_fit_is_said_in_both_languages(web: Web) -> None:
    said = web.get("/orders", limit=0).json()
    assert said["detail_zh"] == "参数不对：limit：超出范围，请更正。"
    assert said["detail_en"].startswith("A parameter does not fit: limit: Input should be greater")


@pytest.mark.parametrize(
    ("who", "opened"),
    [(CLERK, True), (unit(), True), (unit("power"), False), (LI, False), (WANG, False), (None, False)],
    ids=["community", "its provider", "another provider", "resident without code", "another", "nobody"],
)
def test_personal_texts_are_opened_by_right_alone(web: Web, who: dict[str, str] | None, opened: bool) -> None:
    order = web.dispatched()
    web.node.follow()
    answer = web.get(f"/orders/{order}", who)
    assert (answer.json()["texts"] is not None) is opened
    assert (SECRET in answer.text) is opened
    story = web.get(f"/orders/{order}/story", who)
    assert ("13800000000" in story.text) is opened


def test_a_list_opens_nothing(web: Web) -> None:
    order = web.dispatched()
    web.node.follow()
    for answer in (web.get("/orders", CLERK), web.get(f"/orders/{order}/events", CLERK)):
        assert answer.status_code == 200
        assert "13800000000" not in answer.text


def test_a_resident_follows_by_number_and_code(web: Web) -> None:
    told = web.placed()
    path = f"/orders/by-number/{told['number']}"
    found = web.get(path, code=told["query_code"], after=told["after"])
    assert found.json()["texts"]["details"] == SECRET


def test_a_wrong_code_is_answered_like_no_such_order(web: Web) -> None:
    told = web.placed()
    web.node.follow()
    wrong = "000000" if told["query_code"] != "000000" else "000001"
    answers = [
        web.get(f"/orders/by-number/{told['number']}", code=wrong),
        web.get("/orders/by-number/000000000000", code=wrong),
        web.get(f"/orders/by-number/{told['number']}", CLERK, code=wrong),
    ]
    assert {(one.status_code, one.text) for one in answers} == {(404, answers[1].text)}


def test_candidates_come_with_reasons_in_both_languages(web: Web) -> None:
    told = web.placed(wanted=ROADS)
    match = web.get(f"/orders/{told['subject']}/candidates", after=told["after"]).json()
    best = match["candidates"][0]
    assert (best["provider"], best["reasons"][0]) == (ROADS, "wanted")
    assert (best["reasons_zh"][0], best["reasons_en"][0]) == ("居民点名", "asked for by the resident")


def test_a_candidate_has_its_score_in_parts_with_words_and_what_was_done_before(web: Web) -> None:
    web.dispatched()
    told = web.placed()
    match = web.get(f"/orders/{told['subject']}/candidates", after=told["after"]).json()
    best = match["candidates"][0]
    assert best["score"] == sum(part["points"] for part in best["parts"])
    duty = {"part": "duty", "points": 50_000, "name_zh": "权责", "name_en": "duty"}
    assert duty in best["parts"]
    assert (best["learnt"]["hits"], best["learnt"]["orders"]) == (1, 1)
    assert best["learnt"]["zh"].startswith("最近1件")


def test_a_candidate_of_whom_nothing_is_known_has_no_evidence(web: Web) -> None:
    told = web.placed()
    match = web.get(f"/orders/{told['subject']}/candidates", after=told["after"]).json()
    assert match["candidates"][0]["learnt"] is None


def test_a_proposal_on_record_is_the_one_that_is_told(web: Web) -> None:
    order = web.placed()["subject"]
    web.node.follow()  # auto-dispatch proposes for street lamps
    proposal = web.get(f"/orders/{order}/candidates").json()["proposal"]
    assert (proposal["winner"], proposal["on_record"]) == (ROADS, True)
    assert proposal["candidates"][0]["price"] == 0


def test_where_nothing_is_on_record_the_proposal_is_what_is_found_now(web: Web) -> None:
    told = web.placed(category="noise/construction/night")
    match = web.get(f"/orders/{told['subject']}/candidates", after=told["after"]).json()
    proposal = match["proposal"]
    assert (proposal["winner"], proposal["on_record"]) == (match["candidates"][0]["provider"], False)
    assert proposal["of"] == len(match["candidates"])


def test_the_menu_of_an_area(web: Web) -> None:
    menu = web.get("/menu", area=AREA).json()
    lamp = next(item for group in menu["groups"] for item in group["items"] if item["category"] == LAMP)
    assert lamp["offers"][0]["provider"] == ROADS
    assert web.get("/menu", area="atlantis").json()["code"] == "unknown_area"


def test_the_figures_of_the_board(web: Web) -> None:
    web.placed()
    web.completed()
    web.node.follow()
    board = web.get("/board", area="gm-street/dongzhou").json()
    assert {stage: count for stage, count in board["by_stage"].items() if count} == {
        "placed": 1,
        "completed": 1,
    }
    assert (board["overdue"], board["busiest"][0]["category"]) == (0, LAMP)


@pytest.mark.parametrize("by", ["provider", "category", "area"])
def test_ratings_come_with_numerators_and_definitions(web: Web, by: str) -> None:
    order = web.completed()
    web.done(order, "rate", {"level": "dissatisfied"}, LI)
    web.completed()
    web.node.follow()
    report = web.get("/rating", by=by).json()
    (row,) = report["rows"]
    assert (row["completed"], row["unrated"], row["bad"], row["levels"]["dissatisfied"]) == (2, 1, 1, 1)
    assert row["satisfaction"] == {"numerator": 0, "denominator": 1, "value": 0.0}
    assert {one["code"] for one in report["definitions"]} == {"response", "resolution", "satisfaction"}


def test_demand_and_supply(web: Web) -> None:
    web.placed()
    web.node.follow()
    found = web.get("/matching", area=AREA).json()
    assert found["demand"] == [{"area": AREA, "category": LAMP, "stage": "placed", "orders": 1}]


def test_an_orders_facts_and_story(web: Web) -> None:
    order = web.completed()
    web.node.follow()
    facts = web.get(f"/orders/{order}/events").json()
    assert [one["event"] for one in facts] == [
        "OrderPlaced",
        "OrderDispatched",
        "OrderAccepted",
        "OrderCompleted",
    ]
    assert facts[0]["data"]["details"].startswith("s2.")
    told = web.get(f"/orders/{order}/story", CLERK).json()
    assert "派给区城市道路养护所" in told[1]["zh"]
    assert told[-1]["stage"] == "completed"


@pytest.mark.parametrize("path", ["", "/events", "/candidates", "/story"])
def test_an_order_nobody_placed_is_unknown(web: Web, path: str) -> None:
    answer = web.get(f"/orders/01a1e323-6ff2-742f-9b61-1feff1677006{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_order")


def test_the_transition_table_is_there(web: Web) -> None:
    rows = web.get("/transitions").json()
    assert {"stage": "dispatched", "command": "AcceptOrder", "leads_to": ["accepted"]} in rows
