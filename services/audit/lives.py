"""Subjects as the facts so far leave them: so many in memory and no more, the others read from the record."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from domain.facts import CommandKey, Recorded
from domain.ids import Position, StreamId, stream_of
from domain.lifecycle import evolve, initial
from domain.situation import State
from services.audit.findings import Finding, finding

HELD: Final = 50_000  # subjects; about 2 KiB each

Earlier = Callable[[Collection[StreamId], Position], Iterable[Recorded]]
"""The facts of these streams that lie before a place in the log, each stream oldest first."""


@dataclass(slots=True)
class Life:
    """One subject."""

    stream: StreamId
    state: State
    version: int = 0
    cause: CommandKey | None = None  # of a command whose events are not all seen yet
    before: State | None = None  # the state that command met
    parts: int = 0
    said: list[Recorded] = field(default_factory=list[Recorded])  # the facts of that command so far
    last: Recorded | None = None
    sound: bool = True  # nothing wrong with that command yet

    def take(self, recorded: Recorded) -> list[Finding]:
        """One more fact; what is wrong with its place among the others."""
        fact = recorded.fact
        found = [] if self._follows(recorded) else self._in_line(recorded)
        if self.cause is None and fact.meta.part == fact.meta.parts == 1:  # nearly every one
            self.cause, self.before, self.parts = fact.meta.cause, self.state, 1
            self.said.append(recorded)
        else:
            found += self._part(recorded)
        self.state = evolve(self.state, fact.event, fact.meta.at)
        self.version, self.last = fact.version, recorded
        return found

    def close(self) -> None:
        """The command is seen to its end."""
        self.cause, self.before, self.sound = None, None, True
        self.said.clear()

    def _follows(self, recorded: Recorded) -> bool:
        """Whether nothing is out of line, asked before what that is: it is asked of every fact."""
        meta, last_at = recorded.fact.meta, self.state.last_at
        in_time = meta.at <= meta.recorded and (last_at is None or meta.at >= last_at)
        return in_time and recorded.fact.version == self.version + 1

    def _in_line(self, recorded: Recorded) -> list[Finding]:
        """Versions count up by one and time does not run back, even when the clock that recorded it did."""
        fact, before = recorded.fact, self.state.last_at
        found: list[Finding] = []
        if fact.version != self.version + 1:
            found.append(finding("version_gap", recorded, expected=self.version + 1))
        if before is not None and fact.meta.at < before:
            found.append(finding("time_backwards", recorded))
        if fact.meta.at > fact.meta.recorded and fact.meta.at != before:
            found.append(finding("after_recorded", recorded))
        return found

    def _part(self, recorded: Recorded) -> list[Finding]:
        """The events of a command stand together, n of k."""
        meta = recorded.fact.meta
        found: list[Finding] = []
        if self.cause is not None and meta.cause != self.cause and self.last is not None:
            found.append(finding("incomplete_command", self.last, parts=self.parts))
            self.close()
        if self.cause is None:
            self.cause, self.before, self.parts = meta.cause, self.state, meta.parts
        self.said.append(recorded)
        if meta.part != len(self.said) or meta.parts != self.parts:
            found.append(finding("wrong_part", recorded, expected=len(self.said)))
        return found


class Lives:
    """Lives by subject."""

    def __init__(self, earlier: Earlier | None = None, most: int = HELD) -> None:
        """Without `earlier` all are held for ever."""
        self.begun = 0
        """How many subjects there were."""
        self.unfinished: dict[str, Life] = {}
        """Those whose last command has no end yet."""
        self._earlier = earlier
        self._most = most
        self._held: OrderedDict[str, Life] = OrderedDict()
        self._looked: set[str] = set()  # in this page

    def expect(self, wanted: Collection[str], begin: Collection[str], before: Position) -> None:
        """Bring into memory what a page of the log is about, read at once, and let go of what it is not.

        Args:
            wanted: subjects.
            begin: those of them that begin in this page, of which nothing has to be read.
            before: where the page begins.
        """
        if self._earlier is None:
            return
        held = self._held
        missing: list[str] = []
        for subject in wanted:
            if subject in held:
                held.move_to_end(subject)
            else:
                missing.append(subject)
        kept = len(wanted) - len(missing)
        self._let_go(min(len(held) - kept, len(held) + len(missing) - self._most))
        self._looked = set(wanted)
        self._load([subject for subject in missing if subject not in begin], before)

    def known(self, subject: str, before: Position) -> Life | None:
        """None where nothing is recorded of it before this place.

        What no fact says was read, though it decided, is looked for alone.
        """
        life = self._held.get(subject)
        if life is None and self._earlier is not None and subject not in self._looked:
            self._looked.add(subject)
            self._load([subject], before)
            life = self._held.get(subject)
        return life

    def held(self, subject: str) -> Life | None:
        """None where it is not in memory."""
        return self._held.get(subject)

    def of(self, subject: str, before: Position) -> Life:
        """The one that the fact at this place belongs to."""
        life = self.known(subject, before)
        if life is None:
            life = self._held[subject] = Life(stream_of(subject), initial(subject))
            self.begun += 1
        return life

    def settle(self, recorded: Recorded, life: Life) -> None:
        """This fact is dealt with: the last of its command ends it."""
        meta = recorded.fact.meta
        if meta.part == meta.parts:
            life.close()
            if self.unfinished:
                self.unfinished.pop(meta.subject, None)
        else:
            self.unfinished[meta.subject] = life

    def _load(self, wanted: Collection[str], before: Position) -> None:
        if not wanted or self._earlier is None:
            return
        subject_of = {stream_of(subject): subject for subject in wanted}
        for recorded in self._earlier(list(subject_of), before):
            subject = subject_of[recorded.fact.stream]
            life = self._held.get(subject)
            if life is None:
                life = self._held[subject] = Life(recorded.fact.stream, initial(subject))
            life.take(recorded)  # what is wrong with it was told when it was its turn
            self.settle(recorded, life)

    def _let_go(self, number: int) -> None:
        """So many of the longest unused."""
        for _ in range(number):
            self._held.popitem(last=False)
