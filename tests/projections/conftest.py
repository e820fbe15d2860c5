"""A database for read models, on SQLite and on PostgreSQL, and a town's life to fill it with."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData

from projections.engine import Projector, ReadModel, open_reads
from projections.engine.database import for_writing
from projections.evidence import EvidenceModel
from projections.matching import Matching
from projections.menu import Menu
from projections.needs import Needs
from projections.order_board import OrderBoard
from projections.rating import Rating
from tests.support.history import History
from tests.support.postgres import fresh_database
from tests.support.random_history import random_history

MODELS: tuple[type[ReadModel], ...] = (OrderBoard, Matching, Menu, Rating, Needs, EvidenceModel)
ON = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=ON)
def reads(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database for read models."""
    if request.param == "postgres":
        yield _emptied(request.getfixturevalue("postgres_reads"))
        return
    engine = open_reads(f"sqlite:///{tmp_path / 'reads.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_reads(postgres_server: str) -> Iterator[Engine]:
    """One database for all tests here: a new one for each would take longer than the test."""
    with fresh_database(postgres_server) as url:
        engine = open_reads(url)
        yield engine
        engine.dispose()


@pytest.fixture
def small_reads(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite database, for what does not depend on the database."""
    engine = open_reads(f"sqlite:///{tmp_path / 'reads.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def life() -> History:
    """Every command a town knows, refusals, gaps in the log and all; do not add to it."""
    return random_history()


@pytest.fixture(scope="session")
def digests(life: History, tmp_path_factory: pytest.TempPathFactory) -> Mapping[type[ReadModel], str]:
    """What each read model says of that life, whatever the database, the batches and the way it came."""
    engine = open_reads(f"sqlite:///{tmp_path_factory.mktemp('expected') / 'reads.db'}")
    found: dict[type[ReadModel], str] = {}
    for model in MODELS:
        projector = Projector(model(), engine)
        projector.create()
        projector.fill_from(life)
        found[model] = projector.digest()
    engine.dispose()
    return found


Start = Callable[[type[ReadModel]], Projector]


@pytest.fixture
def start(reads: Engine) -> Start:
    """A read model with its tables, empty."""

    def begin(model: type[ReadModel]) -> Projector:
        projector = Projector(model(), reads)
        projector.create()
        return projector

    return begin


def _emptied(engine: Engine) -> Engine:
    with for_writing(engine).begin() as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)
    return engine
