"""`sidan match`: who could take an order, and how good the proposals would have been over a history."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from adapters.cli.explaining import verify
from adapters.cli.output import AsJson, people, put_json, put_table, say
from adapters.cli.problems import Problem, Usage, as_problems
from adapters.cli.reporting import match
from adapters.cli.submitting import Advance, bar, existing
from adapters.settings import Settings
from adapters.tables import Dispatches, dispatches_of, load_mapping
from domain.evidence import BINS, TOPS, Precedent, Score, Try, tries

NAMED: Final = 10  # rows left out that are named to people; the rest are counted
ORDER: Final = "order"


class OrderFirst(TyperGroup):
    """`sidan match ORDER`: what is none of the commands here is the order asked about."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args[:1] == ["--help"] or (args and args[0] in self.commands)
        return super().parse_args(ctx, args if named else [ORDER, *args])


app = typer.Typer(
    cls=OrderFirst,
    help=(
        "谁能接此单（sidan match 单号），提议得准不准"
        " · Who could take an order (sidan match ORDER), and how good proposals are"
    ),
)
app.command(ORDER)(match)
app.command()(verify)


@app.command()
def backtest(
    *,
    file: Annotated[str, typer.Argument(metavar="FILE", help="历史工单表格 · a table of past orders")],
    mapping: Annotated[
        str | None, typer.Option("--map", help="表格的列映射（YAML） · column mapping of a table")
    ] = None,
    from_row: Annotated[
        int, typer.Option(min=0, help="从第几行起计分，首行为0 · first row that is scored, from 0")
    ] = 0,
    show: Annotated[
        int, typer.Option(min=0, help="说明最后几单的理由 · explain so many of the last orders")
    ] = 3,
    as_json: AsJson = False,
) -> None:
    """逐单先提议、再学习，看准不准 · Propose for each past order, then learn it: how often right."""
    path = existing(file)
    with as_problems(Settings()):
        history = dispatches_of(path, load_mapping(Path(mapping) if mapping else None))
    score, shown, seconds = _played(history, from_row, show)
    if as_json:
        put_json(_as_dict(history, score, shown, seconds))
        return
    _tell(history, score, shown, seconds)


def _played(history: Dispatches, from_row: int, show: int) -> tuple[Score, list[Try], float]:
    """The score, the last tries with their reasons, and how long it took."""
    if from_row >= history.rows:
        last = history.rows - 1
        raise Usage(
            "row_out_of_range",
            f"表格只有第0到第{last}行，请给 --from-row 一个不大于{last}的数。",
            f"The table has rows 0 to {last}; give --from-row a number up to {last}.",
        )
    scored = [row for row, one in history.orders if one.provider and row >= from_row]
    if not scored:
        raise Problem(
            "nothing_to_score",
            f"第{from_row}行起没有一单写明承办单位，请把 --from-row 改小，或用 --map 写明承办单位的列。",
            f"From row {from_row} on no order names a provider; give a smaller --from-row, or name the column"
            " with --map.",
        )
    explained_from = scored[-show] if 0 < show <= len(scored) else (from_row if show else history.rows)
    score, shown, begun = Score(), list[Try](), monotonic()
    with bar("学习 learning", len(history.orders)) as advance:
        for one in tries(_watched(history.orders, advance), from_row, explained_from):
            score.add(one)
            if one.row >= explained_from:
                shown.append(one)
    return score, shown, monotonic() - begun


def _watched(orders: Iterable[tuple[int, Precedent]], advance: Advance) -> Iterator[tuple[int, Precedent]]:
    for one in orders:
        yield one
        advance(1)


def _as_dict(history: Dispatches, score: Score, shown: list[Try], seconds: float) -> dict[str, Any]:
    return {
        **{f"top{top}": score.share(top) for top in TOPS},
        "n": score.n,
        **_counts(history),
        "seconds": round(seconds, 3),
        "calibration": _bins(score),
        "shown": [_shown(one) for one in shown],
        "problems": history.unusable,
    }


def _counts(history: Dispatches) -> dict[str, int]:
    """`learnt`, `without_provider` and `skipped` add up to `rows`."""
    learnt = sum(bool(one.provider) for _, one in history.orders)
    return {
        "rows": history.rows,
        "learnt": learnt,
        "without_provider": len(history.orders) - learnt,
        "skipped": len(history.unusable),
    }


def _bins(score: Score) -> list[dict[str, Any]]:
    return [
        {
            "from": number / BINS,
            "to": (number + 1) / BINS,
            "n": one.n,
            "expected": one.expected / one.n,
            "right": one.right / one.n,
        }
        for number, one in enumerate(score.bins)
        if one.n
    ]


def _shown(one: Try) -> dict[str, Any]:
    """Who was proposed and who was sent, by the names in the table."""
    return {
        "row": one.row,
        "proposed": one.first_called,
        "probability": one.first.probability if one.first else None,
        "sent": one.precedent.called,
        "place": one.place,
        "reason_zh": one.why.zh if one.why else None,
        "reason_en": one.why.en if one.why else None,
    }


def _tell(history: Dispatches, score: Score, shown: list[Try], seconds: float) -> None:
    counts = _counts(history)
    say(
        f"共{counts['rows']}行：学习{counts['learnt']}单，无承办单位{counts['without_provider']}行，"
        f"略过{counts['skipped']}行；计分{score.n}单，用时{seconds:.1f}秒。",
        f"{counts['rows']} rows: {counts['learnt']} learnt, {counts['without_provider']} without a provider, "
        f"{counts['skipped']} skipped; {score.n} scored, in {seconds:.1f} s.",
    )
    for why in history.unusable[:NAMED]:
        people().print(f"  {why}", markup=False)
    if len(history.unusable) > NAMED:
        say("  其余用 --json 查看。", "See the others with --json.")
    rows = [(f"前{top} top {top}", f"{score.share(top):.1%}", f"{score.hits[top]}/{score.n}") for top in TOPS]
    put_table(("提议 proposals", "命中 right", "件数 orders"), rows)
    bins = [
        (f"{one['from']:.1f}-{one['to']:.1f}", one["n"], f"{one['expected']:.1%}", f"{one['right']:.1%}")
        for one in _bins(score)
    ]
    put_table(("首选把握 stated", "件数 orders", "平均把握 expected", "实际命中 right"), bins)
    for one in shown:
        _tell_why(one)


def _tell_why(one: Try) -> None:
    sent = one.precedent.called
    if one.first is None:
        say(
            f"第{one.row}行：还不认识任何单位；实派{sent}。",
            f"Row {one.row}: no provider known yet; sent to {sent}.",
        )
        return
    first, chance = one.first_called, f"{one.first.probability:.0%}"
    why_zh, why_en = (one.why.zh, one.why.en) if one.why else ("近期没有同类工单", "no order like it lately")
    say(
        f"第{one.row}行：提议{first}（{chance}），{why_zh}；实派{sent}。",
        f"Row {one.row}: proposed {first} ({chance}), {why_en}; sent to {sent}.",
    )
