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
from domain.ids import RULES_SUBJECT, Position, StreamId, readings_of
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
ASIDE: Final = frozenset({e.CommandRejected, e.CommandRepeated, e.MessageParked, *TENDED})
"""Answers that stand in streams of their own; readings (TextsOpened) stand in one for each subject."""


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
    _town: Life | None = field(init=False, default=None)

    _readings: dict[StreamId, int] = field(default_factory=dict[StreamId, int])  # version of the last one
    _forgotten: bool = field(init=False, default=False)  # that of some is not known any more

    def __post_init__(self) -> None:
        self._lives = Lives(self.earlier, self.held)

    @property
    def subjects(self) -> int:
        """How many orders, providers, needs and rules there were."""
        return self._lives.begun

    def expect(self, page: Sequence[Recorded]) -> None:
        """These come next: what they are about is read at once, where not all is held in memory."""
        if page:
            self._town = None
            wanted, begin = _about(page)
            self._lives.expect(wanted, begin, page[0].position)

    def take_page(self, page: Sequence[Recorded]) -> list[Finding]:
        """What is wrong with these facts, which come next."""
        self.expect(page)
        return [one for recorded in page for one in self.take(recorded)]

    def take(self, recorded: Recorded) -> list[Finding]:
        """What is wrong with this fact."""
        self.facts += 1
        self.position = recorded.position
        fact = recorded.fact
        meta = fact.meta
        if type(fact.event) in ASIDE:
            return self._aside(recorded)
        if type(fact.event) is e.TextsOpened:
            return self._reading(recorded)
        life = self._lives.of(meta.subject, recorded.position)
        if fact.stream.int != life.stream.int:
            return [finding("wrong_stream", recorded)]  # it is in nobody's life
        found: list[Finding] = []
        if self.whole_log and meta.part == 1:
            self._grounds(recorded, found)
        found += life.take(recorded)
        if found or not self.whole_log:
            self._envelope(recorded, found)
        if found:
            life.sound = False
        if meta.part == meta.parts:
            found += self._to_its_end(life) if self.whole_log and life.sound else step(life, recorded)
        self._lives.settle(recorded, life)
        return found

    def _to_its_end(self, life: Life) -> list[Finding]:
        """Of a command with which nothing was wrong so far.

        Deciding it again finds whatever is wrong, so what can be told more plainly is looked for only then.
        """
        found: list[Finding] = []
        if life.said[0].fact.meta.command in c.COMMANDS:
            found = self._decided_again(life)
            if not found:
                return found
        plainly: list[Finding] = []
        for one in life.said:
            self._envelope(one, plainly)
        plainly += step(life, life.said[-1])
        return plainly or found

    def _reading(self, recorded: Recorded) -> list[Finding]:
        """Of a reading nothing is decided; it stands behind the one before it, where the subject's stand."""
        fact = recorded.fact
        if readings_of(fact.meta.subject) != fact.stream:
            return [finding("wrong_stream", recorded)]
        before = self._readings.pop(fact.stream, None)
        self._readings[fact.stream] = fact.version
        if len(self._readings) > self.held:
            del self._readings[next(iter(self._readings))]
            self._forgotten = True
        expected = 1 if before is None else before + 1
        if fact.version == expected or (before is None and self._forgotten):
            return []
        return [finding("version_gap", recorded, expected=expected)]

    def finish(self) -> list[Finding]:
        """What was begun and has no end."""
        return [
            finding("incomplete_command", life.last, parts=life.parts)
            for life in self._lives.unfinished.values()
            if life.last is not None
        ]

    def state(self, subject: str) -> State | None:
        """A subject as the facts so far leave it; None where it is not in memory."""
        life = self._lives.held(subject)
        return life.state if life else None

    def reached(self) -> Reached:
        """All that has to be kept for another auditor to go on from here."""
        again = deepcopy(self.again.counted)
        return Reached(self.position, self.facts, self.subjects, again, list(self._lives.unfinished))

    def go_on(self, reached: Reached) -> None:
        """Be where another one was. Needs `earlier`."""
        self.position, self.facts = reached.position, reached.facts
        self.again.counted = reached.again
        self._lives.begun = reached.subjects
        self._forgotten = True
        self._lives.expect(reached.unfinished, (), Position(reached.position + 1))

    def _aside(self, recorded: Recorded) -> list[Finding]:
        first = 2 if isinstance(recorded.fact.event, TENDED) else 1
        if recorded.fact.version != first:
            return [finding("version_gap", recorded, expected=first)]
        if not self.whole_log:
            return []
        found: list[Finding] = []
        if isinstance(recorded.fact.event, e.CommandRejected | e.CommandRepeated):
            self._grounds(recorded, found)
        return found or self.again.aside(recorded, self._state_of, self._rules())

    def _envelope(self, recorded: Recorded, found: list[Finding]) -> None:
        """What it names is a command that may be asked so and be answered so. Adds to `found`."""
        meta = recorded.fact.meta
        command = c.COMMANDS.get(meta.command)
        if command is None:
            found.append(finding("unknown_command", recorded))
            return
        if meta.actor.role not in MAY_ASK[command]:
            found.append(finding("wrong_role", recorded))
        if type(recorded.fact.event) not in SAYS[meta.command]:
            found.append(finding("foreign_event", recorded))

    def _grounds(self, recorded: Recorded, found: list[Finding]) -> None:
        """A decision holds at its place in the log: it saw what was in force there. Adds to `found`."""
        meta = recorded.fact.meta
        in_force = self._version(RULES_SUBJECT)
        if meta.rules != in_force:
            found.append(finding("wrong_rules", recorded, expected=in_force))
        for read in meta.reads:
            version = self._version(read.subject)
            if read.version != version:
                found.append(finding("wrong_read", recorded, other=read.subject, expected=version))

    def _decided_again(self, life: Life) -> list[Finding]:
        before = life.before
        assert before is not None
        rules = before.rules if isinstance(before, Town) else self._rules()
        return self.again.accepted(life.said, before, self._state_of, rules)

    def _version(self, subject: str) -> int:
        if subject == RULES_SUBJECT and self._town is not None:
            return self._town.version
        life = self._lives.known(subject, Position(self.position))
        return life.version if life else 0

    def _state_of(self, subject: str) -> State:
        life = self._lives.known(subject, Position(self.position))
        return life.state if life else initial(subject)

    def _rules(self) -> Rules:
        if self._town is None:  # asked of every fact, so it is kept at hand
            self._town = self._lives.known(RULES_SUBJECT, Position(self.position))
        town = self._town.state if self._town else initial(RULES_SUBJECT)
        assert isinstance(town, Town)
        return town.rules


def check_all(facts: Sequence[Recorded], *, whole_log: bool = False) -> list[Finding]:
    """Everything that is wrong with these facts."""
    auditor = Auditor(whole_log)
    found = [one for recorded in facts for one in auditor.take(recorded)]
    return found + auditor.finish()


def _about(page: Sequence[Recorded]) -> tuple[set[str], set[str]]:
    """The subjects that a page is about or was decided by, and those of them that it begins."""
    wanted: set[str] = {RULES_SUBJECT}
    begin: set[str] = set()
    for recorded in page:
        fact, meta = recorded.fact, recorded.fact.meta
        if type(fact.event) is e.TextsOpened:
            continue
        if type(fact.event) in ASIDE:
            if meta.command in c.COMMANDS:
                wanted.add(meta.subject)
        else:
            if fact.version == 1 and meta.subject not in wanted:
                begin.add(meta.subject)
            wanted.add(meta.subject)
        if meta.reads:
            wanted.update([read.subject for read in meta.reads])
    return wanted, begin
