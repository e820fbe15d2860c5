"""Brings what is derived from the record to the shape that this release gives it, and says so.

Read models and the notes of process managers can be made again from the record; where an earlier release
left them in another shape, they are. The record itself is never touched.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, MetaData, Table

from adapters.reactors import tables as notes
from adapters.reactors.runner import ReactorRunner
from projections.engine import Log, Projector, catch_up
from projections.engine.alone import alone
from projections.engine.database import for_writing, lock_tables
from projections.engine.projector import REPLAY
from projections.engine.shapes import is_missing, note_shapes, noted_shapes, of_another_shape, shape_of

REACTORS: Final = "reactors"
KEPT: Final = frozenset({notes.reactor_positions.name, notes.outbox.name})
"""What process managers keep that no replay brings back: how far they have read, what is still to be sent."""
UNFINISHED: Final = ""
"""Noted for the shape of tables that are being made again, in case that does not come to its end."""

Tell = Callable[[str, str], None]
"""Hears, in Chinese and English, what is being done."""


class NotOurShape(Exception):
    """A table that cannot be made again has another shape than this release knows."""

    code: Final = "other_release"

    def __init__(self, table: str) -> None:
        super().__init__(
            f"数据表{table}是另一版本写的，本版本不能续用，请用写它的版本。"
            f" The table {table} was written by another release and this one cannot go on with it; use the"
            " release that wrote it."
        )


class Derived:
    """The tables of one node's read models and process managers."""

    def __init__(
        self, engine: Engine, projectors: Sequence[Projector], reactors: ReactorRunner, log: Log
    ) -> None:
        self._engine = engine
        self._projectors = projectors
        self._reactors = reactors
        self._log = log
        self._sets: Mapping[str, MetaData] = {
            **{projector.id: projector.model.metadata for projector in projectors},
            REACTORS: notes.metadata,
        }

    @property
    def is_current(self) -> bool:
        """Whether all were made, or looked at, by a release that gives them the same shape."""
        with self._engine.connect() as connection:
            noted = noted_shapes(connection)
            return all(noted.get(name) == shape for name, shape in self._wanted(connection).items())

    def create(self, tell: Tell = lambda _zh, _en: None) -> None:
        """Create what is missing; make again from the record what has another shape.

        Raises:
            NotOurShape: it cannot be made again.
            BeingRebuilt: another process is at it.
        """
        with self._engine.connect() as connection:
            others = self._of_other_shapes(connection)
        if others:
            with alone(self._engine, "derived", ", ".join(sorted(others))):
                self._make_again(others, tell)
        else:
            self._create()
        with for_writing(self._engine).begin() as connection:
            lock_tables(connection)
            note_shapes(connection, self._wanted(connection))

    def _create(self) -> None:
        for projector in self._projectors:
            projector.create()
        self._reactors.create()

    def _make_again(self, others: set[str], tell: Tell) -> None:
        anew = [one for one in self._projectors if one.id in others]
        for projector in anew:
            tell(*_told(f"读模型{projector.model.name}", f"the read model {projector.model.name}"))
            projector.drop()
        if REACTORS in others:
            tell(*_told("流程的笔记", "the notes of the process managers"))
            self._drop_notes()
        self._create()
        catch_up(anew, self._log, limit=REPLAY)
        if REACTORS in others:
            self._reactors.remember()

    def _wanted(self, connection: Connection) -> dict[str, str]:
        return {name: shape_of(connection, tables) for name, tables in self._sets.items()}

    def _of_other_shapes(self, connection: Connection) -> set[str]:
        noted = noted_shapes(connection)
        wanted = self._wanted(connection)
        found = {
            name
            for name, tables in self._sets.items()
            if noted.get(name) != wanted[name] and of_another_shape(connection, tables.sorted_tables)
        }
        return found | ({REACTORS} if self._lacks_notes(connection, noted) else set())

    def _lacks_notes(self, connection: Connection, noted: Mapping[str, str]) -> bool:
        """Whether process managers have read on and something they should know by it is not there."""
        if noted.get(REACTORS) == UNFINISHED:
            return True
        missing = [one for one in notes.metadata.sorted_tables if is_missing(connection, one)]
        if not missing or notes.reactor_positions in missing:
            return False
        return any(self._reactors.positions().values())

    def _drop_notes(self) -> None:
        with for_writing(self._engine).begin() as connection:
            lock_tables(connection)
            kept = [one for one in notes.metadata.sorted_tables if one.name in KEPT]
            for table in of_another_shape(connection, kept):
                raise NotOurShape(table.name)
            gone: list[Table] = [one for one in notes.metadata.sorted_tables if one.name not in KEPT]
            notes.metadata.drop_all(connection, tables=gone)
            note_shapes(connection, {REACTORS: UNFINISHED})


def _told(zh: str, en: str) -> tuple[str, str]:
    return (
        f"{zh}的数据表是另一版本的样子，正在按记录重做。",
        f"The tables of {en} have another release's shape and are being made again from the record.",
    )
