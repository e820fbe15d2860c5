"""A mapping says which column means what, over the default one."""

from pathlib import Path

import pytest

from adapters.tables.faults import TableFaulty
from adapters.tables.mapping import Mapping, load_mapping
from adapters.tables.table import open_table
from domain.stages import Stage
from tests.adapters.tables.a_table import json_table

EXAMPLE = Path(__file__).parents[3] / "examples" / "mapping.yaml"


def mapped(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


def test_what_a_file_leaves_out_is_the_default(tmp_path: Path) -> None:
    own = mapped(tmp_path, "columns: {id: 流水号}\nzone: Asia/Urumqi\n")
    default = load_mapping()
    assert own.words_for("id") == ("流水号",)
    assert own.words_for("created") == default.words_for("created")
    assert (own.zone, own.stages) == ("Asia/Urumqi", default.stages)


def test_a_column_named_by_one_word_must_be_there(tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", [{"source_id": "1", "created_at": "2026-03-01"}])
    open_table(path, mapped(tmp_path, "columns: {channel: [路径, 途径]}"))
    with pytest.raises(TableFaulty) as faulty:
        open_table(path, mapped(tmp_path, "columns: {channel: 路径}"))
    assert (faulty.value.code, "路径" in str(faulty.value)) == ("missing_column", True)


def test_values_are_texts_whatever_yaml_makes_of_them(tmp_path: Path) -> None:
    own = mapped(tmp_path, 'stages:\n  - {when: {done: [yes, 1, ""]}, stage: completed, in_time: true}\n')
    [rule] = own.stages
    assert rule.when == {"done": ("yes", "1", "")}
    assert (rule.stage, rule.in_time) == (Stage.COMPLETED, True)


@pytest.mark.parametrize(
    "text",
    [
        "colums: {id: x}",
        "columns: [id]",
        "columns: {id: []}",
        "zone: Mars/Base",
        "encoding: klingon",
        "separator: ab",
        "stages: [{stage: done}]",
        "areas: {街道: [街道, street]}",
        "areas: {street: 街道}",
        "areas: {town: [全城, town]}",  # the root's own code
        "categories: []",
        "known: {providers: {水务: 水务}}",
        "zone: Asia/Shanghai\nzone: Asia/Urumqi",
        "columns: {id: [",
        "just a text",
        "",
    ],
)
def test_a_mapping_that_does_not_fit_says_where(tmp_path: Path, text: str) -> None:
    with pytest.raises(TableFaulty) as faulty:
        mapped(tmp_path, text)
    assert faulty.value.code == "bad_mapping"


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableFaulty) as faulty:
        load_mapping(tmp_path / "map.yaml")
    assert faulty.value.code == "no_such_mapping"


def test_the_example_of_the_documentation_is_a_mapping() -> None:
    assert load_mapping(EXAMPLE).words_for("id") == ("流水号",)
