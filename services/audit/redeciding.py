"""Decides every recorded command again, at its place in the log and under the rules of its day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from pydantic import ValidationError

import domain.commands as c
from domain.events import CommandRejected, CommandRepeated, MessageParked, OrderDispatched
from domain.facts import Meta, Recorded
from domain.lifecycle import decide
from domain.model import Event
from domain.rejections import AnotherName, IdReused, Refused, TooManyOpenOrders, WrongRole
from domain.rules import Rules
from domain.sealed import Sealed
from domain.situation import Asked, Situation, State, settle_time
from domain.stages import Role
from services.audit.findings import Finding, finding
from services.audit.remaking import remade

AT_THE_DOOR: Final = frozenset({IdReused.code, AnotherName.code, TooManyOpenOrders.code})
"""Codes of refusals that no rule decides: a door knows the key, the person, and how many orders are open."""
LETTERS: Final = "dead-letters/"
"""What an operator asked about parked bytes is refused at that desk; it is none of `domain.commands`."""

StateOf = Callable[[str], State]
"""A subject as it stood at this place in the log."""


@dataclass(slots=True)
class Again:
    """How many commands were decided again, and what was not, by how it was answered."""

    accepted: int = 0
    refused: int = 0
    at_the_door: dict[str, int] = field(default_factory=dict[str, int])  # by code
    repeated: int = 0
    parked: int = 0


@dataclass(slots=True)
class Redecider:
    """Holds what is recorded of a command against what `decide` says now."""

    counted: Again = field(default_factory=Again)

    def accepted(
        self, facts: Sequence[Recorded], state: State, state_of: StateOf, rules: Rules
    ) -> list[Finding]:
        """What is wrong with all the facts of one command, given its subject before them."""
        first = facts[0]
        meta, said = first.fact.meta, [one.fact.event for one in facts]
        command = remade(c.COMMANDS[meta.command], first.fact.stream, meta, said, state)
        if command is None:
            return [finding("decided_otherwise", first, differences=type(said[0]).wire)]
        self.counted.accepted += 1
        try:
            now = _situation(command, _asked(meta, said[0]), state, state_of, rules)
            decided = decide(command, state, now)
        except Refused as refusal:
            return [finding("accepted_should_be_refused", first, **_told(refusal))]
        if not decided:
            return [finding("accepted_changes_nothing", first)]
        if now.at == meta.at and _same(said, decided):
            return []
        differences = list(_differences(said, decided))
        if now.at != meta.at:
            differences.append(f"at {meta.at.isoformat()} → {now.at.isoformat()}")
        return [finding("decided_otherwise", first, differences="; ".join(differences))]

    def aside(self, recorded: Recorded, state_of: StateOf, rules: Rules) -> list[Finding]:
        """What is wrong with a fact that stands in a stream of its own."""
        event = recorded.fact.event
        if isinstance(event, CommandRejected):
            return self._refused(recorded, event, state_of, rules)
        if isinstance(event, CommandRepeated):
            self.counted.repeated += 1
        elif isinstance(event, MessageParked):
            self.counted.parked += 1
        return []

    def _refused(
        self, recorded: Recorded, event: CommandRejected, state_of: StateOf, rules: Rules
    ) -> list[Finding]:
        meta = recorded.fact.meta
        if _at_the_door(event, meta):
            told_apart = self.counted.at_the_door
            told_apart[event.code] = told_apart.get(event.code, 0) + 1
            return []
        kind = c.COMMANDS.get(meta.command)
        if kind is None:
            return [finding("unknown_command", recorded)]
        try:
            command = cast("c.AnyCommand", kind.__pydantic_validator__.validate_json(event.asked))
        except ValidationError:
            return [finding("asked_unreadable", recorded)]
        if command.subject != meta.subject:
            return [finding("asked_unreadable", recorded)]
        self.counted.refused += 1
        return _held_against(recorded, event, _refusal(command, meta, state_of, rules))


def _at_the_door(event: CommandRejected, meta: Meta) -> bool:
    if event.code in AT_THE_DOOR or meta.subject.startswith(LETTERS):
        return True
    # The same code is a rule's too; a door's own names itself.
    return event.code == WrongRole.code and f"{meta.command} ({meta.via})" in event.reason_en


def _refusal(command: c.AnyCommand, meta: Meta, state_of: StateOf, rules: Rules) -> Refused | str:
    """Why it is refused; or how else it would be answered."""
    state = state_of(meta.subject)
    try:
        decided = decide(command, state, _situation(command, _asked(meta), state, state_of, rules))
    except Refused as refusal:
        return refusal
    return "accepted" if decided else "already"


def _held_against(recorded: Recorded, event: CommandRejected, now: Refused | str) -> list[Finding]:
    was = {"was": event.code}
    if now == "accepted":
        return [finding("refused_should_be_accepted", recorded, **was)]
    if not isinstance(now, Refused):
        return [finding("refused_otherwise", recorded, refusal=now, **was)]
    if now.code != event.code:
        return [finding("refused_otherwise", recorded, **was, **_told(now))]
    if (now.reason_zh, now.reason_en) != (event.reason_zh, event.reason_en):
        return [finding("refused_in_other_words", recorded, **was, **_told(now))]
    return []


def _told(refusal: Refused) -> Mapping[str, str]:
    return {"refusal": refusal.code, "reason_zh": refusal.reason_zh, "reason_en": refusal.reason_en}


def _asked(meta: Meta, said: Event | None = None) -> Asked:
    """The envelope as the decision saw it."""
    claimed, trusted = meta.claimed, meta.trusted_time or _trusted_before(meta)
    if said is not None and trusted and meta.at <= meta.recorded:
        claimed = meta.at  # what was accepted there counts when its sender says, or it says nothing
    found = said.proposal if type(said) is OrderDispatched else None  # isinstance asks more of such classes
    return Asked(
        key=meta.cause,
        actor=meta.actor,
        via=meta.via,
        recorded=meta.recorded,
        correlation=meta.correlation,
        intake=meta.intake,
        claimed=claimed,
        trusted_time=trusted,
        on_behalf_of=meta.on_behalf_of,
        channel=meta.channel,
        proof=meta.proof,
        found=found,
    )


def _trusted_before(meta: Meta) -> bool:
    """Release 0.1 did not record it, and had two doors where the sender's time counts."""
    return meta.actor.role is Role.SYSTEM or meta.via.rpartition(".")[2] == "imports"


def _situation(
    command: c.AnyCommand, asked: Asked, state: State, state_of: StateOf, rules: Rules
) -> Situation:
    names = command.also_reads()
    own = command.subject if names else ""
    others = {name: state if name == own else state_of(name) for name in names}
    return Situation(asked, settle_time(asked, state.last_at), rules, others)


def _same(recorded: Sequence[Event], decided: Sequence[Event]) -> bool:
    """Field by field; pydantic's own comparison asks much more, and for a whole record it counts."""
    if len(recorded) != len(decided):
        return False
    for one, other in zip(recorded, decided, strict=True):
        if type(one) is not type(other) or one.__dict__ != other.__dict__:
            return False
    return True


def _differences(recorded: Sequence[Event], decided: Sequence[Event]) -> Iterator[str]:
    kinds = [" + ".join(type(one).wire for one in events) for events in (recorded, decided)]
    if kinds[0] != kinds[1]:
        yield f"{kinds[0]} → {kinds[1]}"
        return
    for was, now in zip(recorded, decided, strict=True):
        for name in type(was).model_fields:
            one, other = getattr(was, name), getattr(now, name)
            if one != other:
                yield f"{name} {_shown(one)} → {_shown(other)}"


def _shown(value: object) -> str:
    """Personal texts stay closed, and whole rules or proposals are not told in a line."""
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, Sealed)):
        return str(value)
    return "…"
