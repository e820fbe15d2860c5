"""Orders as they stand: list them, show one, and the table of what is possible when."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from adapters.bootstrap import Node
from adapters.cli.asking import dashed
from adapters.cli.moments import end_of
from adapters.cli.naming import LABELS, Naming, stage_name
from adapters.cli.opening import NOW, AsOf, HappenedBy, Then, find_order, nothing_yet, opened
from adapters.cli.options import As
from adapters.cli.ordering import Order
from adapters.cli.output import AsCsv, AsJson, people, put_csv, put_json, put_table, say
from adapters.cli.problems import Problem
from adapters.cli.reading import Open, WhatFor, purpose, reading
from adapters.opening import Reading
from adapters.proposed import Placing, placing_of
from domain import transitions
from domain.commands import COMMANDS
from domain.ids import (
    AreaPath,
    CategoryPath,
    OrderId,
    ProviderId,
    StreamId,
    is_order_number,
    provider_subject,
)
from domain.rejections import UnknownOrder
from domain.stages import Stage
from projections.menu import Menu
from projections.order_board import Filter, OrderBoard, OrderRow

SEALED: Final = ("details", "contact", "address", "said", "notice", "progress", "result", "comment")
NAMED: Final = ("category", "area", "provider")  # a code on record, shown with its name
COLUMNS: Final = (
    *("number", "stage", "category", "area", "provider"),
    *("placed_at", "deadline", "overdue", "level", "order_id"),
)
SILENT: Final = (
    "overdue",
    "bad",
    "declines",
    "seconders",
    "bad_ratings",
)  # nothing to say where there is none

app = typer.Typer(
    no_args_is_help=True, help="工单：列表、单张、流转表 · Orders: list, show one, the transition table"
)


@app.command("list")
def list_orders(
    ctx: typer.Context,
    *,
    stage: Annotated[list[Stage] | None, typer.Option(help="阶段，可多次 · stage, again for more")] = None,
    area: Annotated[str | None, typer.Option(help="区域及其下 · an area with all in it")] = None,
    category: Annotated[str | None, typer.Option(help="事项及其下 · a category with all in it")] = None,
    provider: Annotated[str | None, typer.Option(help="接单方 · provider")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="仅超期 · only those past their time")] = False,
    seconded: Annotated[bool, typer.Option("--seconded", help="仅有附议 · only those seconded")] = False,
    at: Annotated[
        str | None, typer.Option(help="按哪一刻算超期 · the moment that overdue is meant at")
    ] = None,
    oldest: Annotated[bool, typer.Option("--oldest", help="旧的在前 · oldest first")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几张 · how many")] = 50,
    cursor: Annotated[str | None, typer.Option(help="从上一页之后 · where the last page ended")] = None,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """列出工单 · List orders, the newest first."""
    with opened(ctx, Then(as_of, happened_by), of=(OrderBoard, Menu)) as node:
        zone = node.rules.zone
        now = end_of(at, zone) if at else node.clock()
        which = Filter(
            stages=tuple(stage or ()),
            area=AreaPath(area) if area else None,
            category=CategoryPath(category) if category else None,
            provider=ProviderId(provider) if provider else None,
            overdue_at=now if overdue else None,
            seconded=seconded,
        )
        order = "oldest" if oldest else "newest"
        page = node.queries.board.page(which, cursor=cursor, limit=limit, order=order)
        called = Naming.of(node)
    rows = [as_dict(row) | {"overdue": row.overdue(now)} for row in page.orders]
    if as_json:
        put_json({"orders": rows, "next": page.next})
    elif as_csv:
        heads = [*(one.name for one in fields(OrderRow) if one.name not in (*SEALED, "proposal")), "overdue"]
        names = [f"{name}_name" for name in NAMED]
        put_csv(
            [*heads, *names],
            [
                [
                    *(_for_spreadsheet(row[head], zone) for head in heads),
                    *(called.cell(one, row[one]) for one in NAMED),
                ]
                for row in rows
            ],
        )
    else:
        put_table(
            [LABELS[name] for name in COLUMNS],
            [[called.cell(name, row[name]) for name in COLUMNS] for row in rows],
        )
        if page.next:
            say(f"后面还有，请加 --cursor {page.next}", f"There are more: add --cursor {page.next}")


@app.command("show")
def show(
    ctx: typer.Context,
    *,
    order: Order,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    open_: Open = False,
    why: WhatFor = None,
    as_: As = None,
    as_json: AsJson = False,
) -> None:
    """看一张工单 · Show one order."""
    then = Then(as_of, happened_by)
    what_for = purpose(why, open_=open_)
    with opened(ctx, then, of=(OrderBoard, Menu), about=lambda live: _needed(live, order)) as node:
        found = find_order(node, order)
        row = node.queries.board.get(found)
        if row is None:
            raise _not_there(order, then)
        told = as_dict(row) | {"overdue": row.overdue(node.clock())}
        placing = placing_of(node.store.history(StreamId(found)))
        told |= placing.as_dict()
        if open_:
            told |= opened_texts(node, reading(str(found), what_for, as_, row.resident), row, placing)
        told |= _stood(node, found) if then != NOW else {}
        called = Naming.of(node)
    if as_json:
        put_json(told)
        return
    for name, value in told.items():
        if value is not None and value != () and name in LABELS and (value or name not in SILENT):
            code = f"  [{value}]" if name in NAMED else ""
            people().print(f"{LABELS[name]}：{called.cell(name, value)}{code}", markup=False)


@app.command("transitions")
def show_transitions(as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """流转表：何时可做什么 · The transition table: what is possible at which stage."""
    rows = [
        {"stage": stage, "command": wire, "leads_to": to, "roles": _roles(wire)}
        for stage, wire, to in transitions.rows()
    ]
    if as_json:
        put_json({"transitions": rows})
        return
    cells = [_transition(row) for row in rows]
    heads = ("阶段 stage", "命令 command", "之后 leads to", "谁 who")
    (put_csv if as_csv else put_table)(heads, cells)


def as_dict(row: OrderRow) -> dict[str, Any]:
    """The row without what people wrote; that is opened by right only."""
    return {name: value for name, value in asdict(row).items() if name not in SEALED}


def opened_texts(node: Node, asked: Reading, row: OrderRow, placing: Placing) -> dict[str, str]:
    """What people wrote, once the reading is on record."""
    texts: dict[str, str | None] = {name: getattr(row, name) for name in SEALED}
    if placing.sent is not None:
        texts["why"] = placing.sent.why
    unseal = node.opening.open(asked, texts.items())
    return {name: unseal(text) for name, text in texts.items() if text is not None}


def _needed(live: Node, order: str) -> list[str]:
    """All that one order's row and the names in it are made from."""
    return [str(find_order(live, order)), *map(provider_subject, live.queries.menu.providers())]


def _not_there(order: str, then: Then) -> Problem:
    if then != NOW:
        return nothing_yet(f"工单{order}的记录", f"order {order}", then.given)
    unknown = UnknownOrder(order=order)
    return Problem(unknown.code, unknown.reason_zh, unknown.reason_en)


def _stood(node: Node, order: OrderId) -> dict[str, Any]:
    """The moment, and the last fact of the order that was there."""
    last = list(node.store.history(StreamId(order)))[-1]
    return {"version": last.fact.version, "position": last.position, "as_of": node.clock()}


def _roles(wire: str) -> list[str]:
    return sorted(transitions.MAY_ASK[COMMANDS[wire]])


def _transition(row: Mapping[str, Any]) -> Sequence[str]:
    command = COMMANDS[row["command"]]
    return (
        stage_name(row["stage"]),
        f"{command.zh} {command.wire}",
        "、".join(stage_name(stage) for stage in row["leads_to"]),
        ", ".join(row["roles"]),
    )


def _for_spreadsheet(value: Any, zone: str) -> Any:
    """Twelve digits alone would become 5.35E+11; a moment with an offset would stay a text."""
    if isinstance(value, str) and is_order_number(value):
        return dashed(value)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    return value
