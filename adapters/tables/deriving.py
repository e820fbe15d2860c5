"""Derives a town from a table: its areas, items and units as found, under codes made of their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.envelope import MAX_BYTES
from adapters.tables.faults import TableFaulty
from adapters.tables.mapping import Mapping
from adapters.tables.messages import RowReader
from adapters.tables.names import Names, code_of, filled
from adapters.tables.table import Table, open_table
from adapters.towns import TownFile
from domain.commands import RegisterProvider
from domain.ids import AreaPath, CategoryPath, ProviderId
from domain.provider_events import Offer
from domain.rules import Area, Category, Rules, Words

UNKNOWN_WORDS = Words(zh="未注明", en="not stated")
UNSORTED_WORDS = Words(zh="未分类", en="unsorted")
LONGEST_NAME = 120
_MARGIN = 4096  # what an envelope takes of a message


def derive_town(path: Path, mapping: Mapping, name: str = "") -> TownFile:
    """The town of a table: `.rules` to adopt and `.providers` to register, ready for `towns.difference`.

    Args:
        name: of the town; without one the table's.

    Raises:
        TableFaulty: the table or its mapping cannot be used.
    """
    if mapping.known != type(mapping.known)():
        raise TableFaulty("mapping_names_known")
    table = open_table(path, mapping)
    found = _Found(mapping)
    reader = RowReader(table)
    for row in table.rows():
        if isinstance(row, bytes):
            continue  # it will be parked
        area = found.area(tuple(get(row) for get in reader.areas))
        category = found.category(tuple(get(row) for get in reader.categories))
        unit = reader.cell(row, "provider")
        if unit:
            found.unit(unit, area, category)
    town = TownFile(_rules(table, found, name or table.name), tuple(_providers(found, mapping)))
    _fits_the_door(town)
    return town


@dataclass
class _Place:
    """An area or a category and what lies in it, in order of first appearance."""

    name: str  # empty where the row left it out
    parts: "dict[str, _Place]" = field(default_factory=dict["str", "_Place"])

    def part(self, code: str, name: str) -> "_Place":
        part = self.parts.setdefault(code, _Place(name))
        if part.name != name:
            raise TableFaulty("same_code", first=part.name, second=name, same=code)
        return part


@dataclass
class _Unit:
    name: str
    areas: dict[str, None] = field(default_factory=dict[str, None])
    categories: dict[str, None] = field(default_factory=dict[str, None])


class _Found:
    """What the rows name."""

    def __init__(self, mapping: Mapping) -> None:
        self._names = Names(mapping)
        self.areas = _Place("")
        self.categories = _Place("")
        self.units: dict[str, _Unit] = {}

    def area(self, names: tuple[str, ...]) -> str:
        path = self._names.made_area(names)
        _plant(self.areas, path.split("/")[1:], filled(names))
        return path

    def category(self, names: tuple[str, ...]) -> str:
        path = self._names.made_category(names)
        _plant(self.categories, path.split("/"), (*filled(names), "")[: len(names)])
        return path

    def unit(self, name: str, area: str, category: str) -> None:
        code = code_of(name, "u")
        unit = self.units.setdefault(code, _Unit(name))
        if unit.name != name:
            raise TableFaulty("same_code", first=unit.name, second=name, same=code)
        unit.areas[area] = unit.categories[category] = None


def _plant(root: _Place, codes: Sequence[str], names: Sequence[str]) -> None:
    for code, name in zip(codes, names, strict=True):
        root = root.part(code, name)


def _rules(table: Table, found: _Found, name: str) -> Rules:
    mapping = table.mapping
    return Rules(
        town=code_of(name, "t"),
        name=_words(name),
        zone=mapping.zone,
        levels=(mapping.root.name, *mapping.areas.values()),
        areas=(
            Area(path=AreaPath(mapping.root.code), name=_words(name), kind=mapping.root.code),
            *_areas(found.areas, mapping.root.code, list(mapping.areas)),
        ),
        catalogue=tuple(_categories(found.categories, "")),
    )


def _areas(place: _Place, above: str, levels: Sequence[str]) -> Iterator[Area]:
    for code, part in place.parts.items():
        path = f"{above}/{code}"
        yield Area(path=AreaPath(path), name=_words(part.name, UNKNOWN_WORDS), kind=levels[0])
        yield from _areas(part, path, levels[1:])


def _categories(place: _Place, above: str) -> Iterator[Category]:
    """Groups before what they hold. Whether an item is a complaint or a service no table says."""
    for code, part in place.parts.items():
        path = CategoryPath(f"{above}{code}")
        nameless = UNKNOWN_WORDS if part.parts else UNSORTED_WORDS
        kind = "group" if part.parts else "complaint"
        yield Category(path=path, name=_words(part.name, nameless), kind=kind)
        yield from _categories(part, f"{path}/")


def _providers(found: _Found, mapping: Mapping) -> Iterator[RegisterProvider]:
    """Each unit under the name it has here, offering what it was given where it was given it."""
    for code, unit in found.units.items():
        name = _words(unit.name)
        yield RegisterProvider(
            provider=ProviderId(code),
            name_zh=name.zh,
            name_en=name.en,
            kind=mapping.units.kind,
            contact=mapping.units.contact,
            capacity=mapping.units.capacity,
            areas=tuple(map(AreaPath, unit.areas)),
            offers=tuple(Offer(category=CategoryPath(path)) for path in unit.categories),
        )


def _words(name: str, nameless: Words = UNKNOWN_WORDS) -> Words:
    """The name as found in both languages: a translation would be invented."""
    shown = name.encode(errors="replace").decode()[:LONGEST_NAME].strip()
    return Words(zh=shown, en=shown) if shown else nameless


def _fits_the_door(town: TownFile) -> None:
    """Free text taken for names would make rules that no door takes."""
    most = MAX_BYTES - _MARGIN
    rules = town.rules
    if len(rules.model_dump_json().encode()) > most:
        raise TableFaulty("too_many_names", areas=len(rules.areas), items=len(rules.catalogue))
    for unit in town.providers:
        if len(unit.model_dump_json().encode()) > most:
            areas, items = len(unit.areas), len(unit.offers)
            raise TableFaulty("too_many_offers", unit=unit.name_zh, areas=areas, items=items)
