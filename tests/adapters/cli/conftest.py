"""A town at the lake, founded once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from tests.adapters.cli.a_terminal import LAKE, Sidan


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sidan = Sidan(tmp_path_factory.mktemp("lake"))
    said = sidan("init", "--town", str(LAKE), "--json")
    assert said.code == 0, said.err
    return sidan.file


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sidan:
    """Before there is any town."""
    for name in ("SIDAN_STORE", "SIDAN_KAFKA", "SIDAN_AS", "SIDAN_READS"):
        monkeypatch.delenv(name, raising=False)
    return Sidan(tmp_path)


@pytest.fixture
def sidan(nowhere: Sidan, founded: Path) -> Sidan:
    shutil.copy(founded, nowhere.file)
    shutil.copytree(f"{founded}.keys", f"{nowhere.file}.keys")
    return nowhere
