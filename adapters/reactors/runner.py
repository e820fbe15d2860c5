"""Feeds reactors from log and clock, one transaction a batch, and sends what they said, oldest first."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

import structlog
from eventsourcing.persistence import MapperDeserialisationError
from sqlalchemy import Connection, Engine

from adapters.reactors import tables
from domain.facts import Recorded
from projections.engine import Log, Undecoded
from projections.engine.database import for_writing, lock_tables, make_durable
from services.reactions import Message, NotYet, Reactor

BATCH: Final = 500
UPGRADE: Final = (
    "此版本读不懂这个事件，流程停在它之前，请升级。"
    " This release cannot read the event, and the process stands before it; upgrade."
)

log: structlog.stdlib.BoundLogger = structlog.get_logger()

MakeReactor = Callable[[Connection, Sequence[Recorded]], AbstractContextManager[Reactor]]
"""A reactor for one batch in one transaction: what it remembers is written with its position."""
IsDue = Callable[[Connection, datetime], bool]
"""Whether time alone calls for something; asked often, so it has to be cheap."""
Send = Callable[[Sequence[Message]], None]
"""Delivers the messages durably, in order, before it returns; raises when it cannot."""


class ReactorRunner:
    """All reactors of a process."""

    def __init__(
        self,
        engine: Engine,
        log: Log,
        reactors: Mapping[str, MakeReactor],
        send: Send,
        *,
        clock: Callable[[], datetime],
        due: Mapping[str, IsDue] = {},
    ) -> None:
        """`due`: of the reactors that time calls on."""
        self._looking = engine
        self._engine = for_writing(engine)
        self._log = log
        self._reactors = reactors
        self._send = send
        self._clock = clock
        self._due = due
        self._told: dict[str, int] = {}  # where each stands before what it cannot read

    def create(self) -> None:
        """Create the tables that are missing."""
        with self._engine.begin() as connection:
            lock_tables(connection)
            tables.metadata.create_all(connection)

    def run_once(self) -> int:
        """React to the next batch of the log and send what it called for. Returns how much that was."""
        once = _ReadOnce(self._log)
        return sum(self._react(name, once) for name in self._reactors) + self._send_out()

    def remember(self, until: int | None = None) -> None:
        """Note again what follows from what each has read, and say nothing: it was said, or never will be.

        `until`: up to this place, and go on from there; left out, up to where each has read. Its notes are
        empty before, and read models have read at least as far.
        """
        for name in self._reactors:
            with self._engine.begin() as connection:
                end = tables.position_of(connection, name) if until is None else until
            after = 0
            while after < end and (batch := self._log.read(after, BATCH)):
                batch = [one for one in batch if one.position <= end]
                after = batch[-1].position if batch else end
                with self._engine.begin() as connection, self._reactors[name](connection, batch) as reactor:
                    for recorded in batch:
                        reactor.react(recorded)
            with self._engine.begin() as connection:
                tables.position_of(connection, name)  # locked, and there
                tables.move_position(connection, name, end)

    def positions(self) -> dict[str, int]:
        """How far each reactor has read; whoever is at work is not waited for."""
        with self._looking.connect() as connection:
            return {name: tables.seen_position(connection, name) for name in self._reactors}

    def _react(self, name: str, feed: Log) -> int:
        """Looks before it takes the write lock, which an idle engine would else take many times a second."""
        now = self._clock()
        with self._looking.connect() as connection:
            ahead = self._readable(name, feed.read(tables.seen_position(connection, name), BATCH))
            due = self._is_due(name, connection, now)
        if not ahead and not due:
            return 0
        with self._engine.begin() as connection:
            make_durable(connection)  # what was sent must not be thought over again after a power cut
            position = tables.position_of(connection, name)
            batch = self._readable(name, feed.read(position, BATCH))
            with self._reactors[name](connection, batch) as reactor:
                messages, done = _reacted(reactor, batch)
                if due and done == len(batch) < BATCH:  # what is behind may have settled it
                    messages += reactor.tick(now)
            tables.put_out(connection, messages)
            if done:
                position = batch[done - 1].position
                tables.move_position(connection, name, position)
        if messages:
            log.debug("reactor.said", reactor=name, messages=len(messages), position=position)
        return done or len(messages)

    def _is_due(self, name: str, connection: Connection, now: datetime) -> bool:
        is_due = self._due.get(name)
        return is_due is not None and is_due(connection, now)

    def _readable(self, name: str, batch: Sequence[Recorded]) -> Sequence[Recorded]:
        """What lies before the first fact that this release cannot decode: to pass over it would lose it.

        Read models park such a fact; a reactor stands before it, and reads on when a release can.
        """
        for number, one in enumerate(batch):
            if isinstance(one.fact.event, Undecoded):
                if not number:
                    place = {"position": one.position, "type": one.fact.event.type}
                    self._tell_once(name, one.position, "reactor.unreadable", **place)
                return batch[:number]
        return batch

    def _tell_once(self, name: str, place: int, event: str, **more: object) -> None:
        """Not at each look, which is many times a second."""
        if self._told.get(name) != place:
            self._told[name] = place
            log.error(event, reactor=name, **more, todo=UPGRADE)

    def _send_out(self) -> int:
        with self._looking.connect() as connection:
            waiting = tables.to_send(connection, BATCH)
        if not waiting:
            return 0
        try:
            self._send([message for _, message in waiting])
        except MapperDeserialisationError:  # embedded, the handler has to read the order it is about
            self._tell_once("outbox", waiting[0][0], "reactor.unsent", command=waiting[0][1].id)
            return 0
        with self._engine.begin() as connection:
            tables.forget_sent(connection, [number for number, _ in waiting])
        return len(waiting)


class _ReadOnce:
    """Reads and decodes a batch once for all reactors that stand at the same place, as they mostly do."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._read: dict[int, Sequence[Recorded]] = {}

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        if after not in self._read:
            self._read[after] = self._log.read(after, limit)
        return self._read[after]


def _reacted(reactor: Reactor, batch: Sequence[Recorded]) -> tuple[list[Message], int]:
    """What is said to a batch, up to the first fact that has to wait, and how many facts that are."""
    messages: list[Message] = []
    for done, recorded in enumerate(batch):
        try:
            messages += reactor.react(recorded)
        except NotYet as reason:
            log.debug("reactor.waits", reactor=reactor.name, position=recorded.position, reason=str(reason))
            return [*messages, *reactor.conclude()], done  # at the first fact nothing was remembered
    return [*messages, *reactor.conclude()], len(batch)
