"""The kind of a provider: its name without the names of places, so that one street learns from all others.

Nothing is listed beforehand. Places are the streets and communities of the orders seen so far, whole
("东湖街道") and without the ending that several of them share ("东湖").
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from domain.evidence.shelf import Shelf

STREET: Final = "\x01"  # where a street stood in a name
COMMUNITY: Final = "\x02"  # where a community stood
SHORTEST: Final = 2  # letters of a place; a single one is in too many names
ENDINGS: Final = (1, 2, 3)  # letters
_BRACKETS: Final = re.compile(r"[（(\[【]([^（()）\[\]【】]*)[)）\]】]")


class Provider(msgspec.Struct):
    """What is known of a provider that was sent somewhere."""

    called: str  # the name it was last seen under
    kind: str
    bound: bool = False  # to one street


class Places(msgspec.Struct):
    """The places seen so far; only learning asks for them."""

    streets: dict[str, None] = {}
    communities: dict[str, None] = {}
    words: list[str] = []  # what stands beside a place in brackets (办事处), the longest first


class Roles:
    """The kinds of all providers seen. A new place renews the names that it stands in."""

    def __init__(self, providers: Shelf[str, Provider], places: Shelf[str, Places]) -> None:
        self._providers = providers
        self._places = places
        self._made_of: tuple[int, int] | None = None
        self._marks: dict[str, str] = {}  # text → mark, the longest first

    def of(self, provider: str) -> str:
        """Its kind, with marks where a community stood; a provider never seen is a kind of its own."""
        known = self._providers[provider]
        return provider if known is None else known.kind

    def called(self, provider: str) -> str:
        """The name it was last seen under."""
        known = self._providers[provider]
        return provider if known is None else known.called

    def see(self, provider: str, called: str, street: str, community: str) -> None:
        """A provider under its name, with the place of an order of its; empty where that is not said."""
        places = self._places[""] or Places()
        changed = self._changed(places, street, community)
        known = self._providers[provider]
        if not changed and known is not None and known.called == called:
            return
        self._providers[provider] = Provider(called, called, known is not None and known.bound)
        touched = {provider: called, **self._standing_in(changed)}
        if self._new_words(places, touched.values()):
            touched = {one: other.called for one, other in self._providers.every()}
        self._places[""] = places
        for one, name in touched.items():
            self._name(one, name, self._role(places, name))

    def _name(self, provider: str, called: str, kind: str) -> None:
        known = self._providers[provider]
        if known is None or known.kind != kind:
            self._providers[provider] = Provider(called, kind, known is not None and known.bound)

    def _standing_in(self, places: list[str]) -> dict[str, str]:
        """The providers whose names have one of these places in them."""
        if not places:
            return {}
        every = self._providers.every()
        return {one: known.called for one, known in every if any(place in known.called for place in places)}

    def _changed(self, places: Places, street: str, community: str) -> list[str]:
        """Texts that have become a place, or have another mark than before."""
        news = [(places.streets, street), (places.communities, community)]
        fresh = [(seen, name) for seen, name in news if len(name) >= SHORTEST and name not in seen]
        if not fresh:
            return []
        before = self._marks_of(places)
        for seen, name in fresh:
            seen[name] = None
        after = self._marks_of(places)
        return [text for text in {**before, **after} if before.get(text) != after.get(text)]

    def _marks_of(self, places: Places) -> dict[str, str]:
        """What the places seen so far make of texts; places only ever come to them."""
        made_of = len(places.streets), len(places.communities)
        if self._made_of != made_of:
            self._marks = _places({STREET: places.streets, COMMUNITY: places.communities})
            self._made_of = made_of
        return self._marks

    def _new_words(self, places: Places, names: Iterable[str]) -> bool:
        found = {word: None for name in names for word in _words_in_brackets(self._marked(places, name))}
        fresh = [word for word in found if word not in places.words]
        places.words = sorted([*places.words, *fresh], key=_longest_first)
        return bool(fresh)

    def _marked(self, places: Places, name: str) -> str:
        for text, mark in self._marks_of(places).items():
            name = name.replace(text, mark)
        return name

    def _role(self, places: Places, name: str) -> str:
        marked = self._marked(places, name)
        role = _BRACKETS.sub(lambda found: "" if _has_place(found[1]) else found[1], marked)
        for word in places.words:
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
