"""The process looks for garbage seldom, which is right only while handling leaves none in circles."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.garbage import THRESHOLDS, collect_seldom
from adapters.store.event_store import EventStore
from tests.adapters.decoded import IMPORTS, binary, read
from tests.support.a_town import ROADS
from tests.support.an_order import accept, complete, dispatch, place
from tests.support.at_the_door import found_town, of, say


@pytest.fixture
def python_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.enable()


def test_it_is_set_for_the_process(python_as_before: None) -> None:
    collect_seldom()
    assert gc.get_threshold() == THRESHOLDS


def test_batches_leave_no_garbage_in_circles(python_as_before: None, tmp_path: Path) -> None:
    store = EventStore(f"sqlite:///{tmp_path}/record.db")
    handler = found_town(store)
    gc.collect()
    gc.disable()
    for start in range(0, 500, 50):
        numbers = range(start, start + 50)
        say(handler, *(of(number, step) for step in (place(), dispatch(), accept()) for number in numbers))
        say(handler, *(of(number, complete(by=ROADS)) for number in numbers))
        assert [read(binary(door=IMPORTS)) for _ in numbers]
    assert gc.collect() < 500  # of 2,500 requests, some 30,000 objects
    store.close()
