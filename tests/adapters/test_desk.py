"""Many ask at once: whoever has the turn answers for all who wait, and a fault stays with its request."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import cast

import pytest
from eventsourcing.persistence import OperationalError

from adapters.desk import LARGEST, Crowded, Desk
from adapters.store.event_store import EventStore
from services.handling import Batch, Handler, Intake
from services.requests import Outcome, Status
from tests.support.an_order import place, withdraw
from tests.support.at_the_door import codes, found_town, of, request


@pytest.fixture
def handler(tmp_path: Path) -> Iterator[Handler]:
    store = EventStore(f"sqlite:///{tmp_path}/record.db")
    yield found_town(store)
    store.close()


class Gate:
    """A handler that waits before its first batch until it is let through, and counts its batches."""

    def __init__(self, handler: Handler) -> None:
        self.entered = Event()
        self.open = Event()
        self.batches: list[int] = []
        self._handler = handler

    def handle(self, batch: Batch) -> list[Outcome]:
        self.batches.append(len(batch.intake))
        self.entered.set()
        assert self.open.wait(10)
        return self._handler.handle(batch)


def ask_while_busy(gate: Gate, desk: Desk, intake: list[Intake]) -> list[Future[Outcome]]:
    """The first one's batch is under way while the others come and wait."""
    with ThreadPoolExecutor(len(intake)) as pool:
        first = pool.submit(desk.ask, intake[0])
        assert gate.entered.wait(10)
        rest = [pool.submit(desk.ask, one) for one in intake[1:]]
        while len(desk._waiting) < len(rest):
            pass
        gate.open.set()
        return [first, *rest]


def test_one_is_answered(handler: Handler) -> None:
    assert Desk(handler).ask(request(place())).status is Status.RECORDED


def test_while_one_batch_is_under_way_the_next_gathers(handler: Handler) -> None:
    gate = Gate(handler)
    asked: list[Intake] = [request(of(number, place())) for number in range(20)]
    answers = ask_while_busy(gate, Desk(cast("Handler", gate)), asked)
    assert gate.batches == [1, 19]
    assert [answer.result().key for answer in answers] == [one.asked.key for one in asked]  # each got its own


def test_a_batch_has_a_largest_size(handler: Handler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.desk.LARGEST", 4)
    gate = Gate(handler)
    answers = ask_while_busy(
        gate, Desk(cast("Handler", gate)), [request(of(number, place())) for number in range(11)]
    )
    assert gate.batches == [1, 4, 4, 2]
    assert codes([answer.result() for answer in answers]) == ["recorded"] * 11
    assert LARGEST == 500


def test_behind_so_many_nobody_may_wait_and_is_told_at_once(handler: Handler) -> None:
    gate = Gate(handler)
    desk = Desk(cast("Handler", gate), most=2)
    intake: list[Intake] = [request(of(number, place())) for number in range(4)]
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(desk.ask, intake[0])
        assert gate.entered.wait(10)
        waiting = [pool.submit(desk.ask, one) for one in intake[1:3]]
        while len(desk._waiting) < 2:
            pass
        with pytest.raises(Crowded):
            desk.ask(intake[3])
        gate.open.set()
        assert codes([one.result() for one in (first, *waiting)]) == ["recorded"] * 3
    assert desk.ask(intake[3]).status is Status.RECORDED  # nothing of it was kept


def test_many_are_answered_in_order(handler: Handler) -> None:
    outcomes = Desk(handler).ask_all([request(place()), request(of(2, withdraw())), request(withdraw())])
    assert codes(outcomes) == ["recorded", "unknown_order", "recorded"]


def test_followers_are_told_after_each_commit(handler: Handler) -> None:
    told: list[int] = []
    desk = Desk(handler, lambda: told.append(1))
    desk.ask(request(place()))
    desk.ask_all([request(withdraw())])
    assert len(told) == 2


class Failing(Gate):
    """Fails as it is told to, for a batch that holds a certain order."""

    def __init__(self, handler: Handler, error: Callable[[], BaseException]) -> None:
        super().__init__(handler)
        self.open.set()
        self._error = error

    def handle(self, batch: Batch) -> list[Outcome]:
        if len(self.batches) == 0:
            self.open.clear()
        self.batches.append(len(batch.intake))
        self.entered.set()
        assert self.open.wait(10)
        if any(str(one.asked.key.id) == "bad" for one in batch.intake):
            raise self._error()
        return self._handler.handle(batch)


def neighbours(handler: Handler, error: Callable[[], BaseException]) -> tuple[Failing, list[Future[Outcome]]]:
    failing = Failing(handler, error)
    asked: list[Intake] = [request(of(number, place())) for number in range(4)]
    asked.insert(2, request(of(9, place()), "bad"))
    return failing, ask_while_busy(failing, Desk(cast("Handler", failing)), asked)


def test_a_fault_of_one_request_is_that_askers_alone(handler: Handler) -> None:
    failing, answers = neighbours(handler, KeyError)
    assert [type(answer.exception()) for answer in answers] == [type(None)] * 2 + [KeyError] + [
        type(None)
    ] * 2
    assert failing.batches == [1, 4, 1, 1, 1, 1]


def test_when_the_record_is_away_everyone_hears_it_at_once(handler: Handler) -> None:
    failing, answers = neighbours(handler, OperationalError)
    assert [type(answer.exception()) for answer in answers] == [type(None)] + [OperationalError] * 4
    assert failing.batches == [1, 4]


def test_an_interrupt_leaves_nobody_waiting(handler: Handler) -> None:
    _, answers = neighbours(handler, KeyboardInterrupt)
    kinds = [type(answer.exception()) for answer in answers]
    assert sorted(kind.__name__ for kind in kinds) == ["KeyboardInterrupt", "NoneType"] + ["RuntimeError"] * 3


def test_after_a_fault_the_desk_goes_on(handler: Handler) -> None:
    failing = Failing(handler, KeyError)
    failing.batches.append(0)
    desk = Desk(cast("Handler", failing))
    with pytest.raises(KeyError):
        desk.ask(request(place(), "bad"))
    assert desk.ask(request(place())).status is Status.RECORDED
