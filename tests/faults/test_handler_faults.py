"""Whatever fails while a batch is recorded, nothing of it stays; the same batch handed in again is right."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread, Timer
from typing import Any, TypeVar, cast

import psycopg
import pytest
from eventsourcing.persistence import OperationalError, PersistenceError

from adapters.store.event_store import EventStore
from services.handling import Batch, Handler
from services.ports import Seen, Store, Writing
from tests.support.an_order import accept, dispatch, place, withdraw
from tests.support.at_the_door import Passing, codes, found_town, of, request, say
from tests.support.postgres import Server

T = TypeVar("T")
STEPS = ("seen", "record")


class Faulty:
    """A record that fails at a step of the next transaction, before or after that step is done."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.step = ""
        self.done = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def writing(self, *looking: Any) -> Writing:
        writing = self._store.writing(*looking)
        return cast("Writing", _FaultyWrites(writing, self.step, done=self.done))


class _FaultyWrites(Passing):
    def __init__(self, writing: Writing, step: str, *, done: bool) -> None:
        super().__init__(writing)
        self._step = step
        self._done = done

    @property
    def seen(self) -> Seen:
        return self._at("seen", lambda: self._passed.seen)

    def record(self, *facts: Any) -> None:
        self._at("record", lambda: self._passed.record(*facts))

    def _at(self, step: str, do: Callable[[], T]) -> T:
        if step == self._step and not self._done:
            raise OperationalError("the power went")
        result = do()
        if step == self._step:
            raise OperationalError("the power went")
        return result


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/record.db")
    yield store
    store.close()


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_failed_batch_leaves_nothing_and_can_come_again(
    store: EventStore, step: str, *, done: bool
) -> None:
    found_town(store)
    faulty = Faulty(store)
    handler = Handler(cast("Store", faulty))
    say(handler, place())
    head = store.head()
    batch = Batch(
        [request(dispatch()), request(accept()), request(of(2, place())), request(of(3, withdraw()))],
        {"p[0]": (-1, 3)},
    )
    faulty.step, faulty.done = step, done
    with pytest.raises(OperationalError):
        handler.handle(batch)
    assert (store.head(), store.positions()) == (head, {})
    faulty.step = ""
    assert codes(handler.handle(batch)) == ["recorded", "recorded", "recorded", "unknown_order"]
    assert store.positions() == {"p[0]": 3}


def test_a_file_that_another_program_holds_is_waited_for(store: EventStore, tmp_path: Path) -> None:
    handler = found_town(store)
    holder = sqlite3.connect(tmp_path / "record.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    Timer(0.3, holder.rollback).start()
    assert codes(say(handler, place())) == ["recorded"]
    holder.close()


@pytest.mark.postgres
def test_a_writer_that_dies_under_the_lock_lets_the_others_go_on(postgres_url: str) -> None:
    store, other = EventStore(postgres_url), EventStore(postgres_url)
    handler = found_town(store)
    head = store.head()
    waiting = Thread(target=say, args=(handler, place()))

    def die() -> None:
        with other.writing() as writing:
            writing.record(store.encode(()), {"p[0]": 1})
            waiting.start()
            end_backends_under_lock(postgres_url)
            writing.record(store.encode(()), {"p[0]": 2})
        writing.wait()

    with pytest.raises(PersistenceError):
        die()
    waiting.join(10)
    assert (len(store.read(head, 10)), store.positions()) == (1, {})
    store.close()
    other.close()


def end_backends_under_lock(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'ExclusiveLock' AND granted"
            " AND relation = 'stored_events'::regclass AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_after_the_server_was_restarted_the_next_batch_is_recorded(own_server: Server) -> None:
    store = EventStore(own_server.url)
    handler = found_town(store)
    say(handler, place())
    own_server.kill()
    with pytest.raises(PersistenceError):
        say(handler, dispatch())
    own_server.start()
    assert codes(say(handler, dispatch(), accept())) == ["recorded", "recorded"]
    store.close()
