"""A table says which areas, items and units there are: a town is made of what it finds."""

from pathlib import Path
from typing import Any

import pytest

from adapters.tables.deriving import derive_town
from adapters.tables.faults import TableFaulty
from adapters.tables.mapping import load_mapping
from adapters.tables.names import UNKNOWN, UNSORTED, code_of
from adapters.tables.recognising import is_table
from adapters.tables.saving import save_town
from adapters.towns import TownFile, difference, load
from domain.commands import AdoptRules, RegisterProvider
from domain.rules import Words
from domain.stages import Duty, ProviderKind
from tests.adapters.tables.a_table import dirty_rows, json_table, row

STREET, EAST = code_of("湖街道", "a"), code_of("东社区", "a")
CITY, LIGHT, LAMP = (code_of(name, "c") for name in ("市政", "照明", "路灯"))
EXAMPLES = Path(__file__).parents[3] / "examples"


def derived(tmp_path: Path, rows: list[dict[str, Any]], name: str = "") -> TownFile:
    return derive_town(json_table(tmp_path / "calls.jsonl", rows), load_mapping(), name)


def test_areas_are_found_under_one_root(tmp_path: Path) -> None:
    rules = derived(tmp_path, [row(1, community=None), row(2)], "湖区").rules
    assert [(area.path, area.name.zh, area.kind) for area in rules.areas] == [
        ("town", "湖区", "town"),
        (f"town/{STREET}", "湖街道", "street"),
        (f"town/{STREET}/{EAST}", "东社区", "community"),
    ]
    assert [level.zh for level in rules.levels] == ["全域", "街道", "社区"]
    assert (rules.name, rules.town) == (Words(zh="湖区", en="湖区"), code_of("湖区", "t"))


def test_items_are_found_in_their_groups(tmp_path: Path) -> None:
    catalogue = derived(tmp_path, [row(1)]).rules.catalogue
    assert [(one.path, one.name.zh, one.kind) for one in catalogue] == [
        (CITY, "市政", "group"),
        (f"{CITY}/{LIGHT}", "照明", "group"),
        (f"{CITY}/{LIGHT}/{LAMP}", "路灯", "complaint"),
    ]


def test_what_is_left_out_has_a_place_of_its_own(tmp_path: Path) -> None:
    rows = [row(1, street=None), row(2, category="", subcategory="", item=""), row(3, subcategory=None)]
    rules = derived(tmp_path, rows).rules
    assert rules.area_by_path[f"town/{UNKNOWN}"].name.zh == "未注明"  # type: ignore[index]
    assert rules.category_by_path[UNSORTED].name.zh == "未分类"  # type: ignore[index]
    assert rules.category_by_path[UNSORTED].kind == "complaint"  # type: ignore[index]
    assert rules.category_by_path[f"{CITY}/{UNKNOWN}"].kind == "group"  # type: ignore[index]


def test_units_are_found_with_what_they_were_given_and_where(tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, community=None, item="灯杆"),
        row(3),
        row(4, agency=None),
        row(5, agency="灯务所 "),
    ]
    [unit] = derived(tmp_path, rows).providers
    assert (unit.provider, unit.name_zh, unit.kind) == (
        code_of("灯务所", "u"),
        "灯务所",
        ProviderKind.DEPARTMENT,
    )
    assert unit.areas == (f"town/{STREET}/{EAST}", f"town/{STREET}")
    assert [offer.category for offer in unit.offers] == [
        f"{CITY}/{LIGHT}/{LAMP}",
        f"{CITY}/{LIGHT}/{code_of('灯杆', 'c')}",
    ]
    assert {offer.duty for offer in unit.offers} == {Duty.CAN}


def test_a_unit_under_two_names_stays_two(tmp_path: Path) -> None:
    units = derived(tmp_path, [row(1), row(2, agency="灯务所（东片）")]).providers
    assert [unit.name_zh for unit in units] == ["灯务所", "灯务所（东片）"]


def test_codes_do_not_depend_on_what_else_is_in_the_table(tmp_path: Path) -> None:
    first = derived(tmp_path, [row(1), row(2, street="山街道")]).rules
    second = derived(tmp_path, [row(2, street="山街道", item="灯杆"), row(1)]).rules
    assert set(first.area_by_path) == set(second.area_by_path)
    assert set(first.category_by_path) < set(second.category_by_path)


def test_the_town_is_brought_about_by_commands(tmp_path: Path) -> None:
    town = derived(tmp_path, dirty_rows())
    kinds = [type(command) for command in difference(None, {}, town).commands]
    assert kinds == [AdoptRules, *[RegisterProvider] * len(town.providers)]


def test_a_saved_town_reads_as_the_same_town(tmp_path: Path) -> None:
    odd = row(99, street='"石: #街"', agency="- 路灯\n队", item="[灯]", category="yes", community="3")
    town = derived(tmp_path, [*dirty_rows(), odd], "湖: 区")
    save_town(town, tmp_path / "town.yaml")
    assert load(tmp_path / "town.yaml") == town


def test_a_level_that_no_row_names_is_saved_too(tmp_path: Path) -> None:
    town = derived(tmp_path, [row(1, street=None, community=None)])
    save_town(town, tmp_path / "town.yaml")
    assert load(tmp_path / "town.yaml") == town


def test_the_example_of_the_documentation_makes_a_town() -> None:
    town = derive_town(EXAMPLES / "hotline.csv", load_mapping(EXAMPLES / "mapping.yaml"), "湖县")
    assert [unit.name_zh for unit in town.providers] == ["东片路灯所", "柳镇环卫站"]
    assert len(town.rules.areas) == 5
    assert sum(one.kind != "group" for one in town.rules.catalogue) == 5


def test_names_of_an_existing_town_make_none(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("known: {providers: {灯务所: lamps}}", encoding="utf-8")
    with pytest.raises(TableFaulty) as faulty:
        derive_town(json_table(tmp_path / "calls.jsonl", [row(1)]), load_mapping(tmp_path / "map.yaml"))
    assert faulty.value.code == "mapping_names_known"


def test_two_names_never_share_a_code_silently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.tables.names._HEX", 1)
    for kind in ("agency", "item"):
        with pytest.raises(TableFaulty) as faulty:
            derived(tmp_path, [row(number, **{kind: f"第{number}"}) for number in range(17)])
        assert faulty.value.code == "same_code"


def test_free_text_taken_for_items_is_found_out(tmp_path: Path) -> None:
    rows = [row(number, item=f"{number} " + "灯坏了" * 30, agency=None) for number in range(2000)]
    with pytest.raises(TableFaulty) as faulty:
        derived(tmp_path, rows)
    assert faulty.value.code == "too_many_names"


@pytest.mark.parametrize(
    ("content", "table"),
    [
        ('{"specversion": "1.0", "id": "1"}\n', False),
        ('{broken\n{"specversion": "1.0"}\n', False),
        ('{"lost": "its envelope"}\n{"specversion": "1.0"}\n', False),
        ('{"source_id": "1"}\n', True),
        ("source_id,created_at\n1,2026-03-01\n", True),
        ("{broken\n", False),
        ("", False),
    ],
)
def test_a_table_is_told_from_messages(tmp_path: Path, content: str, table: bool) -> None:
    path = tmp_path / "given"
    path.write_text(content, encoding="utf-8")
    assert is_table(path) is table
