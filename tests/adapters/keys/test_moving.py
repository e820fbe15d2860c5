"""Keys go along with a record into another database, and open there what they opened here."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes

import pytest

from adapters.keys.files import KeyFiles
from adapters.keys.keyring import ERASED, Keyring
from adapters.keys.master import MasterKey, OtherMasterKey
from adapters.keys.moving import NotKeys, exported, imported
from adapters.keys.owner import Owner
from adapters.keys.town_key import UNFIT, TownSealer
from tests.support.some_keys import destroy

LI, WANG = Owner("order-1", "r-li"), Owner("order-1", "r-wang")
MASTER = token_bytes(32).hex()


def opened(url: str, folder: Path, master: str = MASTER) -> Keyring:
    return Keyring(url, MasterKey(KeyFiles(folder / "none"), master), TownSealer(b"lake-town"))


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Keyring]:
    keys = opened(f"sqlite:///{tmp_path}/old.db", tmp_path)
    yield keys
    keys.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keyring]:
    url = f"sqlite:///{tmp_path}/new.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    keys = opened(url, tmp_path)
    yield keys
    keys.close()


def test_what_was_closed_there_opens_here_and_what_was_erased_is_erased(old: Keyring, new: Keyring) -> None:
    sealed = {one: old.seal(one, "李阿姨") for one in (LI, WANG)}
    destroy(old, {"order-1": frozenset({"r-wang"})})
    assert new.open(sealed[LI]) == UNFIT
    done: list[int] = []
    assert imported(new, list(exported(old, done.append))) == 2
    assert done == [2]
    assert (new.open(sealed[LI]), new.open(sealed[WANG])) == ("李阿姨", ERASED)


def test_bringing_them_twice_adds_nothing(old: Keyring, new: Keyring) -> None:
    old.seal(LI, "李阿姨")
    lines = list(exported(old))
    assert (imported(new, lines), imported(new, lines), new.count()) == (1, 0, 1)


def test_what_was_erased_there_since_they_came_is_erased_here_too(old: Keyring, new: Keyring) -> None:
    sealed = {one: old.seal(one, "李阿姨") for one in (LI, WANG)}
    imported(new, exported(old))
    destroy(old, {"order-1": frozenset({"r-wang"})})
    assert imported(new, exported(old)) == 0
    assert (new.open(sealed[LI]), new.open(sealed[WANG])) == ("李阿姨", ERASED)


def test_what_was_erased_here_does_not_come_back(old: Keyring, new: Keyring) -> None:
    sealed = old.seal(LI, "李阿姨")
    lines = list(exported(old))
    imported(new, lines)
    destroy(new, {"order-1": frozenset({"r-li"})})
    assert imported(new, lines) == 0
    assert new.open(sealed) == ERASED


def test_they_may_come_after_work_has_gone_on(old: Keyring, new: Keyring) -> None:
    before, meanwhile = old.seal(LI, "从前的"), new.seal(LI, "后来的")
    assert imported(new, exported(old)) == 1
    assert (new.open(before), new.open(meanwhile)) == ("从前的", "后来的")
    assert str(new.seal(LI, "后来的")) == str(meanwhile)


def test_brought_keys_are_destroyed_and_wrapped_anew_like_any_other(old: Keyring, new: Keyring) -> None:
    sealed, kept = old.seal(LI, "李阿姨"), old.seal(WANG, "王叔")
    imported(new, exported(old))
    new.seal(LI, "又来了")
    assert destroy(new, {"order-1": frozenset({"r-li"})}) == 2
    assert (new.open(sealed), new.open(kept)) == (ERASED, "王叔")
    assert new.rotate(token_bytes(32)) == 1
    assert new.open(kept) == "王叔"


def test_keys_under_another_master_key_are_not_taken_in(old: Keyring, tmp_path: Path) -> None:
    old.seal(LI, "李阿姨")
    other = opened(f"sqlite:///{tmp_path}/other.db", tmp_path, token_bytes(32).hex())
    with pytest.raises(OtherMasterKey):
        imported(other, exported(old))
    assert other.count() == 0
    other.close()


@pytest.mark.parametrize("spoil", [0, 1, 2])
def test_a_spoilt_file_brings_nothing(old: Keyring, new: Keyring, spoil: int) -> None:
    old.sealers([LI, WANG])
    lines = list(exported(old))
    lines[spoil] = lines[spoil].replace(b":", b";", 1)
    with pytest.raises(NotKeys):
        imported(new, lines)
    assert new.count() == 0


@pytest.mark.parametrize("line", [b"", b"[]", b'{"format": "sidan-export-1", "master": "x"}'])
def test_another_file_is_told(new: Keyring, line: bytes) -> None:
    with pytest.raises(NotKeys):
        imported(new, [line])
