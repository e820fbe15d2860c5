"""A town with a week behind it, and a place for it to move to, on both databases."""

import shutil
from pathlib import Path

import pytest

from tests.adapters.cli.a_terminal import LAKE, LI, OPERATOR, Sidan

POTHOLE = ("place", "--category", "roads/pothole", "--area", "lake/east", "--details", "路面有坑", *LI)


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with orders, one of which was read, a repeat, a refusal and what nobody could read."""
    sidan = Sidan(tmp_path_factory.mktemp("lived-in"))
    assert sidan("init", "--town", str(LAKE), "--json").code == 0
    order = sidan.completed()
    sidan.json("rate", order, "--level", "satisfied", *LI)
    assert sidan(*POTHOLE, "--id", "mine", "--json").code == 0
    assert sidan(*POTHOLE, "--id", "mine", "--json").json["status"] == "repeated"
    sidan.refused("withdraw", order, "--reason", "算了", *LI)
    sidan.json("submit", "-", typed=b"neither\n")
    sidan.json("orders", "show", order, "--open", "--why", "x", *OPERATOR)
    return sidan.file


@pytest.fixture
def sidan(tmp_path: Path, lived_in: Path, monkeypatch: pytest.MonkeyPatch) -> Sidan:
    for name in ("SIDAN_STORE", "SIDAN_KAFKA", "SIDAN_AS", "SIDAN_READS", "SIDAN_KEYS"):
        monkeypatch.delenv(name, raising=False)
    found = Sidan(tmp_path)
    shutil.copy(lived_in, found.file)
    shutil.copytree(f"{lived_in}.keys", f"{found.file}.keys")
    return found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sidan:
    """An empty store."""
    (tmp_path / "elsewhere").mkdir()
    found = Sidan(tmp_path / "elsewhere")
    if request.param == "postgres":
        found.store = request.getfixturevalue("postgres_url")
        monkeypatch.chdir(found.folder)  # where its keys and checkpoints come to lie
    return found
