"""A text is closed with the key of its owner alone, and with that key it is gone. On both databases."""

import re
from pathlib import Path
from secrets import token_bytes

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from adapters.keys.files import KeyFiles
from adapters.keys.keyring import ERASED, Keyring
from adapters.keys.master import MasterKey, OtherMasterKey
from adapters.keys.owner import Owner
from adapters.keys.town_key import UNFIT
from domain.sealed import Sealed
from services.erasing import Reach
from tests.adapters.keys.a_keyring import (
    BEFORE,
    ELSEWHERE,
    LI,
    OF_LI,
    STAFF,
    WANG,
    OpenKeys,
    execute,
    wrapped_in,
)
from tests.support.some_keys import destroy


@pytest.mark.parametrize("text", ["李", "13800138000", "人民路 1 号\n二楼", "s2.1.AAAA", "🏠" * 4000, ""])
def test_it_opens_as_it_was_closed(keys: Keyring, text: str) -> None:
    sealed = keys.seal(LI, text)
    assert isinstance(sealed, Sealed)
    assert keys.open(sealed) == text
    assert not text or text not in str(sealed)


def test_the_same_text_is_the_same_bytes_for_one_owner_and_others_for_another(keys: Keyring) -> None:
    assert str(keys.seal(LI, "路面有坑")) == str(keys.seal(LI, "路面有坑"))
    assert str(keys.seal(LI, "路面有坑")) != str(keys.seal(LI, "路面有水"))
    bodies = {str(keys.seal(one, "路面有坑")).split(".")[2] for one in (LI, WANG, STAFF, ELSEWHERE)}
    assert len(bodies) == 4


def test_a_key_is_there_before_anything_is_closed_with_it(keys: Keyring, open_keys: OpenKeys) -> None:
    sealers = keys.sealers([LI, STAFF])
    assert sealers.keys() == {LI, STAFF}
    assert keys.count() == 2
    assert open_keys().open(sealers[LI].seal("李")) == "李"


def test_who_has_no_texts_costs_no_key(keys: Keyring, files: KeyFiles) -> None:
    assert keys.sealers([]) == {}
    assert not files.path("master.key").exists()


def test_two_processes_have_one_key_for_one_owner(keys: Keyring, open_keys: OpenKeys) -> None:
    assert str(keys.seal(LI, "李")) == str(open_keys().seal(LI, "李"))
    assert keys.count() == 1


def test_with_the_key_the_text_is_gone(keys: Keyring, open_keys: OpenKeys) -> None:
    sealed = {one: keys.seal(one, "李") for one in (LI, WANG, STAFF, ELSEWHERE)}
    assert destroy(keys, OF_LI) == 2
    assert destroy(keys, OF_LI) == 0
    for here in (keys, open_keys()):
        assert {here.open(sealed[one]) for one in (LI, ELSEWHERE)} == {ERASED}
        assert {here.open(sealed[one]) for one in (WANG, STAFF)} == {"李"}


@pytest.mark.parametrize(
    ("reach", "gone"),
    [
        ({"order-1": None}, {LI, WANG, STAFF}),
        ({"order-1": frozenset({""})}, {STAFF}),
        ({"order-1": frozenset({"", "r-li"})}, {LI, STAFF}),
        ({"order-1": frozenset({"r-li"}), "order-2": None}, {LI, ELSEWHERE}),
        ({"order-3": None}, set[Owner]()),
        ({}, set[Owner]()),
    ],
)
def test_what_is_destroyed_is_what_was_named(keys: Keyring, reach: Reach, gone: set[Owner]) -> None:
    sealed = {one: keys.seal(one, "李") for one in (LI, WANG, STAFF, ELSEWHERE)}
    assert destroy(keys, reach) == len(gone)
    assert {one for one, text in sealed.items() if keys.open(text) == ERASED} == gone


def test_destroyed_is_what_was_there_when_it_was_looked_for(keys: Keyring) -> None:
    before = keys.seal(LI, "李")
    meant = keys.keys_of({"order-1": frozenset({"r-li"})})
    keys.destroy_all(meant)
    after = keys.seal(LI, "李")
    assert keys.destroy_all(meant) == 0
    assert (keys.open(before), keys.open(after)) == (ERASED, "李")


@pytest.mark.parametrize(
    ("whose", "many"), [(None, 3), (frozenset({"r-li", ""}), 2), (frozenset({"r-x"}), 0)]
)
def test_who_is_reached_about_a_subject(keys: Keyring, whose: frozenset[str] | None, many: int) -> None:
    keys.sealers([LI, WANG, STAFF, ELSEWHERE])
    assert len(keys.keys_of({"order-1": whose})) == many
    assert keys.keys_of({"order-3": None}) == []


def test_what_a_person_writes_afterwards_has_another_key(keys: Keyring) -> None:
    before = keys.seal(LI, "李")
    destroy(keys, OF_LI)
    assert keys.subjects_of("r-li") == []
    after = keys.seal(LI, "李")
    assert (keys.open(before), keys.open(after)) == (ERASED, "李")
    assert keys.subjects_of("r-li") == ["order-1"]


def test_what_there_is_of_a_person_is_known(keys: Keyring) -> None:
    keys.sealers([LI, WANG, STAFF, ELSEWHERE])
    assert keys.subjects_of("r-li") == ["order-1", "order-2"]
    assert keys.subjects_of("r-nobody") == []


def test_neither_database_nor_keys_folder_opens_anything_alone(
    keys: Keyring, open_keys: OpenKeys, store_url: str, tmp_path: Path
) -> None:
    sealed = keys.seal(LI, "李")
    with pytest.raises(OtherMasterKey):
        open_keys(where=KeyFiles(tmp_path / "elsewhere")).open(sealed)
    with pytest.raises(OtherMasterKey):
        open_keys(token_bytes(32).hex(), KeyFiles(tmp_path / "elsewhere")).seal(LI, "李")
    alone = Keyring(f"sqlite:///{tmp_path}/other.db", MasterKey(KeyFiles(tmp_path / "keys")), BEFORE)
    assert alone.open(sealed) == UNFIT
    alone.close()


def test_an_error_says_nothing_of_the_keys_it_was_about(keys: Keyring, store_url: str) -> None:
    keys.seal(LI, "李")
    execute(store_url, "ALTER TABLE sealing_keys RENAME TO elsewhere")
    for work in (lambda: keys.seal(WANG, "王"), lambda: destroy(keys, OF_LI)):
        with pytest.raises((DBAPIError, psycopg.Error)) as failed:
            work()
        assert not {"r-li", "r-wang"} & {*re.findall(r"[\w-]+", str(failed.value))}


def test_the_environment_gives_the_master_key(open_keys: OpenKeys, files: KeyFiles) -> None:
    given = token_bytes(32).hex()
    sealed = open_keys(given).seal(LI, "李")
    assert open_keys(given).open(sealed) == "李"
    assert not files.path("master.key").exists()


def test_a_row_in_anothers_place_does_not_open(keys: Keyring, store_url: str) -> None:
    mine, theirs = keys.seal(LI, "李"), keys.seal(WANG, "王")
    execute(store_url, "UPDATE sealing_keys SET person = 'nobody' WHERE person = 'r-li'")
    assert keys.open(mine) == UNFIT
    assert keys.open(theirs) == "王"


@pytest.mark.parametrize(
    "spoilt",
    [
        "",
        "s2.",
        "s2.1",
        "s2.1.",
        "s2.1.AAAA",
        "s2.x.AAAA",
        "s2.99.AAAA",
        "s2.²." + "A" * 64,
        "s2.1.é",
        "clear",
    ],
)
def test_what_does_not_open_is_marked_and_raises_nothing(keys: Keyring, spoilt: str) -> None:
    keys.seal(LI, "李")
    assert keys.open(spoilt) == UNFIT


def test_a_spoilt_text_is_not_a_shorter_one(keys: Keyring) -> None:
    sealed = str(keys.seal(LI, "李阿姨"))
    assert keys.open(sealed[:-8]) == UNFIT
    number, body = sealed.removeprefix("s2.").split(".")
    assert keys.open(f"s2.{number}.AAAA{body}") == UNFIT


def test_what_the_release_before_has_closed_still_opens(keys: Keyring) -> None:
    assert keys.open(BEFORE.seal("李")) == "李"
    assert keys.open(None) == ""


# the master key is changed


def test_every_key_is_wrapped_anew_and_nothing_else_changes(keys: Keyring, store_url: str) -> None:
    sealed = [keys.seal(one, "李") for one in (LI, WANG)]
    destroy(keys, {"order-1": frozenset({"r-wang"})})
    before = wrapped_in(store_url)
    done: list[int] = []
    assert keys.rotate(token_bytes(32), done.append) == 1
    assert done == [1]
    assert not {*before} & {*wrapped_in(store_url)}
    assert [keys.open(one) for one in sealed] == ["李", ERASED]
    assert str(keys.seal(LI, "李")) == str(sealed[0])


def test_the_old_one_opens_nothing_afterwards(
    keys: Keyring, open_keys: OpenKeys, files: KeyFiles, tmp_path: Path
) -> None:
    sealed = keys.seal(LI, "李")
    old = files.path("master.key").read_text()
    keys.rotate(token_bytes(32))
    assert open_keys().open(sealed) == "李"
    with pytest.raises(OtherMasterKey):
        open_keys(old, where=KeyFiles(tmp_path / "elsewhere")).open(sealed)


def test_a_process_that_runs_meanwhile_goes_on(keys: Keyring, open_keys: OpenKeys) -> None:
    running = open_keys()
    before = running.seal(LI, "李")
    keys.rotate(token_bytes(32))
    assert running.open(before) == "李"
    after = running.seal(WANG, "王")
    assert open_keys().open(after) == "王"


@pytest.mark.parametrize("written", [False, True])
def test_a_change_that_was_broken_off_loses_nothing(
    keys: Keyring, open_keys: OpenKeys, files: KeyFiles, monkeypatch: pytest.MonkeyPatch, *, written: bool
) -> None:
    sealed = keys.seal(LI, "李")
    if written:
        monkeypatch.setattr(MasterKey, "settle", lambda *_: None)  # ends before the file is put in place
        keys.rotate(token_bytes(32))
        monkeypatch.undo()
    else:
        MasterKey(files).prepare(token_bytes(32))
    assert open_keys().open(sealed) == "李"
    open_keys().rotate(token_bytes(32))
    assert open_keys().open(sealed) == "李"
    assert not files.path("master.next").exists()


def test_one_from_the_environment_waits_for_the_environment(open_keys: OpenKeys, files: KeyFiles) -> None:
    old, following = token_bytes(32).hex(), token_bytes(32)
    running = open_keys(old)
    sealed = running.seal(LI, "李")
    open_keys(old).rotate(following)
    assert files.path("master.next").read_text() == following.hex()
    assert running.open(sealed) == "李"
    with pytest.raises(OtherMasterKey):
        open_keys(old).rotate(token_bytes(32))  # would write over the only copy of the present one
    files.path("master.next").unlink()
    assert open_keys(following.hex()).open(sealed) == "李"
    with pytest.raises(OtherMasterKey):
        open_keys(old).open(sealed)
