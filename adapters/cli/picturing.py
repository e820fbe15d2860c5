"""How a match looks at a terminal: each score as a bar of its parts, then what speaks for the first few."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.text import Text

from adapters.cli.naming import both
from adapters.cli.output import people, put_csv, put_json, put_table, say
from adapters.matcher import Match
from domain.evidence import Explanation
from domain.matching import REASON_WORDS, Candidate
from domain.proposal import PART_WORDS, SHOWN, Part, Proposal

CELLS: Final = 24  # of the bar of the best
INK: Final[Mapping[Part, tuple[str, str]]] = {
    Part.WANTED: ("◆", "magenta"),
    Part.DUTY: ("█", "cyan"),
    Part.EVIDENCE: ("▓", "green"),
    Part.NEAR: ("▒", "blue"),
    Part.ROOM: ("░", "white"),
    Part.RATING: ("▚", "bright_blue"),
    Part.TIMELY: ("▞", "bright_green"),
    Part.TURN: ("▪", "bright_black"),
}
"""A sign of its own beside the colour: a pipe has none, and not everybody sees them."""
_HEADS: Final = ("#", "代码 id", "接单方 provider", "得分 score")
_LAST: Final = ("在办/上限 load", "理由 reasons")


def put_match(match: Match, waiting: Proposal | None, limit: int, *, as_json: bool, as_csv: bool) -> None:
    """Candidates and who was left out.

    Args:
        waiting: a proposal on the order's record, which counts before what is found now.
        limit: how many candidates.
    """
    if as_json:
        put_json(as_dict(match, waiting, limit))
        return
    names = {slug: both(named.name_zh, named.name_en) for slug, named in match.names.items()}
    shown = match.candidates[:limit]
    if as_csv:
        _spreadsheet(match, shown, names)
        return
    if shown:
        _table(shown, names)
        for place, one in enumerate(shown, start=1):
            _speaks_for(place, names.get(one.provider, one.provider), one, match.learnt.get(one.provider))
        _proposes(waiting or match.proposal, names, on_record=waiting is not None)
    else:
        say(
            "没有可派的接单方，由包片责任人处理。",
            "Nobody could take it; it stays with the area's responsible person.",
        )
    for left_out in match.excluded:
        name = names.get(left_out.provider, "")
        people().print(f"  ✗ {left_out.provider} {name}: {reasons(left_out.why)}", markup=False)


def as_dict(match: Match, waiting: Proposal | None, limit: int) -> dict[str, Any]:
    """The match for programs."""
    proposal = (waiting or match.proposal).model_dump(mode="json")
    return {
        "order": match.order,
        "candidates": match.candidates[:limit],
        "excluded": match.excluded,
        "names": {slug: asdict(named) for slug, named in match.names.items()},
        "learnt": {slug: _sentence(why) for slug, why in match.learnt.items()},
        "proposal": {**proposal, "on_record": waiting is not None},
    }


def bar(one: Candidate, most: int) -> Text:
    """Its parts side by side, as long as its score is against `most`."""
    drawn, points, end = Text(no_wrap=True), 0, 0
    for part, (sign, colour) in INK.items():
        points += one.parts.get(part, 0)
        begin, end = end, points * CELLS // most if most else 0
        drawn.append(sign * (end - begin), colour)
    return drawn


def reasons(codes: Sequence[str]) -> str:
    """In both languages."""
    return "；".join(" ".join(REASON_WORDS[code]) for code in codes)


def _sentence(why: Explanation) -> dict[str, Any]:
    return {"orders": why.orders, "hits": why.hits, "kind": why.kind, "zh": why.zh, "en": why.en}


def _table(shown: Sequence[Candidate], names: Mapping[Any, str]) -> None:
    most = max(one.score for one in shown)
    rows = [
        (*_begin(place, one, names), f"{one.score:,}", bar(one, most), _load(one))
        for place, one in enumerate(shown, start=1)
    ]
    put_table((*_HEADS, "构成 parts", _LAST[0]), rows)


def _spreadsheet(match: Match, shown: Sequence[Candidate], names: Mapping[Any, str]) -> None:
    """A column for each part."""
    rows: list[tuple[object, ...]] = []
    for place, one in enumerate(shown, start=1):
        why = match.learnt.get(one.provider)
        told = (why.zh, why.en) if why else ("", "")
        parts = (one.parts.get(part, 0) for part in INK)
        rows.append((*_begin(place, one, names), one.score, *parts, _load(one), reasons(one.reasons), *told))
    parts = (" ".join(PART_WORDS[part]) for part in INK)
    put_csv((*_HEADS, *parts, *_LAST, "经验说明", "evidence in words"), rows)


def _begin(place: int, one: Candidate, names: Mapping[Any, str]) -> tuple[object, ...]:
    return place, one.provider, names.get(one.provider)


def _load(one: Candidate) -> str:
    return f"{one.load}/{one.capacity}"


def _speaks_for(place: int, name: str, one: Candidate, why: Explanation | None) -> None:
    """Its reasons; of the first few the parts with their points, and what the evidence says."""
    out = people()
    out.print(f"{place} {name}：{reasons(one.reasons)}", markup=False)
    if place > SHOWN:
        return
    parts = Text(" ")
    for part, (sign, colour) in INK.items():
        if points := one.parts.get(part):
            parts.append(f" {sign}", colour).append(f" {' '.join(PART_WORDS[part])} {points:,} ")
    out.print(parts)
    if why:
        out.print(f"  {why.zh}。 {why.en[0].upper()}{why.en[1:]}.", markup=False)


def _proposes(proposal: Proposal, names: Mapping[Any, str], *, on_record: bool) -> None:
    if proposal.winner is None:
        return
    name = names.get(proposal.winner, proposal.winner)
    chosen = next((one for one in proposal.candidates if one.provider == proposal.winner), None)
    price = chosen.price if chosen else 0
    zh = f"（名额价{price:,}）" if price else ""
    en = f" (its room is worth {price:,})" if price else ""
    if on_record:
        say(f"已建议派给{name}{zh}，待社区确认。", f"Proposed on record: {name}{en}; a person confirms it.")
    else:
        say(f"系统建议派给{name}。", f"The engine proposes {name}.")
