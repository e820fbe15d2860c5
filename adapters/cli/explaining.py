"""Why an order went where it went: what was proposed then, worked out again from the record."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import typer

from adapters.bootstrap import Node
from adapters.cli.audit.checking import pages
from adapters.cli.audit.replaying import rules_of
from adapters.cli.moments import shown
from adapters.cli.naming import both
from adapters.cli.opening import how_far, opened
from adapters.cli.output import AsJson, people, put_json, put_table, say
from adapters.cli.problems import WANTING, Problem
from adapters.rematching import Again, Decided, Rematching, decisions
from domain.ids import OrderId, ProviderId, StreamId
from domain.proposal import PART_WORDS, Part
from domain.routes import in_words

WORKING: Final = "复核 working out again"
DIFFERENCES: Final[Mapping[str, tuple[str, str]]] = {
    "unknown": ("当时还没有此单", "the order was not known then"),
    "demand": ("当时的事项或区域不同", "its category or area was another then"),
    "number": ("当时的候选数不同", "the number of candidates was another"),
    "route": ("细则指定承办的单位或其能否承办不同", "the route or whether it could be followed is another"),
    "candidates": ("候选接单方不同", "the candidates are others"),
    "scores": ("得分不同", "the scores are others"),
    "winner": ("建议的不是净分最高者", "who was proposed is not the best net of prices"),
}
"""What people read for a code of `Again.differences`: Chinese, English."""


def explain(node: Node, order: OrderId, *, as_json: bool) -> None:
    """Every proposal of an order, each worked out again. Raises Problem: nothing was ever proposed for it."""
    decided = list(decisions(node.store.history(StreamId(order))))
    if not decided:
        raise Problem(
            "nothing_proposed",
            "此单的派单没有系统建议可复核（例如由总线上的派单员直接派出）；用 sidan match 看现在谁合适。",
            "No proposal is on record for this order (it may have been dispatched over the bus by a person); "
            "see with sidan match who suits it now.",
        )
    with (
        Rematching(node.log, rules_of(node)) as rematching,
        how_far(node.store.head(), what=WORKING) as told,
    ):
        again = [rematching.again(one, told) for one in decided]
    ok = all(one.agrees for one in again)
    if as_json:
        put_json({"order": order, "ok": ok, "decisions": [_dict(one) for one in again]})
    else:
        for one in again:
            _tell(node, one)
    if not ok:
        raise typer.Exit(WANTING)


def verify(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """逐单复核全部派单建议 · Work every recorded proposal out again, under the rules of its day."""
    with opened(ctx) as node:
        decided = list(decisions(one for page in pages(node) for one in page))
        with (
            Rematching(node.log, rules_of(node)) as rematching,
            how_far(node.store.head(), what=WORKING) as told,
        ):
            wrong = [one for one in rematching.all_again(decided, told) if not one.agrees]
    overruled = sum(one.overruled is True for one in decided)
    if as_json:
        counts = {"proposals": len(decided), "overruled": overruled}
        put_json({"ok": not wrong, **counts, "differing": [_dict(one) for one in wrong]})
    else:
        for one in wrong:
            people().print(f"✗ {one.decided.order} @{one.decided.position}: {_words(one)}", markup=False)
        say(
            f"复核{len(decided)}条派单建议，其中{overruled}条被派单员改派；{len(wrong)}条与当时不符。",
            f"{len(decided)} proposals worked out again, {overruled} of them overruled; {len(wrong)} differ.",
        )
    if wrong:
        raise typer.Exit(WANTING)


def _tell(node: Node, again: Again) -> None:
    decided, was = again.decided, again.decided.proposal
    names = {slug: both(zh, en) for slug, (zh, en) in node.queries.menu.providers().items()}
    when = shown(was.at, node.rules.zone)
    say(
        f"{when}，按第{was.rules}版细则，{was.of}个候选：",
        f"{when}, under version {was.rules} of the rules, {was.of} candidates:",
    )
    put_table(_heads(), [_row(one, names.get(one.provider, "")) for one in was.candidates])
    for line in _ended(decided, names):
        people().print(f"  {line}", markup=False)
    if again.agrees:
        say("  复核一致。", "Worked out again from the record: it agrees.")
    else:
        people().print(f"  ✗ {_words(again)}", markup=False)


def _heads() -> tuple[str, ...]:
    parts = (" ".join(PART_WORDS[part]) for part in Part)
    return ("代码 id", "接单方 provider", "得分 score", *parts, "名额价 price", "净 net")


def _row(one: Any, name: str) -> tuple[object, ...]:
    return (one.provider, name, one.score, *(one.parts.get(part, 0) for part in Part), one.price, one.net)


def _ended(decided: Decided, names: Mapping[ProviderId, str]) -> Iterator[str]:
    was = decided.proposal
    if was.broken:
        zh, en = in_words(was.broken, was.routed)
        yield f"{zh} {en}"
    winner = was.winner
    if winner:
        yield f"建议 proposed: {winner} {names.get(winner, '')}"
    if decided.sent:
        yield f"派给 sent to: {decided.sent} {names.get(decided.sent, '')}"
    if decided.overruled:
        yield "派单员未按建议 a person overruled the proposal"


def _words(again: Again) -> str:
    return "；".join(f"{DIFFERENCES[code][0]} {DIFFERENCES[code][1]}" for code in again.differences)


def _dict(again: Again) -> dict[str, Any]:
    decided = again.decided
    return {
        "position": decided.position,
        "ok": again.agrees,
        "differences": again.differences,
        "sent": decided.sent,
        "overruled": decided.overruled,
        "proposal": decided.proposal.model_dump(mode="json"),
        "again": again.proposal.model_dump(mode="json") if again.proposal else None,
    }
