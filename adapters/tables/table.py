"""A table opened with its mapping: which of its columns say what, and its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from adapters.tables.faults import TableFaulty
from adapters.tables.mapping import Mapping
from adapters.tables.opening import encoding_of, is_json_lines
from adapters.tables.reading import Row, csv_header, csv_rows, json_header, json_rows

SEPARATORS: Final = (",", "\t", ";", "|", "，")


@dataclass(frozen=True)
class Table:
    """One file, in the words of one mapping."""

    path: Path
    mapping: Mapping
    encoding: str
    separator: str | None  # None: JSON lines
    header: tuple[str, ...]

    @property
    def name(self) -> str:
        """The mapping's, else the file's without its endings."""
        return self.mapping.table or self.path.name.split(".")[0] or self.path.name

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """Columns that the mapping does not speak of; nothing of them is imported."""
        rules = {name for rule in self.mapping.stages for name in rule.when}
        names = {*self.mapping.columns, *self.mapping.areas, *self.mapping.categories, *rules}
        used = {self.column(name) for name in names}
        return tuple(column for column in self.header if column not in used)

    def column(self, name: str) -> str | None:
        """The header word that a name of the mapping stands for here; None if the table has none."""
        return next((word for word in self.mapping.words_for(name) if word in self.header), None)

    def rows(self) -> Iterator[Row | bytes]:
        """Every row, and in its place the bytes to park for what is none.

        Raises:
            TableFaulty: the file cannot be read on.
        """
        if self.separator is None:
            return json_rows(self.path, self.encoding)
        return csv_rows(self.path, self.encoding, self.separator)


def open_table(path: Path, mapping: Mapping) -> Table:
    """Finds out how the file is written, and whether it has the columns it needs.

    Raises:
        TableFaulty: no file, no row, a column missing or named twice.
    """
    encoding = mapping.encoding or encoding_of(path)
    if mapping.separator is None and is_json_lines(path, encoding):
        table = Table(path, mapping, encoding, None, tuple(json_header(path, encoding)))
    else:
        choices = SEPARATORS if mapping.separator is None else (mapping.separator,)
        headers = [csv_header(path, encoding, separator) for separator in choices]
        tables = (
            Table(path, mapping, encoding, separator, tuple(header))
            for separator, header in zip(choices, headers, strict=True)
        )
        table = max(tables, key=_fits)
    _complete(table)
    return table


def _fits(table: Table) -> tuple[int, int]:
    """How many mapped columns the header has when it is cut like this."""
    return sum(table.column(name) is not None for name in table.mapping.columns), len(table.header)


def _complete(table: Table) -> None:
    for name in (*table.mapping.columns, *table.mapping.areas, *table.mapping.categories):
        column = table.column(name)
        if column is None and name in table.mapping.required:
            wanted, header = ", ".join(table.mapping.words_for(name)), ", ".join(table.header)
            raise TableFaulty("missing_column", field=name, wanted=wanted, header=header)
        if column is not None and table.header.count(column) > 1:
            raise TableFaulty("column_twice", column=column)
