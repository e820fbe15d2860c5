"""`sidan match backtest` plays a history of orders and says how good the proposals would have been."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from domain.evidence.backtest import Score, tries
from domain.evidence.contexts import Precedent
from tests.adapters.cli.a_terminal import Sidan
from tests.adapters.tables.a_table import json_table
from tests.domain.evidence.a_history import as_rows, history, lamp, sent

ORDERS = 120


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return json_table(tmp_path / "history.jsonl", as_rows(history(ORDERS)))


def packed(table: Path) -> Path:
    file = table.with_suffix(".jsonl.gz")
    file.write_bytes(gzip.compress(table.read_bytes()))
    return file


def separated(path: Path, rows: list[dict[str, Any]]) -> Path:
    lines = [",".join(rows[0]), *(",".join(cell or "" for cell in row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def figures(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "seconds"}


def test_the_figures_are_those_of_the_history(nowhere: Sidan, table: Path) -> None:
    told = nowhere.json("match", "backtest", str(table), "--from-row", "40")
    score = Score()
    for one in tries(enumerate(history(ORDERS)), 40):
        score.add(one)
    assert (told["top1"], told["top3"], told["top5"]) == tuple(score.share(top) for top in (1, 3, 5))
    assert (told["n"], told["rows"], told["learnt"]) == (80, ORDERS, ORDERS)
    assert sum(one["n"] for one in told["calibration"]) == 80


def test_packed_and_as_csv_it_is_the_same(nowhere: Sidan, table: Path, tmp_path: Path) -> None:
    plain = nowhere.json("match", "backtest", str(table))
    csv = separated(tmp_path / "history.csv", as_rows(history(ORDERS)))
    for file in (packed(table), csv):
        assert figures(nowhere.json("match", "backtest", str(file))) == figures(plain)


def test_it_goes_by_time_whatever_the_file_does(nowhere: Sidan, table: Path, tmp_path: Path) -> None:
    newest_first = json_table(tmp_path / "back.jsonl", reversed(as_rows(history(ORDERS))))
    told = [nowhere.json("match", "backtest", str(one), "--from-row", "40") for one in (table, newest_first)]
    assert figures(told[0]) == figures(told[1])


def test_people_read_figures_and_reasons(nowhere: Sidan, table: Path) -> None:
    said = nowhere("match", "backtest", str(table), "--show", "2")
    assert said.code == 0
    assert f"共{ORDERS}行" in said.out
    assert f"{ORDERS} rows:" in said.out
    assert "top 5" in said.out
    assert said.out.count("实派") == 2
    assert "of the last" in said.out


@pytest.mark.parametrize("show", [0, 1, 5])
def test_as_many_reasons_as_are_asked_for(nowhere: Sidan, table: Path, show: int) -> None:
    told = nowhere.json("match", "backtest", str(table), "--show", str(show))
    assert [one["row"] for one in told["shown"]] == list(range(ORDERS - show, ORDERS))
    assert all("工单中" in one["reason_zh"] and one["reason_en"] for one in told["shown"])


def test_more_reasons_than_orders_are_all_of_them(nowhere: Sidan, tmp_path: Path) -> None:
    file = json_table(tmp_path / "few.jsonl", as_rows([sent("灯务所")] * 2))
    told = nowhere.json("match", "backtest", str(file), "--show", "9")
    assert [(one["row"], one["proposed"], one["place"]) for one in told["shown"]] == [
        (0, "", None),
        (1, "灯务所", 1),
    ]
    assert "还不认识任何单位" in nowhere("match", "backtest", str(file)).out


def test_rows_that_cannot_be_used_are_named_and_stop_nobody(nowhere: Sidan, tmp_path: Path) -> None:
    good = as_rows([sent("灯务所")] * 3)
    rows = [
        good[0],
        "not an object",
        good[1] | {"created_at": "yesterday"},
        good[1] | {"source_id": ""},
        good[0],
        good[1],
        good[2] | {"agency": None},
    ]
    file = json_table(tmp_path / "dirty.jsonl", rows)
    told = nowhere.json("match", "backtest", str(file))
    assert (told["rows"], told["learnt"], told["without_provider"], told["skipped"]) == (7, 2, 1, 4)
    assert told["n"] == 2
    line, time, no_id, again = told["problems"]
    assert "line 2 is not one JSON object" in line
    assert time.startswith("第2行（首行为0）没有读得懂的时间 row 2")
    assert no_id.startswith("第3行（首行为0）没有编号 row 3")
    assert again.startswith("第4行（首行为0）的编号前面已有 row 4")
    said = nowhere("match", "backtest", str(file)).out
    assert "4 skipped" in said
    assert line in said


def test_bytes_that_are_no_text_are_skipped(nowhere: Sidan, tmp_path: Path) -> None:
    rows = as_rows([sent("灯务所")] * 4)
    for file in (json_table(tmp_path / "bad.jsonl", rows), separated(tmp_path / "bad.csv", rows)):
        lines = file.read_bytes().splitlines()
        lines[2] = lines[2].replace("路灯不亮".encode(), b"\xff\xfe")
        file.write_bytes(b"\n".join(lines))
        told = nowhere.json("match", "backtest", str(file))
        assert (told["n"], told["skipped"]) == (3, 1)
        assert "not in the table's encoding" in told["problems"][0]


MAPPING = """
columns: {id: 流水号, created: 来电时间, provider: 承办, street: 镇街, community: 村居, property: 性质,
  group: 类别, item: 事项}
areas: {street: [镇街, street], community: [村居, community]}
categories: [group, item]
known: {providers: {灯务所: lamps, 路灯所: lamps}}
"""


def mapped(row: dict[str, Any]) -> dict[str, Any]:
    words = {
        "source_id": "流水号",
        "created_at": "来电时间",
        "agency": "承办",
        "street": "镇街",
        "community": "村居",
        "property": "性质",
        "subcategory": "类别",
        "item": "事项",
    }
    return {words[name]: value for name, value in row.items() if name in words}


def test_any_table_is_read_with_its_mapping(nowhere: Sidan, tmp_path: Path) -> None:
    rows = [mapped(row) for row in as_rows(history(ORDERS))]
    file = json_table(tmp_path / "other.jsonl", rows)
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    told = nowhere.json("match", "backtest", str(file), "--map", str(tmp_path / "map.yaml"))
    plain = [
        Precedent(_without_what_the_table_lacks(one), one.provider, one.called) for one in history(ORDERS)
    ]
    score = Score()
    for one in tries(enumerate(plain)):
        score.add(one)
    assert told["top5"] == score.share(5)
    assert nowhere("match", "backtest", str(file)).code == 1


def _without_what_the_table_lacks(one: Precedent) -> Any:
    said = one.features
    return type(said).of_paths(
        (said.street, said.community), (said.subcategory, said.item), 1, property=said.property
    )


def test_two_names_that_the_mapping_gives_one_provider_are_one(nowhere: Sidan, tmp_path: Path) -> None:
    told = [mapped(row) for row in as_rows([sent("灯务所"), sent("路灯所"), sent("灯务所")])]
    file = json_table(tmp_path / "two.jsonl", told)
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    found = nowhere.json(
        "match", "backtest", str(file), "--map", str(tmp_path / "map.yaml"), "--from-row", "1"
    )
    assert found["top1"] == 1.0


def failing(sidan: Sidan, *words: str) -> tuple[int, str]:
    said = sidan("match", "backtest", *words, "--json")
    error = said.json["error"]
    assert error["reason_zh"].endswith("。")
    assert error["reason_en"].endswith(".")
    return said.code, error["code"]


def test_what_cannot_be_played_says_what_to_do(nowhere: Sidan, table: Path, tmp_path: Path) -> None:
    nobody = json_table(tmp_path / "nobody.jsonl", as_rows([Precedent(lamp())] * 3))
    no_unit = json_table(
        tmp_path / "no_unit.jsonl", [{"source_id": "1", "created_at": "2026-01-01", "item": "x"}]
    )
    no_item = json_table(
        tmp_path / "no_item.jsonl", [{"source_id": "1", "created_at": "2026-01-01", "agency": "x"}]
    )
    blank = tmp_path / "blank.csv"
    blank.write_text("source_id,created_at,item,agency\n", encoding="utf-8")
    assert failing(nowhere, "nowhere.csv") == (2, "no_such_file")
    assert failing(nowhere, str(table), "--map", "nowhere.yaml") == (1, "no_such_mapping")
    assert failing(nowhere, str(table), "--from-row", str(ORDERS)) == (2, "row_out_of_range")
    assert failing(nowhere, str(no_unit)) == (1, "missing_column")
    assert failing(nowhere, str(no_item)) == (1, "missing_column")
    assert failing(nowhere, str(blank)) == (1, "empty_table")
    assert failing(nowhere, str(nobody)) == (1, "nothing_to_score")
    assert nowhere("match", "backtest", str(table), "--from-row", "-1").code == 2


def test_the_last_row_can_be_scored_alone(nowhere: Sidan, table: Path) -> None:
    assert nowhere.json("match", "backtest", str(table), "--from-row", str(ORDERS - 1))["n"] == 1


def test_match_with_an_order_asks_about_it_as_ever(sidan: Sidan) -> None:
    order = sidan.placed()
    told = [sidan.json(*asked, order)["candidates"] for asked in (("match",), ("match", "order"))]
    assert told[0] == told[1] != []
    assert sidan.json("match", "--limit", "1", order)["candidates"]
    said = sidan("match")
    assert (said.code, "ORDER" in said.err) == (2, True)
    assert "backtest" in sidan("match", "--help").out
