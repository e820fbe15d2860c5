"""What commands print: tables for people, one JSON object a line or CSV for programs."""

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, TextIO

import pydantic_core
import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from adapters.masking import cover

WIDE: Final = 1_000  # columns: in a file or a pipe each row is one line
BOM: Final = "\ufeff"  # Excel and WPS read UTF-8 only behind it

AsJson = Annotated[bool, typer.Option("--json", help="输出一行JSON · one JSON object on the last line")]
AsCsv = Annotated[bool, typer.Option("--csv", help="输出CSV（带BOM，可用Excel、WPS打开） · CSV with a BOM")]


def people() -> Console:
    """Where people read: colours only on a terminal, no wrapping elsewhere."""
    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False)


def aside() -> Console:
    """Progress and questions, apart from the answer."""
    return Console(stderr=True, soft_wrap=not sys.stderr.isatty(), highlight=False)


def say(zh: str, en: str) -> None:
    """One sentence in both languages."""
    people().print(f"{zh} {en}", markup=False)


def put_json(value: Any) -> None:
    """One line. Moments are ISO 8601 in UTC."""
    sys.stdout.write(pydantic_core.to_json(value).decode() + "\n")
    sys.stdout.flush()


def put_csv(heads: Sequence[str], rows: Iterable[Sequence[object]], out: TextIO | None = None) -> None:
    """A table for a spreadsheet: numbers of people are covered, and what begins like a formula is none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    (out or sys.stdout).write(BOM + text.getvalue())


def put_table(heads: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """A table for people."""
    rows = list(rows)
    drawn = {place for row in rows for place, value in enumerate(row) if isinstance(value, Text)}
    columns = [  # an id cut short is of no use, nor is a bar in two lines
        Column(head, overflow="fold", no_wrap=place in drawn) for place, head in enumerate(heads)
    ]
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_shown(value) for value in row))
    console = people()
    if console.is_terminal:
        console.print(table)
    else:
        Console(width=WIDE, highlight=False).print(table)


def _shown(value: object) -> str | Text:
    if isinstance(value, Text):
        return value
    text = "" if value is None else str(cover(value))
    return text.replace("[", r"\[")  # a bracket is not markup


def _cell(value: object) -> str:
    text = "" if value is None else str(cover(value))
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t") and not _number(text) else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
