"""A follower hears of news at once where the database can tell, and looks again soon in any case."""

from itertools import pairwise
from threading import Timer
from time import monotonic, sleep

import psycopg
import pytest

from adapters.away import PAUSES
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
    monkeypatch.setattr("adapters.away.PAUSES", (0.01,))
    news = wakeup(postgres_url)
    news.wait()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    store = EventStore(postgres_url)
    handler = found_town(store)
    for _ in range(3):  # finds it broken; polls once; listens anew
        news.wait()
        sleep(0.02)
    monkeypatch.setattr(module, "POLL", 20.0)
    Timer(0.2, say, (handler, place())).start()
    assert waited(news.wait) < 10
    news.close()
    store.close()


def test_while_the_server_is_away_the_follower_polls_and_knocks_less_and_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    knocks: list[float] = []

    def refuse(*_: object, **__: object) -> None:
        knocks.append(clock())
        raise psycopg.OperationalError("refused")

    clock = Clock(monkeypatch)
    monkeypatch.setattr(module.psycopg, "connect", refuse)
    news = wakeup("postgresql://nowhere/")
    for _ in range(60):
        news.wait()  # returns each time: whoever follows looks by himself
    pauses = [round(later - earlier, 3) for earlier, later in pairwise(knocks)]
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert set(pauses[len(PAUSES) :]) == {PAUSES[-1]}


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = 100.0
        monkeypatch.setattr(module, "monotonic", self)
        monkeypatch.setattr(module, "sleep", self.sleep)

    def __call__(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        assert seconds <= module.POLL
        self._now += seconds


def test_nobody_waits_for_ever(tmp_path) -> None:
    news = wakeup(f"sqlite:///{tmp_path}/record.db")
    assert waited(news.wait) < 5
    news.close()
