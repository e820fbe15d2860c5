"""The next generation of a read model, built beside the live one, verified, and switched to in one moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import sleep
from typing import Final, NamedTuple, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from projections.engine import generations, parking, positions
from projections.engine.alone import alone
from projections.engine.comparing import Holds, Told, Verified, in_log_order, verify
from projections.engine.database import for_writing, lock_tables, named
from projections.engine.generations import Generations, Names, named_of
from projections.engine.positions import LOG, Place
from projections.engine.projector import BATCH, REPLAY, Log, Projector, catch_up

PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)  # seconds between tries to get the tables to oneself
_PATIENCE: Final = "500ms"  # less than it takes PostgreSQL to see a deadlock, so that no query is its victim


class Record(Log, Protocol):
    """The log, and where it ends."""

    def head(self) -> int:
        """The last position; 0 while it is empty."""
        ...


class NoWayBack(Exception):
    """There is no generation before the live one."""

    code: Final = "no_way_back"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"读模型{model}没有上一代，请用 sidan projections rebuild 重建。"
            f" The read model {model} has no generation before this one; rebuild it."
        )


class Rebuilt(NamedTuple):
    """What became of a rebuild. Not ok: nothing was switched, queries see what they saw."""

    facts: int
    live: int  # the generation queries see now
    previous: int | None
    verified: Verified | None


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """Rebuilds one read model while it is fed and asked.

    `holds` tells which facts the live rows have, where they are not simply those up to a place in the log.
    """

    live: Projector
    record: Record
    holds: Holds = in_log_order

    def rebuild(self, told: Told = lambda _: None, checking: Told = lambda _: None) -> Rebuilt:
        """Build the next generation, verify it, switch to it.

        Args:
            told: hears how far the building has come in the log.
            checking: hears how far the replay that verifies it has come.

        Raises:
            BeingRebuilt: another process is at it.
        """
        with alone(self._engine, self.live.id, self.live.model.name) as look:
            return self._rebuild(told, checking, look)

    def _rebuild(self, told: Told, checking: Told, look: Callable[[], None]) -> Rebuilt:
        now = self.generations()
        following = Projector(self.live.model, self._engine, now.next)
        self._drop(now.next)  # what a rebuild that died left behind
        following.create()
        read = catch_up([following], self.record, limit=REPLAY, told=told)
        self._index(now.next)
        verified = verify(following, self.record, told=checking)
        if not verified.ok:
            self._drop(now.next)
            return Rebuilt(read, now.live, now.previous, verified)
        read += catch_up([following], self.record)
        after = Generations(now.next, now.live)
        look()
        self._switch(now, after)
        if now.previous is not None:
            self._drop(now.previous)
        return Rebuilt(read, *after, verified)

    def back(self, told: Told = lambda _: None) -> Rebuilt:
        """Switch to the generation before, brought up to the log's end first; another `back` returns.

        Raises:
            NoWayBack: there is none.
            BeingRebuilt: another process is at it.
        """
        with alone(self._engine, self.live.id, self.live.model.name) as look:
            return self._back(told, look)

    def _back(self, told: Told, look: Callable[[], None]) -> Rebuilt:
        now = self.generations()
        if now.previous is None:
            raise NoWayBack(self.live.model.name)
        former = Projector(self.live.model, self._engine, now.previous)
        read = self._level(former) + catch_up([former], self.record, told=told)
        after = Generations(now.previous, now.live)
        look()
        self._switch(now, after)
        return Rebuilt(read, *after, None)

    def generations(self) -> Generations:
        """Which is live, and which was."""
        with self._engine.connect() as connection:
            return generations.of_model(connection, self.live.id)

    @property
    def _engine(self) -> Engine:
        return self.live.engine

    def _level(self, former: Projector) -> int:
        """One that followed partitions stood at another place in each: from here on it follows the log."""
        read = 0
        with for_writing(former.engine).begin() as connection:
            places = positions.lock_model(connection, former.id)
            if set(places) <= {LOG}:
                return 0
            end = max(place.position for place in places.values())
            after = min(place.position for place in places.values())
            while after < end and (batch := self.record.read(after, BATCH)):
                after = batch[-1].position
                missing = [one for one in batch if one.position <= end and not self.holds(places, one)]
                former.fold(connection, missing)
                read += len(missing)
            positions.forget_places(connection, former.id)
            positions.put_places(connection, former.id, {LOG: Place(end)})
        return read

    def _switch(self, now: Generations, after: Generations) -> None:
        """Try until no query is in the way; each try lasts half a second at most."""
        for pause in (*PAUSES, None):
            try:
                self._switch_once(now, after)
            except OperationalError:
                if pause is None:
                    raise
                sleep(pause)
            else:
                return
            incoming = Projector(self.live.model, self._engine, after.live)
            catch_up([incoming], self.record)  # so that little is left to do under the lock

    def _switch_once(self, now: Generations, after: Generations) -> None:
        """All in one transaction: whoever feeds the live rows waits, and goes on with the new ones.

        The last facts are applied under the lock, so the new rows are never behind the old; each place
        is set to where the log ended, so none of them is counted again.
        """
        model, tables = self.live.model, self.live.model.metadata
        with for_writing(self._engine).begin() as connection:
            lock_tables(connection)
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            places = positions.lock_model(connection, model.id)
            head = self._finish(connection, after.live)
            generations.swap_tables(connection, tables, live=now.live, incoming=after.live)
            before, coming = named_of(model.id, now.live), named_of(model.id, after.live)
            parking.rename(connection, model.id, before)
            parking.rename(connection, coming, model.id)
            positions.forget_places(connection, coming)
            positions.forget_places(connection, before)
            positions.put_places(connection, before, places)
            positions.put_places(connection, model.id, _at_least(places, head))
            generations.note(connection, model.id, after)

    def _finish(self, connection: Connection, generation: int) -> int:
        """Bring the incoming rows to the log's end in this transaction. Returns where that is."""
        incoming = Projector(self.live.model, self._engine, generation)
        head = self.record.head()
        after = positions.all_places(connection, incoming.id).get(LOG, Place(0)).position
        with named(connection, Names(self.live.model.metadata, generation)):
            while after < head and (batch := self.record.read(after, BATCH)):
                batch = [one for one in batch if one.position <= head]
                incoming.fold(connection, batch)
                after = batch[-1].position
        return head

    def _index(self, generation: int) -> None:
        with for_writing(self._engine).begin() as connection:
            generations.create_indexes(connection, self.live.model.metadata, generation)

    def _drop(self, generation: int) -> None:
        name = named_of(self.live.model.id, generation)
        with for_writing(self._engine).begin() as connection:
            lock_tables(connection)
            generations.drop_tables(connection, self.live.model.metadata, generation)
            positions.forget_places(connection, name)
            parking.forget(connection, name)


def _at_least(places: Mapping[str, Place], head: int) -> dict[str, Place]:
    """The same partitions and offsets, none behind the head."""
    reached = places or {LOG: Place(0)}
    return {name: Place(max(one.position, head), one.offset) for name, one in reached.items()}
