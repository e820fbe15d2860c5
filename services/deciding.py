"""Decides one batch on states held in memory and drafts the facts; touches nothing outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from domain.events import CommandRejected, CommandRepeated, MessageParked, MessageRequeued, TextsOpened
from domain.facts import CommandKey, Fact, Meta, Read
from domain.ids import RULES_SUBJECT, Position, readings_of, stream_apart, stream_of
from domain.lifecycle import decide, evolve, initial
from domain.model import Event, Plain
from domain.rejections import IdReused, Refused
from domain.situation import Asked, Situation, State, settle_time
from domain.town import NO_TOWN, Town
from services.ports import Answered
from services.requests import Opening, Request, Status, Tending, Unreadable

RULES_STREAM: Final = stream_of(RULES_SUBJECT)
SETTLED: Final = 2  # the version of what an operator did about a dead letter; 1 is the letter
_NOTHING_ELSE: Final[Mapping[str, State]] = MappingProxyType({})


class Draft(Plain, frozen=True):
    """The facts of one answer, not yet at a place in the log."""

    status: Status
    key: CommandKey
    facts: Sequence[Fact]
    claims_key: bytes | None = None  # the digest to remember, where this is the first answer
    first: Position | None = None  # of a repeat: where the first answer begins
    repeats: int | None = None  # of a repeat inside one batch: which draft answered first

    @property
    def subject(self) -> str:
        """What it is about; empty for what could not be read."""
        return self.facts[0].meta.subject

    @property
    def apart(self) -> bool:
        """Whether it stands in no subject's stream; there it takes the next free place under the lock."""
        return self.status is not Status.RECORDED or isinstance(self.facts[0].event, TextsOpened)


class Deciding:
    """Takes requests one after the other; later ones see what earlier ones did."""

    def __init__(self, states: Mapping[str, State], known: Mapping[CommandKey, Answered]) -> None:
        """Start from recorded states, which stay as they are, and from what was answered before."""
        self.states = dict(states)
        self.drafts: list[Draft] = []
        self._known = known
        self._answered_here: dict[CommandKey, int] = {}

    def keys_asked(self) -> list[CommandKey]:
        """The keys of all that could be read."""
        return list(self._answered_here)

    def take(self, intake: Request | Unreadable | Tending | Opening) -> None:
        """Answer one."""
        if isinstance(intake, Request):
            draft = self._answer(intake)
        elif isinstance(intake, Opening):
            draft = self._opened(intake)
        else:
            draft = self._parked(intake) if isinstance(intake, Unreadable) else self._tended(intake)
        self.drafts.append(draft)

    def _answer(self, request: Request) -> Draft:
        key = request.asked.key
        if self._known and (known := self._known.get(key)) is not None:
            return self._again(request, known.digest, first=known.position)
        here = self._answered_here.setdefault(key, len(self.drafts))
        if here < len(self.drafts):
            return self._again(request, self.drafts[here].claims_key, repeats=here)
        return self._first_answer(request)

    def _again(
        self,
        request: Request,
        digest: bytes | None,
        first: Position | None = None,
        repeats: int | None = None,
    ) -> Draft:
        """The key is known: the same command once more, or another one under the same key."""
        command = request.command
        if digest != request.digest:
            return self._rejected(request, IdReused(id=request.asked.key.id))
        event = CommandRepeated(subject=request.subject, command=command.wire, code="repeated", first=first)
        facts = (self._apart(request.asked, event, request),)
        return Draft(Status.REPEATED, request.asked.key, facts, None, first, repeats)

    def _first_answer(self, request: Request) -> Draft:
        command, asked = request.command, request.asked
        state, town = self._state(request.subject), self._town()
        others, reads = _NOTHING_ELSE, ()
        if names := command.also_reads():
            others = {name: self._state(name) for name in names}
            reads = tuple([Read(name, other.version) for name, other in others.items()])
        try:
            if request.refusal is not None:
                raise request.refusal
            now = Situation(asked, settle_time(asked, state.last_at), town.rules, others)
            events = decide(command, state, now)
        except Refused as refusal:
            reads = (Read(request.subject, state.version), *reads)
            return self._rejected(request, refusal, reads, claims_key=request.digest)
        if not events:
            reads = (Read(request.subject, state.version), *reads)
            already = CommandRepeated(subject=request.subject, command=command.wire, code="already")
            facts = (self._apart(asked, already, request, reads),)
            return Draft(Status.REPEATED, asked.key, facts, request.digest)
        facts = self._recorded(request, state, events, at=now.at, rules=town.version, reads=reads)
        return Draft(Status.RECORDED, asked.key, facts, request.digest)

    def _recorded(
        self,
        request: Request,
        state: State,
        events: Sequence[Event],
        *,
        at: datetime,
        rules: int,
        reads: tuple[Read, ...],
    ) -> list[Fact]:
        facts: list[Fact] = []
        parts = len(events)
        for part, event in enumerate(events, start=1):
            meta = _meta(
                request.asked, request, event, at=at, rules=rules, reads=reads, part=part, parts=parts
            )
            state = evolve(state, event, at)
            facts.append(Fact(request.stream, state.version, meta, event))
        self.states[request.subject] = state
        return facts

    def _rejected(
        self,
        request: Request,
        refusal: Refused,
        reads: tuple[Read, ...] = (),
        claims_key: bytes | None = None,
    ) -> Draft:
        command = request.command
        event = CommandRejected(
            subject=request.subject,
            command=command.wire,
            code=refusal.code,
            reason_zh=refusal.reason_zh,
            reason_en=refusal.reason_en,
            asked=command.model_dump_json(exclude_none=True),
        )
        fact = self._apart(request.asked, event, request, reads)
        fact = replace(fact, meta=replace(fact.meta, claimed=request.asked.claimed))
        return Draft(Status.REJECTED, request.asked.key, (fact,), claims_key)

    def _parked(self, unreadable: Unreadable) -> Draft:
        event = MessageParked(
            code=unreadable.code,
            reason_zh=unreadable.reason_zh,
            reason_en=unreadable.reason_en,
            body=unreadable.body,
            size=unreadable.size,
            digest=unreadable.digest,
            envelope=unreadable.envelope,
        )
        return Draft(Status.PARKED, unreadable.asked.key, (self._apart(unreadable.asked, event),))

    def _tended(self, tending: Tending) -> Draft:
        """It is the letter's second fact and its last: whoever comes second finds the place taken."""
        asked, event = tending.asked, tending.event
        if tending.stream is None:
            fact = self._apart(asked, event)
            assert isinstance(event, CommandRejected)
            meta = replace(fact.meta, subject=event.subject, command=event.command)
            return Draft(Status.REJECTED, asked.key, (replace(fact, meta=meta),))
        if isinstance(event, MessageRequeued):
            before = self.drafts[-1]
            said = {"status": str(before.status), "code": str(getattr(before.facts[0].event, "code", ""))}
            event = event.model_copy(update=said)
        meta = _meta(asked, None, event, at=asked.recorded, rules=self._town().version, reads=())
        return Draft(Status.RECORDED, asked.key, (Fact(tending.stream, SETTLED, meta, event),))

    def _opened(self, opening: Opening) -> Draft:
        """One stream for all readings of a subject, so that they are found without reading the log."""
        asked, event = opening.asked, opening.event
        meta = _meta(asked, None, event, at=asked.recorded, rules=self._town().version, reads=())
        meta = replace(meta, subject=event.subject)
        return Draft(Status.RECORDED, asked.key, (Fact(readings_of(event.subject), 1, meta, event),))

    def _apart(
        self, asked: Asked, event: Event, request: Request | None = None, reads: tuple[Read, ...] = ()
    ) -> Fact:
        """A fact in a stream of its own, so that no sender can grow or conflict an order."""
        meta = _meta(asked, request, event, at=asked.recorded, rules=self._town().version, reads=reads)
        return Fact(stream_apart(asked.recorded, asked.intake.encode()), 1, meta, event)

    def _town(self) -> Town:
        town = self.states.get(RULES_SUBJECT, NO_TOWN)
        assert isinstance(town, Town)
        return town

    def _state(self, subject: str) -> State:
        return self.states.get(subject) or initial(subject)


def _meta(
    asked: Asked,
    request: Request | None,
    event: Event,
    *,
    at: datetime,
    rules: int,
    reads: tuple[Read, ...],
    part: int = 1,
    parts: int = 1,
) -> Meta:
    return Meta(
        subject=request.subject if request else "",
        actor=asked.actor,
        on_behalf_of=asked.on_behalf_of,
        channel=asked.channel,
        via=asked.via,
        command=request.command.wire if request else "",
        cause=asked.key,
        correlation=asked.correlation,
        recorded=asked.recorded,
        at=at,
        rules=rules,
        reads=reads,
        part=part,
        parts=parts,
        intake=asked.intake,
        class_version=event.class_version,
        proof=asked.proof,
        trusted_time=asked.trusted_time,
    )
