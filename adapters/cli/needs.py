"""The needs list (需求清单) as people read it: what each side needs, and who has taken it up."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from adapters.bootstrap import Node
from adapters.cli.moments import shown
from adapters.cli.naming import Naming, both
from adapters.cli.opening import NOW, AsOf, HappenedBy, Then, nothing_yet, opened
from adapters.cli.options import As
from adapters.cli.output import AsCsv, AsJson, people, put_csv, put_json, put_table, say
from adapters.cli.problems import Problem
from adapters.cli.reading import Open, WhatFor, purpose, reading
from adapters.opening import Reading
from domain.ids import AreaPath, CategoryPath, NeedId, ProviderId, need_subject
from domain.need import NeedStage
from domain.rejections import UnknownNeed
from projections.menu import Menu
from projections.needs import NeedFilter, NeedPage, NeedRow, Needs, Side

HEADS: Final = (
    *("代码 id", "提出方 whose", "需求 need", "事项 category", "区域 area"),
    *("认领 takers", "认领方 taken up by", "截止 until", "状态 state"),
)
app = typer.Typer(
    no_args_is_help=True,
    help="需求清单：列表、提出、更正、认领、退出、关闭 · Needs: list, state, amend, take up, let go, close",
)

Slug = Annotated[str, typer.Argument(metavar="NEED", help="需求代码 · the need's id")]


@app.command("list")
def list_needs(
    ctx: typer.Context,
    *,
    area: Annotated[str | None, typer.Option(help="区域及其下 · an area with all in it")] = None,
    category: Annotated[str | None, typer.Option(help="事项及其下 · a category with all in it")] = None,
    side: Annotated[Side | None, typer.Option(help="谁的需求 · whose needs")] = None,
    owner: Annotated[str | None, typer.Option(help="提出的接单方 · the provider that needs it")] = None,
    taker: Annotated[str | None, typer.Option(help="认领的接单方 · the provider that took it up")] = None,
    open_to: Annotated[
        str | None, typer.Option(help="该接单方可认领的 · only what this provider could take up")
    ] = None,
    all_of_them: Annotated[
        bool, typer.Option("--all", help="含已关闭和已截止 · closed and over too")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几项 · how many")] = 50,
    cursor: Annotated[str | None, typer.Option(help="从上一页之后 · where the last page ended")] = None,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """列出需求 · List needs that stand open, the newest first."""
    with opened(ctx, Then(as_of, happened_by), of=(Needs, Menu)) as node:
        now, called = node.clock(), Naming.of(node)
        which = NeedFilter(
            area=AreaPath(area) if area else None,
            category=CategoryPath(category) if category else None,
            side=side,
            owner=ProviderId(owner) if owner else None,
            taker=ProviderId(taker) if taker else None,
            open_at=None if all_of_them else now,
        )
        if open_to:
            page = NeedPage(node.queries.needs.for_provider(ProviderId(open_to), now, limit=limit), None)
        else:
            page = node.queries.needs.page(which, cursor=cursor, limit=limit)
    if as_json:
        rows = [as_dict(row, over=row.over(now)) for row in page.needs]
        put_json({"needs": rows, "next": page.next})
        return
    (put_csv if as_csv else put_table)(HEADS, [_cells(row, called, over=row.over(now)) for row in page.needs])
    if page.next and not as_csv:
        say(f"后面还有，请加 --cursor {page.next}", f"There are more: add --cursor {page.next}")


@app.command()
def show(
    ctx: typer.Context,
    *,
    need: Slug,
    open_: Open = False,
    why: WhatFor = None,
    as_: As = None,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    as_json: AsJson = False,
) -> None:
    """看一项需求 · Show one need and who has taken it up."""
    then = Then(as_of, happened_by)
    what_for = purpose(why, open_=open_)
    with opened(ctx, then, of=(Needs, Menu)) as node:
        row = node.queries.needs.get(NeedId(need))
        if row is None:
            raise _not_there(need, then)
        notes = _opened_notes(node, row, reading(need_subject(row.need), what_for, as_)) if open_ else {}
        over, called = row.over(node.clock()), Naming.of(node)
    if as_json:
        put_json(as_dict(row, over=over, notes=notes))
        return
    for head, cell in zip(HEADS, _cells(row, called, over=over), strict=True):
        people().print(f"{head}：{cell}", markup=False)
    for one in row.takers:
        since = shown(one.since, called.rules.zone)
        people().print(
            f"  {both(one.name_zh, one.name_en)} {since} {notes.get(one.provider, '')}", markup=False
        )


def _not_there(need: str, then: Then) -> Problem:
    if then != NOW:
        return nothing_yet(f"需求{need}的记录", f"need {need}", then.given)
    unknown = UnknownNeed(need=need)
    return Problem(unknown.code, unknown.reason_zh, unknown.reason_en)


def as_dict(
    row: NeedRow, *, over: bool, notes: Mapping[ProviderId | None, str] | None = None
) -> dict[str, Any]:
    """The need, and of what its takers wrote only what was opened."""
    opened = notes or {}
    takers = [asdict(one) | {"note": opened.get(one.provider)} for one in row.takers]
    return asdict(row) | {"takers": takers, "side": row.side, "full": row.full, "over": over}


def _opened_notes(node: Node, row: NeedRow, asked: Reading) -> dict[ProviderId | None, str]:
    """What takers wrote, in clear, once the reading is on record."""
    unseal = node.opening.open(asked, [("note", one.note) for one in row.takers])
    return {one.provider: unseal(one.note) for one in row.takers if one.note is not None}


def _cells(row: NeedRow, called: Naming, *, over: bool) -> Sequence[object]:
    return (
        row.need,
        both(row.owner_zh, row.owner_en),
        both(row.title_zh, row.title_en),
        called.cell("category", row.category) if row.category else "",
        called.area(row.area),
        f"{len(row.takers)}/{row.takers_wanted}" if row.takers_wanted else len(row.takers),
        "；".join(both(one.name_zh, one.name_en) for one in row.takers),
        shown(row.until, called.rules.zone),
        _state(row, over=over),
    )


def _state(row: NeedRow, *, over: bool) -> str:
    if row.stage is NeedStage.CLOSED:
        return "已关闭 closed"
    if over:
        return "已截止 over"
    return "已齐 full" if row.full else "待认领 open"
