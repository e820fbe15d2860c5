"""PostgreSQL arrays in binary, built by the column: psycopg's own way asks each element for its dumper.

The form is that of PostgreSQL's array_send: dimensions, element type, then each element behind its length.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Final
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

_HEAD: Final = Struct("!iiIii")  # dimensions, whether any is null, element type, how many, index of the first
_LENGTH: Final = Struct("!i").pack
_BIGINT: Final = Struct("!iq").pack
_UUID_LENGTH: Final = _LENGTH(16)


class Column(bytes):
    """One array, ready to be sent."""

    __slots__ = ()


class UuidColumn(Column): ...


class BigintColumn(Column): ...


class TextColumn(Column): ...


class ByteaColumn(Column): ...


def uuids(values: Sequence[UUID]) -> UuidColumn:
    """A uuid[]."""
    parts = [part for value in values for part in (_UUID_LENGTH, value.bytes)]
    return UuidColumn(_head("uuid", len(values)) + b"".join(parts))


def bigints(values: Sequence[int]) -> BigintColumn:
    """A bigint[]."""
    return BigintColumn(_head("int8", len(values)) + b"".join([_BIGINT(8, value) for value in values]))


def texts(values: Sequence[str]) -> TextColumn:
    """A text[]."""
    return TextColumn(_head("text", len(values)) + _elements([value.encode() for value in values]))


def byteas(values: Sequence[bytes]) -> ByteaColumn:
    """A bytea[]."""
    return ByteaColumn(_head("bytea", len(values)) + _elements(values))


def _head(element: str, count: int) -> bytes:
    return _HEAD.pack(1, 0, types[element].oid, count, 1)


def _elements(values: Sequence[bytes]) -> bytes:
    return b"".join([part for value in values for part in (_LENGTH(len(value)), value)])


def _sent_as_they_are(column: type[Column], element: str) -> None:
    class AsItIs(Dumper):
        format = Format.BINARY
        oid = types[element].array_oid

        def dump(self, obj: Column) -> Column:
            return obj

    psycopg.adapters.register_dumper(column, AsItIs)


for _column, _element in (
    (UuidColumn, "uuid"),
    (BigintColumn, "int8"),
    (TextColumn, "text"),
    (ByteaColumn, "bytea"),
):
    _sent_as_they_are(_column, _element)
