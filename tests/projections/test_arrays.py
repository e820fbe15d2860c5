"""Arrays as PostgreSQL reads them: every type, what is absent, and none at all."""

from collections.abc import Callable, Sequence
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from projections.engine.arrays import Array, bigints, booleans, byteas, integers, texts, uuids

ID = UUID("019cac2e-f380-7000-8000-000000000001")
EVERY_TYPE = [
    (uuids, "uuid[]", [ID, None, ID]),
    (bigints, "bigint[]", [0, -1, None, (1 << 63) - 1, -(1 << 63)]),
    (integers, "integer[]", [7, None, -(1 << 31)]),
    (booleans, "boolean[]", [True, False, None]),
    (texts, "text[]", ["漏水", "", None, "a\"\\,{}'", "NULL", "漏水"]),
    (byteas, "bytea[]", [b"\x00\xff", b""]),
]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("array", "kind", "values"), EVERY_TYPE, ids=lambda one: one if type(one) is str else ""
)
def test_it_is_read_back_as_it_was(
    postgres_url: str, array: Callable[[Sequence[Any]], Array], kind: LiteralString, values: list[Any]
) -> None:
    with psycopg.connect(postgres_url) as connection:
        for some in (values, values[:1], []):
            row = connection.execute(f"SELECT %b::{kind}", (array(some),)).fetchone()
            assert row == (some,)


@pytest.mark.postgres
def test_an_id_may_come_as_its_digits(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT %b", (uuids([ID.hex]),)).fetchone() == ([ID],)
