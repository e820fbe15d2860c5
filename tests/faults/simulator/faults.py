"""Where things break: each step of the record and of the databases asks here whether this is the moment."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import TracebackType
from typing import Any, cast

from confluent_kafka import KafkaError, KafkaException
from eventsourcing.persistence import OperationalError
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from adapters.store.event_store import EventStore
from projections.engine import open_reads
from services.ports import Seen, Writing
from tests.support.at_the_door import Passing


def _nothing(_step: str) -> None:
    """No fault."""


class Crash(Exception):
    """The process is gone: nothing of it may catch this.

    An Exception, since SQLAlchemy closes a connection that anything else passes, and with it the memory.
    """


class Faults:
    """Draws them, and writes down what it drew."""

    def __init__(self, chance: Random, rate: float) -> None:
        """`rate`: how likely one step is to fail."""
        self._chance = chance
        self._rate = rate
        self.trace: list[str] = []

    def stop(self) -> None:
        """Nothing fails any more."""
        self._rate = 0.0

    def strikes(self, step: str) -> bool:
        """Whether this step fails."""
        if not self._rate or self._chance.random() >= self._rate:
            return False
        self.trace.append(f"    ! {step}")
        return True

    def at(self, step: str) -> None:
        """Fail, or end the process, here or not at all."""
        if self.strikes(step):
            raise self.drawn(step)

    def at_broker(self, step: str) -> None:
        """The same on the way to the broker."""
        if self.strikes(step):
            raise Crash(step) if self._chance.random() < 0.5 else away()

    def drawn(self, step: str) -> Exception:
        """What it is that happens at a step."""
        return Crash(step) if self._chance.random() < 0.5 else OperationalError(f"{step} failed")


class Record:
    """The record as one process sees it; made anew with the process."""

    def __init__(self, store: EventStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def load(self, subjects: Mapping[str, Any]) -> Any:
        self._faults.at("record: load")
        return self._store.load(subjects)

    def positions(self) -> dict[str, int]:
        self._faults.at("record: positions")
        return self._store.positions()

    def read(self, after: int, limit: int) -> Any:
        self._faults.at("record: read")
        return self._store.read(after, limit)

    def read_stored(self, after: int, limit: int) -> Any:
        """A slow reader gets little at once, so that its position moves often."""
        self._faults.at("record: read stored")
        return self._store.read_stored(after, min(limit, 7))

    def move_position(self, name: str, position: int) -> None:
        self._faults.at("record: before the position")
        self._store.move_position(name, position)
        self._faults.at("record: behind the position")

    def writing(self, *looking: Any) -> Writing:
        self._faults.at("record: lock")
        return cast("Writing", _Faulty(self._store.writing(*looking), self._faults))


class _Faulty(Passing):
    """A transaction whose commit may be lost, or done with nobody told; one learns of either in `wait`."""

    def __init__(self, writing: Writing, faults: Faults) -> None:
        super().__init__(writing)
        self._faults = faults
        self._failure: Exception | None = None

    @property
    def seen(self) -> Seen:
        self._faults.at("record: seen")
        return self._passed.seen

    def record(self, *facts: Any) -> None:
        self._faults.at("record: before the facts")
        self._passed.record(*facts)
        self._faults.at("record: behind the facts")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._faults.strikes("record: commit lost"):
            self._failure = self._faults.drawn("record: commit lost")
            self._passed.__exit__(type(self._failure), self._failure, None)
            return
        super().__exit__(kind, error, trace)

    def wait(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._passed.wait()
        self._faults.at("record: commit done, ack lost")


class Memory(sqlite3.Connection):
    """A database in memory; each of its commits may fail or go unheard."""

    at: Callable[[str], None] = staticmethod(_nothing)
    called = "reads"

    def commit(self) -> None:
        self.at(f"{self.called}: before the commit")
        super().commit()
        self.at(f"{self.called}: commit done, ack lost")


class Database:
    """A database that outlives the processes. One serves many schedules: its statements are compiled once."""

    def __init__(self, called: str = "reads") -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False, factory=Memory)
        self.connection.called = called
        self.engine = open_reads("sqlite://", creator=lambda: self.connection, poolclass=StaticPool)

    def become(self, image: sqlite3.Connection) -> None:
        """Hold what another holds; nothing fails."""
        self.connection.at = _nothing
        image.backup(self.connection)

    def fail_between_statements(self) -> None:
        """Not only at its commits."""

        def before(*_: object) -> None:
            self.connection.at(f"{self.connection.called}: a statement")

        event.listen(self.engine, "before_cursor_execute", before)


def away() -> KafkaException:
    """The broker does not answer."""
    return KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))


def shuffled(chance: Random, items: Sequence[Any]) -> list[Any]:
    """In another order."""
    return chance.sample(items, len(items))
