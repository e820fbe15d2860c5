"""The area tree of a town file: the town's own levels, nested areas, numbered parts, who answers for what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from yaml import MappingNode, Node, SequenceNode

from adapters.towns.reading import Entry, Reader
from domain.ids import AreaPath
from domain.rules import Area, Words

AREA_KEYS: Final = ("name", "kind", "responsible", "population", "parts")
MOST_PEOPLE: Final = 100_000_000
FEWEST_LEVELS: Final = 2
MOST_LEVELS: Final = 6  # as many codes as an area path has


@dataclass
class AreaTree:
    """What the areas section says, and where it names people, who are read later."""

    levels: dict[str, Words] = field(default_factory=dict[str, Words])
    areas: list[Area] = field(default_factory=list[Area])
    named: list[tuple[Node, str]] = field(default_factory=list[tuple[Node, str]])

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(area.path for area in self.areas)


@dataclass(frozen=True, slots=True)
class _Above:
    """What an area takes over from the one it lies in."""

    path: str = ""
    depth: int = 0
    responsible: str | None = None


def read_levels(reader: Reader, node: Node) -> dict[str, Words]:
    """The names of the levels from the top down, by code."""
    levels: dict[str, Words] = {}
    for entry in reader.entries(node):
        words = reader.words(entry.value)
        if words:
            levels[entry.code] = words
    if isinstance(node, MappingNode) and not FEWEST_LEVELS <= len(node.value) <= MOST_LEVELS:
        reader.note(node, "bad_levels", count=len(node.value))
    return levels


def read_areas(reader: Reader, node: Node, levels: Mapping[str, Words]) -> AreaTree:
    tree = AreaTree(dict(levels))
    _parts(reader, tree, node, _Above())
    return tree


def _parts(reader: Reader, tree: AreaTree, node: Node, above: _Above) -> list[int | None]:
    """Reads the areas of one level; returns the people in each."""
    if isinstance(node, SequenceNode):
        return _numbered(reader, tree, node, above)
    return [_area(reader, tree, entry, above) for entry in reader.entries(node)]


def _area(reader: Reader, tree: AreaTree, entry: Entry, above: _Above) -> int | None:
    path = f"{above.path}/{entry.code}".lstrip("/")
    if above.depth >= len(tree.levels):
        reader.note(entry.key, "too_deep", path=path, most=len(tree.levels))
        return None
    said = reader.fields(entry.value, AREA_KEYS, needed=("name",))
    responsible = reader.code(said["responsible"]) if "responsible" in said else None
    if responsible:
        tree.named.append((said["responsible"], responsible))
    place = len(tree.areas)  # an area comes before its parts, whose people it counts
    inside = _Above(path, above.depth + 1, responsible or above.responsible)
    counted = _parts(reader, tree, said["parts"], inside) if "parts" in said else []
    people = _population(reader, path, said, counted)
    name = reader.words(said["name"]) if "name" in said else None
    kind = reader.code(said["kind"]) if "kind" in said else list(tree.levels)[above.depth]
    tree.areas.insert(
        place,
        Area(
            path=AreaPath(path),
            name=name or Words(zh=entry.code, en=entry.code),
            kind=kind,
            responsible=inside.responsible,
            population=people,
        ),
    )
    return people


def _population(reader: Reader, path: str, said: Mapping[str, Node], counted: list[int | None]) -> int | None:
    """The stated number, which must agree with the parts; else what the parts add up to."""
    known = [people for people in counted if people is not None]
    total = sum(known) if known and len(known) == len(counted) else None
    stated = reader.whole(said["population"], 0, MOST_PEOPLE) if "population" in said else None
    if stated is not None and total is not None and stated != total:
        reader.note(said["population"], "population", path=path, said=stated, sum=total)
    return total if stated is None else stated


def _numbered(reader: Reader, tree: AreaTree, node: Node, above: _Above) -> list[int | None]:
    """Parts given as a list of populations: numbered from 1 and named after their level."""
    if above.depth >= len(tree.levels):
        reader.note(node, "too_deep", path=above.path + "/…", most=len(tree.levels))
        return []
    level, words = list(tree.levels.items())[above.depth]
    counted = [reader.whole(part, 0, MOST_PEOPLE) for part in reader.items(node)]
    for number, people in enumerate(counted, start=1):
        tree.areas.append(
            Area(
                path=AreaPath(f"{above.path}/{level}-{number}".lstrip("/")),
                name=Words(zh=f"{number}号{words.zh}", en=f"{words.en.capitalize()} {number}"),
                kind=level,
                responsible=above.responsible,
                population=people,
            )
        )
    return counted
