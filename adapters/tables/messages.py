"""Each row of a table as one ImportOrder for the imports door, saying what the row says and nothing else."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from adapters.tables.mapping import ANYTHING, Mapping, Rule
from adapters.tables.names import Names
from adapters.tables.reading import Row
from adapters.tables.table import Table, open_table
from adapters.tables.times import read_time
from domain.commands import ImportOrder
from domain.ids import time_ordered_id
from domain.stages import Role, Stage

ACTOR: Final = "import"
LONGEST_ID: Final = 64  # of a CloudEvent at our doors
LONGEST_SOURCE: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Get = Callable[[Row], str]


def rows_to_messages(path: Path, mapping: Mapping, actor: str = ACTOR) -> Iterator[bytes]:
    """The table's rows in its order, one message each: CloudEvents as JSON, without a line end.

    What is no row, or lacks an id or a time, becomes a message that the door parks with the reason; so
    there are as many messages as rows, and what became of them adds up.

    Args:
        actor: who imports.

    Raises:
        TableFaulty: before the first message where the table or mapping cannot be used; later where the
            file cannot be read on.
    """
    return messages_of(open_table(path, mapping), actor)


def messages_of(table: Table, actor: str = ACTOR) -> Iterator[bytes]:
    """The same of a table that is open already."""
    message = RowReader(table, actor).message
    for row in table.rows():
        yield row if isinstance(row, bytes) else _bytes(message(row))


def _bytes(event: dict[str, Any]) -> bytes:
    try:
        return _ENCODE(event).encode()
    except UnicodeEncodeError:  # bytes that are not in the table's encoding, in a cell that is used
        return json.dumps(["有乱码 not in the table's encoding", event]).encode()


class RowReader:
    """Turns rows of one table into messages."""

    def __init__(self, table: Table, actor: str = ACTOR) -> None:
        mapping = table.mapping
        self._table = table
        self._zone = ZoneInfo(mapping.zone)
        self._names = Names(mapping)
        self._cells = {name: column_getter(table, name) for name in mapping.columns}
        self.areas = [column_getter(table, name) for name in mapping.areas]
        self.categories = [column_getter(table, name) for name in mapping.categories]
        self._stages = [_Stage(table, rule) for rule in mapping.stages]
        self._envelope = {
            "specversion": "1.0",
            "source": source_of(table.name),
            "type": ImportOrder.wire,
            "role": Role.OPERATOR.value,
            "actor": actor,
        }

    def cell(self, row: Row, name: str) -> str:
        """What the row says under a name of the mapping."""
        return self._cells[name](row)

    def created(self, row: Row) -> datetime | None:
        """When the row's order was placed; None where that cannot be read."""
        moment = self._moment(row, "created")
        return moment if isinstance(moment, datetime) else None

    def message(self, row: Row) -> dict[str, Any]:
        """One row as a CloudEvent. A value that cannot be read is passed on, for the door to name."""
        source = self.cell(row, "id")
        created = self._moment(row, "created")
        event = {**self._envelope, "id": _event_id(source), "data": self._data(row, source)}
        if isinstance(created, datetime):
            event["subject"] = str(
                time_ordered_id(max(created, _EPOCH), source.encode(errors="surrogatepass"))
            )
            created = created.isoformat()
        event["time"] = created or "missing"
        if not source or "subject" not in event:  # it will be parked: keep all of it
            event["row"] = json.dumps(row, ensure_ascii=False)
        return event

    def _data(self, row: Row, source: str) -> dict[str, Any]:
        provider = self.cell(row, "provider")
        stage, in_time = self._stage(row)
        level = self.cell(row, "level")
        data: dict[str, Any] = {
            "source": source,
            "category": self._names.category(tuple(get(row) for get in self.categories)),
            "area": self._names.area(tuple(get(row) for get in self.areas)),
            "stage": Stage.RATED if level and stage is Stage.COMPLETED else stage,
            "channel": self.cell(row, "channel"),
            "provider": provider and self._names.provider(provider),
            "in_time": in_time,
            "level": level and self._table.mapping.level(level),
            "details": self.cell(row, "details"),
        }
        for field, name in (("accepted_at", "accepted"), ("closed_at", "closed"), ("due_at", "due")):
            moment = self._moment(row, name, by_end_of_day=True)
            data[field] = moment.isoformat() if isinstance(moment, datetime) else moment
        return {name: value for name, value in data.items() if value not in ("", None)}

    def _moment(self, row: Row, name: str, *, by_end_of_day: bool = False) -> datetime | str:
        """The moment; empty where none is given, else a text that no door takes for a moment."""
        text = self.cell(row, name)
        if not text:
            return ""
        formats = self._table.mapping.times
        return read_time(text, self._zone, formats, by_end_of_day=by_end_of_day) or f"not a time: {text[:40]}"

    def _stage(self, row: Row) -> tuple[Stage, bool | None]:
        for stage in self._stages:
            if stage.shown_by(row):
                return stage.rule.stage, stage.rule.in_time
        return Stage.NONE, None  # refused as import_stage: nobody said what such a row means


class _Stage:
    """One rule of the mapping, on the columns of one table."""

    def __init__(self, table: Table, rule: Rule) -> None:
        self.rule = rule
        self._tests = [(column_getter(table, name), frozenset(words)) for name, words in rule.when.items()]

    def shown_by(self, row: Row) -> bool:
        for get, words in self._tests:
            cell = get(row)
            if cell not in words and not (cell and ANYTHING in words):
                return False
        return True


def column_getter(table: Table, name: str) -> Get:
    """Reads what stands under a name of the mapping; nothing where the table has no such column."""
    column = table.column(name)
    if column is None:
        return lambda _: ""
    return lambda row: row.get(column, "")


def source_of(table_name: str) -> str:
    """The CloudEvents source of a table's rows: with a row's id it says for ever which row it was."""
    source = f"import/{quote(table_name, safe='')}"
    if len(source) <= LONGEST_SOURCE:
        return source
    return f"import/{hashlib.sha256(table_name.encode()).hexdigest()}"


def _event_id(source: str) -> str:
    """The row's id, digested where it is longer than an event's may be."""
    if len(source) <= LONGEST_ID:
        return source
    return hashlib.sha256(source.encode(errors="surrogatepass")).hexdigest()
