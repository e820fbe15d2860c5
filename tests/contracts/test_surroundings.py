"""Nothing around the process changes how the record is kept, and many processes may keep it at once."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence

import pytest

from adapters.store.event_store import EventStore, UnknownStore
from domain.ids import StreamId
from services.handling import Handler
from tests.contracts.conftest import OpenStore
from tests.support.an_order import place, pool
from tests.support.at_the_door import codes, found_town, of, order_id, say

STRAY = {
    "COMPRESSOR_TOPIC": "zlib",
    "CIPHER_TOPIC": "eventsourcing.cipher:AESCipher",
    "CIPHER_KEY": "0" * 32,
    "IS_SNAPSHOTTING_ENABLED": "y",
    "PERSISTENCE_MODULE": "eventsourcing.popo",
    "MAPPER_TOPIC": "eventsourcing.persistence:Mapper",
    "APPLICATION_RECORDER_TOPIC": "eventsourcing.popo:POPOApplicationRecorder",
    "TRANSCODER_TOPIC": "eventsourcing.persistence:JSONTranscoder",
    "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
    "POSTGRES_SCHEMA": "elsewhere",
    "POSTGRES_DBNAME": "elsewhere",
    "STORED_POSTGRES_DBNAME": "elsewhere",
    "SQLITE_DBNAME": "elsewhere.db",
    "STORED_SQLITE_DBNAME": "elsewhere.db",
    "ORIGINATOR_ID_TYPE": "text",
    "CREATE_TABLE": "no",
    "AGGREGATE_CACHE_MAXSIZE": "10",
}


def test_a_stray_variable_changes_nothing(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in STRAY.items():
        monkeypatch.setenv(name, value)
    store = open_store()
    say(found_town(store), place())
    assert store.snapshots is None
    assert store.repository.cache is None
    assert store.read_stored(store.head() - 1, 1)[0].topic == "OrderPlaced"
    monkeypatch.undo()
    assert open_store().head() == store.head()


@pytest.mark.postgres
def test_the_functions_of_the_library_stay_off(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would drop the table lock, and with it the order of the log."""
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    store = EventStore(postgres_url)
    assert not store.factory.datastore.enable_db_functions  # pyright: ignore[reportAttributeAccessIssue]
    store.close()


def test_sqlite_gives_no_place_out_twice(tmp_path) -> None:
    store = EventStore(f"sqlite:///{tmp_path}/record.db")
    handler = found_town(store)
    gone = say(handler, place())[0].positions[0]
    with store.recorder.datastore.transaction(commit=True) as cursor:  # pyright: ignore[reportAttributeAccessIssue]
        cursor.execute("DELETE FROM stored_events WHERE notification_id = ?", (gone,))
    assert say(Handler(store), of(2, place()))[0].positions[0] > gone
    store.close()


def test_sqlite_flushes_each_commit(tmp_path) -> None:
    store = EventStore(f"sqlite:///{tmp_path}/record.db")
    with store.recorder.datastore.get_connection(commit=False) as connection:  # pyright: ignore[reportAttributeAccessIssue]
        cursor = connection.cursor()
        found = []
        for pragma in ("journal_mode", "synchronous"):
            cursor.execute(f"PRAGMA {pragma}")
            found.append(cursor.fetchone()[0])
    assert found == ["wal", 2]  # 2: FULL
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sidan.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///file:x?mode=memory",
        "mysql://u:secret@h/d",
        "postgres://u:secret@h/d",
        "postgresql:///d",
        "postgresql://u:secret@h",
        "postgresql://u:secret@h/d?sslmode=require",
        "postgresql://u:sec/ret@h/d",
    ],
)
def test_an_address_that_is_none_is_refused_without_telling_it(url: str) -> None:
    with pytest.raises(UnknownStore) as refused:
        EventStore(url)
    assert "sec" not in str(refused.value)


PLACE_AND_CLAIM = """
import sys
from adapters.store.event_store import EventStore
from domain.ids import StreamId
from services.handling import Handler
from tests.support.a_town import ROADS, WATER, PARKS
from tests.support.an_order import claim
from tests.support.at_the_door import codes, found_town, of, say
store = EventStore(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
handler = Handler(store)
me = (WATER, ROADS, PARKS)[int(sys.argv[2])]
for number in range(20):
    print(*codes(say(handler, of(number, claim(by=me)))))
store.close()
"""


def started(url: str, count: int) -> list[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "error", "-c", PLACE_AND_CLAIM, url]
    return [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(count)
    ]


def told(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Let them go at once, and return every line they say."""
    for one in processes:
        assert one.stdout is not None
        assert one.stdin is not None
        assert one.stdout.readline() == "open\n"
        one.stdin.write("\n")
        one.stdin.flush()
    lines = [line for one in processes for line in one.communicate(timeout=60)[0].split()]
    assert [one.returncode for one in processes] == [0] * len(processes)
    return lines


def test_processes_that_start_and_claim_at_once_all_get_an_answer(
    store_url: str, open_store: OpenStore
) -> None:
    """They meet twice: making the tables of an empty database, and claiming the same twenty orders."""
    processes = started(store_url, 3)
    store = open_store()
    handler = found_town(store)
    numbers = range(20)
    assert set(
        codes(say(handler, *(of(n, place()) for n in numbers), *(of(n, pool()) for n in numbers)))
    ) == {"recorded"}
    assert Counter(told(processes)) == {"recorded": 20, "claimed_by_another": 40}
    winners = {next(iter(list(store.history(StreamId(order_id(n))))[2:])).fact.event.wire for n in numbers}
    assert winners == {"OrderClaimed"}
