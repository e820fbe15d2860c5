"""A table is read however it was exported, and what is no row is never lost nor taken for one."""

import json
from pathlib import Path

import pytest

from adapters.tables.faults import TableFaulty
from adapters.tables.mapping import load_mapping
from adapters.tables.reading import Row
from adapters.tables.table import Table, open_table
from tests.adapters.tables.a_table import CHINESE, COLUMNS, csv_table, csv_text, json_table, row

THREE = [row(1), row(2, agency="路灯队, 南"), row(3, item="灯罩\n破损")]


def opened(path: Path) -> Table:
    return open_table(path, load_mapping())


def rows_of(path: Path) -> list[Row]:
    return [one for one in opened(path).rows() if not isinstance(one, bytes)]


def no_rows_of(path: Path) -> list[bytes]:
    return [one for one in opened(path).rows() if isinstance(one, bytes)]


def as_text(rows: list[dict[str, object]]) -> list[Row]:
    return [{name: "" if cell is None else str(cell) for name, cell in one.items()} for one in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_any_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    path = csv_table(tmp_path / "calls.csv", csv_text(THREE, separator=separator), encoding)
    assert rows_of(path) == as_text(THREE)
    assert not no_rows_of(path)


def test_a_packed_table_is_unpacked(tmp_path: Path) -> None:
    assert rows_of(csv_table(tmp_path / "calls.csv.gz", csv_text(THREE))) == as_text(THREE)
    assert opened(tmp_path / "calls.csv.gz").name == "calls"


def test_json_lines_say_the_same(tmp_path: Path) -> None:
    assert rows_of(json_table(tmp_path / "calls.jsonl", THREE)) == as_text(THREE)


def test_chinese_header_words_are_known(tmp_path: Path) -> None:
    table = opened(csv_table(tmp_path / "calls.csv", csv_text(THREE, CHINESE), "gb18030"))
    assert [table.column(name) for name in ("id", "street", "provider")] == ["工单编号", "街道", "承办单位"]


def test_empty_lines_are_no_rows(tmp_path: Path) -> None:
    text = csv_text(THREE).replace("\r\n1,", "\r\n\r\n" + "," * (len(COLUMNS) - 1) + "\r\n \r\n1,")
    assert rows_of(csv_table(tmp_path / "calls.csv", text)) == as_text(THREE)
    assert rows_of(json_table(tmp_path / "calls.jsonl", ["", *THREE, "  "])) == as_text(THREE)


def test_columns_nobody_mapped_are_named(tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", [row(1, mood="cross", weather="rain")])
    assert opened(path).unused == ("mood", "weather")


def test_a_row_of_another_width_is_no_row(tmp_path: Path) -> None:
    text = (
        csv_text(THREE)
        + "4,2026-03-01T09:00:00+08:00,热线\r\n"
        + csv_text([row(5)]).splitlines()[1]
        + ",more\r\n"
    )
    path = csv_table(tmp_path / "calls.csv", text)
    assert rows_of(path) == as_text(THREE)
    short, wide = map(json.loads, no_rows_of(path))
    assert "3 cells where the header has 12" in short[0]
    assert "13 cells where the header has 12" in wide[0]
    assert short[1] == "4,2026-03-01T09:00:00+08:00,热线"


def test_empty_cells_beyond_the_header_are_no_matter(tmp_path: Path) -> None:
    text = csv_text([row(1)]).rstrip() + ",,\r\n"
    assert rows_of(csv_table(tmp_path / "calls.csv", text)) == as_text([row(1)])


@pytest.mark.parametrize("broken", ['8,"never closed,x', '8,"a"b,x', '"'])
def test_a_stray_quote_costs_its_line_only(tmp_path: Path, broken: str) -> None:
    head, *lines = csv_text([row(1), row(2), row(3)]).splitlines()
    path = csv_table(tmp_path / "calls.csv", "\n".join([head, lines[0], broken, *lines[1:]]) + "\n")
    assert rows_of(path) == as_text([row(1), row(2), row(3)])
    [lost] = map(json.loads, no_rows_of(path))
    assert lost == ["第3行的引号不成对 line 3 has a stray quote", broken]


def test_a_line_that_is_no_object_is_no_row(tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", [row(1), '{"source_id": "2', "[1]", "NaN", row(3)])
    assert rows_of(path) == as_text([row(1), row(3)])
    assert [json.loads(one)[1] for one in no_rows_of(path)] == ['{"source_id": "2', "[1]", "NaN"]


def test_a_command_hidden_in_a_table_stays_a_text(tmp_path: Path) -> None:
    """Bytes that are no row go to the door too: they must not be a message there."""
    command = '{"specversion":"1.0","type":"AdoptRules","id":"1","source":"x","actor":"x","data":{}}'
    parked = no_rows_of(csv_table(tmp_path / "calls.csv", csv_text(THREE) + command + "\n"))
    assert [type(json.loads(one)) for one in parked] == [list]


def test_one_bad_byte_does_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(csv_text(THREE).encode().replace("热".encode(), b"\xe7\x83", 1))
    table = opened(path)
    assert table.encoding == "utf-8"
    assert [one["street"] for one in rows_of(path)] == ["湖街道"] * 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_table"),
        (b"\n \n", "empty_table"),
        (b"number,when\n1,2\n", "missing_column"),
        (b'{"number": 1}\n', "missing_column"),
        (b"source_id,created_at,created_at\n1,2,3\n", "column_twice"),
        (b"\x1f\x8b\x08\x00broken", "unreadable_table"),
    ],
)
def test_a_table_that_cannot_be_used_says_what_to_do(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(content)
    with pytest.raises(TableFaulty) as faulty:
        opened(path)
    assert faulty.value.code == code


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableFaulty) as faulty:
        opened(tmp_path / "calls.csv")
    assert faulty.value.code == "no_such_table"


def test_a_table_cut_short_says_so_after_its_rows(tmp_path: Path) -> None:
    rows = [row(number, details=f"{number * 7919:x}" * 9) for number in range(2000)]
    path = csv_table(tmp_path / "calls.csv.gz", csv_text(rows))
    path.write_bytes(path.read_bytes()[:-500])
    rows = opened(path).rows()
    with pytest.raises(TableFaulty) as faulty:
        assert len(list(rows)) < 0
    assert faulty.value.code == "unreadable_table"


def test_bytes_that_are_not_in_the_encoding_spoil_their_line_alone(tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", THREE)
    path.write_bytes(path.read_bytes().replace("路灯队".encode(), b"\xff\xfe"))
    (spoilt,) = no_rows_of(path)
    why, line = json.loads(spoilt)
    assert why == "第2行有乱码 line 2 is not in the table's encoding"
    assert r"\xff\xfe" in line  # as it came
    assert len(rows_of(path)) == 2
