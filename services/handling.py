"""Batches of commands: decided before the lock, checked and recorded under it, one outcome each, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.commands import ImportOrder, PlaceOrder
from domain.facts import CommandKey
from domain.ids import RULES_SUBJECT, StreamId, stream_of
from domain.lifecycle import initial
from domain.situation import State
from services.deciding import RULES_STREAM, Deciding
from services.ports import Answered, Store, Writing
from services.recording import record
from services.requests import Outcome, Request, Unreadable
from services.state_cache import StateCache

CACHED_STATES: Final = 50_000  # orders in flight; about 1 KiB each

Intake = Request | Unreadable


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


class Handler:
    """The one generic command handler; every writer in every process has one, for one thread at a time."""

    def __init__(self, store: Store, cached: int = CACHED_STATES) -> None:
        self._store = store
        self._cache = StateCache(cached)

    def handle(self, batch: Batch) -> list[Outcome]:
        """Answer a batch in one transaction.

        Raises:
            Superseded: nothing was recorded, the sources' progress is not what the batch says.
            Whatever the store raises: if it was recorded or not is unsure; hand the same batch in again.
        """
        if not batch.intake and not batch.progress:
            return []
        subjects = _subjects(batch.intake)
        states = self._states(batch.intake, subjects)
        deciding = _decided(batch.intake, states, {})
        try:
            with self._store.writing() as writing:
                _fence(writing, batch.progress)
                known = writing.answered(deciding.keys_asked())
                stale = _stale(writing, states)
                if known or stale:  # once is enough: under the lock nothing moves on
                    states |= writing.load({stream: subjects[stream] for stream in stale})
                    deciding = _decided(batch.intake, states, known)
                ends = {name: last for name, (_, last) in batch.progress.items()}
                outcomes = record(writing, deciding.drafts, ends)
        except BaseException:
            self._cache.evict(states)
            raise
        self._cache.update(deciding.states)
        return outcomes

    def _states(self, intake: Sequence[Intake], subjects: Mapping[StreamId, str]) -> dict[StreamId, State]:
        """The states the batch decides on, from the cache or loaded at once."""
        states = self._cache.find(subjects)
        for one in intake:
            if isinstance(one, Request) and isinstance(one.command, PlaceOrder | ImportOrder):
                # Most likely new: not looked up, since the lock's check finds the few that are not.
                states.setdefault(one.command.stream, initial(one.command.subject))
        missing = {stream: subject for stream, subject in subjects.items() if stream not in states}
        return states | self._store.load(missing) if missing else states


def _subjects(intake: Sequence[Intake]) -> dict[StreamId, str]:
    """Every subject that the batch decides on or reads; the rules always, since every fact names them."""
    subjects: dict[StreamId, str] = {RULES_STREAM: RULES_SUBJECT}
    for one in intake:
        if isinstance(one, Request):
            subjects[one.command.stream] = one.command.subject
            for other in one.command.also_reads():
                subjects[stream_of(other)] = other
    return subjects


def _decided(
    intake: Sequence[Intake], states: Mapping[StreamId, State], known: Mapping[CommandKey, Answered]
) -> Deciding:
    deciding = Deciding(states, known)
    for one in intake:
        deciding.take(one)
    return deciding


def _fence(writing: Writing, progress: Mapping[str, tuple[int, int]]) -> None:
    """Refuse a batch whose beginning was taken in already or whose predecessor was not."""
    recorded = writing.progress(list(progress))
    for name, (before, _) in progress.items():
        if recorded.get(name, before) != before:
            raise Superseded(f"{name} is recorded up to {recorded[name]}, this batch follows {before}")


def _stale(writing: Writing, states: Mapping[StreamId, State]) -> list[StreamId]:
    """What has moved on since it was loaded: decided on or read, for refusals and repeats too."""
    recorded = writing.versions(list(states))
    return [stream for stream, state in states.items() if recorded.get(stream, 0) != state.version]
