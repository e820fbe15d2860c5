"""Work that stands on a service begins anew when that is back, waits longer each time, stops when told."""

from threading import Event

import pytest
from eventsourcing import persistence

from adapters.away import CALM, PAUSES, KafkaAway, brief, until_stopped


class Stop(Event):
    """Nobody sleeps; how long it would have been is remembered."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._most = most

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        if len(self.waited) == self._most:
            self.set()
        return self.is_set()


def refused() -> None:
    raise KafkaAway("nobody there")


def test_the_pauses_grow_to_their_limit_and_stay_there() -> None:
    stop = Stop(len(PAUSES) + 2)
    until_stopped(refused, stop, "relay")
    assert stop.waited == [*PAUSES, PAUSES[-1], PAUSES[-1]]


def test_after_a_time_of_calm_the_pauses_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 1000, int(CALM) + 1))
    monkeypatch.setattr("adapters.away.monotonic", lambda: next(moments))
    stop = Stop(3)
    until_stopped(refused, stop, "relay")
    assert stop.waited == [PAUSES[0]] * 3


def test_work_that_ends_because_it_was_told_to_is_not_begun_again() -> None:
    stop = Stop(9)
    begun: list[int] = []

    def work() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise persistence.OperationalError("restarting")
        stop.set()

    until_stopped(work, stop, "process")
    assert (len(begun), len(stop.waited)) == (3, 2)


def test_a_fault_of_our_own_ends_it() -> None:
    def faulty() -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        until_stopped(faulty, Stop(9), "process")


def test_what_a_statement_carried_is_not_said() -> None:
    told = brief(persistence.OperationalError("server closed\nDETAIL: 李阿姨"))
    assert told == "OperationalError: server closed"
