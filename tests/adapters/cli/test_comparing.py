"""What was different at two moments, of one subject or of a whole read model."""

from datetime import datetime
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.adapters.cli.a_terminal import CHEN, LI, WATER, Sidan


def now(sidan: Sidan) -> str:
    moment = sidan.log()[-1].fact.meta.recorded.isoformat()
    sleep(0.002)
    return moment


def fields(sidan: Sidan, what: str, one: str, other: str) -> dict[str, tuple[Any, Any]]:
    told = sidan.json("audit", "diff", what, "--from", one, "--to", other)
    return {change["field"]: (change["before"], change["after"]) for change in told["changes"]}


def test_an_order_differs_field_by_field(sidan: Sidan) -> None:
    order = sidan.dispatched()
    then = now(sidan)
    sidan.json("accept", order, *WATER)
    later = now(sidan)
    found = fields(sidan, order, then, later)
    assert found["stage"] == ("dispatched", "accepted")
    assert found["accept_by"][1] is None
    assert "provider" not in found
    said = sidan("audit", "diff", order, "--from", then, "--to", later)
    assert "～ stage: dispatched → accepted" in said.out
    assert "fields differ" in said.out
    in_town = datetime.fromisoformat(found["accept_by"][0]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"－ accept_by: {in_town.isoformat(' ')} → —" in said.out


def test_what_was_not_there_yet_is_all_new(sidan: Sidan) -> None:
    before = now(sidan)
    order = sidan.placed()
    found = fields(sidan, order, before, now(sidan))
    assert found["category"] == (None, "roads/pothole")
    said = sidan("audit", "diff", order, "--from", "2020-01-01", "--to", before, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "not_yet")


def test_a_providers_volunteer_differs_without_telling_who_it_is(sidan: Sidan) -> None:
    before = now(sidan)
    sidan.json("provider", "volunteer", "enrol", "water", "mei", "--name", "王小梅", *CHEN)
    found = fields(sidan, "provider/water", before, now(sidan))
    assert found["volunteers.mei.name"] == (None, "〔密封 sealed〕")


def test_nothing_differs_where_nothing_happened(sidan: Sidan) -> None:
    before = now(sidan)
    sidan.placed()
    assert fields(sidan, "rules", before, now(sidan)) == {}


def test_a_read_model_differs_row_by_row(sidan: Sidan) -> None:
    order = sidan.dispatched()
    then = now(sidan)
    sidan.json("accept", order, *WATER)
    other = sidan.placed()
    later = now(sidan)
    told = sidan.json("audit", "diff", "order_board", "--from", then, "--to", later)
    rows = {(row["table"], row["key"][0]): row for row in told["rows"]}
    changed = rows["order_board", order]
    assert changed["how"] == "changed"
    stage = next(one for one in changed["fields"] if one["field"] == "stage")
    assert (stage["before"], stage["after"]) == ("dispatched", "accepted")
    assert rows["order_board", other]["how"] == "added"
    moments = {one["field"]: one["after"] for one in rows["order_board", other]["fields"]}
    assert moments["placed_at"].startswith("20")
    assert "＋ order_board" in sidan("audit", "diff", "order_board", "--from", then, "--to", later).out


def test_a_score_differs_too(sidan: Sidan) -> None:
    order = sidan.completed()
    then = now(sidan)
    sidan.json("rate", order, "--level", "satisfied", *LI)
    told = sidan.json("audit", "diff", "rating", "--from", then, "--to", now(sidan))
    assert told["rows"]
    back = sidan("audit", "diff", "rating", "--from", then, "--to", then, "--json")
    assert (back.code, back.json["error"]["code"]) == (2, "moments_reversed")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("board", "bad_number"),
        ("provider/x", "unknown_provider"),
        ("019cac2e-f380-7000-8000-000000000001", "unknown_order"),
    ],
)
def test_what_is_none_of_them_cannot_be_compared(sidan: Sidan, what: str, code: str) -> None:
    said = sidan("audit", "diff", what, "--from", "2020-01-01", "--to", "2040-01-01", "--json")
    assert said.json["error"]["code"] == code


def test_who_misspells_a_read_model_is_told_which_there_are(sidan: Sidan) -> None:
    said = sidan("audit", "diff", "order_bord", "--from", "2020-01-01", "--to", "2040-01-01")
    assert said.code == 2
    assert said.err.count("order_board") == 2
