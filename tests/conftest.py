"""The services that tests ask for by name: kafka, postgres_url, browser_page and two of a test's own."""

import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, chdir
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page

from tests.support.browser import running_browser
from tests.support.kafka import Broker, own_kafka, running_kafka
from tests.support.log_as_it_was import log_as_it_was
from tests.support.postgres import Server, fresh_database, own_postgres, running_postgres
from tests.support.sharing import shared

T = TypeVar("T")
LONG = [Path(__file__).parent / folder for folder in ("faults", "journeys")]

# How fast a machine is that others work on too says nothing of what is tried on it.
settings.register_profile("sidan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sidan")

MARK_OF = {
    "kafka": "kafka",
    "own_broker": "kafka",
    "postgres_server": "postgres",
    "own_server": "postgres",
    "browser": "browser",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a service carries its mark without being told; what takes long is begun first.

    Several processes that share the tests, a file at a time, then end together.
    """
    items.sort(key=lambda item: not any(map(item.path.is_relative_to, LONG)))
    for item in items:
        for name in MARK_OF.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARK_OF[name])


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected stays to the end: looking through it for garbage again and again is for nothing."""
    gc.collect()
    gc.freeze()


def opened(stack: ExitStack, service: AbstractContextManager[T]) -> T:
    """A service, or the end of the whole run: a skipped test would look like a passed one."""
    try:
        return stack.enter_context(service)
    except LookupError as missing:
        pytest.exit(str(missing), returncode=3)


@pytest.fixture(scope="session", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever is written where one stands, a town's keys and checkpoints for one, is written outside."""
    with chdir(tmp_path_factory.mktemp("elsewhere")):
        yield


@pytest.fixture(autouse=True)
def _log_of_this_test_alone() -> Iterator[None]:
    with log_as_it_was():
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for this run of pytest, whichever of its workers asks."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def kafka(run_folder: Path) -> Iterator[str]:
    """The address of a broker that all tests share: name your topics so that nobody else would."""
    with ExitStack() as stack:
        yield opened(stack, shared(run_folder, "kafka", running_kafka))


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A broker that the test may stop, kill and start again."""
    with ExitStack() as stack:
        yield opened(stack, own_kafka())


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> Iterator[str]:
    """The URL of a server that all tests share; a test wants `postgres_url`."""
    with ExitStack() as stack:
        yield opened(stack, shared(run_folder, "postgres", running_postgres))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database for this test alone."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL server that the test may stop, kill and start again."""
    with ExitStack() as stack:
        yield opened(stack, own_postgres())


# Not for the whole session: while Playwright runs, nothing else can run an event loop in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with ExitStack() as stack:
        yield opened(stack, running_browser())


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A blank page of a reader of Chinese; whatever takes over 10 s fails."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
