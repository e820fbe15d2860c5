"""Dead letters: lists them, opens them, does what an operator decides. For CLI and HTTP alike."""

import base64
import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import pydantic_core
from eventsourcing.persistence import IntegrityError

from adapters.desk import Desk
from adapters.envelope import Decoder, Door
from adapters.keys.keyring import CLOSED, Keyring
from adapters.keys.owner import letter as letter_of
from adapters.open_orders import OpenOrders
from adapters.opening import Opened, Reading, TextOpening
from adapters.store.event_store import EventStore
from domain import dead_letters
from domain.dead_letters import Letter
from domain.events import MessageDiscarded, MessageParked, MessageRequeued
from domain.facts import Actor, CommandKey, Recorded
from domain.ids import Position
from domain.model import Event, Plain
from domain.rejections import LetterSettled, Refused
from domain.sealed import Sealed
from domain.situation import Asked
from domain.stages import Role
from services.requests import Outcome, Request, Tending, Unreadable

PAGE: Final = 500  # looked at in one query
_NO_POSITION: Final = 2**62  # beyond what a database counts to
_ENDS: Final[dict[type[Event], str]] = {MessageRequeued: "requeued", MessageDiscarded: "discarded"}


class By(Plain, frozen=True):
    """Who sees to a letter, and through which door."""

    actor: Actor
    via: str


class DeadLetters:
    """Those of one record."""

    def __init__(
        self,
        store: EventStore,
        desk: Desk,
        decoder: Decoder,
        keys: Keyring,
        clock: Callable[[], datetime],
        *,
        opening: TextOpening,
        open_orders: OpenOrders,
    ) -> None:
        self._store = store
        self._desk = desk
        self._decoder = decoder
        self._keys = keys
        self._opening = opening
        self._clock = clock
        self._open_orders = open_orders

    def page(
        self, after: int = 0, limit: int = 50, *, unsettled: bool = False
    ) -> tuple[Sequence[Letter], Position | None]:
        """Letters behind a position, the oldest first; and the last of them if there are more.

        Args:
            unsettled: only those that nobody has seen to.
        """
        found: list[Letter] = []
        at_once = PAGE if unsettled else limit + 1
        while len(found) <= limit:
            parked = self._store.read_only(MessageParked, after, at_once)
            letters = map(self._letter, parked)
            found += [letter for letter in letters if not unsettled or letter.settled is None]
            if len(parked) < at_once:
                break
            after = parked[-1].position
        page = found[:limit]
        return page, page[-1].position if len(found) > limit else None

    def get(self, position: int) -> Letter | None:
        """The letter parked at this place, if one was."""
        if not 0 < position < _NO_POSITION:
            return None
        parked = self._store.read_only(MessageParked, position - 1, 1)
        return self._letter(parked[0]) if parked and parked[0].position == position else None

    def requeue(
        self, position: int, by: By, *, reason: str | None = None, body: bytes | None = None
    ) -> tuple[Outcome, Outcome]:
        """Have a letter read again at its door, with its own bytes or a corrected body.

        Returns what became of it, and of the note that it was requeued; both are one transaction.

        Raises:
            Refused: see `domain.dead_letters.requeue`; the refusal is on record.
        """
        note = MessageRequeued(
            letter=position,
            status="",  # the handler knows it, and its code
            code="",
            answered="",
            corrected=None if body is None else hashlib.sha256(body).hexdigest(),
            reason=self._keys.seal(letter_of(position), reason) if reason else None,
        )
        with self._refusals_recorded(note, by):
            found = self.get(position)
            erased = found is not None and self._opening.unshown(found.message.body) in CLOSED
            letter = dead_letters.requeue(
                found, position, by.actor, corrected=body is not None, erased=erased
            )
            (again,) = self._open_orders.kept_to([self._decoded_again(letter, body)])
            note = note.model_copy(update={"answered": again.asked.intake})
            answer, noted = self._settle(letter, [again], note, by)
        return answer, noted

    def discard(self, position: int, by: By, *, reason: str) -> Outcome:
        """Put a letter away. Raises Refused: see `domain.dead_letters.discard`; the refusal is on record."""
        note = MessageDiscarded(letter=position, reason=self._keys.seal(letter_of(position), reason))
        with self._refusals_recorded(note, by):
            letter = dead_letters.discard(self.get(position), position, by.actor)
            (noted,) = self._settle(letter, [], note, by)
        return noted

    def told(self, letter: Letter) -> dict[str, Any]:
        """One letter for JSON: where it came from, why it was parked, who saw to it. Texts stay closed."""
        message, meta = letter.message, letter.parked.fact.meta
        return {
            "position": letter.position,
            "status": "parked" if letter.settled is None else _ENDS[type(letter.settled.fact.event)],
            "recorded": meta.recorded,
            "via": meta.via,
            "intake": meta.intake,
            "source": meta.cause.source,
            "id": meta.cause.id,
            "code": message.code,
            "reason_zh": message.reason_zh,
            "reason_en": message.reason_en,
            "size": message.size,
            "digest": message.digest,
            "settled": None if letter.settled is None else self._told_end(letter.settled),
        }

    def opened(self, letter: Letter, reading: Reading, *, body: bool) -> dict[str, Any]:
        """The same with its texts in clear: why it was seen to, and the bytes that were kept if asked for.

        Raises:
            Unrecorded: the reading could not be put on record.
        """
        kept, reason = letter.message.body if body else None, _reason(letter)
        unseal = self._opening.open(reading, [("body", kept), ("reason", reason)])
        told = self.told(letter)
        if reason is not None:
            told["settled"]["reason"] = unseal(reason)
        if kept is not None:
            told["body"] = _shown(unseal(kept))
        return told

    def _told_end(self, settled: Recorded) -> dict[str, Any]:
        meta, event = settled.fact.meta, settled.fact.event
        assert isinstance(event, MessageRequeued | MessageDiscarded)
        end: dict[str, Any] = {
            "position": settled.position,
            "recorded": meta.recorded,
            "role": meta.actor.role,
            "actor": meta.actor.id,
            "via": meta.via,
            "reason": None,  # in clear only where it is opened
        }
        if isinstance(event, MessageRequeued):
            end |= event.model_dump(include={"status", "code", "answered", "corrected"})
        return end

    @contextmanager
    def _refusals_recorded(self, note: MessageRequeued | MessageDiscarded, by: By) -> Generator[None]:
        """Every command leaves a fact, also one that is refused; who asked is told all the same."""
        try:
            yield
        except Refused as refusal:
            self._desk.ask_all([Tending(self._asked(by), None, dead_letters.refused(note, refusal))])
            raise

    def _settle(
        self,
        letter: Letter,
        first: Sequence[Request | Unreadable],
        event: MessageRequeued | MessageDiscarded,
        by: By,
    ) -> Sequence[Outcome]:
        """In one transaction. Whoever else saw to it meanwhile has taken its place in the letter's stream."""
        tending = Tending(self._asked(by), letter.parked.fact.stream, event)
        try:
            return self._desk.ask_all([*first, tending])
        except IntegrityError as error:
            settled = self.get(letter.position)
            if settled is None or settled.settled is None:
                raise
            raise LetterSettled(letter=letter.position) from error

    def _asked(self, by: By) -> Asked:
        arrival = f"{by.via}/{uuid4()}"
        return Asked(
            key=CommandKey(by.via, arrival),
            actor=by.actor,
            via=by.via,
            recorded=self._clock(),
            correlation=arrival,
            intake=arrival,
        )

    def _decoded_again(self, letter: Letter, body: bytes | None) -> Request | Unreadable:
        message, meta = letter.message, letter.parked.fact.meta
        kept: dict[str, Any] = {"role": meta.actor.role}  # what was parked before envelopes were kept
        envelope = message.envelope and self._opening.unshown(message.envelope)
        if envelope is not None and envelope not in CLOSED:
            kept = pydantic_core.from_json(envelope)
        role = kept.get("role")
        door = Door(
            meta.via,
            None if role is None else Role(role),
            trusted_time=kept.get("trusted_time", False),
            structured=kept.get("structured", True),
        )
        content = base64.b64decode(self._opening.unshown(message.body)) if body is None else body
        intake = f"dead-letters@{letter.position}/{uuid4()}"
        return self._decoder.decode(content, kept.get("headers", {}), door, self._clock(), intake)

    def _letter(self, parked: Recorded) -> Letter:
        _, *behind = self._store.history(parked.fact.stream)
        return Letter(parked, behind[0] if behind else None)


def _shown(body: str) -> Opened:
    """The bytes that were kept as text; where they cannot be had any more, why not."""
    return Opened(body if body in CLOSED else base64.b64decode(body).decode("utf-8", "backslashreplace"))


def _reason(letter: Letter) -> Sealed | None:
    event = letter.settled.fact.event if letter.settled else None
    return event.reason if isinstance(event, MessageRequeued | MessageDiscarded) else None
