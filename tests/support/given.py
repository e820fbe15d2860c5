"""Given what happened, when somebody asks, then this is the answer: tests in the words of the domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from domain.commands import AnyCommand, OrderCommand
from domain.facts import Actor, CommandKey, Proof
from domain.ids import ResidentId, provider_subject
from domain.lifecycle import decide, evolve, initial
from domain.model import Event
from domain.order import Order
from domain.proposal import Proposal
from domain.provider import Provider, Standing
from domain.rejections import Refused
from domain.rules import Rules
from domain.situation import Asked, Situation, State
from domain.stages import Role
from domain.transitions import allowed
from tests.support.a_town import LEAVING, MONDAY, PARKS, ROADS, RULES, WATER, hours

TEN: Final = MONDAY + hours(1)  # when it is asked, unless a test says otherwise

NEIGHBOURS: Final[Mapping[str, State]] = {
    **{provider_subject(known): Provider(standing=Standing.ACTIVE) for known in (WATER, ROADS, PARKS)},
    provider_subject(LEAVING): Provider(standing=Standing.RETIRING),
}
"""What a decision may read beside its own subject, unless a test says otherwise."""


@dataclass(frozen=True, repr=False)
class Ask:
    """A command and who asks it; `accept(by=ROADS).said_by(Role.RESIDENT, "r-li")` changes the speaker."""

    command: AnyCommand
    actor: Actor
    on_behalf_of: ResidentId | None = None
    from_imports: bool = False
    proof: Proof | None = None
    found: Proposal | None = None

    def __repr__(self) -> str:
        return f"{self.actor.role} {self.actor.id}: {self.command.wire}"

    def said_by(self, role: Role, person: str) -> Self:
        return replace(self, actor=Actor(role=role, id=person))

    def said_for(self, resident: ResidentId) -> Self:
        return replace(self, on_behalf_of=resident)

    def proven(self, proof: Proof | None) -> Self:
        return replace(self, proof=proof)

    def told(self, found: Proposal) -> Self:
        """The door asked the engine and was told this."""
        return replace(self, found=found)

    def asked(self, recorded: datetime) -> Asked:
        return Asked(
            key=CommandKey(source="test", id="1"),
            actor=self.actor,
            via="test",
            recorded=recorded,
            correlation="1",
            trusted_time=self.from_imports,
            on_behalf_of=self.on_behalf_of,
            intake="test[0]@1",
            proof=self.proof,
            found=self.found,
        )


@dataclass(frozen=True)
class Given:
    """A history, each event a minute after the one before, from Monday nine o'clock on."""

    history: Sequence[Event]
    rules: Rules = RULES
    others: Mapping[str, State] = field(default_factory=lambda: NEIGHBOURS)

    def under(self, rules: Rules) -> Self:
        return replace(self, rules=rules)

    def beside(self, subject: object, *history: Event) -> Self:
        """Another subject that the decision reads, with a history of its own."""
        other = lived(str(subject), history)
        return replace(self, others={**self.others, str(subject): other})

    def when(self, ask: Ask, at: datetime = TEN) -> "Answer":
        state = lived(ask.command.subject, self.history)
        now = Situation(asked=ask.asked(at), at=at, rules=self.rules, others=self.others)
        try:
            return Answer(ask.command, state, at, decide(ask.command, state, now))
        except Refused as refusal:
            return Answer(ask.command, state, at, (), refusal)


def given(*history: Event) -> Given:
    return Given(history)


def lived(subject: str, history: Sequence[Event]) -> State:
    """The state of a subject after its history."""
    state = initial(subject)
    for minute, event in enumerate(history):
        state = evolve(state, event, MONDAY + hours(minute / 60))
    return state


@dataclass(frozen=True)
class Answer:
    """What came of asking."""

    command: AnyCommand
    before: State
    at: datetime
    events: Sequence[Event]
    refusal: Refused | None = None

    def then(self, kind: type[Event], *more: type[Event], **fields: object) -> Self:
        """Exactly these events; the fields are those of the first."""
        assert [type(event) for event in self.events] == [kind, *more], self.refusal or self.events
        found = {name: getattr(self.events[0], name) for name in fields}
        assert found == fields
        self._leads_where_it_may()
        return self

    def then_nothing(self) -> Self:
        """It was so already."""
        assert self.refusal is None, self.refusal
        assert list(self.events) == []
        return self

    def then_rejected(self, reason: type[Refused], **details: object) -> Self:
        """Refused for this reason, in two whole sentences."""
        assert self.refusal is not None, self.events
        assert type(self.refusal) is reason, self.refusal
        assert self.refusal.reason_zh.endswith("。")
        assert self.refusal.reason_en.endswith(".")
        assert {name: self.refusal.details[name] for name in details} == details
        return self

    def leaving(self, **fields: object) -> Self:
        """What the subject's state then says."""
        after = self.after()
        assert {name: getattr(after, name) for name in fields} == fields
        return self

    def after(self) -> State:
        state = self.before
        for event in self.events:
            state = evolve(state, event, self.at)
        return state

    def _leads_where_it_may(self) -> None:
        after = self.after()
        if isinstance(self.before, Order) and isinstance(after, Order):
            assert isinstance(self.command, OrderCommand)
            assert after.stage in allowed(self.before.stage, type(self.command))
