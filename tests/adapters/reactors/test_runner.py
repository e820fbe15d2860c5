"""Reactors read on and say what they say in one transaction; what was said is sent until it has arrived."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import Connection, Engine

from adapters.reactors.runner import ReactorRunner
from adapters.reactors.tables import forget_sent, put_out, to_send
from domain.commands import PoolOrder
from domain.events import OrderPlaced
from domain.facts import Recorded
from domain.ids import OrderId
from projections.engine import open_reads
from services.reactions import Message, NotYet, Reactor, command_message
from tests.support.a_town import MONDAY
from tests.support.history import History


class Pooling(Reactor):
    """Puts every new order into the pool."""

    name: ClassVar[str] = "pooling"

    def react(self, recorded: Recorded) -> Sequence[Message]:
        if not isinstance(recorded.fact.event, OrderPlaced):
            return []
        return [command_message(self.name, recorded, PoolOrder(order=OrderId(recorded.fact.stream)))]

    def tick(self, now: datetime) -> Sequence[Message]:
        raise AssertionError(now)  # nothing is ever due


class Broken(Pooling):
    """Fails at the third order."""

    seen = 0

    def react(self, recorded: Recorded) -> Sequence[Message]:
        messages = super().react(recorded)
        Broken.seen += len(messages)
        if Broken.seen == 3:
            raise ZeroDivisionError
        return messages


class Waiting(Pooling):
    """Cannot say anything to the third order yet."""

    seen = 0

    def react(self, recorded: Recorded) -> Sequence[Message]:
        messages = super().react(recorded)
        Waiting.seen += len(messages)
        if Waiting.seen >= 3:
            raise NotYet
        return messages


class Away(RuntimeError):
    """Nobody takes what is sent."""


class Outside:
    """Where messages go; away as often as it is told."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.away = 0
        self.lost_acks = 0

    def send(self, messages: Sequence[Message]) -> None:
        if self.away:
            self.away -= 1
            raise Away
        self.received += messages
        if self.lost_acks:
            self.lost_acks -= 1
            raise Away


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def reads(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'reads.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    engine = open_reads(url)
    yield engine
    engine.dispose()


@pytest.fixture
def history() -> History:
    history = History()
    for _ in range(5):
        history.place()
    return history


@pytest.fixture
def outside() -> Outside:
    return Outside()


def runner(
    reads: Engine, history: History, outside: Outside, make: Callable[[Connection], Pooling] | None = None
) -> ReactorRunner:
    def pooling(connection: Connection, _: Sequence[Recorded]) -> AbstractContextManager[Reactor]:
        return nullcontext(make(connection) if make else Pooling())

    made = ReactorRunner(reads, history, {"pooling": pooling}, outside.send, clock=lambda: MONDAY)
    made.create()
    return made


def until_quiet(runner: ReactorRunner) -> None:
    while runner.run_once():
        pass


def ids(outside: Outside) -> list[str]:
    return [message.id for message in outside.received]


def test_each_fact_is_reacted_to_once_in_log_order(reads: Engine, history: History, outside: Outside) -> None:
    until_quiet(runner(reads, history, outside))
    placed = [one.position for one in history.facts if isinstance(one.fact.event, OrderPlaced)]
    assert ids(outside) == [f"pooling-{position}-1" for position in placed]
    history.place()
    until_quiet(runner(reads, history, outside))  # another process goes on
    assert len(outside.received) == 6
    assert runner(reads, history, outside).positions() == {"pooling": history.facts[-1].position}


def test_what_could_not_be_sent_is_sent_later_with_the_same_bytes(
    reads: Engine, history: History, outside: Outside
) -> None:
    outside.lost_acks = 1
    with pytest.raises(Away):
        until_quiet(runner(reads, history, outside))
    first = list(outside.received)
    outside.received.clear()
    # What was said is on the disk before it is sent, and is never thought over.
    assert runner(reads, history, outside).positions() == {"pooling": history.facts[-1].position}
    until_quiet(runner(reads, history, outside))
    assert outside.received == first
    assert len(first) == 5


def test_place_and_messages_are_one_transaction(reads: Engine, history: History, outside: Outside) -> None:
    Broken.seen = 0
    with pytest.raises(ZeroDivisionError):
        until_quiet(runner(reads, history, outside, lambda _: Broken()))
    assert outside.received == []
    assert runner(reads, history, outside).positions() == {"pooling": 0}
    until_quiet(runner(reads, history, outside))
    assert len(outside.received) == 5


def test_what_has_to_wait_holds_up_what_is_behind_it_and_nothing_else(
    reads: Engine, history: History, outside: Outside
) -> None:
    Waiting.seen = 0
    until_quiet(runner(reads, history, outside, lambda _: Waiting()))
    assert len(outside.received) == 2
    until_quiet(runner(reads, history, outside))
    assert len(outside.received) == len(set(ids(outside))) == 5


def test_a_row_that_shows_up_late_is_not_forgotten_unsent(
    reads: Engine, history: History, outside: Outside
) -> None:
    """Two processes: the slower one's rows have lower numbers and appear only after others were read."""
    made = runner(reads, history, outside)
    with reads.begin() as connection:
        late, soon = [message for one in history.facts for message in Pooling().react(one)][:2]
        put_out(connection, [late, soon])
        (number, _), (_, _) = to_send(connection, 2)
    with reads.begin() as connection:
        forget_sent(connection, [number + 1])
    with reads.connect() as connection:
        assert [message for _, message in to_send(connection, 9)] == [late]
    made.run_once()
    assert late in outside.received


def test_a_message_survives_the_database_unchanged(reads: Engine, history: History, outside: Outside) -> None:
    said = [message for one in history.facts for message in Pooling().react(one)]
    until_quiet(runner(reads, history, outside))
    assert outside.received == said
