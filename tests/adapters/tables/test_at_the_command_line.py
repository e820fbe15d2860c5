"""What docs/importing.md tells people to type does what it says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from adapters.cli.app import run

ROOT = Path(__file__).parents[3]


def typed(page: Path) -> list[list[str]]:
    """The `sidan` commands of a page, without the word itself."""
    found = re.findall(r"^\$ sidan (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [shlex.split(line) for line in found]


def test_a_table_becomes_a_town_and_its_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.setenv("SIDAN_STORE", f"sqlite:///{tmp_path / 'town.db'}")
    founding, submitting = typed(ROOT / "docs" / "importing.md")
    assert run(founding) == 0
    assert run(["town", "check", "town.yaml"]) == 0
    capsys.readouterr()
    assert run([*submitting, "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {name: told[name] for name in ("recorded", "rejected", "repeated", "parked", "lines")} == {
        "recorded": 5, "rejected": 0, "repeated": 0, "parked": 0, "lines": 5,
    }  # fmt: skip
    assert run(["orders", "list"]) == 0
    listed = capsys.readouterr().out
    assert "/a-" not in listed  # a hash that stands for a name is nothing to read
    assert " 湖东区柳镇柳南村 │" in listed  # one name, said once


def test_a_table_without_its_columns_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIDAN_STORE", f"sqlite:///{tmp_path / 'town.db'}")
    assert run(["init", "--from-table", str(ROOT / "examples" / "hotline.csv")]) == 1
    assert "missing_column" in capsys.readouterr().err
