"""The kind of a provider: its name without the names of places, so that one street learns from all others.

Nothing is listed beforehand. Places are the streets and communities of the orders seen so far, whole
("东湖街道") and without the ending that several of them share ("东湖").
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

STREET: Final = "\x01"  # where a street stood in a name
COMMUNITY: Final = "\x02"  # where a community stood
SHORTEST: Final = 2  # letters of a place; a single one is in too many names
ENDINGS: Final = (1, 2, 3)  # letters
_BRACKETS: Final = re.compile(r"[（(\[【]([^（()）\[\]【】]*)[)）\]】]")


class Roles:
    """The kinds of all providers seen. A new place renews the names that it stands in."""

    def __init__(self) -> None:
        self._seen: Mapping[str, dict[str, None]] = {STREET: {}, COMMUNITY: {}}
        self._places: dict[str, str] = {}  # text → mark, the longest first
        self._words: list[str] = []  # what stands beside a place in brackets (办事处), the longest first
        self._called: dict[str, str] = {}
        self._roles: dict[str, str] = {}

    def of(self, provider: str) -> str:
        """Its kind, with marks where a community stood; a provider never seen is a kind of its own."""
        return self._roles.get(provider, provider)

    def called(self, provider: str) -> str:
        """The name it was last seen under."""
        return self._called.get(provider, provider)

    def see(self, provider: str, called: str, street: str, community: str) -> None:
        """A provider under its name, with the place of an order of its; empty where that is not said."""
        changed = self._changed(street, community)
        if not changed and self._called.get(provider) == called:
            return
        self._called[provider] = called
        touched = {provider: called, **self._standing_in(changed)}
        if self._new_words(touched.values()):
            touched = self._called
        for one, name in touched.items():
            self._roles[one] = self._role(name)

    def _standing_in(self, places: list[str]) -> dict[str, str]:
        """The providers whose names have one of these places in them."""
        if not places:
            return {}
        return {one: name for one, name in self._called.items() if any(place in name for place in places)}

    def _changed(self, street: str, community: str) -> list[str]:
        """Texts that have become a place, or have another mark than before."""
        news = [(STREET, street), (COMMUNITY, community)]
        fresh = [
            (mark, name) for mark, name in news if len(name) >= SHORTEST and name not in self._seen[mark]
        ]
        if not fresh:
            return []
        for mark, name in fresh:
            self._seen[mark][name] = None
        before, self._places = self._places, _places(self._seen)
        both = {**before, **self._places}
        return [text for text in both if before.get(text) != self._places.get(text)]

    def _new_words(self, names: Iterable[str]) -> bool:
        found = {word: None for name in names for word in _words_in_brackets(self._marked(name))}
        fresh = [word for word in found if word not in self._words]
        self._words = sorted([*self._words, *fresh], key=_longest_first)
        return bool(fresh)

    def _marked(self, name: str) -> str:
        for text, mark in self._places.items():
            name = name.replace(text, mark)
        return name

    def _role(self, name: str) -> str:
        role = _BRACKETS.sub(lambda found: "" if _has_place(found[1]) else found[1], self._marked(name))
        for word in self._words:
            role = role.replace(STREET + word, STREET)
        return role.replace(STREET, "").replace(" ", "") or role


def shown(role: str) -> str:
    """A kind as people read it."""
    return role.replace(COMMUNITY, "某社区").replace(STREET, "某街道")


def _longest_first(text: str) -> tuple[int, str]:
    return -len(text), text


def _places(seen: Mapping[str, Mapping[str, None]]) -> dict[str, str]:
    """Texts that are a place, whole names before shortened ones, a street before a community."""
    marks: dict[str, str] = {}
    short: dict[str, str] = {}
    for mark, names in seen.items():
        endings = Counter(name[-length:] for name in names for length in _ending_lengths(name))
        for name in names:
            marks.setdefault(name, mark)
            often, length = max(
                ((endings[name[-one:]], one) for one in _ending_lengths(name)), default=(0, 0)
            )
            if often > 1:
                short.setdefault(name[:-length], mark)
    marks = {**short, **marks}
    return {text: marks[text] for text in sorted(marks, key=_longest_first)}


def _ending_lengths(name: str) -> list[int]:
    return [length for length in ENDINGS if len(name) - length >= SHORTEST]


def _has_place(text: str) -> bool:
    return STREET in text or COMMUNITY in text


def _words_in_brackets(marked: str) -> list[str]:
    """What stands in brackets together with a place."""
    found = [text for text in _BRACKETS.findall(marked) if _has_place(text)]
    bare = (text.replace(STREET, "").replace(COMMUNITY, "") for text in found)
    return [text for text in bare if text]
