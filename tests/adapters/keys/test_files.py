"""Key files are made once, whole, and for their owner's eyes only."""

import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_bytes

import pytest

from adapters.keys.files import KeyFiles


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    return KeyFiles(tmp_path / "a" / "keys")


def test_a_key_is_made_once(files: KeyFiles) -> None:
    first = files.read_or_make("one.key", lambda: token_bytes(32))
    assert files.read_or_make("one.key", lambda: token_bytes(32)) == first
    assert files.path("one.key").read_bytes() == first


def test_it_is_its_owners_alone(files: KeyFiles) -> None:
    files.read_or_make("one.key", lambda: b"k")
    assert stat.S_IMODE(files.path("one.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(files.path("one.key").parent.stat().st_mode) == 0o700


def test_one_that_was_put_there_is_taken(files: KeyFiles) -> None:
    files.path("one.key").parent.mkdir(parents=True)
    files.path("one.key").write_bytes(b"brought along")
    assert files.read_or_make("one.key", lambda: b"new") == b"brought along"


def test_somebody_else_may_make_it_at_the_same_moment(files: KeyFiles) -> None:
    def while_mine_is_made() -> bytes:
        files.path("one.key").write_bytes(b"theirs")
        return b"mine"

    assert files.read_or_make("one.key", while_mine_is_made) == b"theirs"
    assert _names(files) == ["one.key"]


def test_of_a_process_that_died_nothing_is_in_the_way(
    files: KeyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: 7)
    files.path("one.key").parent.mkdir(parents=True)
    files.path(".one.key.7").write_bytes(b"ha")
    assert files.read_or_make("one.key", lambda: b"whole") == b"whole"
    assert _names(files) == ["one.key"]


def test_many_that_ask_at_once_get_one_key(files: KeyFiles) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = [pool.submit(files.read_or_make, "one.key", lambda: token_bytes(32)) for _ in range(8)]
    assert len({one.result() for one in asked}) == 1


def _names(files: KeyFiles) -> Sequence[str]:
    return [one.name for one in files.path("one.key").parent.iterdir()]
