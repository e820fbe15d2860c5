"""The catalogue of a town file (事项清单): services and complaints in groups, with hours to do them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from yaml import Node, SequenceNode

from adapters.towns.reading import Entry, Reader
from domain.ids import CategoryPath
from domain.rules import Category, Words

CATEGORY_KEYS: Final = ("name", "kind", "hours", "skills", "items")
DEEPEST: Final = 6


class Kind(StrEnum):
    SERVICE = "service"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class _Above:
    path: str = ""
    depth: int = 0
    kind: Kind | None = None


def read_catalogue(reader: Reader, node: Node) -> list[Category]:
    """All items and groups, each group before what it holds."""
    catalogue: list[Category] = []
    for entry in reader.entries(node):
        _category(reader, catalogue, entry, _Above())
    return catalogue


def _category(reader: Reader, catalogue: list[Category], entry: Entry, above: _Above) -> None:
    path = f"{above.path}/{entry.code}".lstrip("/")
    reader.stands(f"category {path}", entry.key)
    if above.depth >= DEEPEST:
        reader.note(entry.key, "too_deep", path=path, most=DEEPEST)
        return
    if isinstance(entry.value, SequenceNode):  # an item may be its name alone
        catalogue.append(_named(reader, path, entry.value, above.kind, entry.key))
        return
    said = reader.fields(entry.value, CATEGORY_KEYS, needed=("name",))
    kind = reader.choice(said["kind"], Kind) if "kind" in said else above.kind
    hours = reader.hours(said["hours"]) if "hours" in said else None
    if "items" not in said and kind is None:
        reader.note(entry.key, "missing_key", key="kind")
    name = reader.words(said["name"]) if "name" in said else None
    catalogue.append(
        Category(
            path=CategoryPath(path),
            name=name or Words(zh=entry.code, en=entry.code),
            kind="group" if "items" in said else (kind or Kind.SERVICE).value,
            accept_hours=hours[0] if hours else None,
            finish_hours=hours[1] if hours else None,
            skills=reader.skills(said["skills"]) if "skills" in said else None,
        )
    )
    if "items" in said:
        for item in reader.entries(said["items"]):
            _category(reader, catalogue, item, _Above(path, above.depth + 1, kind))


def _named(reader: Reader, path: str, node: Node, kind: Kind | None, key: Node) -> Category:
    if kind is None:
        reader.note(key, "missing_key", key="kind")
    name = reader.words(node) or Words(zh=path, en=path)
    return Category(path=CategoryPath(path), name=name, kind=(kind or Kind.SERVICE).value)
