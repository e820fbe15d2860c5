"""Keys on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.keys.files import KeyFiles
from adapters.keys.keyring import Keyring
from adapters.keys.master import MasterKey
from tests.adapters.keys.a_keyring import BEFORE, OpenKeys


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path}/record.db"


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    return KeyFiles(tmp_path / "keys")


@pytest.fixture
def open_keys(store_url: str, files: KeyFiles) -> Iterator[OpenKeys]:
    """The keys of the same town once more, as another process has them."""
    opened: list[Keyring] = []

    def one_more(given: str = "", where: KeyFiles = files) -> Keyring:
        opened.append(Keyring(store_url, MasterKey(where, given), BEFORE))
        return opened[-1]

    yield one_more
    for keys in opened:
        keys.close()


@pytest.fixture
def keys(open_keys: OpenKeys) -> Keyring:
    return open_keys()
