"""An operator erases a person or an order's texts at the command line, and is given a receipt."""

import json
import re
from uuid import UUID

import pytest

from tests.adapters.cli.a_terminal import CHEN, LI, OPERATOR, POTHOLE, WATER, Sidan

WHY = ("--why", "居民来函 in writing")
PLACES = {
    "log",
    "snapshots",
    "read_models",
    "dead_letters",
    "nameless_letters",
    "notes",
    "topics",
    "command_topics",
    "notices",
    "town_key",
    "backups",
}


@pytest.fixture
def order(sidan: Sidan) -> str:
    """Done, and so closed."""
    placed = sidan("place", *POTHOLE, *LI, "--json").json["order"]
    for words in (
        ("dispatch", placed, "--provider", "water", *CHEN),
        ("accept", placed, *WATER),
        ("complete", placed, "--result", "好了", *WATER),
    ):
        assert sidan(*words, "--json").code == 0, words
    return placed


def test_a_person_is_erased_and_the_receipt_names_every_place(sidan: Sidan, order: str) -> None:
    assert "路面有坑" in sidan("orders", "show", order, "--open", "--why", "看看").out
    said = sidan("audit", "erase", "--person", "r-li", *WHY, "--yes", *OPERATOR, "--json")
    assert said.code == 0, said.err
    told = {one["place"]: one for one in said.json["reached"]}
    assert told.keys() == PLACES
    assert told["log"] == {"place": "log", "how": "key_destroyed", "count": 2, "until": None}
    assert (said.json["subject"], said.json["erasure"]) == ("person/r-li", 1)
    assert "路面有坑" not in sidan("orders", "show", order, "--open", "--why", "看看").out
    assert "〔已删除 erased〕" in sidan("audit", "replay", order, "--open", "--why", "看看").out


def test_the_receipt_is_shown_again_and_says_how_to_prove_it(sidan: Sidan, order: str) -> None:
    assert order
    first = sidan("audit", "erase", "--person", "r-li", *WHY, "--yes", *OPERATOR)
    (advice,) = re.findall(r"`?sidan (audit prove --position \d+)\.", first.out)
    sidan.json("audit", "seal")
    assert json.loads(sidan(*advice.split()).out)["event"]["topic"] == "ErasureFinished"
    assert "备份" in first.out
    again = sidan("audit", "erasure", "r-li")
    assert (again.code, again.out) == (0, first.out)
    assert len(sidan("audit", "erasure", "r-li", "--json").json["erasures"]) == 1


def test_a_dry_run_erases_nothing(sidan: Sidan, order: str) -> None:
    said = sidan("audit", "erase", "--person", "r-li", "--dry-run", "--json")
    assert (said.code, said.json["orders"], said.json["open_orders"]) == (0, 1, 0)
    assert {one["place"] for one in said.json["reached"]} == PLACES
    assert "1张工单" in sidan("audit", "erase", "--person", "r-li", "--dry-run").out
    assert "路面有坑" in sidan("orders", "show", order, "--open", "--why", "看看").out
    assert sidan("audit", "erasure", "r-li", "--json").code == 1


def test_the_texts_of_one_order_are_erased(sidan: Sidan, order: str) -> None:
    said = sidan("audit", "erase", "--order", order, *WHY, "--yes", *OPERATOR, "--json")
    assert (said.code, said.json["because"]) == (0, "request")
    assert "路面有坑" not in sidan("orders", "show", order, "--open", "--why", "看看").out
    repeated = sidan("audit", "erase", "--order", order, *WHY, "--yes", *OPERATOR, "--json")
    assert (repeated.code, repeated.json["erasure"]) == (0, 1)
    assert sidan("audit", "erasure", "--order", order).code == 0


def test_an_open_order_keeps_its_texts(sidan: Sidan) -> None:
    placed = sidan("place", *POTHOLE, *LI, "--json").json["order"]
    said = sidan("audit", "erase", "--order", placed, *WHY, "--yes", *OPERATOR, "--json")
    assert (said.code, said.json["code"]) == (1, "forbidden_step")


def test_nobody_but_an_operator_erases(sidan: Sidan, order: str) -> None:
    assert order
    said = sidan("audit", "erase", "--person", "r-li", *WHY, "--yes", *CHEN, "--json")
    assert (said.code, said.json["code"]) == (1, "wrong_role")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "person_or_order"),
        (("--person", ""), "person_or_order"),
        (("--person", "", "--dry-run"), "person_or_order"),
        (("--person", "r-li", "--listed", ""), "person_or_order"),
        (("--person", "r-li", "--order", "1"), "person_or_order"),
        (("--person", "r-li", *WHY), "not_confirmed"),
        (("--person", "r-li", "--yes"), "missing_option"),
    ],
)
def test_what_is_missing_is_said(sidan: Sidan, words: tuple[str, ...], code: str) -> None:
    said = sidan("audit", "erase", *words, *OPERATOR)
    assert said.code == 2
    assert code in said.err


def test_a_dry_run_for_an_order_that_is_none_says_so(sidan: Sidan) -> None:
    said = sidan("audit", "erase", "--order", str(UUID(int=7)), "--dry-run", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unknown_order")


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 1)])
def test_at_a_terminal_it_is_asked_once_more(
    sidan: Sidan, order: str, monkeypatch: pytest.MonkeyPatch, *, answer: bool, code: int
) -> None:
    assert order
    monkeypatch.setattr("adapters.cli.filling.at_a_terminal", lambda: True)
    monkeypatch.setattr("adapters.cli.audit.erasing.Confirm.ask", lambda *_, **__: answer)
    said = sidan("audit", "erase", "--person", "r-li", *WHY, *OPERATOR)
    assert said.code == code
    assert sidan("audit", "erasure", "r-li").code == code


def test_a_volunteer_is_erased_on_the_list_alone(sidan: Sidan) -> None:
    enrol = ("provider", "volunteer", "enrol", "water", "mei", "--name", "梅姨", *CHEN)
    assert sidan(*enrol).code == 0
    said = sidan(
        "audit", "erase", "--person", "mei", "--listed", "provider/water", *WHY, "--yes", *OPERATOR, "--json"
    )
    told = {one["place"]: one for one in said.json["reached"]}
    assert (said.code, said.json["listed"], told["log"]["count"]) == (0, "provider/water", 1)
