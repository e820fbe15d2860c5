"""Workers of one run share a service, whichever of them comes first and whichever stays longest."""

import fcntl
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event

import pytest

from tests.support.sharing import shared
from tests.support.waiting import eventually, running


class Services:
    """Counts what was started and is running; stopping one takes until it may."""

    def __init__(self) -> None:
        self.started = 0
        self.runs = self.most = 0
        self.stopping = Event()
        self.may_stop = Event()
        self.may_stop.set()

    @contextmanager
    def one(self) -> Generator[str]:
        self.started += 1
        self.runs += 1
        self.most = max(self.most, self.runs)
        yield f"number {self.started}"
        self.stopping.set()
        assert self.may_stop.wait(20)
        self.runs -= 1


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def one(services: Services, tmp_path: Path) -> Callable[[], AbstractContextManager[str]]:
    return lambda: shared(tmp_path, "service", services.one)


def taken(lock: Path) -> bool:
    """Whether somebody holds that lock."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_who_comes_later_uses_what_the_first_started(
    services: Services, one: Callable[[], AbstractContextManager[str]]
) -> None:
    with one() as first, one() as second:
        assert first == second == "number 1"
    assert services.started == 1
    assert services.runs == 0


def test_it_runs_until_the_last_is_done(
    services: Services, one: Callable[[], AbstractContextManager[str]]
) -> None:
    begun = Event()

    def first(stop: Event) -> None:
        with one():
            begun.set()
            stop.wait(20)

    with running(first) as (at_work,):
        assert begun.wait(20)
        with one():
            at_work._stop.set()
            assert not services.stopping.wait(0.2)
        eventually(lambda: at_work.ended)
    assert services.runs == 0


def test_who_comes_while_it_is_being_stopped_has_one_of_its_own(
    services: Services, one: Callable[[], AbstractContextManager[str]], tmp_path: Path
) -> None:
    services.may_stop.clear()
    found: list[str] = []

    def first(_: Event) -> None:
        with one():
            pass

    def second(_: Event) -> None:
        with one() as address:
            found.append(address)

    with running(first):
        assert services.stopping.wait(20)
        with running(second) as (late,):
            eventually(lambda: taken(tmp_path / "service.starting") or late.ended, what="its wait")
            services.may_stop.set()
            eventually(lambda: late.ended)
    assert found == ["number 2"]
    assert services.most == 1
    assert services.runs == 0
