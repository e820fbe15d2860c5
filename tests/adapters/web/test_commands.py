"""Commands over HTTP: every step is taken or refused with the code and status that belong to it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.adapters.web.asking import AREA, CLERK, LAMP, LI, ROADS, WANG, Web, unit
from tests.support.an_order import a_proposal

Place = Callable[[Web], str]
NOTICE = {"notice": "已告知"}


def placed(web: Web) -> str:
    order: str = web.placed()["subject"]
    return order


def pooled(web: Web) -> str:
    order = placed(web)
    web.done(order, "pool", {}, CLERK)
    return order


STEPS: list[tuple[Place, str, dict[str, Any], Mapping[str, str], str]] = [
    (placed, "amend", {"details": "东侧也不亮"}, LI, "OrderAmended"),
    (placed, "withdraw", {"reason": "修好了"}, LI, "OrderWithdrawn"),
    (placed, "second", {}, WANG, "OrderSeconded"),
    (Web.completed, "rate", {"level": "dissatisfied", "comment": "又坏了"}, LI, "OrderRated"),
    (Web.completed, "reopen", {"reason": "又坏了"}, LI, "OrderReopened"),
    (placed, "dispatch", {"provider": ROADS}, CLERK, "OrderDispatched"),
    (placed, "pool", {}, CLERK, "OrderPooled"),
    (Web.dispatched, "recall", {"reason": "派错"}, CLERK, "OrderRecalled"),
    (placed, "answer", NOTICE, CLERK, "OrderAnswered"),
    (placed, "not-accept", {"reason": "in-court"} | NOTICE, CLERK, "OrderNotAccepted"),
    (Web.dispatched, "accept", {"provider": ROADS}, unit(), "OrderAccepted"),
    (Web.dispatched, "decline", {"provider": ROADS, "reason": "not-our-duty"}, unit(), "OrderDeclined"),
    (pooled, "claim", {"provider": ROADS}, unit(), "OrderClaimed"),
    (Web.accepted, "progress", {"provider": ROADS, "note": "等配件"}, unit(), "ProgressReported"),
    (Web.accepted, "complete", {"provider": ROADS, "result": "修好了"}, unit(), "OrderCompleted"),
]


@pytest.mark.parametrize(("begin", "verb", "data", "who", "event"), STEPS, ids=[one[1] for one in STEPS])
def test_each_step_is_recorded(
    *, web: Web, begin: Place, verb: str, data: dict[str, Any], who: Mapping[str, str], event: str
) -> None:
    order = begin(web)
    answer = web.step(order, verb, data, who)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["subject"], told["events"][0]) == ("recorded", order, event)
    assert told["after"] == f"{told['positions'][-1]}:{order}"


REFUSED: list[tuple[Place, str, dict[str, Any], Mapping[str, str], int, str]] = [
    (placed, "amend", {"details": "不是我的"}, WANG, 403, "not_yours"),
    (Web.completed, "withdraw", {}, LI, 409, "forbidden_step"),
    (Web.completed, "rate", {"level": "satisfied"}, WANG, 403, "not_yours"),
    (placed, "rate", {"level": "satisfied"}, LI, 409, "forbidden_step"),
    (placed, "reopen", {"reason": "急"}, LI, 409, "forbidden_step"),
    (placed, "dispatch", {"provider": ROADS}, LI, 403, "wrong_role"),
    (placed, "dispatch", {"provider": "nobody"}, CLERK, 404, "unknown_provider"),
    (Web.dispatched, "dispatch", {"provider": "power"}, CLERK, 409, "dispatched_elsewhere"),
    (Web.accepted, "pool", {}, CLERK, 409, "forbidden_step"),
    (Web.completed, "recall", {"reason": "派错"}, CLERK, 409, "forbidden_step"),
    (Web.accepted, "answer", NOTICE, CLERK, 409, "forbidden_step"),
    (placed, "not-accept", {"reason": "no-such-law"} | NOTICE, CLERK, 404, "unknown_reason"),
    (Web.dispatched, "accept", {"provider": "power"}, unit("power"), 409, "not_offered"),
    (Web.dispatched, "accept", {"provider": ROADS}, unit("power"), 403, "not_yours"),
    (Web.dispatched, "decline", {"provider": ROADS, "reason": "tired"}, unit(), 404, "unknown_reason"),
    (placed, "claim", {"provider": ROADS}, unit(), 409, "forbidden_step"),
    (Web.accepted, "claim", {"provider": "power"}, unit("power"), 409, "claimed_by_another"),
    (Web.dispatched, "progress", {"provider": ROADS, "note": "在路上"}, unit(), 409, "forbidden_step"),
    (Web.dispatched, "complete", {"provider": ROADS, "result": "好"}, unit(), 409, "forbidden_step"),
]


@pytest.mark.parametrize(
    ("begin", "verb", "data", "who", "status", "code"), REFUSED, ids=[f"{one[1]} {one[5]}" for one in REFUSED]
)
def test_a_refusal_has_its_code_and_status(
    *, web: Web, begin: Place, verb: str, data: dict[str, Any], who: Mapping[str, str], status: int, code: str
) -> None:
    answer = web.step(begin(web), verb, data, who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_duplicate_joins_another_order_and_not_itself(web: Web) -> None:
    order, other = placed(web), placed(web)
    itself = web.step(order, "mark-duplicate", {"of": order} | NOTICE, CLERK)
    assert (itself.status_code, itself.json()["code"]) == (422, "itself")
    assert web.done(order, "mark-duplicate", {"of": other} | NOTICE, CLERK)["events"] == [
        "OrderMarkedDuplicate"
    ]


def test_placing_gives_a_number_and_a_code(web: Web) -> None:
    response = web.post("/orders", {"category": LAMP, "area": AREA, "details": "灯不亮"}, LI)
    told = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"/orders/{told['subject']}"
    assert (len(told["number"]), len(told["query_code"])) == (12, 6)


def test_an_order_for_what_the_town_does_not_know_is_refused(web: Web) -> None:
    nothing = web.post("/orders", {"category": "moon/dust", "area": AREA, "details": "?"}, LI)
    nowhere = web.post("/orders", {"category": LAMP, "area": "atlantis", "details": "?"}, LI)
    assert [(one.status_code, one.json()["code"]) for one in (nothing, nowhere)] == [
        (404, "unknown_category"),
        (404, "unknown_area"),
    ]


def test_staff_enter_an_order_for_a_resident(web: Web) -> None:
    said = {"category": LAMP, "area": AREA, "details": "来电反映"}
    told = web.post("/orders", said, CLERK, **{"X-On-Behalf-Of": "r-li", "X-Channel": "phone"}).json()
    (fact,) = web.get(f"/orders/{told['subject']}/events").json()
    assert (fact["meta"]["on_behalf_of"], fact["meta"]["channel"]) == ("r-li", "phone")
    assert fact["meta"]["actor"] == {"role": "community", "id": "dongzhou-dispatch-1"}


def test_a_resident_cannot_ask_for_another(web: Web) -> None:
    said = {"category": LAMP, "area": AREA, "details": "?"}
    answer = web.post("/orders", said, WANG, **{"X-On-Behalf-Of": "r-li"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")


FRIDAYS: Final = [{"weekdays": [5], "start": "14:00", "end": "17:00"}]


def test_providers_register_change_and_retire(web: Web) -> None:
    lamps = {
        "provider": "lamp-team",
        "name_zh": "路灯队",
        "name_en": "Lamps",
        "kind": "department",
        "contact": "0755-23000199",
        "capacity": 5,
        "areas": ["gm-street"],
        "offers": [{"category": "facilities/lights", "duty": "can"}],
    }
    offers = {"areas": [AREA], "offers": [{"category": LAMP, "duty": "must"}]}
    assert web.post("/providers", lamps, CLERK).status_code == 201
    steps = (
        ("amend", {"contact": "0755-2"}),
        ("offers", offers),
        ("capacity", {"capacity": 9}),
        ("enrol-volunteer", {"volunteer": "mei", "name": "梅姨", "hours": FRIDAYS, "health": "哮喘"}),
        ("change-volunteer", {"volunteer": "mei", "willing": [LAMP]}),
        ("release-volunteer", {"volunteer": "mei"}),
        ("retire", {"reason": "撤并"}),
    )
    for verb, data in steps:
        answer = web.post(f"/providers/lamp-team/{verb}", data, CLERK)
        assert (answer.status_code, answer.json()["subject"]) == (200, "provider/lamp-team"), answer.text
    again = web.post("/providers", lamps, CLERK)
    assert (again.status_code, again.json()["code"]) == (409, "provider_exists")


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("offers", {"areas": [AREA], "offers": []}),
        ("capacity", {"capacity": 1}),
        ("enrol-volunteer", {"volunteer": "mei", "name": "梅姨"}),
        ("retire", {"reason": "?"}),
    ],
)
def test_the_lists_of_nobody_cannot_be_changed(web: Web, verb: str, data: dict[str, Any]) -> None:
    answer = web.post(f"/providers/nobody/{verb}", data, CLERK)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_provider")


def test_a_provider_changes_only_its_own_lists(web: Web) -> None:
    answer = web.post(f"/providers/{ROADS}/capacity", {"capacity": 1}, unit("power"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert web.post(f"/providers/{ROADS}/capacity", {"capacity": 1}, unit()).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": [8], "start": "14:00", "end": "17:00"},
        {"weekdays": [5], "start": "2 p.m.", "end": "17:00"},
        {"weekdays": [], "start": "14:00", "end": "17:00"},
    ],
)
def test_hours_that_are_none_are_told_without_a_name(web: Web, wrong: dict[str, Any]) -> None:
    mei = {"volunteer": "mei", "name": "梅姨", "hours": [wrong]}
    answer = web.post(f"/providers/{ROADS}/enrol-volunteer", mei, CLERK)
    assert answer.status_code == 400
    assert "hours" in answer.text
    assert "梅姨" not in answer.text


def test_a_call_is_placed_and_shown_as_one(web: Web) -> None:
    call, order = web.placed(urgency="call")["subject"], placed(web)
    web.node.follow()
    assert [web.get(f"/orders/{one}").json()["urgency"] for one in (call, order)] == ["call", "normal"]


def test_only_the_engine_says_what_it_proposes(web: Web) -> None:
    order = placed(web)
    asked = {"provider": ROADS, "proposal": a_proposal().model_dump(mode="json")}
    answer = web.step(order, "dispatch", asked, CLERK)
    assert (answer.status_code, answer.json()["code"]) == (403, "engine_only")
    del asked["proposal"]
    assert web.done(order, "dispatch", asked, CLERK)["events"] == ["OrderDispatched"]


def test_a_dispatch_takes_a_reason_and_seals_it(web: Web) -> None:
    order = placed(web)
    web.done(order, "dispatch", {"provider": "power", "why": "路灯班今晚抢险"}, CLERK)
    data = web.get(f"/orders/{order}/events").json()[-1]["data"]
    assert data["why"]
    assert "抢险" not in data["why"]
