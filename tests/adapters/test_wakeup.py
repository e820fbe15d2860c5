"""A follower hears of news at once where the database can tell, and looks again soon in any case."""

from itertools import pairwise
from threading import Timer
from time import monotonic

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


def listener(postgres_url: str) -> list[int]:
    """The server processes whose sessions have said LISTEN and wait."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        ).fetchall()
        return [pid for (pid,) in found]


def end(postgres_url: str, pids: list[int]) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS t(pid)", (pids,))


@pytest.mark.postgres
def test_a_lost_connection_is_taken_up_again_and_news_wakes_it_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but a NOTIFY can be what wakes it in the end: the next poll is a minute away."""
    monkeypatch.setattr("adapters.away.PAUSES", (0.05,))
    store = EventStore(postgres_url)
    handler = found_town(store)
    news = wakeup(postgres_url)
    news.wait()
    first = listener(postgres_url)
    end(postgres_url, first)
    monkeypatch.setattr(module, "POLL", 0.01)
    looks = 0
    while not (again := [pid for pid in listener(postgres_url) if pid not in first]):
        assert waited(news.wait) < 5  # the follower looks by himself meanwhile
        looks += 1
    assert looks >= 2
    assert len(again) == 1
    monkeypatch.setattr(module, "POLL", 60.0)
    for _ in range(2):  # and not only once
        said = Timer(0.3, say, (handler, place()))
        said.start()
        assert 0.2 < waited(news.wait) < 10
        said.join()
    news.close()
    store.close()


@pytest.mark.postgres
def test_without_news_it_waits_for_the_poll_also_after_it_was_taken_up_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.away.PAUSES", (0.05,))
    news = wakeup(postgres_url)
    news.wait()
    end(postgres_url, first := listener(postgres_url))
    monkeypatch.setattr(module, "POLL", 2.0)
    while set(listener(postgres_url)) <= set(first):
        assert waited(news.wait) < 1.5  # finds it broken, then looks until it may call again
    assert 1.5 < waited(news.wait) < 20
    news.close()


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
