"""The stores that earlier releases wrote, as they lay on the day."""

import gzip
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier, Placeholder

HERE: Final = Path(__file__).parent
RELEASES: Final = sorted(path.parent.name for path in HERE.glob("*/expected.json"))
RENAMED: Final = {("town_secret", "only"): "only_one"}  # SQLite's column, PostgreSQL's
INSERT: Final = "INSERT INTO {} ({}) VALUES ({})"
AS_STORED: Final = {"uuid": UUID, "boolean": bool, "bytea": bytes}


def expected(release: str) -> dict[str, Any]:
    """What that release said of its store."""
    return json.loads((HERE / release / "expected.json").read_text(encoding="utf-8"))


def unpacked(release: str, file: Path) -> str:
    """The SQLite store in a file of its own. Returns its URL."""
    file.write_bytes(gzip.decompress((HERE / release / "sidan.db.gz").read_bytes()))
    return f"sqlite:///{file}"


def loaded(release: str, folder: Path, url: str) -> str:
    """The same rows in an empty PostgreSQL database, in the tables that release made there."""
    unpacked(release, folder / "rows.db")
    with closing(sqlite3.connect(folder / "rows.db")) as rows, psycopg.connect(url) as database:
        database.execute(cast("Any", (HERE / release / "postgres.sql").read_text(encoding="utf-8")))
        for table, types in _columns(database).items():
            _fill(database, table, types, *_rows(rows, table))
        _count_on(database)
    return url


def _columns(database: psycopg.Connection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    asked = "SELECT table_name, column_name, data_type FROM information_schema.columns"
    for table, column, kind in database.execute(f"{asked} WHERE table_schema = 'public'"):
        found.setdefault(table, {})[column] = kind
    return found


def _rows(rows: sqlite3.Connection, table: str) -> tuple[list[str], list[Sequence[Any]]]:
    cursor = rows.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - tables of our own schema file
    names = [RENAMED.get((table, column[0]), column[0]) for column in cursor.description]
    return names, cursor.fetchall()


def _fill(
    database: psycopg.Connection,
    table: str,
    types: Mapping[str, str],
    names: list[str],
    rows: list[Sequence[Any]],
) -> None:
    inserting = SQL(INSERT).format(
        Identifier(table), SQL(",").join(map(Identifier, names)), SQL(",").join(Placeholder() * len(names))
    )
    kinds = [AS_STORED.get(types[name], lambda value: value) for name in names]
    for row in rows:
        values = [None if value is None else kind(value) for kind, value in zip(kinds, row, strict=True)]
        database.execute(inserting, values)


def _count_on(database: psycopg.Connection) -> None:
    """As if these rows had been numbered there."""
    database.execute(
        "SELECT setval('stored_events_notification_id_seq', max(notification_id)) FROM stored_events"
    )
