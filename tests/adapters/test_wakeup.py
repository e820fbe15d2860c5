"""A follower hears of news at once where the database can tell, and looks again soon in any case."""

from threading import Timer
from time import monotonic

import psycopg
import pytest

from adapters.store import wakeup as module
from adapters.store.event_store import EventStore
from adapters.store.wakeup import wakeup
from tests.support.an_order import place
from tests.support.at_the_door import found_town, say


def waited(wait) -> float:
    start = monotonic()
    wait()
    return monotonic() - start


@pytest.mark.postgres
def test_a_commit_wakes_the_follower(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 20.0)
    store = EventStore(postgres_url)
    handler = found_town(store)
    news = wakeup(postgres_url)
    news.wait()  # returns at once: something may have come before it listened
    Timer(0.2, say, (handler, place())).start()
    assert waited(news.wait) < 10
    news.close()
    store.close()


@pytest.mark.postgres
def test_a_lost_connection_is_taken_up_again(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 0.05)
    news = wakeup(postgres_url)
    news.wait()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    store = EventStore(postgres_url)
    handler = found_town(store)
    for _ in range(2):  # finds it broken; listens anew
        news.wait()
    monkeypatch.setattr(module, "POLL", 20.0)
    Timer(0.2, say, (handler, place())).start()
    assert waited(news.wait) < 10
    news.close()
    store.close()


def test_nobody_waits_for_ever(tmp_path) -> None:
    news = wakeup(f"sqlite:///{tmp_path}/record.db")
    assert waited(news.wait) < 5
    news.close()
