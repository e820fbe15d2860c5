"""Of a destroyed key nothing is left in the files of the database, whoever else uses it meanwhile."""

import sqlite3
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from secrets import token_bytes
from time import monotonic
from typing import Any, Final, cast

import psycopg
import pytest
from sqlalchemy import Connection, event
from structlog.testing import capture_logs

from adapters.keys.files import KeyFiles
from adapters.keys.keyring import Keyring
from adapters.keys.master import MasterKey
from adapters.keys.owner import Owner
from services.erasing import Reach
from tests.adapters.keys.a_keyring import BEFORE, LI, OF_LI, WANG, OpenKeys, execute, wrapped_in
from tests.support.some_keys import destroy

MANY: Final = 2_000
SEED: Final = 3


@pytest.fixture
def drawn(store_url: str, files: KeyFiles) -> Iterator[Keyring]:
    """Keys by a lot of which it is known that SQLite leaves copies behind where it divides pages."""
    keys = Keyring(store_url, MasterKey(files), BEFORE, Random(SEED).randbytes)  # noqa: S311 - the same each time
    yield keys
    keys.close()


def _many(keys: Keyring) -> Reach:
    """So many keys that pages of the table are divided; the reach of one in two."""
    owners = [Owner(f"order-{number}", f"r-{number % 2}") for number in range(MANY)]
    for first in range(0, MANY, 100):
        keys.sealers(owners[first : first + 100])
    return {one.subject: frozenset({"r-1"}) for one in owners if one.person == "r-1"}


def test_no_bytes_of_a_destroyed_key_are_left(drawn: Keyring, store_url: str, tmp_path: Path) -> None:
    reach = _many(drawn)
    gone, kept = wrapped_in(store_url, "r-1"), wrapped_in(store_url, "r-0")
    assert destroy(drawn, reach) == len(gone) == MANY // 2
    assert not _left(store_url, tmp_path, gone)
    assert _left(store_url, tmp_path, kept) == kept


def test_they_go_though_who_destroyed_them_ended_before_that(
    keys: Keyring, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.sealers([LI, WANG])
    gone = wrapped_in(store_url, "r-li")
    monkeypatch.setattr(Keyring, "_scrub", lambda _: None)
    of_li = keys.keys_of(OF_LI)
    keys.destroy_all(of_li)
    monkeypatch.undo()
    assert _left(store_url, tmp_path, gone) == gone
    assert keys.destroy_all(of_li) == 0
    assert not _left(store_url, tmp_path, gone)


@contextmanager
def looking_back(url: str) -> Generator[None]:
    """Somebody sees PostgreSQL's database as it is now until the end of the block."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT 1")  # takes the snapshot, and no lock on the table
        yield


on_postgres = pytest.mark.parametrize(
    "store_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@on_postgres
def test_who_could_still_see_a_key_is_waited_for(keys: Keyring, store_url: str, tmp_path: Path) -> None:
    keys.sealers([LI, WANG])
    gone, of_li = wrapped_in(store_url, "r-li"), keys.keys_of(OF_LI)
    with ThreadPoolExecutor(1) as beside:
        with looking_back(store_url):
            destroyed = beside.submit(keys.destroy_all, of_li)
            with pytest.raises(TimeoutError):
                destroyed.result(0.3)
        assert destroyed.result(20) == 1
    assert not _left(store_url, tmp_path, gone)


@on_postgres
def test_who_never_ends_holds_nobody_up_and_is_told(
    keys: Keyring, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.sealers([LI, WANG])
    gone, of_li = wrapped_in(store_url, "r-li"), keys.keys_of(OF_LI)
    monkeypatch.setattr("adapters.keys.scrubbing.PATIENCE", 0.1)
    with looking_back(store_url), capture_logs() as said:
        assert keys.destroy_all(of_li) == 1
    assert [one["event"] for one in said] == ["keys.unscrubbed"]
    assert keys.destroy_all(of_li) == 0
    assert not _left(store_url, tmp_path, gone)


@contextmanager
def using_the_table(url: str) -> Generator[None]:
    """Somebody has read the key table, and leaves the transaction open; sees what is new all the same."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT count(*) FROM sealing_keys")
        yield


@on_postgres
def test_who_has_the_table_in_use_holds_up_neither_erasure_nor_writing(
    keys: Keyring, open_keys: OpenKeys, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.sealers([LI, WANG])
    gone, of_li = wrapped_in(store_url, "r-li"), keys.keys_of(OF_LI)
    monkeypatch.setattr("adapters.keys.scrubbing.PATIENCE", 2.0)
    writer = open_keys()
    with using_the_table(store_url), capture_logs() as said, ThreadPoolExecutor(1) as beside:
        destroyed, slowest = beside.submit(keys.destroy_all, of_li), 0.0
        for number in count():
            begun = monotonic()
            writer.sealers([Owner(f"order-{number}", "r-zhao")])
            slowest = max(slowest, monotonic() - begun)
            if destroyed.done():
                break
        assert destroyed.result() == 1
        assert slowest < 2.0 / 2
        keys.scrub_what_is_left()
        assert len(execute(store_url, "SELECT mark FROM sealing_unscrubbed")) == 1
    assert [one["event"] for one in said] == ["keys.unscrubbed"]
    open_keys().scrub_what_is_left()  # another process, or this one a minute later
    assert not execute(store_url, "SELECT mark FROM sealing_unscrubbed")
    assert not _left(store_url, tmp_path, gone)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_who_reads_sqlites_file_for_long_is_not_waited_for_again(
    keys: Keyring, open_keys: OpenKeys, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.sealers([LI, WANG])
    gone, of_li = wrapped_in(store_url, "r-li"), keys.keys_of(OF_LI)
    monkeypatch.setattr("adapters.keys.scrubbing.PATIENCE", 0.1)
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as reader, capture_logs() as said:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sealing_keys").fetchone()
        assert keys.destroy_all(of_li) == 1
        with monkeypatch.context() as patch:
            patch.setattr("adapters.keys.scrubbing._rewrite", None)
            open_keys().scrub_what_is_left()
        assert _left(store_url, tmp_path, gone) == gone
    assert [one["event"] for one in said] == ["keys.unscrubbed"]
    open_keys().scrub_what_is_left()
    assert not _left(store_url, tmp_path, gone)


def test_where_nothing_is_left_nothing_is_laid_down_anew(
    keys: Keyring, open_keys: OpenKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.sealers([LI])
    destroy(keys, OF_LI)
    monkeypatch.setattr("adapters.keys.scrubbing.scrub", None)
    open_keys().scrub_what_is_left()


def test_after_a_change_of_master_keys_nothing_of_the_old_one_is_left(
    drawn: Keyring, store_url: str, tmp_path: Path
) -> None:
    _many(drawn)
    before = wrapped_in(store_url)
    drawn.rotate(token_bytes(32))
    assert not _left(store_url, tmp_path, before)


def test_destroying_looks_keys_up_and_does_not_go_through_all(files: KeyFiles, tmp_path: Path) -> None:
    keys = Keyring(f"sqlite:///{tmp_path}/record.db", MasterKey(files), BEFORE)
    keys.sealers([LI])
    said: list[str] = []
    engine = keys._engine  # pyright: ignore[reportPrivateUsage]
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(_explained(*args)))
    destroy(keys, {"order-1": None, "order-2": frozenset({"r-li"})})
    plans = [plan for plan in said if plan]
    assert len(plans) == 5  # both kinds of keys of both subjects, and what was found
    assert not [plan for plan in plans if "SCAN" in plan or "sealing_keys_person" in plan]
    keys.close()


def _left(url: str, folder: Path, keys: list[bytes]) -> list[bytes]:
    """Those whose bytes lie anywhere in the files of SQLite, or in the pages of PostgreSQL's table."""
    if url.startswith("sqlite"):
        lying = b"".join(file.read_bytes() for file in folder.glob("record.db*"))
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            found = connection.execute(
                "SELECT pg_read_binary_file(pg_relation_filepath('sealing_keys'))"
            ).fetchone()
            assert found is not None
            lying = bytes(found[0])
    return [key for key in keys if key in lying]


def _explained(connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> str:
    """How SQLite would go about looking for keys and changing them; nothing of other statements."""
    if not statement.startswith(("SELECT sealing_keys.id", "UPDATE sealing_keys SET wrapped")):
        return ""
    raw = cast("sqlite3.Connection", connection.connection.driver_connection)
    return " ".join(row[-1] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
