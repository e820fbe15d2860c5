"""The record moves as a file: its bytes come back, its root is the same, and it works on where it was."""

import json
import sqlite3
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.store.event_store import EventStore
from tests.adapters.cli.a_terminal import CHEN, WATER, Sidan
from tests.adapters.exporting.conftest import POTHOLE

VERIFIER = Path(__file__).parents[3] / "examples" / "verify_receipt.py"
A_CENTURY_LATER = (
    "UPDATE stored_events SET state = "
    """CAST(replace(state, '"recorded":"20', '"recorded":"21') AS BLOB) WHERE """
)


def exported(sidan: Sidan, *words: str, name: str = "town.jsonl") -> tuple[Path, dict[str, Any]]:
    """The file, and its manifest."""
    file = sidan.folder / name
    sidan.json("audit", "export", "-o", str(file), *words)
    return file, json.loads((file.parent / f"{file.name}.manifest.json").read_text(encoding="utf-8"))


def stored(url: str) -> list[tuple[Any, ...]]:
    store = EventStore(url)
    try:
        found = store.read_stored(0, 100_000)
    finally:
        store.close()
    return [(one.id, one.originator_id, one.originator_version, one.topic, one.state) for one in found]


def rewritten(manifest: dict[str, Any], file: Path, **fields: Any) -> None:
    path = file.parent / f"{file.name}.manifest.json"
    path.write_text(json.dumps({**manifest, **fields}), encoding="utf-8")


def test_each_line_says_one_fact_in_its_exact_bytes(sidan: Sidan) -> None:
    file, manifest = exported(sidan)
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    found = [
        (one["position"], one["id"], one["version"], one["topic"], f"{one['meta']}\n{one['data']}".encode())
        for one in lines
    ]
    assert found == [(row[0], str(row[1]), *row[2:]) for row in stored(sidan.store)]
    assert manifest["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert (manifest["facts"], manifest["bytes"]) == (len(lines), file.stat().st_size)
    assert manifest["keys"] == sum("key" in one for one in lines) < len(lines)


@pytest.mark.parametrize("output", ["", ".", "/"])
def test_a_folder_is_no_file_to_export_to(sidan: Sidan, output: str) -> None:
    said = sidan("audit", "export", "-o", output, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "cannot_write")


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_an_empty_moment_is_not_the_whole_record(sidan: Sidan, option: str) -> None:
    said = sidan("audit", "export", option, "", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "bad_date")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--manifest", "nowhere"), "no_manifest"),
        (("--manifest", "town.jsonl"), "manifest_unfit"),
        (("--manifest", "deep"), "manifest_unfit"),
        (("--key", "nowhere"), "bad_key_file"),
    ],
)
def test_what_cannot_be_read_leaves_no_store_behind(
    sidan: Sidan, elsewhere: Sidan, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: str
) -> None:
    file, _ = exported(sidan)
    (sidan.folder / "deep").write_text("[" * 100_000)
    monkeypatch.chdir(sidan.folder)
    before = sorted(elsewhere.folder.iterdir())
    assert f"[{code}]" in elsewhere("audit", "import", str(file), *words).err
    assert sorted(elsewhere.folder.iterdir()) == before
    assert elsewhere("audit", "import", str(file)).code == 0


def test_the_manifest_alone_proves_where_in_the_log_it_lies(sidan: Sidan) -> None:
    """As an outsider checks it, with a program that takes nothing from us."""
    key = sidan.folder / "signing.pub"
    for number, words in enumerate(((), ("--since", "2100-01-01"), ("--until", "2100-01-01"))):
        late = sidan.json(*POTHOLE)["position"]
        with sqlite3.connect(sidan.file) as rows:
            rows.execute(A_CENTURY_LATER + "notification_id = ?", (late,))
        file, manifest = exported(sidan, *words, name=f"town{number}.jsonl")
        key.write_text(sidan.json("audit", "key")["key"], encoding="utf-8")
        assert bool(manifest["before"]["size"]) == ("--since" in words)
        assert bool(manifest["consistency"]) == ("--until" in words)
        beside = f"{file}.manifest.json"
        assert checked(beside, key).returncode == 0
        file.write_bytes(file.read_bytes().replace(b"lake/east", b"lake/west", 1))
        assert checked(beside, key).returncode == 1


def checked(manifest: str, key: Path) -> subprocess.CompletedProcess[bytes]:
    """The verifier, in a process of its own and far from our code."""
    words = [sys.executable, str(VERIFIER), manifest, str(key)]
    return subprocess.run(words, cwd=key.parent, check=False, capture_output=True)


def test_an_empty_store_takes_it_in_and_works_on(sidan: Sidan, elsewhere: Sidan) -> None:
    file, manifest = exported(sidan)
    done = elsewhere.json("audit", "import", str(file))
    assert (done["facts"], done["head"], done["root"]) == (
        manifest["facts"],
        manifest["last"],
        manifest["after"]["root"],
    )
    assert stored(elsewhere.store) == stored(sidan.store)
    assert elsewhere.json("projections", "verify")["ok"]
    assert elsewhere.json("audit", "replay", "--all")["ok"]
    placed = elsewhere.json(*POTHOLE, "--id", "another")
    assert placed["position"] == manifest["last"] + 1
    elsewhere.json("dispatch", placed["order"], "--provider", "water", *CHEN)
    elsewhere.json("accept", placed["order"], *WATER)


def test_its_root_is_the_same_when_it_is_sealed_anew(sidan: Sidan, elsewhere: Sidan) -> None:
    file, manifest = exported(sidan)
    elsewhere.json("audit", "import", str(file))
    _, again = exported(elsewhere)
    assert again["after"] == manifest["after"]
    assert again["sha256"] == manifest["sha256"]
    assert again["key"] != manifest["key"]  # keys do not travel


def test_commands_are_remembered_where_the_secret_came_along(sidan: Sidan, elsewhere: Sidan) -> None:
    with sqlite3.connect(sidan.file) as rows:
        ((secret,),) = rows.execute("SELECT hex(value) FROM town_secret").fetchall()
    file, _ = exported(sidan)
    elsewhere.json("audit", "import", str(file), "--secret", secret)
    said = elsewhere(*POTHOLE, "--id", "mine", "--json", "--secret", secret)
    assert said.json["status"] == "repeated"
    assert elsewhere.refused(*POTHOLE, "--id", "mine") == "id_reused"  # another town's secret


@pytest.mark.parametrize(
    ("planted", "code"),
    [
        ({"sha256": "00"}, "manifest_unfit"),
        ({"facts": 1}, "manifest_unfit"),
        ({"keys": 1}, "manifest_unfit"),
        ({"format": "sidan-export-9"}, "manifest_unfit"),
        ({"after": {"size": 1, "root": "AAAA", "subtrees": []}}, "manifest_unfit"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    sidan: Sidan, elsewhere: Sidan, planted: dict[str, Any], code: str
) -> None:
    file, manifest = exported(sidan)
    rewritten(manifest, file, **planted)
    said = elsewhere("audit", "import", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, code)
    assert stored(elsewhere.store) == []


def test_a_file_in_which_one_letter_was_changed_is_refused_whole(sidan: Sidan, elsewhere: Sidan) -> None:
    file, manifest = exported(sidan)
    file.write_bytes(file.read_bytes().replace(b"d-chen", b"d-chin", 1))
    rewritten(manifest, file, sha256=sha256(file.read_bytes()).hexdigest())
    said = elsewhere("audit", "import", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "manifest_unfit")
    assert stored(elsewhere.store) == []


def test_a_file_that_was_cut_off_is_refused_whole(sidan: Sidan, elsewhere: Sidan) -> None:
    file, _ = exported(sidan)
    file.write_bytes(file.read_bytes()[:-20])
    said = elsewhere("audit", "import", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "manifest_unfit")
    assert stored(elsewhere.store) == []


def test_a_store_that_holds_something_takes_nothing_in(sidan: Sidan, elsewhere: Sidan) -> None:
    file, _ = exported(sidan)
    elsewhere.json("audit", "import", str(file))
    said = elsewhere("audit", "import", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "store_not_empty")
    assert "空的存储" in said.json["error"]["reason_zh"]


def test_what_begins_later_can_be_checked_but_not_taken_in(sidan: Sidan, elsewhere: Sidan) -> None:
    head = stored(sidan.store)[-1][0]
    late = sidan.json(*POTHOLE)["position"]
    with sqlite3.connect(sidan.file) as rows:  # as if it had been recorded a year later
        rows.execute(
            A_CENTURY_LATER + "notification_id = ?",
            (late,),
        )
    file, manifest = exported(sidan, "--since", "2100-01-01")
    assert (manifest["before"]["size"], manifest["first"], manifest["facts"]) == (head, late, 1)
    said = elsewhere("audit", "import", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "partial_export")


def test_up_to_a_day_it_has_a_checkpoint_that_grew_from_it(sidan: Sidan, elsewhere: Sidan) -> None:
    with sqlite3.connect(sidan.file) as rows:
        rows.execute(A_CENTURY_LATER + "notification_id > 7")
    file, manifest = exported(sidan, "--until", "2100-01-01")
    assert (manifest["last"], manifest["after"]["size"]) == (7, 7)
    assert manifest["consistency"]
    assert elsewhere.json("audit", "import", str(file))["facts"] == 7


def test_where_nothing_was_recorded_nothing_is_written(sidan: Sidan) -> None:
    said = sidan("audit", "export", "--since", "2190-01-01", "-o", str(sidan.folder / "x"), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "nothing_to_export")
    assert not list(sidan.folder.glob("x*"))


def test_nothing_is_written_over(sidan: Sidan) -> None:
    file, _ = exported(sidan)
    said = sidan("audit", "export", "-o", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "file_exists")


def test_what_is_not_as_it_was_sealed_is_not_exported(sidan: Sidan) -> None:
    exported(sidan)
    with sqlite3.connect(sidan.file) as rows:
        rows.execute("UPDATE stored_events SET topic = 'OrderEnchanted' WHERE notification_id = 5")
    said = sidan("audit", "export", "-o", str(sidan.folder / "again.jsonl"), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "not_as_sealed")
    assert not list(sidan.folder.glob("again*"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE command_keys SET position = position + 1",
        "UPDATE command_keys SET position = 99999",
        "UPDATE command_keys SET position = 'nowhere'",
        "UPDATE command_keys SET digest = 'nothing'",
        "DELETE FROM command_keys",
    ],
)
def test_a_command_key_that_points_elsewhere_or_is_gone_stops_it(sidan: Sidan, change: str) -> None:
    """Where it was taken in, that command could be carried out once more."""
    with sqlite3.connect(sidan.file) as rows:
        rows.execute(f"{change} WHERE id = 'mine'")
    said = sidan("audit", "export", "-o", str(sidan.folder / "x.jsonl"), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "keys_astray")
    assert not list(sidan.folder.glob("x*"))


def test_process_managers_say_nothing_of_what_was(sidan: Sidan, elsewhere: Sidan) -> None:
    sidan.json("provider", "retire", "roads", "--reason", "合并", *CHEN)
    file, manifest = exported(sidan)
    elsewhere.json("audit", "import", str(file))
    elsewhere.json("orders", "list")
    assert stored(elsewhere.store)[-1][0] == manifest["last"]
