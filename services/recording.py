"""Brings drafts to their places in the log: facts, command keys and progress, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from domain.events import CommandRepeated
from domain.facts import CommandKey, Fact
from domain.ids import Position
from services.deciding import Draft
from services.ports import Writing
from services.requests import Outcome, Status


def record(writing: Writing, drafts: Sequence[Draft], progress: Mapping[str, int]) -> list[Outcome]:
    """Record all of them; the outcomes come in the order of the drafts."""
    drafts = _behind_what_was_said(writing, drafts)
    answers = [draft for draft in drafts if draft.repeats is None]
    positions = writing.record(_facts(answers), _keys(answers), progress)
    if len(answers) == len(drafts):
        return list(_outcomes(drafts, positions))
    return _record_repeats(writing, drafts, positions)


def _record_repeats(writing: Writing, drafts: Sequence[Draft], answered: Sequence[Position]) -> list[Outcome]:
    """A repeat inside the batch points at its first answer, so it waits until that has a place."""
    places = iter(answered)
    first: list[Position | None] = []
    positions: list[list[Position]] = []
    for draft in drafts:
        mine = [] if draft.repeats is not None else [next(places) for _ in draft.facts]
        positions.append(mine)
        first.append(mine[0] if mine else None)
    pointed = [draft if draft.repeats is None else _pointing(draft, first[draft.repeats]) for draft in drafts]
    repeats = iter(writing.record(_facts([draft for draft in pointed if draft.repeats is not None]), (), {}))
    return [_outcome(draft, mine or [next(repeats)]) for draft, mine in zip(pointed, positions, strict=True)]


def _pointing(draft: Draft, first: Position | None) -> Draft:
    fact = draft.facts[0]
    assert isinstance(fact.event, CommandRepeated)
    event = fact.event.model_copy(update={"first": first})
    return replace(draft, first=first, facts=(replace(fact, event=event),))


def _behind_what_was_said(writing: Writing, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """What a door, unsure of the commit, hands in again is answered behind its first answer."""
    apart = [draft.facts[0].stream for draft in drafts if draft.status is not Status.RECORDED]
    if not apart:
        return drafts
    last = dict(writing.versions(apart))
    if not last and len(set(apart)) == len(apart):
        return drafts
    behind: list[Draft] = []
    for draft in drafts:
        if draft.status is Status.RECORDED:
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


def _outcomes(drafts: Sequence[Draft], positions: Sequence[Position]) -> Iterator[Outcome]:
    index = 0
    for draft in drafts:
        end = index + len(draft.facts)
        yield _outcome(draft, positions[index:end])
        index = end


def _outcome(draft: Draft, positions: Sequence[Position]) -> Outcome:
    events = tuple([fact.event for fact in draft.facts])
    if draft.status is Status.RECORDED:
        return Outcome(Status.RECORDED, draft.key, draft.subject, positions=positions, events=events)
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
