"""What residents and leaders ask: the menu, who could take an order, how providers stand with the public."""

from typing import Annotated, Any, Final

import typer

from adapters.bootstrap import Node
from adapters.cli import filling, picturing
from adapters.cli.explaining import explain
from adapters.cli.moments import end_of
from adapters.cli.naming import bilingual, both
from adapters.cli.opening import AsOf, HappenedBy, Then, find_order, opened
from adapters.cli.ordering import Order
from adapters.cli.output import AsCsv, AsJson, people, put_csv, put_json, put_table
from adapters.cli.problems import Problem
from adapters.masking import AsItIs, cover
from adapters.proposed import placing_of
from domain.ids import AreaPath, CategoryPath, ProviderId, StreamId
from domain.rejections import UnknownArea, UnknownOrder
from domain.rules import Rules, Words
from domain.stages import Level
from projections.menu import Menu, MenuItem
from projections.rating import DEFINITIONS, By, Rate, RatingRow
from projections.rating import Rating as RatingModel

FEW: Final = 3  # named one by one; the rest are in the spreadsheet and the JSON

Area = Annotated[str | None, typer.Option(help="区域 · area path")]


def menu(
    ctx: typer.Context,
    *,
    area: Area = None,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """某处可点的事项 · What can be ordered in an area, from whom, how soon."""
    with opened(ctx, Then(as_of, happened_by), of=(Menu,)) as node:
        where = filling.choice("--area", area, Words(zh="区域", en="area"), filling.areas(node.rules))
        found = node.queries.menu.menu(AreaPath(where))
    if found is None:
        unknown = UnknownArea(area=where)
        raise Problem(unknown.code, unknown.reason_zh, unknown.reason_en)
    if as_json:
        put_json(found)
        return
    rows = [
        (
            both(group.name_zh, group.name_en),
            both(item.name_zh, item.name_en),
            item.category,
            f"{item.accept_hours} / {item.finish_hours}",
            _from_whom(item, None if as_csv else FEW),
        )
        for group in found.groups
        for item in group.items
    ]
    heads = ("类别 group", "事项 item", "代码 category", "接单/办结小时 hours", "接单方与电话 from whom")
    (put_csv if as_csv else put_table)(heads, rows)


def match(
    ctx: typer.Context,
    *,
    order: Order,
    limit: Annotated[int, typer.Option(min=1, help="最多几个 · how many candidates")] = 10,
    explained: Annotated[
        bool, typer.Option("--explain", help="复核当时的派单建议 · work out again what was proposed then")
    ] = False,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """谁能接此单，为什么 · Who could take an order, and why; who not, and why not."""
    with opened(ctx, Then(as_of, happened_by)) as node:
        which = find_order(node, order)
        if explained:
            explain(node, which, as_json=as_json)
            return
        found = node.matcher.match(which, node.clock())
        waiting = placing_of(node.store.history(StreamId(which))).waiting
    if found is None:
        unknown = UnknownOrder(order=order)
        raise Problem(unknown.code, unknown.reason_zh, unknown.reason_en)
    picturing.put_match(found, waiting, limit, as_json=as_json, as_csv=as_csv)


def rating(
    ctx: typer.Context,
    *,
    by: Annotated[By, typer.Option(help="按什么分组 · grouped by")] = By.PROVIDER,
    area: Area = None,
    category: Annotated[str | None, typer.Option(help="事项 · category path")] = None,
    provider: Annotated[str | None, typer.Option(help="接单方 · provider")] = None,
    at: Annotated[
        str | None, typer.Option(help="按哪一刻算超期 · the moment that overdue is meant at")
    ] = None,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """评价：各级件数、未评、三率 · Ratings: each level, unrated, and the three rates."""
    with opened(ctx, Then(as_of, happened_by), of=(RatingModel, Menu)) as node:
        report = node.queries.rating.report(
            by,
            end_of(at, node.rules.zone) if at else node.clock(),
            area=AreaPath(area) if area else None,
            category=CategoryPath(category) if category else None,
            provider=ProviderId(provider) if provider else None,
        )
        names, rules = names_of(node, by), node.rules
    if as_json:
        rows = [as_dict(row) for row in report.rows]
        put_json({"by": by, "rows": rows, "total": as_dict(report.total), "definitions": DEFINITIONS})
        return
    rows = [_cells(row, names.get(row.key, "")) for row in report.rows]
    rows.append(_cells(report.total, "合计 total"))
    (put_csv if as_csv else put_table)(_heads(rules), rows)
    if not as_csv:
        for one in DEFINITIONS.values():
            people().print(f"{one.name_zh} {one.name_en}: {one.zh} {one.en}", markup=False)


def names_of(node: Node, by: By) -> dict[str, str]:
    """What each key is called."""
    menu = node.queries.menu
    found: dict[Any, tuple[str, str]] = {}
    match by:
        case By.PROVIDER:
            found |= menu.providers()
        case By.CATEGORY:
            found |= menu.categories()
        case By.AREA:
            found |= menu.areas()
    return bilingual(found)


def as_dict(row: RatingRow) -> dict[str, Any]:
    """Each rate with its numerator, denominator and value."""
    told = {name: getattr(row, name) for name in RatingRow.__slots__}
    for name, value in told.items():
        if isinstance(value, Rate):
            told[name] = {
                "numerator": value.numerator,
                "denominator": value.denominator,
                "value": value.value,
            }
    return told


def percent(rate: Rate) -> str:
    """With its numerator and denominator."""
    if rate.value is None:
        return "—"
    return f"{rate.value:.0%} ({rate.numerator}/{rate.denominator})"


def _from_whom(item: MenuItem, most: int | None) -> str:
    told = [f"{cover(both(one.name_zh, one.name_en))} {one.contact}" for one in item.offers[:most]]
    return AsItIs("；".join(told) + ("；…" if len(told) < len(item.offers) else ""))


def _heads(rules: Rules) -> list[str]:
    levels = [rules.level_name(level) for level in Level]
    return [
        *("代码 id", "名称 name", "办结 done"),
        *(both(words.zh, words.en) for words in levels),
        *("未评 unrated", "差评 bad", "附议人评价 by seconders", "超期 overdue"),
        *(f"{one.name_zh} {one.name_en}" for one in DEFINITIONS.values()),
        *("直接答复 answered", "不予受理 not accepted", "并案 duplicate", "撤单 withdrawn"),
    ]


def _cells(row: RatingRow, name: str) -> list[object]:
    rates = [percent(getattr(row, code)) for code in DEFINITIONS]
    levels = [row.levels[level] for level in Level]
    seconders = sum(row.seconder_levels.values())
    apart = [row.answered, row.not_accepted, row.duplicate, row.withdrawn]
    return [
        row.key,
        name,
        row.completed,
        *levels,
        row.unrated,
        row.bad,
        seconders,
        row.overdue,
        *rates,
        *apart,
    ]
