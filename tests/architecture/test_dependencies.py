"""What is installed is what was looked at: every dependency pinned, by hash, in both lock files."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LOCKS: Final = ("requirements.lock", "requirements-app.lock")
PINNED: Final = re.compile(r"^([a-z0-9][a-z0-9-]*)==([^\s;]+)(?: ;[^\\]*)? \\$")
HASH: Final = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def faults(text: str) -> list[str]:
    """The lines that pin nothing, and the packages without a hash."""
    found: list[str] = []
    unhashed: str | None = None
    for line in text.splitlines():
        if HASH.match(line):
            unhashed = None
        elif pinned := PINNED.match(line):
            found += [unhashed] if unhashed else []
            unhashed = pinned[1]
        elif line.strip() and not line.lstrip().startswith("#"):
            found.append(line)
    return [*found, *([unhashed] if unhashed else [])]


def names(text: str) -> dict[str, str]:
    pinned = (PINNED.match(line) for line in text.splitlines())
    return {one[1]: one[2] for one in pinned if one}


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_is_pinned_by_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert len(names(text)) > 30
    assert faults(text) == []


def test_the_application_is_given_what_was_tested() -> None:
    tested, shipped = (names((ROOT / lock).read_text(encoding="utf-8")) for lock in LOCKS)
    assert shipped.items() <= tested.items()


def test_what_is_asked_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for more in project["optional-dependencies"].values() for one in more),
    ]
    wanted = {re.split(r"[\[<>=~!; ]", one)[0].lower() for one in asked}
    assert wanted <= set(names((ROOT / LOCKS[0]).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "line",
    [
        "colour==1.0",
        "colour>=1.0 \\",
        "colour @ https://example.org/colour.whl",
        "-e git+https://example.org",
    ],
)
def test_a_line_that_pins_nothing_is_seen(line: str) -> None:
    whole = "shape==1.0 \\\n    --hash=sha256:" + "a" * 64 + "\n"
    assert faults(whole) == []
    assert faults(whole + line + "\n") == [line]
    assert faults(whole + "colour==1.0 \\\n    # via shape\n") == ["colour"]
