"""Reads a table row by row, whatever its dirt: what is no row comes out as bytes for the door to park."""

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, cast

import pydantic_core

from adapters.tables.faults import TableFaulty
from adapters.tables.opening import opened_as_text

Row = dict[str, str]  # column → cell, stripped; empty where it says nothing

_HEADER_ROWS: Final = 100  # JSON lines whose keys make the header


def json_rows(path: Path, encoding: str) -> Iterator[Row | bytes]:
    """One object a line; blank lines are no rows."""
    with opened_as_text(path, encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _json_row(line, number, encoding)


def json_header(path: Path, encoding: str) -> list[str]:
    """The keys of the first rows: a key may be left out where it says nothing."""
    names: dict[str, None] = {}
    for row in islice(json_rows(path, encoding), _HEADER_ROWS):
        if not isinstance(row, bytes):
            names.update(dict.fromkeys(row))
    return list(names)


def csv_header(path: Path, encoding: str, separator: str) -> list[str]:
    """The first line that is not blank."""
    with opened_as_text(path, encoding) as lines:
        for cells in csv.reader(lines, delimiter=separator):
            if any(map(str.strip, cells)):
                return [cell.strip() for cell in cells]
    raise TableFaulty("empty_table", path=path)


def csv_rows(path: Path, encoding: str, separator: str) -> Iterator[Row | bytes]:
    """The rows below the header; wholly empty ones are none."""
    header = csv_header(path, encoding, separator)
    below = False
    with opened_as_text(path, encoding) as lines:
        for number, cells, raw in _records(lines, separator):
            if cells is not None and not any(map(str.strip, cells)):
                continue
            if below:
                yield _csv_row(cells, header) or _no_csv_row(number, cells, header, raw, encoding)
            below = True


def _json_row(line: str, number: int, encoding: str) -> Row | bytes:
    try:
        said = pydantic_core.from_json(line)
    except ValueError:
        said = None
    except TypeError:  # surrogates: the parser does not take them for text
        return _no_row(f"第{number}行有乱码 line {number} is not in the table's encoding", line, encoding)
    if not isinstance(said, dict):
        return _no_row(f"第{number}行不是一个 JSON 对象 line {number} is not one JSON object", line, encoding)
    return {name: _cell(value) for name, value in cast("dict[str, object]", said).items()}


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if type(value) is int or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _csv_row(cells: list[str] | None, header: list[str]) -> Row | None:
    """None where the cells are not those of the header; one cut short would read as left empty."""
    if cells is None or len(cells) < len(header) or any(map(str.strip, cells[len(header) :])):
        return None
    return dict(zip(header, map(str.strip, cells), strict=False))


def _no_csv_row(number: int, cells: list[str] | None, header: list[str], raw: str, encoding: str) -> bytes:
    if cells is None:
        return _no_row(f"第{number}行的引号不成对 line {number} has a stray quote", raw, encoding)
    zh = f"第{number}行有{len(cells)}格，表头有{len(header)}格"
    en = f"line {number} has {len(cells)} cells where the header has {len(header)}"
    return _no_row(f"{zh} {en}", raw, encoding)


def _no_row(why: str, raw: str, encoding: str) -> bytes:
    """Why, and what stands there: an array, so that no line of a table is ever taken for a command."""
    line = raw.rstrip("\r\n").encode(encoding, "surrogateescape").decode(encoding, "backslashreplace")
    return json.dumps([why, line], ensure_ascii=False).encode(errors="backslashreplace")


_Record = tuple[int, list[str] | None, str]  # first line's number, cells, the lines as they are


def _records(source: Iterable[str], separator: str) -> Iterator[_Record]:
    """Each record; where quoting breaks, only its first line is given up (no cells)."""
    lines = _Lines(source)
    while True:
        try:
            for cells in csv.reader(lines, delimiter=separator, strict=True):
                yield lines.number - len(lines.taken) + 1, cells, "".join(lines.taken)
                lines.taken.clear()
        except csv.Error:
            first = lines.give_back()
            yield lines.number, None, first
        else:
            return


class _Lines:
    """Lines, with those of the record under way kept, so that they can be read again."""

    def __init__(self, source: Iterable[str]) -> None:
        self._source = iter(source)
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._source)
        self.taken.append(line)
        self.number += 1
        return line

    def give_back(self) -> str:
        """All but the first line of the record under way, which is returned."""
        first, *rest = self.taken
        self._back.extendleft(reversed(rest))
        self.number -= len(rest)
        self.taken.clear()
        return first
