"""`sidan rules`: a file looked through, and tried on what has been, order by order and in sum."""

import csv
import io
from pathlib import Path

import pytest

from tests.adapters.cli.a_terminal import CHEN, LAKE, WATER, Sidan

MEALS = "must: [roads]}"
CLEAN = (MEALS, "must: [roads, care]}")
RULES = "  decline_reasons:\n"


def lake(tmp_path: Path, *changes: tuple[str, str]) -> str:
    text = LAKE.read_text(encoding="utf-8")
    for before, after in (CLEAN, *changes):
        assert before in text
        text = text.replace(before, after, 1)
    path = tmp_path / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def routed(to: str) -> tuple[str, str]:
    return RULES, f"  routes: [{{category: roads/pothole, provider: {to}}}]\n{RULES}"


# lint


def test_lint_is_silent_where_all_is_well(sidan: Sidan, tmp_path: Path) -> None:
    assert sidan.json("rules", "lint", lake(tmp_path)) == {"ok": True, "findings": []}
    assert "Nothing suspicious." in sidan("rules", "lint", lake(tmp_path)).out


def test_lint_names_line_code_and_what_to_do(sidan: Sidan, tmp_path: Path) -> None:
    said = sidan("rules", "lint", lake(tmp_path, routed("nobody")), "--json")
    (found,) = said.json["findings"]
    assert (said.code, said.json["ok"]) == (1, False)
    assert (found["code"], found["line"]) == ("route_provider_unknown", 31)
    told = sidan("rules", "lint", lake(tmp_path, routed("nobody")))
    assert told.code == 1
    assert "第31行 line 31:" in told.out


def test_lint_says_what_check_says_first(sidan: Sidan, tmp_path: Path) -> None:
    file = lake(tmp_path, (RULES, f"  routes: [{{provider: water}}]\n{RULES}"))
    assert [one["code"] for one in sidan("rules", "lint", file, "--json").json["findings"]] == [
        "route_for_all"
    ]


def test_lint_needs_no_town(nowhere: Sidan, tmp_path: Path) -> None:
    assert nowhere.json("rules", "lint", lake(tmp_path))["ok"]
    assert not nowhere.file.exists()


def test_lint_knows_who_has_retired(sidan: Sidan, tmp_path: Path) -> None:
    sidan.json("provider", "retire", "water", "--reason", "x", *CHEN)
    said = sidan("rules", "lint", lake(tmp_path, routed("water")), "--json")
    assert "route_provider_retired" in {one["code"] for one in said.json["findings"]}


# trying


@pytest.fixture
def week(sidan: Sidan) -> Sidan:
    """Three orders: two sent to the water office, one only placed."""
    sidan.dispatched()
    sidan.completed()
    sidan.placed()
    return sidan


def test_the_same_rules_make_no_difference(week: Sidan) -> None:
    told = week.json("rules", "dry-run", str(LAKE), "--since", "1d")
    assert told["orders"] == []
    assert (told["sum"]["orders"], told["sum"]["differing"], told["sum"]["moved"]) == (2, 0, 0)
    assert told["sum"]["then"] == told["sum"]["file"]
    assert len(week.json("rules", "dry-run", str(LAKE), "--since", "1d", "--all")["orders"]) == 2


def test_a_route_sends_them_elsewhere_and_the_part_tells(week: Sidan, tmp_path: Path) -> None:
    told = week.json("rules", "dry-run", lake(tmp_path, routed("roads")), "--since", "1d")
    assert [one["sent"] for one in told["orders"]] == ["water", "water"]
    for one in told["orders"]:
        assert (one["then"]["winner"], one["file"]["winner"]) == ("water", "roads")
        assert one["parts"][0] == {"part": "routed", "then": 0, "file": 400_000}
    assert told["sum"]["moved"] == 2


def test_in_sum_who_would_have_got_more(week: Sidan, tmp_path: Path) -> None:
    told = week.json("rules", "backtest", lake(tmp_path, routed("roads")), "--since", "1d")
    assert (told["then"]["top1"], told["file"]["top1"], told["file"]["top3"]) == (1.0, 0.0, 1.0)
    changes = [{"provider": "roads", "then": 0, "file": 2, "more": 2}]
    assert told["providers"] == [*changes, {"provider": "water", "then": 2, "file": 0, "more": -2}]
    said = week("rules", "backtest", lake(tmp_path, routed("roads")), "--since", "1d")
    assert "2 would be proposed to another" in said.out
    assert "+2" in said.out


def test_a_broken_route_sends_them_to_a_person(week: Sidan, tmp_path: Path) -> None:
    file = lake(tmp_path, routed("nobody"))
    told = week.json("rules", "backtest", file, "--since", "1d")
    assert told["file"]["broken"] == [{"code": "route-provider-unknown", "provider": "nobody", "orders": 2}]
    assert told["file"]["reach"] == {"off": 0, "propose": 0, "on": 0, "person": 2}
    assert "route-provider-unknown" in week("rules", "backtest", file, "--since", "1d").out


def test_for_a_spreadsheet(week: Sidan, tmp_path: Path) -> None:
    said = week("rules", "dry-run", lake(tmp_path, routed("roads")), "--since", "1d", "--csv")
    heads, *rows = csv.reader(io.StringIO(said.out.lstrip("\ufeff")))
    assert len(rows) == 2
    assert all(len(row) == len(heads) for row in rows)
    assert "routed +0 → +400000" in rows[0][-1]


def test_where_nothing_was_decided_it_says_so(sidan: Sidan) -> None:
    said = sidan("rules", "backtest", str(LAKE), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "nothing_to_try")


def test_a_since_that_is_none_is_refused(week: Sidan) -> None:
    assert (
        week("rules", "backtest", str(LAKE), "--since", "soon", "--json").json["error"]["code"] == "bad_date"
    )


def test_nothing_is_recorded(week: Sidan, tmp_path: Path) -> None:
    before = len(week.log())
    week("rules", "dry-run", lake(tmp_path, routed("roads")))
    week("rules", "backtest", lake(tmp_path, routed("nobody")))
    assert len(week.log()) == before


# a broken route in force


def test_match_and_status_say_that_a_route_cannot_be_followed(sidan: Sidan, tmp_path: Path) -> None:
    order = sidan.placed()
    assert "路径" not in sidan("match", order).out
    assert sidan.json("status")["broken_routes"] == []
    sidan.json("town", "apply", lake(tmp_path, routed("nobody")), "--yes")
    said = sidan("match", order)
    assert "A route of the rules names nobody, which is not registered" in said.out
    assert "指定 nobody 承办，而它未登记" in said.out
    told = sidan.json("match", order)["proposal"]
    assert (told["broken"], told["routed"], told["winner"]) == ("route-provider-unknown", "nobody", None)
    (broken,) = sidan.json("status")["broken_routes"]
    assert broken["code"] == "route_provider_unknown"
    assert "Route 1 names nobody" in sidan("status").out


def test_a_dispatcher_is_told_afterwards_too(sidan: Sidan, tmp_path: Path) -> None:
    sidan.json("town", "apply", lake(tmp_path, routed("nobody")), "--yes")
    order = sidan.dispatched()
    said = sidan("match", order, "--explain")
    assert said.code == 0
    assert "A route of the rules names nobody" in said.out
    sidan.json("accept", order, *WATER)
