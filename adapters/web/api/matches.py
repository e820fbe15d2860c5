"""Who could take an order, as the API answers it: score and parts in words, evidence, the proposal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from adapters.matcher import Match
from adapters.web.api.models import Out
from domain.evidence import Explanation
from domain.matching import REASON_WORDS, Candidate
from domain.proposal import PART_WORDS, Part, Proposal


class PartOut(Out):
    """One part of a score."""

    part: Part
    points: int
    name_zh: str
    name_en: str


class LearntOut(Out):
    """How such orders were dispatched before: counts that anyone can count again, and a sentence."""

    orders: int
    hits: int
    kind: str = Field(description="not empty where a kind of unit was counted")
    zh: str
    en: str


class CandidateOut(Out):
    """One provider that could take the order, and why it ranks where it does."""

    provider: str
    name_zh: str
    name_en: str
    contact: str
    score: int = Field(description="得分 · the sum of its parts")
    parts: tuple[PartOut, ...]
    learnt: LearntOut | None = Field(description="of the first few, where anything like it was dispatched")
    reasons: tuple[str, ...]
    reasons_zh: tuple[str, ...]
    reasons_en: tuple[str, ...]
    capacity: int
    load: int


class ExcludedOut(Out):
    """A provider looked at and left out."""

    provider: str
    name_zh: str
    name_en: str
    why: tuple[str, ...]
    why_zh: tuple[str, ...]
    why_en: tuple[str, ...]


class ProposedCandidateOut(Out):
    """A candidate as it stands in the proposal."""

    provider: str
    score: int
    price: int = Field(description="名额价 · what its room was worth to other orders of the same round")
    parts: tuple[PartOut, ...]
    reasons: tuple[str, ...]


class ProposalOut(Out):
    """系统建议 · what a dispatch would be held against now."""

    winner: str | None
    on_record: bool = Field(description="it stands on the order's record and waits for a person")
    rules: int = Field(description="the version of the rules whose weights count")
    at: datetime
    of: int = Field(description="how many could have taken it")
    candidates: tuple[ProposedCandidateOut, ...]


class MatchOut(Out):
    """候选接单方，最合适的在前 · candidates, the best first."""

    order: UUID | None
    candidates: tuple[CandidateOut, ...]
    excluded: tuple[ExcludedOut, ...]
    proposal: ProposalOut


def match_out(match: Match, waiting: Proposal | None, limit: int | None) -> MatchOut:
    """With the names of all, and what the codes mean.

    Args:
        waiting: a proposal on the order's record, which counts before what is found now.
    """
    return MatchOut(
        order=match.order,
        candidates=tuple(_candidate(match, one) for one in match.candidates[:limit]),
        excluded=tuple(
            ExcludedOut(
                provider=one.provider,
                name_zh=match.names[one.provider].name_zh if one.provider in match.names else one.provider,
                name_en=match.names[one.provider].name_en if one.provider in match.names else one.provider,
                why=one.why,
                why_zh=_words(one.why, 0),
                why_en=_words(one.why, 1),
            )
            for one in match.excluded
        ),
        proposal=_proposal(waiting or match.proposal, on_record=waiting is not None),
    )


def _candidate(match: Match, one: Candidate) -> CandidateOut:
    named = match.names[one.provider]
    return CandidateOut(
        provider=one.provider,
        name_zh=named.name_zh,
        name_en=named.name_en,
        contact=named.contact,
        score=one.score,
        parts=_parts(one.parts),
        learnt=_learnt(match.learnt.get(one.provider)),
        reasons=one.reasons,
        reasons_zh=_words(one.reasons, 0),
        reasons_en=_words(one.reasons, 1),
        capacity=one.capacity,
        load=one.load,
    )


def _learnt(why: Explanation | None) -> LearntOut | None:
    return LearntOut.model_validate(why) if why else None


def _proposal(proposal: Proposal, *, on_record: bool) -> ProposalOut:
    said: dict[str, Any] = {name: getattr(proposal, name) for name in ("winner", "rules", "at", "of")}
    candidates = tuple(
        ProposedCandidateOut(
            provider=one.provider,
            score=one.score,
            price=one.price,
            parts=_parts(one.parts),
            reasons=one.reasons,
        )
        for one in proposal.candidates
    )
    return ProposalOut(**said, on_record=on_record, candidates=candidates)


def _parts(parts: Mapping[Part, int]) -> tuple[PartOut, ...]:
    """Those with points, in an order that stays."""
    return tuple(
        PartOut(part=part, points=parts[part], name_zh=zh, name_en=en)
        for part, (zh, en) in PART_WORDS.items()
        if part in parts
    )


def _words(codes: Sequence[str], language: int) -> tuple[str, ...]:
    return tuple(REASON_WORDS[code][language] for code in codes)
