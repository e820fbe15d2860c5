"""Seal, verify, prove at the command line; receipts checked by the independent program."""

import json
import runpy
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from adapters.sealed_log.checking import notes_of
from projections.engine import open_reads
from services.audit.checkpoints import parse
from tests.adapters.cli.a_terminal import LAKE, LI, Sidan
from tests.support.compose import ROOT

VERIFIER: Final = ROOT / "examples" / "verify_receipt.py"


def sealed(sidan: Sidan) -> str:
    """An order that was rated, and all of it sealed."""
    order = sidan.completed()
    sidan.json("audit", "seal")
    sidan.json("rate", order, "--level", "dissatisfied", *LI)
    sidan.json("audit", "seal")
    return order


def public(sidan: Sidan) -> Path:
    return sidan.folder / "lake.db.keys" / "signing.pub"


def proof(sidan: Sidan, *words: str) -> Path:
    file = sidan.folder / "proof.json"
    said = sidan("audit", "prove", *words, "-o", str(file))
    assert said.code == 0, said.err
    return file


def checked(*files: Path) -> tuple[int, str]:
    """What the independent program says, in a process of its own that has none of our folders."""
    asked = [sys.executable, "-P", str(VERIFIER), *map(str, files)]
    done = subprocess.run(asked, capture_output=True, text=True, cwd=files[0].parent, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def tamper(sidan: Sidan, statement: str) -> None:
    database = open_reads(sidan.store)
    with database.begin() as connection:
        connection.execute(text(statement))
    database.dispose()


def test_sealing_says_how_far_it_came_and_where_the_checkpoints_are(sidan: Sidan) -> None:
    sidan.placed()
    told = sidan.json("audit", "seal")
    assert told["events"] == len(sidan.log())
    assert Path(told["witness"]).is_file()
    assert told["key"].startswith("sidan/lake-town+")
    assert sidan.json("audit", "key")["key"] == told["key"] == public(sidan).read_text().strip()
    assert "已封存" in sidan("audit", "seal").out


def test_status_tells_what_is_not_sealed_yet(sidan: Sidan) -> None:
    sidan.json("audit", "seal")
    assert sidan.json("status")["sealed"]["unsealed"] == 0
    sidan.placed()
    told = sidan.json("status")
    assert told["sealed"]["unsealed"] >= 1
    assert told["sealed"]["events"] > 0
    assert told["status"] == "ok"
    assert "未封存" in sidan("status").out


def test_a_record_that_nobody_changed_is_good(sidan: Sidan) -> None:
    sealed(sidan)
    said = sidan("audit", "verify", "--witness", f"{sidan.file}.checkpoints", "--json")
    assert said.code == 0, said.err
    assert (said.json["ok"], said.json["flaws"], said.json["witnessed"]) == (True, [], 2)
    assert [one["code"] for one in said.json["not_proven"]] == ["collusion"]
    assert "未见改动" in sidan("audit", "verify").out


def test_a_changed_record_ends_with_one_and_says_where(sidan: Sidan) -> None:
    sealed(sidan)
    rated = sidan.log()[-1].position
    tamper(sidan, "UPDATE stored_events SET topic = 'OrderWithdrawn' WHERE topic = 'OrderRated'")
    said = sidan("audit", "verify", "--json")
    assert said.code == 1
    (flaw,) = said.json["flaws"]
    assert (flaw["code"], flaw["position"]) == ("event_edited", rated)
    assert "[event_edited]" in sidan("audit", "verify").out


def test_the_checkpoints_beside_the_record_find_an_older_copy_of_it(sidan: Sidan) -> None:
    sealed(sidan)
    older = sidan.file.read_bytes()
    sidan.placed()
    sidan("audit", "seal")
    for file in sidan.folder.glob("lake.db*"):
        if file.is_file() and not file.name.endswith(".checkpoints"):
            file.unlink()
    sidan.file.write_bytes(older)
    said = sidan("audit", "verify", "--json")
    assert said.code == 1
    assert {one["code"] for one in said.json["flaws"]} == {"witness_ahead"}
    assert "no_witness" in {
        one["code"] for one in said.json["not_proven"]
    }  # who restored it could have cut both


def test_another_public_key_proves_nothing(sidan: Sidan, tmp_path: Path) -> None:
    sealed(sidan)
    kept = public(sidan).rename(tmp_path / "kept.pub")
    (public(sidan).parent / "signing.key").unlink()
    sidan.json("audit", "key")
    said = sidan("audit", "verify", "--json")
    assert {one["code"] for one in said.json["flaws"]} == {"checkpoint_unsigned", "witness_unsigned"}
    assert sidan("audit", "verify", "--key", str(kept)).code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify", "--witness", "nowhere"), "no_witness_file"),
        (("verify", "--key", "nowhere"), "bad_key_file"),
        (("verify", "--from-topic"), "no_kafka"),
        (("prove",), "order_or_from"),
        (("prove", "--rating"), "order_or_from"),
        (("prove", "--from", "1", "--rating"), "order_or_from"),
        (("prove", "--from", "1", "--position", "1"), "order_or_from"),
        (("prove", "--position", "1", "--to", "1"), "to_needs_from"),
        (("prove", "--from", "nowhere"), "bad_checkpoint"),
    ],
)
def test_what_is_asked_wrongly_is_said(sidan: Sidan, words: tuple[str, ...], code: str) -> None:
    sidan.json("audit", "seal")
    said = sidan("audit", *words, "--json") if words[0] == "verify" else sidan("audit", *words)
    assert said.code == 2
    assert f"[{code}]" in said.err


def test_a_file_without_a_checkpoint_is_no_witness(sidan: Sidan) -> None:
    sealed(sidan)
    said = sidan("audit", "verify", "--witness", str(public(sidan)))
    assert (said.code, "[no_checkpoints]" in said.err) == (2, True)


def test_a_file_beside_the_record_that_holds_something_else_is_told(sidan: Sidan) -> None:
    """Its checkpoints are gone: that is no silence."""
    sealed(sidan)
    Path(f"{sidan.file}.checkpoints").write_bytes("居民名单\n".encode())
    said = sidan("audit", "verify", "--json")
    assert (said.code, [one["code"] for one in said.json["flaws"]]) == (1, ["witness_unreadable"])


@pytest.mark.parametrize("junk", [b"junk", b"\xff", b""])
def test_a_public_key_that_cannot_be_read_is_said(sidan: Sidan, junk: bytes) -> None:
    sealed(sidan)
    public(sidan).write_bytes(junk)
    said = sidan("audit", "verify")
    assert (said.code, "[bad_key_file]" in said.err) == (2, True)


def test_a_last_checkpoint_that_cannot_be_read_is_not_blamed_on_the_key(sidan: Sidan) -> None:
    sealed(sidan)
    tamper(sidan, "UPDATE log_checkpoints SET note = X'00'")
    for words in (("audit", "seal"), ("audit", "key"), ("audit", "export", "-o", str(sidan.folder / "x"))):
        said = sidan(*words)
        assert (said.code, "[seal_unreadable]" in said.err) == (1, True), said.err


def test_an_order_whose_tile_is_gone_is_not_said_to_wait_for_its_seal(sidan: Sidan) -> None:
    order = sealed(sidan)
    tamper(sidan, "DELETE FROM log_tiles")
    assert "[seal_unfit]" in sidan("audit", "prove", order).err


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_table_of_the_seal_that_is_gone_is_named(
    sidan: Sidan, store: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store == "postgres":
        monkeypatch.chdir(sidan.folder)  # where its keys and checkpoints come to lie
        sidan.store = request.getfixturevalue("postgres_url")
        assert sidan("init", "--town", str(LAKE), "--json").code == 0
    order = sealed(sidan)
    tamper(sidan, "DROP TABLE log_tiles")
    sidan.placed()
    for words in (("verify", "--json"), ("prove", order)):
        said = sidan("audit", *words)
        assert (said.code, "[seal_table_missing]" in said.err) == (1, True), said.err
        assert "log_tiles" in said.err
        assert "sidan init" not in said.err  # which would make an empty one
    assert "[seal_tiles]" in sidan("audit", "seal").err  # which makes it too, and signs nothing on top


def test_a_file_that_cannot_be_written_is_said(sidan: Sidan) -> None:
    Path(f"{sidan.file}.checkpoints").mkdir()
    said = sidan("audit", "seal")
    assert (said.code, "[seal_file]" in said.err) == (1, True)


def test_a_history_that_is_gone_is_not_sealed_over(sidan: Sidan) -> None:
    sealed(sidan)
    tamper(sidan, "DELETE FROM log_checkpoints")
    said = sidan("audit", "seal", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "seal_rolled_back")


@pytest.mark.parametrize("words", [(), ("--rating",)])
def test_a_receipt_is_good(sidan: Sidan, words: tuple[str, ...]) -> None:
    order = sealed(sidan)
    file = proof(sidan, order, *words)
    code, said = checked(file, public(sidan))
    assert code == 0, said
    assert order in said
    assert ("OrderRated" if words else "OrderPlaced") in said


def test_a_receipt_of_any_event(sidan: Sidan) -> None:
    order = sealed(sidan)
    position = next(one.position for one in sidan.log() if one.fact.event.wire == "OrderAccepted")
    code, said = checked(proof(sidan, order, "--position", str(position)), public(sidan))
    assert (code, "OrderAccepted" in said) == (0, True)


def test_a_receipt_is_printed_where_no_file_is_named(sidan: Sidan) -> None:
    order = sealed(sidan)
    assert sidan("audit", "prove", order).json["format"] == "sidan-receipt/1"


def spoilt_text(value: str) -> str:
    return value.replace("a", "b", 1) if "a" in value else value + "a"


def spoilt_hash(value: str) -> str:
    raw = bytearray(b64decode(value))
    raw[0] ^= 1
    return b64encode(raw).decode()


SPOILT: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "format": lambda r: r.update(format="sidan-receipt/2"),
    "stream": lambda r: r["event"].update(stream="019cac2e-f380-7000-8000-000000000001"),
    "version": lambda r: r["event"].update(version=r["event"]["version"] + 1),
    "negative version": lambda r: r["event"].update(version=-1),
    "topic": lambda r: r["event"].update(topic="OrderWithdrawn"),
    "state": lambda r: r["event"].update(state=spoilt_text(r["event"]["state"])),
    "index": lambda r: r.update(index=r["index"] + 1),
    "index beyond": lambda r: r.update(index=10_000),
    "negative index": lambda r: r.update(index=-1),
    "proof": lambda r: r["proof"].__setitem__(0, spoilt_hash(r["proof"][0])),
    "proof short": lambda r: r["proof"].pop(),
    "proof long": lambda r: r["proof"].append(r["proof"][0]),
    "checkpoint size": lambda r: r.update(checkpoint=r["checkpoint"].replace("\n", "\n1", 1)),
    "checkpoint root": lambda r: r.update(checkpoint=spoilt_line(r["checkpoint"], 2)),
    "checkpoint position": lambda r: r.update(checkpoint=r["checkpoint"].replace("position ", "position 1")),
    "checkpoint time": lambda r: r.update(checkpoint=r["checkpoint"].replace("time 2", "time 3")),
    "origin": lambda r: r.update(checkpoint=r["checkpoint"].replace("sidan/lake", "sidan/hill", 1)),
    "signature": lambda r: r.update(checkpoint=r["checkpoint"][:-9] + "AAAAAAA=\n"),
    "no signature": lambda r: r.update(checkpoint=r["checkpoint"].partition("\n\n")[0] + "\n\n"),
    "nothing": lambda r: r.clear(),
}


def spoilt_line(note: str, number: int) -> str:
    lines = note.split("\n")
    lines[number] = spoilt_hash(lines[number])
    return "\n".join(lines)


def test_a_receipt_with_anything_spoilt_is_not(sidan: Sidan) -> None:
    order = sealed(sidan)
    file = proof(sidan, order)
    good = file.read_text()
    for name, spoil in SPOILT.items():
        receipt = json.loads(good)
        spoil(receipt)
        file.write_text(json.dumps(receipt))
        code, said = checked(file, public(sidan))
        assert (code, said[:1]) == (1, "✗"), name


def test_a_receipt_of_another_key_is_not(sidan: Sidan) -> None:
    file = proof(sidan, sealed(sidan))
    (public(sidan).parent / "signing.key").unlink()
    sidan.json("audit", "key")
    assert checked(file, public(sidan))[0] == 1
    public(sidan).write_text("nonsense")
    assert checked(file, public(sidan))[0] == 1


def test_that_the_log_only_grew_is_proven(sidan: Sidan) -> None:
    sealed(sidan)
    sizes = sizes_of(sidan)
    code, said = checked(proof(sidan, "--from", str(sizes[0])), public(sidan))
    assert (code, f"the first {sizes[0]} events" in said) == (0, True)
    file = proof(sidan, "--from", str(sizes[0]), "--to", str(sizes[0]))
    assert checked(file, public(sidan))[0] == 0


def sizes_of(sidan: Sidan) -> list[int]:
    return [parse(note).size for note in notes_of(Path(f"{sidan.file}.checkpoints"))]


def test_a_checkpoint_that_somebody_kept_can_be_proven_from(sidan: Sidan) -> None:
    """And a history that was rewritten since, key in hand, cannot."""
    sidan.completed()
    sidan.json("audit", "seal")
    witness = Path(f"{sidan.file}.checkpoints")
    kept = witness.rename(sidan.folder / "kept")
    sealed(sidan)
    assert checked(proof(sidan, "--from", str(kept)), public(sidan))[0] == 0
    tamper(sidan, "UPDATE stored_events SET state = CAST(state || ' ' AS BLOB) WHERE topic = 'OrderPlaced'")
    for table in ("log_tiles", "log_checkpoints"):
        tamper(sidan, "DELETE FROM TABLE".replace("TABLE", table))
    witness.unlink()
    sidan.json("audit", "seal")
    code, said = checked(proof(sidan, "--from", str(kept)), public(sidan))
    assert (code, "不是签过名的" in said) == (1, True)


@pytest.mark.parametrize("what", ["from", "to", "proof"])
def test_a_proof_of_growth_with_anything_spoilt_is_not(sidan: Sidan, what: str) -> None:
    sealed(sidan)
    file = proof(sidan, "--from", str(sizes_of(sidan)[0]))
    spoilt = json.loads(file.read_text())
    if what == "proof":
        spoilt["proof"][0] = spoilt_hash(spoilt["proof"][0])
    else:
        spoilt[what] = spoilt_line(spoilt[what], 2)
    file.write_text(json.dumps(spoilt))
    assert checked(file, public(sidan))[0] == 1
    swapped = {**spoilt, "from": spoilt["to"], "to": spoilt["from"]}
    file.write_text(json.dumps(swapped))
    assert checked(file, public(sidan))[0] == 1


def test_what_cannot_be_proven_is_said(sidan: Sidan) -> None:
    order = sidan.completed()
    for words, code in (
        ((order,), "not_sealed_yet"),
        ((order, "--rating"), "no_such_event"),
        ((order, "--position", "1"), "no_such_event"),
        (("--position", "999"), "no_such_event"),
        (("--from", "3"), "no_checkpoint"),
        (("--from", "9" * 5000), "no_checkpoint"),
    ):
        said = sidan("audit", "prove", *words)
        assert (said.code, f"[{code}]" in said.err) == (1, True), (words, said.err)
    sidan.json("audit", "seal")
    first = sizes_of(sidan)[0]
    assert "[no_checkpoint]" in sidan("audit", "prove", "--from", str(first), "--to", "3").err
    tamper(sidan, "UPDATE log_tiles SET hashes = substr(hashes, 1, 64)")
    assert "[seal_unfit]" in sidan("audit", "prove", order).err


def test_without_two_files_the_verifier_says_how_it_is_used(sidan: Sidan) -> None:
    order = sealed(sidan)
    file = str(proof(sidan, order))
    for files in ((), (file,), (file, str(public(sidan)), "one more")):
        asked = [sys.executable, "-P", str(VERIFIER), *files]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "请给出两个文件 Give two files: python verify_receipt.py" in done.stderr


def test_what_the_verifier_cannot_read_is_said_in_both_languages(sidan: Sidan, tmp_path: Path) -> None:
    order = sealed(sidan)
    file, deep = proof(sidan, order), tmp_path / "deep.json"
    deep.write_text("[" * 100_000)
    for files in ((tmp_path / "nothing", public(sidan)), (tmp_path, public(sidan)), (deep, public(sidan))):
        code, said = checked(*files)
        assert (code, "读不懂，请核对文件 unreadable, check both" in said) == (1, True)
    assert checked(file, public(sidan))[0] == 0


def test_a_path_that_ends_below_the_top_is_not_a_proof() -> None:
    included, wrong = (runpy.run_path(str(VERIFIER))[name] for name in ("included", "Wrong"))
    with pytest.raises(Exception, match="too short") as told:
        included(bytes(32), 0, 5, [])
    assert type(told.value).__name__ == wrong.__name__


def test_the_verifier_is_short_and_imports_nothing_of_ours() -> None:
    source = VERIFIER.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 150
    for ours in ("domain", "services", "projections", "adapters"):
        assert f"import {ours}" not in source
        assert f"from {ours}" not in source
