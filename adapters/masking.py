"""Covers telephone and identity numbers in what is shown: what was recorded unscanned must not leak."""

from typing import Any

from domain.scanning import masked


class AsItIs(str):
    """A text that is shown whole: opened by right, or there to be called, as a provider's contact is."""

    __slots__ = ()


def cover(value: Any) -> Any:
    """A text with its numbers covered; whatever is no plain text, or is to be shown whole, as it is."""
    return masked(value) if type(value) is str else value
