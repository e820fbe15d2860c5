"""Erasures: each is carried out once and receipted, no text of theirs opens afterwards, and all others do.

But for dead letters, whose bytes are kept for their time, and no longer.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from adapters.keys.keyring import ERASED
from adapters.keys.owner import Owner
from domain.events import MessageParked, OrderErasureFinished, OrderPlaced, OrderTextsErased
from domain.facts import Recorded
from domain.person_events import ErasureFinished, PersonErased
from services.erasing import LETTER
from tests.faults.simulator.clients import WRITTEN
from tests.faults.simulator.keys import texts_in
from tests.faults.simulator.world import LETTERS_KEPT, TOPICS, World, databases

_LISTS: Final = ("rules", "provider/", "erasure/")
_STAFF: Final = ""
NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Erasure:
    """Asked for at a place in the log and finished at another; of a person, or of an order."""

    asked: int
    finished: int
    person: str
    subjects: frozenset[str]  # the person's own orders as of then; or the order

    def covers(self, owner: Owner) -> bool:
        """Whether it was to destroy the keys of that owner."""
        if not self.person:
            return owner.subject in self.subjects
        if owner.person == self.person:
            return not owner.subject.startswith(_LISTS)
        return owner.person == _STAFF and owner.subject in self.subjects


@dataclass(frozen=True)
class _Text:
    """A text on record, its key's number, and what it says."""

    position: int
    subject: str
    closed: str
    key: int
    clear: str


def forgotten(world: World, log: Sequence[Recorded]) -> Iterator[str]:
    """What should not be."""
    ends, asks = (
        _told(log, ErasureFinished | OrderErasureFinished),
        _told(log, PersonErased | OrderTextsErased),
    )
    finished, asked = Counter(name for name, _ in ends), {name for name, _ in asks}
    for erasure in sorted(asked | finished.keys()):
        if erasure not in asked or finished[erasure] != 1:
            yield f"{erasure} was asked for, and finished {finished[erasure]} times"
            return
    erasures, texts = _erasures(log), list(_texts(world))
    yield from _still_open(world, erasures, texts)
    yield from _destroyed_in_time(world, erasures, texts)
    letters = _letters(log)
    yield from _lost(world, erasures, texts, letters)
    yield from _kept(world, texts, letters)
    yield from _in_clear(world)


def _told(log: Sequence[Recorded], kinds: Any) -> list[tuple[tuple[str, int], Recorded]]:
    """Facts of these kinds, each with subject and number of its erasure."""
    found: list[tuple[tuple[str, int], Recorded]] = []
    for one in log:
        event: Any = one.fact.event
        if isinstance(event, kinds):
            found.append(((one.fact.meta.subject, event.erasure), one))
    return found


def _erasures(log: Sequence[Recorded]) -> list[_Erasure]:
    ends = dict(_told(log, ErasureFinished | OrderErasureFinished))
    own: dict[str, set[str]] = {}
    found: list[_Erasure] = []
    for one in log:
        event, subject = one.fact.event, one.fact.meta.subject
        if isinstance(event, OrderPlaced):
            own.setdefault(event.resident, set()).add(subject)
        elif isinstance(event, PersonErased):
            end = ends[subject, event.erasure].position
            orders = frozenset(own.get(event.person, ()))
            found.append(_Erasure(one.position, end, event.person, orders))
        elif isinstance(event, OrderTextsErased):
            end = ends[subject, event.erasure].position
            found.append(_Erasure(one.position, end, "", frozenset({subject})))
    return found


def _texts(world: World) -> Iterator[_Text]:
    for stored in world.store.read_stored(0, 100_000):
        for closed, key in texts_in(stored.state.decode()):
            owner = world.keys.ever[key].owner
            yield _Text(stored.id, owner.subject, closed, key, world.keys.said(closed))


def _still_open(world: World, erasures: Sequence[_Erasure], texts: Sequence[_Text]) -> Iterator[str]:
    """By what is written in a text, not by whose key it has."""
    for text in texts:
        for erasure in erasures:
            if text.position <= erasure.asked and _is_meant(erasure, text):
                opened = world.keys.open(text.closed)
                if opened != ERASED:
                    yield f"{opened} of {text.position} opens, and {erasure} was to erase it"


def _is_meant(erasure: _Erasure, text: _Text) -> bool:
    if not erasure.person:
        return text.subject in erasure.subjects
    for how, person in WRITTEN.findall(text.clear):
        if person == erasure.person and (how == "of" or text.subject in erasure.subjects):
            return True
    return False


def _destroyed_in_time(world: World, erasures: Sequence[_Erasure], texts: Sequence[_Text]) -> Iterator[str]:
    """A receipt speaks of what has been done."""
    for text in texts:
        kept = world.keys.ever[text.key]
        for erasure in erasures:
            due = text.position <= erasure.asked and erasure.covers(kept.owner)
            if due and (kept.destroyed is None or kept.destroyed >= erasure.finished):
                yield f"the key of {kept.owner} was alive when {erasure} had its receipt"


def _letters(log: Sequence[Recorded]) -> Mapping[str, datetime]:
    """The dead letters by their subject, and when the time of each is over."""
    return {
        f"{LETTER}{one.fact.meta.intake}": one.fact.meta.recorded + LETTERS_KEPT
        for one in log
        if isinstance(one.fact.event, MessageParked)
    }


def _lost(
    world: World, erasures: Sequence[_Erasure], texts: Sequence[_Text], letters: Mapping[str, datetime]
) -> Iterator[str]:
    """What is destroyed was to be, and had been written before the receipt; or is a letter of its age."""
    for key in sorted({text.key for text in texts}):
        kept = world.keys.ever[key]
        if kept.gone is None or kept.gone >= letters.get(kept.owner.subject, NEVER):
            continue
        if not any(erasure.covers(kept.owner) and kept.made < erasure.finished for erasure in erasures):
            yield f"the key of {kept.owner}, made at {kept.made}, was destroyed though nobody asked for it"


def _kept(world: World, texts: Sequence[_Text], letters: Mapping[str, datetime]) -> Iterator[str]:
    """All letters have reached their age by now."""
    for text in texts:
        if text.subject in letters and world.keys.open(text.closed) != ERASED:
            yield f"the letter parked at {text.position} can still be read"


def _in_clear(world: World) -> Iterator[str]:
    """No text lies anywhere in clear but where it came in."""
    for topic in (TOPICS.events, TOPICS.outcomes, TOPICS.dead_letters, TOPICS.name("system")):
        for partition in world.broker.partitions([topic]):
            for message in world.broker.lying_in(partition):
                if WRITTEN.search(message.value().decode()):
                    yield f"{topic} holds a text in clear: {message.value()!r}"
    for stored in world.store.read_stored(0, 100_000):
        if WRITTEN.search(stored.state.decode()):
            yield f"the record holds a text in clear at {stored.id}"
    for name, database in databases().items():
        if WRITTEN.search(database.connection.serialize().decode("latin-1")):
            yield f"the database of {name} holds a text in clear"
