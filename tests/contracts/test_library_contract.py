"""The library's own contract for recorders, kept by both of ours."""

import sys
import threading
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, StoredEvent

from adapters.store.event_store import EventStore
from tests.support.at_the_door import order_id

# The contract imports the library's cipher, whose package we do not need.
with patch.dict(sys.modules, {"eventsourcing.cipher": cast("Any", SimpleNamespace(AESCipher=None))}):
    from eventsourcing.tests import persistence


class _Contract(persistence.ApplicationRecorderTestCase):
    """The library's tests, asked of the recorder it is given; pytest parametrizes no TestCase itself."""

    __test__ = False

    def __init__(self, recorder: ApplicationRecorder) -> None:
        super().__init__("test_insert_select")
        self._recorder = recorder

    def create_recorder(self) -> ApplicationRecorder:
        return self._recorder


# Its third, test_concurrent_throughput, is a race against the clock: speed is measured in benchmarks/.
@pytest.mark.parametrize("test", ["test_insert_select", "test_concurrent_no_conflicts"])
def test_our_recorder_keeps_the_contract(store: EventStore, test: str) -> None:
    before = set(threading.enumerate())
    try:
        getattr(_Contract(store.recorder), test)()
    finally:
        # The library leaves its readers to end by themselves; they must not read on in a closed store.
        for reader in set(threading.enumerate()) - before:
            reader.join(10)


def stored(*versions: int, topic: str = "topic") -> list[StoredEvent]:
    return [StoredEvent(order_id(1), version, topic, b"state %d" % version) for version in versions]


def test_a_stream_is_read_from_to_and_backwards(store: EventStore) -> None:
    recorder = store.recorder
    recorder.insert_events(stored(1, 2, 3, 4))
    assert recorder.select_events(order_id(1)) == stored(1, 2, 3, 4)
    assert recorder.select_events(order_id(1), gt=1, lte=3) == stored(2, 3)
    assert recorder.select_events(order_id(1), desc=True, limit=2) == stored(4, 3)
    assert recorder.select_events(order_id(1), lte=3, desc=True, limit=1) == stored(3)
    assert recorder.select_events(order_id(2)) == []


def test_nothing_inserted_is_nothing_recorded(store: EventStore) -> None:
    assert store.recorder.insert_events([]) is None
    assert store.recorder.max_notification_id() is None


def test_versions_twice_leave_nothing_of_their_batch(store: EventStore) -> None:
    store.recorder.insert_events(stored(1))
    for twice in ((1, 2), (2, 2)):
        with pytest.raises(IntegrityError):
            store.recorder.insert_events(stored(*twice))
    assert store.recorder.select_events(order_id(1)) == stored(1)
