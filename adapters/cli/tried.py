"""How an order that was tried is told: a row for people, an object for programs, and their sum."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from adapters.cli.moments import shown
from adapters.cli.picturing import reasons
from domain.ids import ProviderId, order_number
from domain.routes import in_words
from domain.trying import TOPS, Case, Lead, Outcome, Reach, Side, Sum, Tried

FEW: Final = 3  # parts of a score that are told to people
REACHES: Final[dict[Reach, str]] = {
    Reach.OFF: "人工派单 off",
    Reach.PROPOSE: "系统建议 propose",
    Reach.ON: "自动派单 on",
    Reach.PERSON: "细则走不通，转人工 person",
}
HOWS: Final = {
    "dispatched": "派给 sent to",
    "claimed": "抢单 claimed by",
    "proposed": "未派 not sent",
    "imported": "原系统派给 sent elsewhere to",
}


HEADS: Final = (
    "单号 order", "时间 when", "事项 category", "区域 area", "当时 then", "当时会派 proposed then",
    "试算 file", "试算会派 proposed under file", "实际 really", "为何不同 why",
)  # fmt: skip


def as_row(one: Tried, names: dict[ProviderId, str], zone: str) -> tuple[object, ...]:
    """Under HEADS."""
    case = one.case
    return (
        order_number(case.order),
        shown(case.at, zone),
        case.category,
        case.area,
        REACHES[one.then.reach],
        named(one.then.winner, names),
        REACHES[one.file.reach],
        named(one.file.winner, names),
        f"{HOWS[case.how]} {named(case.sent, names)}".rstrip(),
        _why(one),
    )


def named(provider: ProviderId | None, names: dict[ProviderId, str]) -> str:
    """What a provider is called, with its id."""
    return "" if provider is None else f"{names.get(provider, '')} {provider}".lstrip()


def _why(one: Tried) -> str:
    """In a few words: a route that cannot be followed, who could not take it, or which parts decided."""
    told = [" ".join(in_words(side.broken, side.routed)) for side in (one.then, one.file) if side.broken]
    told += [f"{who}: {reasons(why)}" for who, why in _could_not(one)]
    told += [f"{lead.part.value} {lead.then:+} → {lead.file:+}" for lead in one.leads()[:FEW]]
    return "；".join(dict.fromkeys(told))


def _could_not(one: Tried) -> Iterator[tuple[ProviderId, tuple[str, ...]]]:
    """Who was a candidate under one set of rules only."""
    for provider, other in ((one.file.winner, one.then), (one.then.winner, one.file)):
        if provider is not None and (why := other.left_out(provider)):
            yield provider, why


def tried_dict(one: Tried) -> dict[str, Any]:
    """The stable form of one order."""
    case = one.case
    return {
        "order": case.order,
        "number": order_number(case.order),
        "position": case.position,
        "at": case.at,
        "category": case.category,
        "area": case.area,
        "how": case.how,
        "sent": case.sent,
        "differs": one.differs,
        "then": _side(one.then),
        "file": _side(one.file),
        "parts": [_lead(lead) for lead in one.leads()],
        "left_out": [{"provider": who, "why": why} for who, why in _could_not(one)],
    }


def _side(one: Outcome) -> dict[str, Any]:
    return {
        "reach": one.reach,
        "winner": one.winner,
        "routed": one.routed,
        "broken": one.broken,
        "of": len(one.ranking.candidates),
    }


def _lead(lead: Lead) -> dict[str, Any]:
    return {"part": lead.part, "then": lead.then, "file": lead.file}


def sum_dict(total: Sum, missed: Sequence[Case]) -> dict[str, Any]:
    """The stable form of a sum."""
    return {
        "orders": total.orders,
        "sent": total.sent,
        "differing": total.differing,
        "moved": total.moved,
        "then": _side_sum(total.then, total.sent),
        "file": _side_sum(total.file, total.sent),
        "providers": [
            {"provider": name, "then": then, "file": file, "more": file - then}
            for name, then, file in total.providers()
        ],
        "missed": [one.order for one in missed],
    }


def _side_sum(side: Side, sent: int) -> dict[str, Any]:
    return {
        **{f"top{top}": side.right[top] / sent if sent else None for top in TOPS},
        "reach": {reach.value: side.reach[reach] for reach in Reach},
        "nobody": side.nobody,
        "broken": [
            {"code": code, "provider": provider, "orders": number}
            for (code, provider), number in sorted(side.broken.items())
        ],
    }
