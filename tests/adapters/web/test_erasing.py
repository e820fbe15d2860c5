"""Erasing over HTTP, for operators alone."""

import pytest

from tests.adapters.web.asking import CLERK, LI, SECRET, Web

OPERATOR = {"X-Role": "operator", "X-Actor": "op-1"}
WHY = {"reason": "居民来函 in writing"}


def test_an_operator_looks_erases_and_is_given_the_receipt(web: Web) -> None:
    order = web.completed()
    web.node.follow()
    preview = web.get("/persons/r-li/reach", OPERATOR).json()
    assert (preview["orders"], preview["open_orders"]) == (1, 0)
    asked = web.post("/persons/r-li/erase", WHY, OPERATOR)
    assert (asked.status_code, asked.json()["events"]) == (200, ["PersonErased"])
    web.node.follow()
    (receipt,) = web.get("/persons/r-li/erasures", OPERATOR).json()["erasures"]
    assert receipt["finished"]
    places = [[{**one, "until": None} for one in said["reached"]] for said in (receipt, preview)]
    assert places[0] == places[1]  # only what expires does so by the day that it was asked
    seen = web.get(f"/orders/{order}", OPERATOR).text
    assert SECRET not in seen
    assert "已删除 erased" in seen


def test_the_texts_of_one_order_are_erased(web: Web) -> None:
    order = web.completed()
    assert web.step(order, "erase", WHY, OPERATOR).json()["events"] == ["OrderTextsErased"]
    web.node.follow()
    (receipt,) = web.get(f"/orders/{order}/erasures", OPERATOR).json()["erasures"]
    assert (receipt["because"], bool(receipt["reached"])) == ("request", True)
    assert SECRET not in web.get(f"/orders/{order}", OPERATOR).text


def test_an_open_order_keeps_its_texts(web: Web) -> None:
    order = web.placed()["subject"]
    refused = web.step(order, "erase", WHY, OPERATOR)
    assert (refused.status_code, refused.json()["code"]) == (409, "forbidden_step")


@pytest.mark.parametrize("who", [CLERK, LI], ids=["community", "resident"])
def test_nobody_else_looks_or_erases(web: Web, who: dict[str, str]) -> None:
    order = web.completed()
    for path in ("/persons/r-li/reach", "/persons/r-li/erasures", f"/orders/{order}/erasures"):
        assert web.get(path, who).json()["code"] == "wrong_role", path
    for path in ("/persons/r-li/erase", f"/orders/{order}/erase"):
        assert web.post(path, WHY, who).json()["code"] == "wrong_role", path


def test_why_has_to_be_said(web: Web) -> None:
    assert web.post("/persons/r-li/erase", {}, OPERATOR).status_code == 400


def test_the_page_says_that_it_is_erased(web: Web) -> None:
    order = web.completed()
    web.post("/persons/r-li/erase", WHY, OPERATOR)
    web.node.follow()
    page = web.get(f"/web/orders/{order}", OPERATOR).text
    assert SECRET not in page
