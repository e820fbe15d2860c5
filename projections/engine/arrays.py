"""PostgreSQL arrays in binary, built by the column: psycopg's own way asks each element for its dumper.

The form is that of PostgreSQL's array_send: dimensions, element type, then each element behind its length.
"""

from collections.abc import Callable, Hashable, Sequence
from struct import Struct
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

_HEAD: Final = Struct("!iiIii")  # dimensions, whether any is null, element type, how many, index of the first
_LENGTH: Final = Struct("!i").pack
_NULL: Final = _LENGTH(-1)
_T = TypeVar("_T", bound=Hashable)


class Array(bytes):
    """One array, ready to be sent."""

    __slots__ = ()
    element: str


def uuids(values: Sequence[UUID | str | None]) -> Array:
    """A uuid[], from UUIDs or from 32 hex digits."""
    return _array(UuidArray, [_NULL if value is None else _uuid(value) for value in values])


def bigints(values: Sequence[int | None]) -> Array:
    """A bigint[]."""
    return _array(BigintArray, [_NULL if value is None else _BIGINT(8, value) for value in values])


def integers(values: Sequence[int | None]) -> Array:
    """An integer[]."""
    return _array(IntegerArray, _each(values, lambda value: _INTEGER(4, value)))


def booleans(values: Sequence[bool | None]) -> Array:
    """A boolean[]."""
    return _array(BooleanArray, _each(values, lambda value: _BOOLEAN(1, value)))


def texts(values: Sequence[str | None]) -> Array:
    """A text[]."""
    return _array(TextArray, _each(values, lambda value: _sized(value.encode())))


def byteas(values: Sequence[bytes]) -> Array:
    """A bytea[]."""
    return _array(ByteaArray, [_sized(value) for value in values])


_BIGINT: Final = Struct("!iq").pack
_INTEGER: Final = Struct("!ii").pack
_BOOLEAN: Final = Struct("!i?").pack


def _uuid(value: UUID | str) -> bytes:
    return b"\0\0\0\x10" + (bytes.fromhex(value) if isinstance(value, str) else value.bytes)


def _sized(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def _each(values: Sequence[_T | None], encode: Callable[[_T], bytes]) -> list[bytes]:
    """Most columns say few things over and over; each is encoded once."""
    known = {value: _NULL if value is None else encode(value) for value in set(values)}
    return [known[value] for value in values]


def _array(kind: type[Array], elements: list[bytes]) -> Array:
    head = _HEAD.pack(1, _NULL in elements, types[kind.element].oid, len(elements), 1)
    return kind(head + b"".join(elements))


def _array_of(element: str) -> type[Array]:
    """A type of its own for each element type, by which psycopg knows what it is."""
    kind = type(f"{element}_array", (Array,), {"element": element, "__slots__": ()})

    class AsItIs(Dumper):
        format = Format.BINARY
        oid = types[element].array_oid

        def dump(self, obj: Any) -> Any:
            return obj

    psycopg.adapters.register_dumper(kind, AsItIs)
    return kind


UuidArray: Final = _array_of("uuid")
BigintArray: Final = _array_of("int8")
IntegerArray: Final = _array_of("int4")
BooleanArray: Final = _array_of("bool")
TextArray: Final = _array_of("text")
ByteaArray: Final = _array_of("bytea")
