"""The master key is changed at the command line, and what was written before still opens."""

from pathlib import Path

from adapters.keys.master import FILE, NEXT
from tests.adapters.cli.a_terminal import Sidan


def test_the_keys_are_counted_and_named(sidan: Sidan) -> None:
    told = sidan.json("keys", "status")
    assert told["keys"] > 0
    assert told["where"] == str(sidan.folder / "lake.db.keys" / FILE)
    assert told["master"] in sidan("keys", "status").out


def test_a_changed_master_key_opens_what_was_written_before(sidan: Sidan) -> None:
    order = sidan.placed()
    file = sidan.folder / "lake.db.keys" / FILE
    before, old = sidan.json("keys", "status"), file.read_text()
    done = sidan.json("keys", "rotate", "--yes")
    assert done["keys"] == before["keys"]
    assert done["master"] != before["master"]
    assert file.read_text() != old
    assert "路面有坑" in sidan("audit", "replay", order, "--open", "--why", "看看").out


def test_it_is_not_changed_unasked(sidan: Sidan) -> None:
    before = sidan.json("keys", "status")
    assert error(sidan, "keys", "rotate") == "needs_yes"
    assert sidan.json("keys", "status") == before


def test_without_the_key_nothing_is_opened_and_it_says_what_to_do(sidan: Sidan) -> None:
    order = sidan.placed()
    (sidan.folder / "lake.db.keys" / FILE).write_text("0" * 64)
    assert error(sidan, "audit", "replay", order, "--open", "--why", "看看") == "other_master_key"
    assert sidan.json("orders", "show", order)["order_id"] == order


def test_one_from_the_environment_is_left_to_the_environment(sidan: Sidan, monkeypatch) -> None:
    file = sidan.folder / "lake.db.keys" / FILE
    monkeypatch.setenv("SIDAN_MASTER_KEY", file.read_text())
    assert NEXT in sidan("keys", "rotate", "--yes").out
    monkeypatch.setenv("SIDAN_MASTER_KEY", (sidan.folder / "lake.db.keys" / NEXT).read_text())
    file.unlink()
    (sidan.folder / "lake.db.keys" / NEXT).unlink()
    assert sidan.json("keys", "status")["where"] == "SIDAN_MASTER_KEY"
    assert sidan.placed()


def test_what_is_no_key_is_told(sidan: Sidan, monkeypatch) -> None:
    monkeypatch.setenv("SIDAN_MASTER_KEY", "secret")
    assert error(sidan, "keys", "status") == "bad_master_key"


def test_keys_leave_for_another_database(sidan: Sidan, tmp_path: Path) -> None:
    order = sidan.placed()
    file = tmp_path / "keys.jsonl"
    told = sidan.json("keys", "export", "-o", str(file))
    assert told["keys"] == len(file.read_bytes().splitlines()) - 1 > 0
    assert error(sidan, "keys", "export", "-o", str(file)) == "file_exists"
    assert sidan.json("keys", "import", str(file)) == {"keys": 0}
    assert error(sidan, "keys", "import", "nowhere") == "no_such_file"
    file.write_text("{}")
    assert error(sidan, "keys", "import", str(file)) == "not_keys"
    assert order in sidan("orders", "show", order, "--json").out


def error(sidan: Sidan, *words: str) -> str:
    """The code of what stopped a command."""
    said = sidan(*words, "--json")
    assert said.code != 0
    return said.json["error"]["code"]
