"""Where learnt objects lie, each by its key: in memory here, or as rows of a table elsewhere."""

from collections.abc import Hashable, Iterator
from typing import Any, TypeVar, cast

import msgspec

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shelf(dict[K, V | None]):
    """The objects of one sort. `shelf[key]` is None where nothing was learnt; it is set after each change."""

    def __init__(self, sort: str, kind: Any) -> None:
        super().__init__()
        self.sort = sort
        self._decode = msgspec.json.Decoder(kind).decode

    def __missing__(self, key: K) -> V | None:
        return None

    def every(self) -> Iterator[tuple[K, V]]:
        """All there are, for the few questions that are about all."""
        for key, value in list(self.items()):
            if value is not None:
                yield key, value

    def label(self, key: K) -> str:
        """A key as the text that its row goes by: the sort, and the key as JSON."""
        return f"{self.sort} {msgspec.json.encode(key).decode()}"

    def key(self, label: str) -> K:
        """The key of a label, where keys are text."""
        return cast("K", msgspec.json.decode(label.removeprefix(f"{self.sort} ")))

    def take_in(self, key: K, text: str | None) -> V | None:
        """What a row says of a key, which is no change; None: there is no row."""
        value = None if text is None else self.read(text)
        super().__setitem__(key, value)
        return value

    def read(self, text: str) -> V:
        """What `written` wrote, to the last bit of every number."""
        return cast("V", self._decode(text))

    @staticmethod
    def written(value: V) -> str:
        """An object as JSON."""
        return msgspec.json.encode(value).decode()
