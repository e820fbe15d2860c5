"""Brings drafts to their places in the log: facts, command keys and progress, in one transaction."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from msgspec.structs import replace

from domain.events import CommandRepeated
from domain.facts import CommandKey, Fact
from domain.ids import Position
from services.deciding import Draft
from services.ports import Store, Writing
from services.requests import Outcome, Status


class Recording:
    """One batch of drafts on its way into the record."""

    def __init__(self, store: Store, drafts: Sequence[Draft]) -> None:
        self._store = store
        self._take(drafts)

    def write(self, writing: Writing, progress: Mapping[str, int]) -> None:
        """Answers first, then repeats."""
        if behind := _behind_what_was_said(writing, self._drafts):
            self._take(behind)
        writing.record(self._encoded, progress)
        if len(self._answers) < len(self._drafts):
            self._drafts = _pointing(self._drafts, writing.positions)
            repeats = [draft for draft in self._drafts if draft.repeats is not None]
            writing.record(self._store.encode(_facts(repeats)), {})

    def _take(self, drafts: Sequence[Draft]) -> None:
        """Encode them; a repeat of something in the same batch waits until that has a place."""
        self._drafts = drafts
        self._answers = [draft for draft in drafts if draft.repeats is None]
        self._encoded = self._store.encode(_facts(self._answers), _keys(self._answers))

    def outcomes(self, positions: Sequence[Position]) -> list[Outcome]:
        """What became of each, in the order given; the positions are in the order of recording."""
        repeated = sum(len(draft.facts) for draft in self._answers)
        answered = 0
        outcomes: list[Outcome] = []
        for draft in self._drafts:
            if draft.repeats is None:
                first, answered = answered, answered + len(draft.facts)
                outcomes.append(_outcome(draft, positions[first:answered]))
            else:
                outcomes.append(_outcome(draft, positions[repeated : repeated + 1]))
                repeated += 1
        return outcomes


def _pointing(drafts: Sequence[Draft], answered: Sequence[Position]) -> list[Draft]:
    """A repeat inside the batch points at its first answer, so it waits until that has a place."""
    lengths = [len(draft.facts) if draft.repeats is None else 0 for draft in drafts]
    first = list(accumulate(lengths, initial=0))
    return [
        draft if draft.repeats is None else _pointed(draft, answered[first[draft.repeats]])
        for draft in drafts
    ]


def _pointed(draft: Draft, first: Position) -> Draft:
    fact = draft.facts[0]
    assert isinstance(fact.event, CommandRepeated)
    event = fact.event.model_copy(update={"first": first})
    return replace(draft, first=first, facts=(replace(fact, event=event),))


def _behind_what_was_said(writing: Writing, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """What a door, unsure of the commit, hands in again is answered behind its first answer; mostly none."""
    apart = [draft.facts[0].stream for draft in drafts if draft.apart]
    if not apart:
        return ()
    last = dict(writing.versions(apart))
    if not last and len(set(apart)) == len(apart):
        return ()
    behind: list[Draft] = []
    for draft in drafts:
        if not draft.apart:
            behind.append(draft)
            continue
        fact = draft.facts[0]
        last[fact.stream] = last.get(fact.stream, 0) + 1
        behind.append(replace(draft, facts=(replace(fact, version=last[fact.stream]),)))
    return behind


def _facts(drafts: Sequence[Draft]) -> list[Fact]:
    return [fact for draft in drafts for fact in draft.facts]


def _keys(drafts: Sequence[Draft]) -> list[tuple[CommandKey, bytes, int]]:
    rows: list[tuple[CommandKey, bytes, int]] = []
    index = 0
    for draft in drafts:
        if draft.claims_key is not None:
            rows.append((draft.key, draft.claims_key, index))
        index += len(draft.facts)
    return rows


def _outcome(draft: Draft, positions: Sequence[Position]) -> Outcome:
    events = [fact.event for fact in draft.facts]
    if draft.status is Status.RECORDED:
        return Outcome(draft.status, draft.key, draft.subject, positions=positions, events=events)
    told = events[0]
    return Outcome(
        status=draft.status,
        key=draft.key,
        subject=draft.subject,
        code=getattr(told, "code", ""),
        reason_zh=getattr(told, "reason_zh", ""),
        reason_en=getattr(told, "reason_en", ""),
        positions=positions,
        events=events,
        first=draft.first,
    )
