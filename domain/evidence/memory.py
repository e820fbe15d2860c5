"""All that was learnt, object by object, each under a key of its own."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from domain.evidence.counts import Counts
from domain.evidence.mixing import Table, Weights
from domain.evidence.roles import Places, Provider
from domain.evidence.shelf import Shelf

ONLY = ""  # the key of what there is one of

Wanted = tuple[Shelf[Any, Any], Hashable]
"""A shelf and a key on it."""


class Memory:
    """Shelves of objects, in memory. One that keeps them as rows loads each when it is first asked for."""

    def __init__(self, shelf: Callable[[str, Any], Shelf[Any, Any]] = Shelf) -> None:
        self.contexts: Shelf[tuple[int, Hashable], Counts] = shelf("context", Counts)
        self.here: Shelf[tuple[str, str], Counts] = shelf("here", Counts)  # place, kind → who plays it
        self.everywhere: Shelf[str, Counts] = shelf("everywhere", Counts)  # kind → who plays it
        self.streets: Shelf[str, Counts] = shelf("streets", Counts)  # provider → where its orders were
        # Street and kind → who gets here what that kind gets elsewhere.
        self.instead: Shelf[tuple[str, str], Counts] = shelf("instead", Counts)
        self.providers: Shelf[str, Provider] = shelf("provider", Provider)
        self.places: Shelf[str, Places] = shelf("places", Places)
        self.weights: Shelf[str, Weights] = shelf("weights", Weights)
        self.for_providers: Shelf[Hashable, Table] = shelf("for-providers", Table)  # by trait
        self.of_provider: Shelf[str, Table] = shelf("of-provider", Table)
        self.for_kinds: Shelf[Hashable, Table] = shelf("for-kinds", Table)  # by trait
        self.of_kind: Shelf[str, Table] = shelf("of-kind", Table)

    def load(self, wanted: Iterable[Wanted]) -> None:
        """These will be asked for; rows are better loaded many at once."""
