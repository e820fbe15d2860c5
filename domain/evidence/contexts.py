"""What is known of an order when it is to be dispatched, and which earlier orders count as like it."""

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final, Self

from domain.model import Plain
from domain.rules import Words

REMEMBERED: Final = 4096  # orders whose keys and traits are not worked out anew: a batch looks at each thrice


class Features(Plain, frozen=True):
    """An order as the evidence sees it: names as people write them, empty where nothing is said.

    Names and not codes, since kinds of providers are found by the places in their names. A reader of events
    finds them in the rules (areas and catalogue by path) and in the provider's registration, and teaches,
    through `of_paths` and `Precedent` and in log order, what `OrderDispatched` and `OrderImported` say. It
    need not wait for `OrderAccepted`: what is learnt late is proposed late.
    """

    channel: str = ""
    property: str = ""  # complaint, wish, question …: a word of the other system; our own orders have none
    street: str = ""
    community: str = ""
    category: str = ""
    subcategory: str = ""
    item: str = ""

    @classmethod
    def of_paths(
        cls,
        areas: Sequence[str],
        categories: Sequence[str],
        community: int,
        *,
        channel: str = "",
        property: str = "",  # noqa: A002 - the word that the tables use
    ) -> Self:
        """From names along both paths, each from the top down.

        Args:
            community: which of `areas` is the community (`community_level`); the one above is the street.
        """
        return cls(
            channel=channel,
            property=property,
            street=areas[community - 1] if 0 < community <= len(areas) else "",
            community=areas[community] if community < len(areas) else "",
            category=categories[0] if categories else "",
            subcategory=categories[-2] if len(categories) > 1 else "",
            item=categories[-1] if categories else "",
        )


def community_level(levels: Sequence[Words]) -> int:
    """Which of a town's levels, from the top down, is the community: the one called so, else the deepest."""
    called = (n for n, words in enumerate(levels) if words.en.lower() == "community" or "社区" in words.zh)
    return next(called, len(levels) - 1)


class Precedent(Plain, frozen=True):
    """An order and who was sent. A provider is told from others by its id and its kind by its name."""

    features: Features
    provider: str = ""  # empty: nobody, so nothing is learnt
    called: str = ""


class Context(Plain, frozen=True):
    """Orders that have something in common count as alike."""

    of: Callable[[Features], Hashable]  # what they have in common
    zh: str
    en: str
    by_kind: bool = False  # counts kinds of providers, over all streets
    close: bool = False  # near enough that a run against the majority tells something


def having(*names: str) -> Callable[[Features], Hashable]:
    """Reads these features of an order."""
    return attrgetter(*names)


CONTEXTS: Final = (
    Context(having("item", "community"), "同社区同事项", "of this item in this community", close=True),
    Context(having("item", "street"), "同街道同事项", "of this item in this street", close=True),
    Context(
        having("subcategory", "street"), "同街道同小类", "of this subcategory in this street", close=True
    ),
    Context(having("community"), "同社区", "in this community"),
    Context(having("street"), "同街道", "in this street"),
    Context(having("item"), "各街道同事项", "of this item in all streets", by_kind=True),
    Context(having("subcategory"), "各街道同小类", "of this subcategory in all streets", by_kind=True),
    Context(
        having("channel", "subcategory"),
        "各街道同渠道同小类",
        "of this subcategory by this channel in all streets",
        by_kind=True,
    ),
    Context(having("category"), "各街道同大类", "of this category in all streets", by_kind=True),
)
"""The declared contexts, the closest first."""

BY_ITEM: Final = 5  # among CONTEXTS
BY_SUBCATEGORY: Final = 6

Key = tuple[int, Hashable]
"""A row of CONTEXTS, and what the orders that count there have in common."""


@lru_cache(maxsize=REMEMBERED)
def keys_of(order: Features) -> Sequence[Key]:
    """Where an order counts, a key for each context."""
    return [(row, context.of(order)) for row, context in enumerate(CONTEXTS)]
