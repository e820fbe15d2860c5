"""Finding what a town file refers to: areas, categories and people that must be listed in it."""

from collections.abc import Collection
from dataclasses import dataclass

from yaml import Node

from adapters.towns.reading import Reader
from domain.ids import AreaPath, CategoryPath, lineage


@dataclass(frozen=True, slots=True)
class References:
    """What the file lists. An area may be written from below the root where the town has one root."""

    reader: Reader
    areas: Collection[str]
    categories: Collection[str]

    def area(self, node: Node) -> AreaPath | None:
        text = self.reader.text(node)
        if text is None:
            return None
        roots = [path for path in self.areas if "/" not in path]
        for path in (text, *(f"{root}/{text}" for root in roots if len(roots) == 1)):
            if path in self.areas:
                return AreaPath(path)
        full = text if not roots or text.split("/")[0] in roots else f"{roots[0]}/{text}"
        self._missing(node, full, self.areas, "unknown_area")
        return None

    def category(self, node: Node) -> CategoryPath | None:
        text = self.reader.text(node)
        if text is None or text in self.categories:
            return None if text is None else CategoryPath(text)
        self._missing(node, text, self.categories, "unknown_category")
        return None

    def all_areas(self, node: Node) -> tuple[AreaPath, ...]:
        found = (self.area(item) for item in self.reader.items(node))
        return tuple(path for path in found if path is not None)

    def all_categories(self, node: Node) -> tuple[CategoryPath, ...]:
        found = (self.category(item) for item in self.reader.items(node))
        return tuple(path for path in found if path is not None)

    def _missing(self, node: Node, path: str, listed: Collection[str], code: str) -> None:
        """Says whether the path itself is missing, or already what it would lie in."""
        above = lineage(path)[1:]
        if above[0] in listed or not above[0]:
            self.reader.note(node, code, path=path)
        else:
            nearest = next((part for part in above if part in listed), "-")
            self.reader.note(node, "missing_parent", path=path, nearest=nearest)
