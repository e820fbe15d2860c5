"""Personal texts are opened in one place: nothing else in the program asks whoever holds the keys."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("domain", "services", "projections", "adapters")
THE_PLACE: Final = "adapters/opening.py"
ELSEWHERE: Final = {  # what is opened there is no personal text
    ("adapters/cli/demo.py", "load.open"),
    ("adapters/cli/keys.py", "out.open"),
    ("adapters/cli/keys.py", "path.open"),
    ("adapters/cli/submitting.py", "path.open"),
    ("adapters/exporting/importing.py", "file.open"),
    ("adapters/exporting/writing.py", "parts[0].open"),
    ("adapters/exporting/writing.py", "parts[1].open"),
    ("adapters/keys/files.py", "os.open"),
    ("adapters/keys/keyring.py", "TextCipher(row.number, self._key(row)).open"),
    ("adapters/keys/keyring.py", "self._before.open"),
    ("adapters/replay_progress.py", "beside.open"),
    ("adapters/roles.py", "bus.open"),
    ("adapters/roles.py", "intake.open"),
    ("adapters/sealed_log/witness.py", "os.open"),
    ("adapters/tables/opening.py", "path.open"),
}
UNSHOWN: Final = {  # compared, or read again as a message; shown to nobody
    ("adapters/cli/setup.py", "node.opening.unshown"),
    ("adapters/dead_letters.py", "self._opening.unshown"),
}


def named(source: str, name: str) -> Iterator[str]:
    """Every place in a source that takes an attribute of this name, as it is written there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == name:
            yield ast.unparse(node)


def openings(source: str) -> list[str]:
    """Those that could open a text: all but the one place itself."""
    return [text for text in named(source, "open") if not text.endswith("opening.open")]


def found(name: str) -> set[tuple[str, str]]:
    look = openings if name == "open" else lambda source: named(source, name)
    return {
        (str(path.relative_to(ROOT)), text)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for text in look(path.read_text(encoding="utf-8"))
    }


def test_only_one_place_opens_personal_texts() -> None:
    there = {one for one in found("open") if one[0] == THE_PLACE}
    assert there == {(THE_PLACE, "self._keys.open")}
    assert found("open") - there == ELSEWHERE


def test_what_is_opened_and_shown_to_nobody_is_listed() -> None:
    assert found("unshown") == UNSHOWN


def test_another_way_to_open_is_seen() -> None:
    for source in ("page.engine.keys.open(name)", "unseal = node.keys.open", "self._keyring.open(x)"):
        assert openings(source)
    assert not openings("node.opening.open(reading, texts)")
