"""Column types that hold the same values, in the same order, on SQLite and PostgreSQL.

Moments are whole microseconds since 1970 in UTC: equal on both databases, quick to compare, and with no time
zone to get wrong. Codes and paths sort byte by byte, so that a prefix is one range of an index.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, overload

from sqlalchemy import BigInteger, Column, ColumnElement, String, and_, or_
from sqlalchemy.dialects import postgresql

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Code: Final = String().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Moment: Final = BigInteger()
KEPT_OUT: Final = "kept out of the digest"
FIXED: Final = "never changes once written"
LASTING: Final = "stays as it is where the new value is null"
SUM: Final = "added to, never replaced"
HIGHEST: Final = "stays as it is where the new value is lower"


def sealed(name: str) -> Column[str]:
    """A personal value, stored as it came; sealing differs from run to run, so no digest holds it.

    Writing null leaves the last value, so that nobody has to read it only to write it back.
    """
    return Column(name, String, info={KEPT_OUT: True, LASTING: True})


def place_column(name: str = "position") -> Column[int]:
    """The log position of the last fact in the row; stores number their logs differently."""
    return Column(name, BigInteger, nullable=False, info={KEPT_OUT: True})


def highest_place(name: str) -> Column[int]:
    """The highest log position of some facts, in whatever order batches bring them."""
    return Column(name, BigInteger, nullable=False, info={KEPT_OUT: True, HIGHEST: True})


def fixed(name: str, kind: Any, *, primary_key: bool = False) -> Column[Any]:
    """A column that is written once; its indexes need no care when the row changes."""
    return Column(name, kind, primary_key=primary_key, nullable=False, info={FIXED: True})


def total(name: str) -> Column[int]:
    """A sum of commuting steps: batches add to it, in any order."""
    return Column(name, BigInteger, nullable=False, info={SUM: True})


@overload
def to_micros(moment: datetime) -> int: ...
@overload
def to_micros(moment: None) -> None: ...
def to_micros(moment: datetime | None) -> int | None:
    """Whole microseconds since 1970 in UTC."""
    if moment is None:
        return None
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@overload
def from_micros(micros: int) -> datetime: ...
@overload
def from_micros(micros: None) -> None: ...
def from_micros(micros: int | None) -> datetime | None:
    """The moment, in UTC."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


def lies_in(path: ColumnElement[str], root: str) -> ColumnElement[bool]:
    """Whether a path is the root or lies below it, as a range of an index: in ASCII "0" comes after "/"."""
    return or_(path == root, and_(path > f"{root}/", path < f"{root}0"))
