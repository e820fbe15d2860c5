"""Every test of this folder runs on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.store.event_store import EventStore
from services.handling import Handler
from tests.contracts.a_sealed_log import Lake
from tests.support.at_the_door import found_town

OpenStore = Callable[[], EventStore]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path}/record.db"


@pytest.fixture
def open_store(store_url: str) -> Iterator[OpenStore]:
    """Opens the same record once more, as another process would."""
    opened: list[EventStore] = []

    def one_more() -> EventStore:
        opened.append(EventStore(store_url))
        return opened[-1]

    yield one_more
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore) -> EventStore:
    return open_store()


@pytest.fixture
def handler(store: EventStore) -> Handler:
    return found_town(store)


@pytest.fixture
def lake(store_url: str, tmp_path: Path, store: EventStore, handler: Handler) -> Iterator[Lake]:
    """A record that is sealed; nothing is yet."""
    lake = Lake(store_url, tmp_path, store, handler)
    yield lake
    lake.close()
