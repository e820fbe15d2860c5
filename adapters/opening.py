"""The one place that opens personal texts: who reads, by which right and why is on record before.

What the engine opens to compare and shows to nobody goes through `unshown`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import uuid4

import structlog
from eventsourcing.persistence import PersistenceError

from adapters.away import AWAY, brief
from adapters.desk import Crowded, Desk
from adapters.keys.owner import Owner
from adapters.masking import AsItIs
from domain.events import TextsOpened
from domain.facts import Actor, CommandKey
from domain.ids import AreaPath, ProviderId, ResidentId
from domain.model import Plain
from domain.sealed import MAX_TEXT, Sealed
from domain.situation import Asked, Proof
from domain.stages import Right
from services.requests import Opening

Texts = Iterable[tuple[str, str | None]]
"""Fields by name, each with its sealed text if it has one."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Keys(Protocol):
    """Whoever holds the keys."""

    def open(self, sealed: str) -> str: ...

    def seal(self, owner: Owner, clear: str) -> Sealed: ...


class Unrecorded(RuntimeError):
    """A reading could not be put on record, so nothing is shown."""

    code: Final = "reading_unrecorded"
    zh: Final = "这次查阅未能记录在案，所以内容不予显示，请稍后重试。"
    en: Final = "This reading could not be put on record, so nothing is shown; try again in a moment."

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


class Reading(Plain, frozen=True, kw_only=True):
    """Who wants to read the texts of a subject, through which door, by which right, and what for.

    `subject` is that of the keys (see `adapters.keys.owner.Owner`): the purpose goes with what it is about.
    """

    actor: Actor
    via: str
    right: Right
    subject: str
    person: ResidentId | None = None
    provider: ProviderId | None = None
    area: AreaPath | None = None
    purpose: str | None = None
    proof: Proof | None = None
    correlation: str = ""


class Opened(AsItIs):
    """A text in clear, opened by right and on record: shown as it is, numbers and all."""

    __slots__ = ()


class Unsealed:
    """Texts whose reading is on record. Called with one of them it gives the clear text."""

    def __init__(self, open_one: Callable[[str], str], recorded: Iterable[str]) -> None:
        self._open = open_one
        self._recorded = frozenset(recorded)

    def __call__(self, sealed: str) -> Opened:
        """Raises KeyError for a text whose reading is not on record."""
        if sealed not in self._recorded:
            raise KeyError("not among the texts whose reading was recorded")
        return Opened(self._open(sealed))


class TextOpening:
    """Opens the texts of one record."""

    def __init__(self, keys: Keys, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._desk = desk
        self._clock = clock

    def open(self, reading: Reading, texts: Texts) -> Unsealed:
        """Record a reading, then let it be read; where there is no text nothing is recorded.

        Raises:
            Unrecorded: it is not on record, and nothing may be shown.
        """
        return self.open_each([(reading, texts)])

    def open_each(self, wanted: Iterable[tuple[Reading, Texts]]) -> Unsealed:
        """The same for several subjects at once, in one transaction. Raises Unrecorded."""
        found: list[str] = []
        openings: list[Opening] = []
        for reading, texts in wanted:
            sealed = [(name, text) for name, text in texts if text is not None]
            if sealed:
                openings.append(self._opening(reading, [name for name, _ in sealed]))
                found += [text for _, text in sealed]
        self._record(openings)
        return Unsealed(self._keys.open, found)

    def unshown(self, sealed: str) -> str:
        """The clear text, for the engine to compare or to read again; shown to nobody, so not on record."""
        return self._keys.open(sealed)

    def _record(self, openings: Sequence[Opening]) -> None:
        try:
            if len(openings) == 1:
                self._desk.ask(openings[0])
            elif openings:
                self._desk.ask_all(openings)
        except (PersistenceError, Crowded, *AWAY) as error:
            log.warning("reading.unrecorded", readings=len(openings), error=brief(error))
            raise Unrecorded from error

    def _opening(self, reading: Reading, names: Iterable[str]) -> Opening:
        arrival = f"{reading.via}/{uuid4()}"
        asked = Asked(
            key=CommandKey(reading.via, arrival),
            actor=reading.actor,
            via=reading.via,
            recorded=self._clock(),
            correlation=reading.correlation or arrival,
            intake=arrival,
            proof=reading.proof,
        )
        purpose = (reading.purpose or "").strip()[:MAX_TEXT]
        event = TextsOpened(
            subject=reading.subject,
            fields=tuple(dict.fromkeys(names)),
            right=reading.right,
            person=reading.person,
            provider=reading.provider,
            area=reading.area,
            purpose=self._keys.seal(Owner(reading.subject), purpose) if purpose else None,
        )
        return Opening(asked, event)
