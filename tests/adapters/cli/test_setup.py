"""Founding a town and changing it."""

from pathlib import Path

import pytest

from adapters.cli.filling import paths
from tests.adapters.cli.a_terminal import CHEN, LAKE, LI, POTHOLE, Sidan


def changed(tmp_path: Path, old: str, new: str) -> str:
    """The lake's file with a passage replaced."""
    text = LAKE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "changed.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return str(file)


def test_founding_records_the_rules_and_the_providers_as_the_operator(nowhere: Sidan) -> None:
    told = nowhere.json("init", "--town", str(LAKE))
    assert (told["town"], told["recorded"], told["topics"]) == ("lake-town", 3, [])
    facts = [one.fact for one in nowhere.log()]
    assert [fact.event.wire for fact in facts] == ["RulesAdopted", "ProviderRegistered", "ProviderRegistered"]
    assert {fact.meta.actor.role for fact in facts} == {"operator"}


def test_names_of_people_are_sealed_on_the_way_in(nowhere: Sidan) -> None:
    nowhere.json("init", "--town", str(LAKE))
    assert "陈晓".encode() not in nowhere.file.read_bytes()


def test_founding_twice_records_nothing_new(sidan: Sidan) -> None:
    told = sidan.json("init", "--town", str(LAKE))
    assert (told["recorded"], told["differences"]) == (0, 0)


def test_founding_again_never_changes_what_is_on_record(sidan: Sidan, tmp_path: Path) -> None:
    other = changed(tmp_path, "hours: [4, 48]", "hours: [2, 24]")
    told = sidan.json("init", "--town", other)
    assert (told["recorded"], told["differences"]) == (0, 1)
    assert "town apply" in sidan("init", "--town", other).out


def test_the_shipped_town_can_be_founded(nowhere: Sidan) -> None:
    told = nowhere.json("init", "--town", "guangming")
    assert told["recorded"] > 300
    assert told["rejected"] == told["parked"] == told["differences"] == 0  # its volunteers too


def test_a_town_file_is_checked_line_by_line(nowhere: Sidan, tmp_path: Path) -> None:
    assert nowhere.json("town", "check", str(LAKE)) == {"ok": True, "findings": []}
    said = nowhere("town", "check", changed(tmp_path, "must: [roads]", "must: [rods]"), "--json")
    assert said.code == 1
    (finding,) = said.json["findings"]
    assert finding["code"] == "unknown_category"
    assert "rods" in finding["zh"]
    line = LAKE.read_text(encoding="utf-8").splitlines()[finding["line"] - 1]
    assert "must: [roads]" in line


def test_a_town_file_that_is_not_there_is_found_wanting(nowhere: Sidan) -> None:
    assert nowhere("town", "check", "nowhere.yaml").code == 1
    said = nowhere("init", "--town", "nowhere.yaml", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "town_file")


def test_applying_shows_the_difference_first(sidan: Sidan, tmp_path: Path) -> None:
    other = changed(tmp_path, "capacity: 5, must", "capacity: 9, must")
    said = sidan("town", "apply", other, "--yes", "--json")
    assert said.code == 0
    assert "水务所" in said.err
    assert "(5 → 9)" in said.json["changes"][0]["zh"]
    assert said.json["recorded"] == 1
    assert sidan.json("town", "apply", other, "--yes")["recorded"] == 0


def test_applying_asks_at_a_terminal_and_needs_yes_elsewhere(
    sidan: Sidan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = changed(tmp_path, "hours: [4, 48]", "hours: [2, 24]")
    before = len(sidan.log())
    said = sidan("town", "apply", other, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "needs_yes")
    monkeypatch.setattr("adapters.cli.filling.at_a_terminal", lambda: True)
    assert sidan("town", "apply", other, typed=b"n\n").code == 1
    assert len(sidan.log()) == before
    assert sidan("town", "apply", other, typed=b"y\n").code == 0
    assert len(sidan.log()) == before + 1


def test_a_provider_left_out_of_the_file_retires_and_its_work_comes_back(
    sidan: Sidan, tmp_path: Path
) -> None:
    order = sidan.dispatched()
    line = next(one for one in LAKE.read_text(encoding="utf-8").splitlines() if "water:" in one)
    sidan.json("town", "apply", changed(tmp_path, line + "\n", ""), "--yes")
    assert sidan.json("orders", "show", order)["stage"] == "placed"
    assert "ProviderRetired" in [one.fact.event.wire for one in sidan.log()]


def test_new_rules_hold_for_what_comes_after(sidan: Sidan, tmp_path: Path) -> None:
    before = sidan.placed()
    sidan.json("town", "apply", changed(tmp_path, "lamp: [路灯, Lamp]", "bridge: [桥, Bridge]"), "--yes")
    about = ("--category", "roads/bridge", "--area", "lake/east", "--details", "栏杆松了")
    after = sidan.json("place", *about, *LI)["order"]
    versions = {one.fact.meta.subject: one.fact.meta.rules for one in sidan.log()}
    assert (versions[before], versions[after]) == (1, 2)
    assert sidan.json("dispatch", before, "--provider", "water", *CHEN)["status"] == "recorded"


def test_without_a_town_every_command_says_what_to_do(nowhere: Sidan) -> None:
    for words in (
        ("orders", "list"),
        ("place", *POTHOLE, *LI),
        ("status",),
        ("submit", "-"),
        ("audit", "replay", "--all"),
    ):
        said = nowhere(*words, "--json")
        assert (said.code, said.json["error"]["code"]) == (1, "no_town")
        assert "sidan init" in said.err
    assert not nowhere.file.exists()


def test_choices_are_found_by_code_or_name() -> None:
    assert paths(["lake/east,lake/west", "lake"]) == ("lake/east", "lake/west", "lake")
