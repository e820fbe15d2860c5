"""Each row is one message that says what the row says and nothing else."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.tables.mapping import load_mapping
from adapters.tables.messages import rows_to_messages
from adapters.tables.names import UNKNOWN, UNSORTED, code_of
from tests.adapters.tables.a_table import csv_table, csv_text, dirty_rows, json_table, row


def message(tmp_path: Path, one: dict[str, Any], mapping: str = "") -> dict[str, Any]:
    [only] = messages(tmp_path, [one], mapping)
    return only


def messages(tmp_path: Path, rows: list[dict[str, Any]], mapping: str = "") -> list[dict[str, Any]]:
    path = json_table(tmp_path / "calls.jsonl", rows)
    chosen = tmp_path / "map.yaml"
    chosen.write_text(mapping, encoding="utf-8")
    return list(map(json.loads, rows_to_messages(path, load_mapping(chosen if mapping else None))))


def test_a_message_is_a_cloudevent_of_its_row(tmp_path: Path) -> None:
    said = message(tmp_path, row("7/a"))
    assert {
        name: said[name] for name in ("specversion", "type", "source", "id", "time", "role", "actor")
    } == {
        "specversion": "1.0",
        "type": "ImportOrder",
        "source": "import/calls",
        "id": "7/a",
        "time": "2026-03-01T09:00:00+08:00",
        "role": "operator",
        "actor": "import",
    }
    assert UUID(said["subject"]).version == 7


def test_only_what_the_row_says_is_in_it(tmp_path: Path) -> None:
    assert message(tmp_path, row(1))["data"].keys() == {
        "source", "category", "area", "stage", "channel", "provider", "in_time",
    }  # fmt: skip
    bare = row(1, channel=None, agency=None, archived_in_time=None, archived_overdue=None)
    assert message(tmp_path, bare)["data"].keys() == {"source", "category", "area", "stage"}


@pytest.mark.parametrize(
    ("said", "stage", "in_time"),
    [
        ({}, "completed", True),
        ({"archived_overdue": None}, "completed", True),
        ({"archived_in_time": 0, "archived_overdue": 1}, "completed", False),
        ({"archived_in_time": None, "archived_overdue": 1.0}, "completed", False),
        ({"archived_in_time": None, "archived_overdue": None}, "dispatched", None),
        ({"archived_in_time": 0, "archived_overdue": 0}, "dispatched", None),
        ({"archived_in_time": None, "archived_overdue": None, "agency": None}, "placed", None),
        ({"archived_in_time": None, "archived_overdue": None, "closed_at": "2026-03-02"}, "completed", None),
        ({"archived_in_time": None, "archived_overdue": None, "accepted_at": "2026-03-02"}, "accepted", None),
        ({"archived_overdue": 1}, "none", None),  # refused at the door: import_stage
        ({"level": "不满意"}, "rated", True),
    ],
)
def test_the_stage_is_the_one_the_row_shows(
    tmp_path: Path, said: dict[str, Any], stage: str, in_time: bool | None
) -> None:
    data = message(tmp_path, row(1, **said))["data"]
    assert (data["stage"], data.get("in_time")) == (stage, in_time)


def test_a_row_that_no_rule_fits_shows_no_stage(tmp_path: Path) -> None:
    rules = "stages: [{when: {archived_in_time: '1'}, stage: completed}]"
    assert message(tmp_path, row(1, archived_in_time=2), rules)["data"]["stage"] == "none"


def test_what_a_row_leaves_out_of_its_place_and_matter(tmp_path: Path) -> None:
    street, east = code_of("湖街道", "a"), code_of("东社区", "a")
    group, kind = code_of("市政", "c"), code_of("照明", "c")

    def area(**said: Any) -> str:
        return message(tmp_path, row(1, **said))["data"]["area"]

    def category(**said: Any) -> str:
        return message(tmp_path, row(1, **said))["data"]["category"]

    assert area() == f"town/{street}/{east}"
    assert area(community=None) == f"town/{street}"
    assert area(community="", street=" ") == "town"
    assert area(street=None) == f"town/{UNKNOWN}/{east}"
    assert category(item=None) == f"{group}/{kind}/{UNSORTED}"
    assert category(subcategory=None, item=None) == f"{group}/{UNSORTED}"
    assert category(category=None, subcategory=None, item=None) == UNSORTED
    assert category(subcategory=None) == f"{group}/{UNKNOWN}/{code_of('路灯', 'c')}"


def test_a_name_that_is_a_code_stays_and_others_never_meet() -> None:
    assert code_of("street-lights", "c") == "street-lights"
    names = ["Street-Lights", "street lights", "路灯", "路灯 ", "unsorted", "c-1", "x" * 49]
    assert len({code_of(name, "c") for name in [*names, code_of("路灯", "c")]}) == len(names) + 1
    assert code_of(UNSORTED, "c") != UNSORTED  # kept for what says nothing


def test_a_town_that_exists_keeps_its_own_names(tmp_path: Path) -> None:
    known = """
known:
  areas: {湖街道/东社区: lake/east}
  categories: {市政/照明/路灯: roads/lamp, "*": other}
  providers: {灯务所: lamps}
"""
    here, elsewhere = messages(
        tmp_path, [row(1), row(2, community="北社区", item="灯杆", agency="水务所")], known
    )
    assert [here["data"][name] for name in ("area", "category", "provider")] == [
        "lake/east",
        "roads/lamp",
        "lamps",
    ]
    assert elsewhere["data"]["category"] == "other"
    assert elsewhere["data"]["area"].startswith("town/")  # refused at the door: unknown_area
    assert elsewhere["data"]["provider"] == code_of("水务所", "u")


def test_levels_and_details_by_the_mapping(tmp_path: Path) -> None:
    mapping = "columns: {level: 回访, details: 内容}\nratings: {好: satisfied}\n"
    good, word = messages(tmp_path, [row(1, 回访="好", 内容="灯不亮"), row(2, 回访="一般", 内容="")], mapping)
    assert (good["data"]["level"], good["data"]["details"]) == ("satisfied", "灯不亮")
    assert word["data"]["level"] == "一般"  # parked at the door, which names the field


def test_the_same_row_has_the_same_message_whatever_the_file_is_called(tmp_path: Path) -> None:
    here, again = messages(tmp_path, [row(1)]), messages(tmp_path, [row(1)])
    assert here == again
    path = csv_table(tmp_path / "三月.csv", csv_text([row(1)]), "gb18030")
    [moved] = map(json.loads, rows_to_messages(path, load_mapping()))
    assert moved["subject"] == here[0]["subject"]
    assert moved["source"] == "import/%E4%B8%89%E6%9C%88"


def test_forty_rows_in_one_second_are_forty_orders(tmp_path: Path) -> None:
    assert len({one["subject"] for one in messages(tmp_path, [row(number) for number in range(40)])}) == 40


def test_an_id_longer_than_a_door_takes_is_digested(tmp_path: Path) -> None:
    long, other = messages(tmp_path, [row("9" * 65), row("9" * 66)])
    assert (len(long["id"]), long["id"] != other["id"], long["data"]["source"]) == (64, True, "9" * 65)


@pytest.mark.parametrize("said", [{"created_at": "soon"}, {"created_at": None}, {"source_id": None}])
def test_a_row_without_id_or_time_is_kept_whole(tmp_path: Path, said: dict[str, Any]) -> None:
    one = message(tmp_path, row(1, **said))
    assert json.loads(one["row"])["item"] == "路灯"
    assert "row" not in message(tmp_path, row(1))


def test_times_before_computers_do_no_harm(tmp_path: Path) -> None:
    for created in ("0001-01-01T00:00:00+08:00", "1949-10-01T15:00:00+08:00", "9999-12-31T23:59:59-08:00"):
        assert UUID(message(tmp_path, row(1, created_at=created))["subject"]).version == 7


def test_there_are_as_many_messages_as_rows(tmp_path: Path) -> None:
    rows = dirty_rows()
    assert len(messages(tmp_path, rows)) == len(rows)


def test_bytes_outside_the_encoding_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(csv_text([row(1), row(2)]).encode().replace("热线".encode(), b"\xff\xfe", 1))
    bad, good = map(json.loads, rows_to_messages(path, load_mapping()))
    assert (type(bad), good["data"]["channel"]) == (list, "热线")
