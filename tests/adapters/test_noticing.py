"""Whoever talks to PostgreSQL notices within seconds when its host vanishes, which says nothing."""

from threading import Event
from typing import Any

import psycopg
import pytest

from adapters.store.event_store import EventStore
from adapters.store.turns import _connected, turn
from adapters.store.wakeup import wakeup
from projections.engine.database import NOTICING, open_reads

pytestmark = pytest.mark.postgres


def notices(connection: psycopg.Connection) -> bool:
    told = connection.info.get_parameters()
    return all(told.get(name) == str(value) for name, value in NOTICING.items())


def test_the_record(postgres_url: str) -> None:
    store = EventStore(postgres_url)
    recorder: Any = store.recorder
    with recorder.datastore.get_connection() as connection:
        assert notices(connection)
    store.close()


def test_the_read_models(postgres_url: str) -> None:
    engine = open_reads(postgres_url)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        assert notices(driver)
    engine.dispose()


def test_who_waits_for_news_and_who_for_its_turn(postgres_url: str) -> None:
    EventStore(postgres_url).close()
    news: Any = wakeup(postgres_url)
    news.wait()
    assert notices(news._connection)
    news.close()
    with turn(postgres_url, Event()), _connected(postgres_url) as connection:
        assert notices(connection)
