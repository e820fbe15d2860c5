"""`sidan rules dry-run` and `backtest`: what a file's rules would have made of the orders of some months."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from adapters.bootstrap import Node
from adapters.cli.moments import shown, since
from adapters.cli.naming import both
from adapters.cli.opening import opened
from adapters.cli.output import AsCsv, AsJson, aside, put_csv, put_json, put_table, say
from adapters.cli.problems import Problem
from adapters.cli.setup import File
from adapters.cli.submitting import bar
from adapters.cli.tried import HEADS, REACHES, as_row, named, sum_dict, tried_dict
from adapters.towns import load
from adapters.trying import Trial, cases, facts_of
from domain.ids import ProviderId
from domain.routes import in_words
from domain.trying import TOPS, Case, Reach, Sum, Tried

Since = Annotated[
    str, typer.Option("--since", help="从何时起：90d、12h 或日期 · since when: 90d, 12h, or a date")
]


@dataclass
class _Trying:
    """What is tried, what comes out in sum, and who is who."""

    node: Node
    tried: Iterator[Tried]
    trial: Trial
    sum: Sum
    names: dict[ProviderId, str]


def dry_run(
    ctx: typer.Context,
    *,
    file: File,
    since_: Since = "90d",
    everything: Annotated[
        bool, typer.Option("--all", help="没有不同的也列出 · list those too that do not differ")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """逐单试算：按此文件会建议谁 · Order by order: who would have been proposed under this file."""
    with _trying(ctx, file, since_) as trying:
        listed = [one for one in trying.tried if everything or one.differs]
        zone = trying.node.rules.zone
        if as_json:
            put_json(
                {
                    "orders": [tried_dict(one) for one in listed],
                    "sum": sum_dict(trying.sum, trying.trial.missed),
                }
            )
            return
        rows = [as_row(one, trying.names, zone) for one in listed]
        if as_csv:
            put_csv(HEADS, rows)
            return
        if rows:
            put_table(HEADS, rows)
        _tell_sum(trying)


def backtest(ctx: typer.Context, *, file: File, since_: Since = "90d", as_json: AsJson = False) -> None:
    """合计试算：提议得准不准，谁多谁少 · In sum: how often right, and who would have got more or fewer."""
    with _trying(ctx, file, since_) as trying:
        for _ in trying.tried:
            pass
        if as_json:
            put_json(sum_dict(trying.sum, trying.trial.missed))
            return
        _tell_sum(trying)
        _tell_more(trying)


@contextmanager
def _trying(ctx: typer.Context, file: str, since_text: str) -> Generator[_Trying]:
    """Everything that both commands need; nothing is recorded."""
    with opened(ctx) as node:
        begin = since(since_text, node.rules.zone, node.clock())
        rules = load(file).rules
        asked = cases(facts_of(node.log), begin)
        if not asked:
            raise Problem(
                "nothing_to_try",
                f"{shown(begin, node.rules.zone)}以来没有派出、建议、抢到或导入的工单，请把 --since 改早。",
                "No order was dispatched, proposed, claimed or imported since "
                f"{shown(begin, node.rules.zone)}; give an earlier --since.",
            )
        names = {slug: both(zh, en) for slug, (zh, en) in node.queries.menu.providers().items()}
        with closing(Trial(node.log, rules)) as trial:
            total = Sum()
            yield _Trying(node, _watched(trial, asked, total), trial, total, names)


def _watched(trial: Trial, asked: Sequence[Case], total: Sum) -> Iterator[Tried]:
    """With a bar on a terminal, by the place in the log."""
    reached = 0

    with bar("试算 trying", asked[-1].position) as advance:

        def told(position: int) -> None:
            nonlocal reached
            advance(position - reached)
            reached = position

        for one in trial.run(asked, told):
            total.add(one)
            yield one


def _tell_sum(trying: _Trying) -> None:
    total = trying.sum
    person = total.file.reach[Reach.PERSON]
    say(
        f"试算{total.orders}单，{total.differing}单不同：{total.moved}单会建议另一家，"
        f"{person}单因细则走不通转人工。什么也没有记录。",
        f"{total.orders} orders tried, {total.differing} differ: {total.moved} would be proposed to another,"
        f" {person} go to a person because a route cannot be followed. Nothing was recorded.",
    )
    if trying.trial.missed:
        number = len(trying.trial.missed)
        aside().print(
            f"另有{number}单含此版本读不懂的事件，没有试算，请升级。"
            f" {number} more could not be tried: this release cannot read their events; upgrade.",
            markup=False,
        )


def _tell_more(trying: _Trying) -> None:
    total = trying.sum
    sides = (total.then, total.file)
    rows: list[tuple[object, ...]] = [
        (f"前{top}与实派一致 top {top}", *(_share(side.right[top], total.sent) for side in sides))
        for top in TOPS
    ]
    rows += [(REACHES[reach], *(side.reach[reach] for side in sides)) for reach in Reach]
    rows.append(("无人能接 nobody", *(side.nobody for side in sides)))
    put_table(("", "当时的细则 rules then", "此文件 this file"), rows)
    moved = [
        (named(name, trying.names), then, file, f"{file - then:+}") for name, then, file in total.providers()
    ]
    if moved:
        put_table(("接单方 provider", "当时 then", "此文件 file", "增减 more or fewer"), moved)
    for (code, provider), number in sorted(total.file.broken.items()):
        zh, en = in_words(code, provider)
        say(f"{number}单：{zh}", f"{number} orders: {en} [{code}]")


def _share(number: int, of: int) -> str:
    return f"{number / of:.1%} ({number}/{of})" if of else "—"
