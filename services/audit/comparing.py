"""What is different between two states of a subject, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Final, cast

import msgspec
from pydantic import BaseModel

from domain.sealed import Sealed
from domain.situation import State

_NAMES: Final = ("path", "category", "provider", "id", "resident")
"""What an entry of a list is known by, so that one put in front does not make all others differ."""


class How(StrEnum):
    """What became of a field or a row."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


HOW: Final[Mapping[How, tuple[str, str]]] = {
    How.ADDED: ("新增", "added"),
    How.GONE: ("消失", "gone"),
    How.CHANGED: ("改变", "changed"),
}
"""What people read for it: Chinese, English."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field, by its path with dots, and what it said at either moment; None where it was not there."""

    field: str
    how: How
    before: Any
    after: Any


def changes(before: State, after: State) -> list[Change]:
    """All fields that say something else; of a subject that was not there yet, all that are said now."""
    was = dict(_said(before)) if before.version else {}
    now = dict(_said(after)) if after.version else {}
    return list(compared(was, now))


def compared(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """The same of fields that lie flat, in the order they are said; a None says what a missing one says."""
    for name in dict.fromkeys((*was, *now)):
        one, other = was.get(name), now.get(name)
        if one == other:
            continue
        how = How.ADDED if one is None else How.GONE if other is None else How.CHANGED
        yield Change(name, how, _shown(one), _shown(other))


def _said(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path."""
    inner = _inside(value)
    if inner is None:
        yield path, value
        return
    for name, one in inner:
        yield from _said(one, f"{path}.{name}" if path else str(name))


def _inside(value: Any) -> list[tuple[str, Any]] | None:
    """The named parts of a value; None where it is a leaf."""
    if isinstance(value, BaseModel):
        return [(name, getattr(value, name)) for name in type(value).model_fields]
    if isinstance(value, msgspec.Struct):
        return [(name, getattr(value, name)) for name in value.__struct_fields__]
    if is_dataclass(value):
        return [(one.name, getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, Mapping):
        return [(str(name), one) for name, one in cast("Mapping[Any, Any]", value).items()]
    if isinstance(value, AbstractSet):
        return [(str(one or "-"), True) for one in sorted(cast("AbstractSet[Any]", value), key=str)]
    if isinstance(value, tuple):
        return _listed(cast("Sequence[Any]", value))
    return None


def _listed(values: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(_name(one, place), one) for place, one in enumerate(values)]


def _name(one: Any, place: int) -> str:
    if isinstance(one, str):
        return one
    names = (getattr(one, name) for name in _NAMES if hasattr(one, name))
    return str(next(names, place))


def _shown(value: Any) -> Any:
    """Personal texts stay closed: that they differ is told, and no more."""
    return "〔密封 sealed〕" if isinstance(value, Sealed) else value
