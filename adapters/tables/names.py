"""Codes for the names a table uses: the same name always has the same code, with nothing to remember."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from adapters.tables.mapping import REST, Mapping
from domain.model import CODE

UNKNOWN: Final = "unknown"  # a level left empty above one that is filled
UNSORTED: Final = "unsorted"  # an item left empty
_RESERVED: Final = frozenset({UNKNOWN, UNSORTED})
_CODE: Final = re.compile(CODE)
_HEX: Final = 12  # 48 bits: two of ten thousand names meet once in five million towns
_REMEMBERED: Final = 65_536


def code_of(name: str, prefix: str) -> str:
    """A name that is a code already stays; any other is hashed, so that next month's table agrees."""
    if _CODE.fullmatch(name) and name not in _RESERVED and not name.startswith(f"{prefix}-"):
        return name
    return f"{prefix}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:_HEX]}"


class Names:
    """Where a row lies and what it is about, as paths of the town."""

    def __init__(self, mapping: Mapping) -> None:
        self._root = mapping.root.code
        self._known = mapping.known
        self.area = lru_cache(_REMEMBERED)(self._area)
        self.category = lru_cache(_REMEMBERED)(self._category)
        self.provider = lru_cache(_REMEMBERED)(self._provider)

    def _area(self, names: tuple[str, ...]) -> str:
        """From the top down, empty where the row does not say; cut at the last that is said."""
        known = self._known.areas
        return known.get("/".join(filled(names))) or known.get(REST) or self.made_area(names)

    def _category(self, names: tuple[str, ...]) -> str:
        """From the top down; what stops short is an unsorted item of the last group it names."""
        known = self._known.categories
        return known.get("/".join(filled(names))) or known.get(REST) or self.made_category(names)

    def _provider(self, name: str) -> str:
        known = self._known.providers
        return known.get(name) or known.get(REST) or code_of(name, "u")

    def made_area(self, names: Sequence[str]) -> str:
        """The path of the derived town, whose root holds what no level names."""
        return "/".join((self._root, *_codes(filled(names), "a")))

    def made_category(self, names: Sequence[str]) -> str:
        """The path of the derived town: groups down to the last level, where the items are."""
        said = filled(names)
        codes = _codes(said, "c")
        return "/".join(codes if len(said) == len(names) else (*codes, UNSORTED))


def filled(names: Sequence[str]) -> Sequence[str]:
    """Without the empty ones at the end."""
    last = len(names)
    while last and not names[last - 1]:
        last -= 1
    return names[:last]


def _codes(names: Sequence[str], prefix: str) -> tuple[str, ...]:
    return tuple(code_of(name, prefix) if name else UNKNOWN for name in names)
