"""Checks the record against the rules of the four orders: was every step allowed, is every line there.

An auditor takes facts in order of the log, or stream by stream, rebuilds what they are about, decides
every command again, and names whatever should not be.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final

from domain import commands as c
from domain import events as e
from domain.facts import Recorded
from domain.ids import RULES_SUBJECT, Position, StreamId, stream_of
from domain.lifecycle import initial
from domain.rules import Rules
from domain.situation import State
from domain.town import Town
from domain.transitions import MAY_ASK
from services.audit.findings import Finding, finding
from services.audit.lives import HELD, Earlier, Life, Lives
from services.audit.redeciding import Again, Redecider
from services.audit.steps import SAYS, step

TENDED: Final = (e.MessageRequeued, e.MessageDiscarded)
"""What was done about a dead letter, each the second and last fact of the letter's stream."""
ASIDE: Final = (e.CommandRejected, e.CommandRepeated, e.MessageParked, *TENDED)
"""Answers that stand in streams of their own."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far an auditor has come, so that another goes on from there."""

    position: int
    facts: int
    subjects: int
    again: Again
    unfinished: Sequence[str]  # subjects whose last command had no end yet


@dataclass(slots=True)
class Auditor:
    """Takes every fact once.

    `whole_log`: facts come in log order from the first, so that the rules in force and the versions that
    decisions read can be checked too, and every command is decided again. From a bus, each subject's own
    order is all there is.
    """

    whole_log: bool = True
    earlier: Earlier | None = None
    held: int = HELD
    facts: int = 0
    position: int = 0
    again: Redecider = field(default_factory=Redecider)
    _lives: Lives = field(init=False)

    def __post_init__(self) -> None:
        self._lives = Lives(self.earlier, self.held)

    @property
    def subjects(self) -> int:
        """How many orders, providers, needs and rules there were."""
        return self._lives.begun

    def expect(self, page: Sequence[Recorded]) -> None:
        """These come next: what they are about is read at once, where not all is held in memory."""
        if page:
            wanted, begin = _about(page)
            self._lives.expect(wanted, begin, page[0].position)

    def take(self, recorded: Recorded) -> list[Finding]:
        """What is wrong with this fact."""
        self.facts += 1
        self.position = recorded.position
        fact = recorded.fact
        if isinstance(fact.event, ASIDE):
            return self._aside(recorded)
        found = self._envelope(recorded)
        life = self._lives.of(fact.stream, fact.meta.subject, recorded.position)
        found += life.take(recorded)
        life.sound = life.sound and not found
        if fact.meta.part == fact.meta.parts:
            found += step(life, recorded)
            if self.whole_log and life.sound and not found:  # what is wrong already is told once
                found += self._decided_again(life)
        self._lives.settle(recorded, life)
        return found

    def finish(self) -> list[Finding]:
        """What was begun and has no end."""
        return [
            finding("incomplete_command", life.last, parts=life.parts)
            for life in self._lives.unfinished.values()
            if life.last is not None
        ]

    def state(self, stream: StreamId) -> State | None:
        """A subject as the facts so far leave it; None where it is not in memory."""
        life = self._lives.held(stream)
        return life.state if life else None

    def reached(self) -> Reached:
        """All that has to be kept for another auditor to go on from here."""
        unfinished = [life.last.fact.meta.subject for life in self._lives.unfinished.values() if life.last]
        again = deepcopy(self.again.counted)
        return Reached(self.position, self.facts, self.subjects, again, unfinished)

    def go_on(self, reached: Reached) -> None:
        """Be where another one was. Needs `earlier`."""
        self.position, self.facts = reached.position, reached.facts
        self.again.counted = reached.again
        self._lives.begun = reached.subjects
        unfinished = {stream_of(subject): subject for subject in reached.unfinished}
        self._lives.expect(unfinished, (), Position(reached.position + 1))

    def _aside(self, recorded: Recorded) -> list[Finding]:
        first = 2 if isinstance(recorded.fact.event, TENDED) else 1
        if recorded.fact.version != first:
            return [finding("version_gap", recorded, expected=first)]
        if not self.whole_log:
            return []
        answers = isinstance(recorded.fact.event, e.CommandRejected | e.CommandRepeated)
        found = self._grounds(recorded) if answers else []
        return found or self.again.aside(recorded, self._state_of, self._rules())

    def _envelope(self, recorded: Recorded) -> list[Finding]:
        meta, event = recorded.fact.meta, recorded.fact.event
        if stream_of(meta.subject) != recorded.fact.stream:
            return [finding("wrong_stream", recorded)]
        command = c.COMMANDS.get(meta.command)
        if command is None:
            return [finding("unknown_command", recorded)]
        found: list[Finding] = []
        if meta.actor.role not in MAY_ASK[command]:
            found.append(finding("wrong_role", recorded))
        if type(event) not in SAYS[meta.command]:
            found.append(finding("foreign_event", recorded))
        return found + (self._grounds(recorded) if self.whole_log and meta.part == 1 else [])

    def _grounds(self, recorded: Recorded) -> list[Finding]:
        """A decision holds at its place in the log: it saw what was in force there."""
        meta = recorded.fact.meta
        found: list[Finding] = []
        in_force = self._version(RULES_SUBJECT)
        if meta.rules != in_force:
            found.append(finding("wrong_rules", recorded, expected=in_force))
        for read in meta.reads:
            version = self._version(read.subject)
            if read.version != version:
                found.append(finding("wrong_read", recorded, other=read.subject, expected=version))
        return found

    def _decided_again(self, life: Life) -> list[Finding]:
        before = life.before
        assert before is not None
        rules = before.rules if isinstance(before, Town) else self._rules()
        return self.again.accepted(life.said, before, self._state_of, rules)

    def _version(self, subject: str) -> int:
        life = self._life(subject)
        return life.version if life else 0

    def _state_of(self, subject: str) -> State:
        life = self._life(subject)
        return life.state if life else initial(subject)

    def _life(self, subject: str) -> Life | None:
        return self._lives.known(stream_of(subject), subject, Position(self.position))

    def _rules(self) -> Rules:
        town = self._state_of(RULES_SUBJECT)
        assert isinstance(town, Town)
        return town.rules


def check_all(facts: Sequence[Recorded], *, whole_log: bool = False) -> list[Finding]:
    """Everything that is wrong with these facts."""
    auditor = Auditor(whole_log)
    found = [one for recorded in facts for one in auditor.take(recorded)]
    return found + auditor.finish()


def _about(page: Sequence[Recorded]) -> tuple[dict[StreamId, str], set[StreamId]]:
    """The streams that a page is about or was decided by, with their subjects; and those it begins."""
    wanted: dict[StreamId, str] = {stream_of(RULES_SUBJECT): RULES_SUBJECT}
    begin: set[StreamId] = set()
    for recorded in page:
        fact = recorded.fact
        if not isinstance(fact.event, ASIDE):
            if fact.version == 1 and fact.stream not in wanted:
                begin.add(fact.stream)
            wanted[fact.stream] = fact.meta.subject
        elif fact.meta.command in c.COMMANDS:
            wanted[stream_of(fact.meta.subject)] = fact.meta.subject
        for read in fact.meta.reads:
            wanted[stream_of(read.subject)] = read.subject
    return wanted, begin
