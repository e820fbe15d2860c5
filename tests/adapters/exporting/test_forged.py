"""A doctored export, signed with a key of their own if need be, is refused whole and in a sentence."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.exporting.lines import read_line
from adapters.sealed_log import SigningKey
from services.audit.checkpoints import Checkpoint, signed
from services.audit.merkle import leaf_hash, root_of
from tests.adapters.cli.a_terminal import Sidan
from tests.adapters.exporting.test_exporting import checked, exported, stored

Lines = list[dict[str, Any]]
FORGER = SigningKey(bytes(range(32)), "sidan/lake-town")


@dataclass
class Forged:
    """A file and its manifest, made to fit each other and signed by the forger."""

    file: Path
    manifest: dict[str, Any]

    @property
    def lines(self) -> Lines:
        return [json.loads(line) for line in self.file.read_bytes().splitlines()]

    def write(self, lines: Lines, *, behind: bytes = b"", sign: bool = False, **said: Any) -> None:
        data = b"".join(json.dumps(one).encode() + b"\n" for one in lines) + behind
        self.file.write_bytes(data)
        fits = {
            "bytes": len(data),
            "sha256": sha256(data).hexdigest(),
            "facts": len(lines),
            "keys": sum("key" in one for one in lines),
            "last": lines[-1]["position"],
        }
        if sign:
            fits |= _signed_anew(lines)
        path = self.file.with_name(f"{self.file.name}.manifest.json")
        path.write_text(json.dumps(self.manifest | fits | said), encoding="utf-8")


def _signed_anew(lines: Lines) -> dict[str, Any]:
    parsed = [read_line(json.dumps(one).encode()) for one in lines]
    root = root_of(leaf_hash(one.id, one.version, one.topic, one.bytes) for one in parsed)
    said = Checkpoint(FORGER.verifier.name, len(lines), root, lines[-1]["position"], datetime.now(UTC))
    return {
        "key": FORGER.verifier.text,
        "after": {"size": len(lines), "root": b64encode(root).decode(), "subtrees": []},
        "checkpoint": signed(said, FORGER.verifier, FORGER.sign).decode(),
        "consistency": [],
    }


@pytest.fixture
def forged(sidan: Sidan) -> Forged:
    return Forged(*exported(sidan))


def refused(forged: Forged, elsewhere: Sidan, *words: str) -> str:
    said = elsewhere("audit", "import", str(forged.file), *words, "--json")
    assert said.code == 1, said.out
    assert stored(elsewhere.store) == []
    return said.json["error"]["code"]


def swapped(lines: Lines) -> Lines:
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def places_kept(lines: Lines) -> Lines:
    """The same, where each place stays."""
    return [{**one, "position": old["position"]} for one, old in zip(swapped(lines), lines, strict=True)]


def dropped(lines: Lines) -> Lines:
    return [*lines[:3], *lines[4:]]


def renumbered(lines: Lines) -> Lines:
    return [{**one, "position": one["position"] + 100} for one in lines]


def unkeyed(lines: Lines) -> Lines:
    return [{name: value for name, value in one.items() if name != "key"} for one in lines]


@pytest.mark.parametrize("change", [swapped, places_kept, dropped, renumbered, unkeyed])
def test_what_does_not_give_what_was_signed_is_refused(
    forged: Forged, elsewhere: Sidan, change: Callable[[Lines], Lines]
) -> None:
    """The manifest was made to fit; only the signature was not theirs to make."""
    forged.write(change(forged.lines))
    assert refused(forged, elsewhere) == "manifest_unfit"


@pytest.mark.parametrize("behind", [b"\n", b" ", b"{}\n", b"\0"])
def test_bytes_behind_the_last_line_are_refused(forged: Forged, elsewhere: Sidan, behind: bytes) -> None:
    forged.write(forged.lines, behind=behind)
    assert refused(forged, elsewhere) == "manifest_unfit"


def spoilt(**fields: Any) -> Callable[[Lines], Lines]:
    return lambda lines: [*lines[:-1], {**lines[-1], **fields}]


@pytest.mark.parametrize(
    "change",
    [
        spoilt(position=1 << 63),
        spoilt(version=1 << 63),
        spoilt(key="zz"),
        spoilt(key=""),
        spoilt(topic="Order\0Rated"),
        lambda lines: [{**lines[0], "position": 0}, *lines[1:]],
        lambda lines: [*lines, {**lines[-1], "position": lines[-1]["position"] + 1}],
    ],
    ids=["position", "version", "key", "no key", "nul", "zero", "twice"],
)
def test_lines_that_no_record_can_hold_are_refused_in_a_sentence(
    forged: Forged, elsewhere: Sidan, change: Callable[[Lines], Lines], request: pytest.FixtureRequest
) -> None:
    """Signed by whoever made them."""
    if "nul" in request.node.name and elsewhere.store.startswith("sqlite"):
        return  # SQLite holds it
    forged.write(change(forged.lines), sign=True)
    assert refused(forged, elsewhere) == "manifest_unfit"


def test_with_a_key_in_hand_only_its_owners_record_is_taken_in(
    sidan: Sidan, forged: Forged, elsewhere: Sidan
) -> None:
    """Everything of it fits: it was made anew by somebody else."""
    known = sidan.folder / "known.pub"
    known.write_text(sidan.json("audit", "key")["key"], encoding="utf-8")
    honest = forged.lines
    forged.write(dropped(honest), sign=True)
    assert refused(forged, elsewhere, "--key", str(known)) == "signed_by_another"
    forged.write(honest)
    done = elsewhere.json("audit", "import", str(forged.file), "--key", str(known))
    assert (done["trusted"], done["key"]) == (True, known.read_text())


def test_without_one_it_is_said_who_claims_to_have_signed(forged: Forged, elsewhere: Sidan) -> None:
    forged.write(forged.lines, sign=True)
    said = elsewhere("audit", "import", str(forged.file))
    assert said.code == 0
    assert f"清单自称的 {FORGER.verifier.text}" in said.out


@pytest.mark.parametrize("change", [swapped, places_kept, dropped])
def test_the_independent_program_finds_it_too(
    sidan: Sidan, forged: Forged, change: Callable[[Lines], Lines]
) -> None:
    known = sidan.folder / "known.pub"
    known.write_text(sidan.json("audit", "key")["key"], encoding="utf-8")
    beside = f"{forged.file}.manifest.json"
    forged.write(forged.lines)
    assert checked(beside, known).returncode == 0
    forged.write(change(forged.lines))
    assert checked(beside, known).returncode == 1
    forged.write(change(forged.lines), sign=True)
    assert checked(beside, known).returncode == 1
