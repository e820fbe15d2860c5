"""What an order has, on which a correction may hang."""

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, Final

from domain.evidence.contexts import REMEMBERED, Features, having

LETTERS: Final = 2  # of an item's name that a correction hangs on together

Trait = tuple[Any, bool]
"""Its key (of a wide one a str), and whether it is wide: had by orders of any provider.

The corrections of a narrow trait lie together, those of a wide one with the name that they are for, so that
neither grows with the number of providers.
"""

Declared = tuple[tuple[Callable[[Features], Hashable], bool], ...]


def _any(_: Features) -> Hashable:
    """What all orders have in common."""
    return ""


_WIDE: Final = True
_NARROW: Final = False

PROVIDER_TRAITS: Final[Declared] = (
    (_any, _WIDE),  # how much any order speaks for a provider
    (having("item"), _NARROW),
    (having("subcategory"), _NARROW),
    (having("street"), _NARROW),
    (having("community"), _NARROW),
    (having("channel"), _WIDE),
    (having("item", "street"), _NARROW),
)
"""What a correction for one provider may hang on."""

KIND_TRAITS: Final[Declared] = (
    (having("item"), _NARROW),
    (having("subcategory"), _NARROW),
    (having("category"), _WIDE),
    (having("channel"), _WIDE),
    (having("property"), _WIDE),
    (having("channel", "item"), _NARROW),
    (having("channel", "subcategory"), _NARROW),
)
"""What a correction for a kind of providers may hang on, beside the letters of the item."""


@lru_cache(maxsize=REMEMBERED)
def provider_traits(order: Features) -> Sequence[Trait]:
    """What a correction for one provider hangs on with this order."""
    return _traits(PROVIDER_TRAITS, order)


@lru_cache(maxsize=REMEMBERED)
def kind_traits(order: Features) -> Sequence[Trait]:
    """What a correction for a kind hangs on with this order."""
    item = order.item
    pairs = [item[start : start + LETTERS] for start in range(len(item) - LETTERS + 1)]
    return [*_traits(KIND_TRAITS, order), *((pair, _NARROW) for pair in pairs)]


def _traits(declared: Declared, order: Features) -> list[Trait]:
    return [
        (f"{number} {of(order)}" if wide else (number, of(order)), wide)
        for number, (of, wide) in enumerate(declared)
    ]
