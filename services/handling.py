"""Batches of commands: decided before the lock, checked and recorded under it, one outcome each, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.commands import ImportOrder, PlaceOrder
from domain.facts import CommandKey
from domain.ids import RULES_SUBJECT, StreamId, stream_of
from domain.lifecycle import initial
from domain.model import Plain
from domain.situation import State
from services.deciding import RULES_STREAM, Deciding
from services.ports import Answered, Seen, Store, Subjects, Writing
from services.recording import Recording
from services.requests import Opening, Outcome, Request, Tending, Unreadable
from services.state_cache import StateCache

CACHED_STATES: Final = 50_000  # orders in flight; about 1 KiB each

Intake = Request | Unreadable | Tending | Opening


class Superseded(RuntimeError):
    """Another worker took this batch in, or the one before it is missing: the partition is not ours."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Requests in the order they came, and how far each source has come with them.

    `progress` maps a source (a topic partition) to (offset before the first, offset of the last); a source
    recorded beyond the former was taken in by somebody else.
    """

    intake: Sequence[Intake]
    progress: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])


class Prepared(Plain, frozen=True):
    """A batch decided on the states that were at hand."""

    batch: Batch
    subjects: dict[str, StreamId]
    states: dict[str, State]
    foreseen: dict[str, State]  # those of the states that a batch before it has yet to make
    deciding: Deciding


class Started(Plain, frozen=True):
    """A batch whose commit is on its way."""

    prepared: Prepared
    deciding: Deciding
    recording: Recording
    writing: Writing


class Handler:
    """The one generic command handler; every writer in every process has one, for one thread at a time.

    A batch is prepared, started and finished. The next may be prepared before the one in hand is finished,
    so that deciding and committing overlap; it is started only after that.
    """

    def __init__(self, store: Store, cached: int = CACHED_STATES) -> None:
        self._store = store
        self._cache = StateCache(cached)

    def handle(self, batch: Batch) -> list[Outcome]:
        """Answer a batch in one transaction. Raises what its three steps raise."""
        if not batch.intake and not batch.progress:
            return []
        return self.finish(self.start(self.prepare(batch)))

    def prepare(self, batch: Batch) -> Prepared:
        """Decide a batch, as if those prepared before it were recorded already.

        Raises:
            Whatever the store raises when a state has to be loaded.
        """
        subjects = _subjects(batch.intake)
        states, foreseen = self._cache.find(subjects)
        states |= foreseen
        states |= self._store.load(missing) if (missing := _missing(batch.intake, subjects, states)) else {}
        deciding = _decided(batch.intake, states, {})
        self._cache.foresee(deciding.states)
        return Prepared(batch, subjects, states, foreseen, deciding)

    def start(self, prepared: Prepared) -> Started:
        """Record a batch in one transaction, decided again under the lock if anything it stood on has moved.

        Its commit is sent and not waited for.

        Raises:
            Superseded: nothing was recorded, the sources' progress is not what the batch says.
            Whatever the store raises: nothing was recorded.
        """
        batch, states = prepared.batch, prepared.states
        expected = {
            subject: (stream, states[subject].version) for subject, stream in prepared.subjects.items()
        }
        keys = prepared.deciding.keys_asked()
        try:
            with self._store.writing(expected, keys, list(batch.progress)) as writing:
                recording = Recording(self._store, prepared.deciding.drafts)  # while the record is looked at
                _fence(writing.seen, batch.progress)
                deciding = self._settled(prepared, writing)
                if deciding is not prepared.deciding:
                    recording = Recording(self._store, deciding.drafts)
                ends = {name: last for name, (_, last) in batch.progress.items()}
                recording.write(writing, ends)
        except BaseException:
            self.drop(prepared)
            raise
        return Started(prepared, deciding, recording, writing)

    def finish(self, started: Started) -> list[Outcome]:
        """Wait until it is durable.

        Raises:
            Whatever the store raises: if it was recorded or not is unsure; hand the same batch in again.
        """
        try:
            started.writing.wait()
            outcomes = started.recording.outcomes(started.writing.positions)
        except BaseException:
            self.drop(started.prepared)
            raise
        self._cache.keep(started.prepared.deciding.states, started.deciding.states)
        return outcomes

    def drop(self, prepared: Prepared) -> None:
        """A batch will not be recorded, or may be: hold nothing of what it touched."""
        self._cache.evict(prepared.deciding.states)

    def _settled(self, prepared: Prepared, writing: Writing) -> Deciding:
        """What was decided, if all it stood on holds; else decided again. Once is enough under the lock."""
        known = writing.seen.answered
        moved = {*writing.seen.moved, *self._cache.otherwise(prepared.foreseen)}
        if not known and not moved:
            return prepared.deciding
        loaded = writing.load({subject: prepared.subjects[subject] for subject in moved})
        return _decided(prepared.batch.intake, prepared.states | loaded, known)


def _subjects(intake: Sequence[Intake]) -> dict[str, StreamId]:
    """Every subject that the batch decides on or reads; the rules always, since every fact names them."""
    subjects: dict[str, StreamId] = {RULES_SUBJECT: RULES_STREAM}
    for one in intake:
        if isinstance(one, Request):
            subjects[one.subject] = one.stream
            for other in one.command.also_reads():
                subjects[other] = stream_of(other)
    return subjects


def _missing(intake: Sequence[Intake], subjects: Subjects, states: dict[str, State]) -> dict[str, StreamId]:
    """What has to be loaded. A new order is not: the check under the lock finds the few that are there."""
    for one in intake:
        if isinstance(one, Request) and isinstance(one.command, PlaceOrder | ImportOrder):
            states.setdefault(one.subject, initial(one.subject))
    return {subject: stream for subject, stream in subjects.items() if subject not in states}


def _decided(
    intake: Sequence[Intake], states: Mapping[str, State], known: Mapping[CommandKey, Answered]
) -> Deciding:
    deciding = Deciding(states, known)
    for one in intake:
        deciding.take(one)
    return deciding


def _fence(seen: Seen, progress: Mapping[str, tuple[int, int]]) -> None:
    """Refuse a batch whose beginning was taken in already or whose predecessor was not."""
    for name, (before, _) in progress.items():
        recorded = seen.progress.get(name, -1)
        if recorded != before:
            raise Superseded(f"{name} is recorded up to {recorded}, this batch follows {before}")
