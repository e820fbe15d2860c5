"""Queries out: orders, who could take them, what can be ordered, how it was rated."""

from dataclasses import asdict
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query

from adapters.masking import cover
from adapters.proposed import placing_of
from adapters.web.api import models as m
from adapters.web.api.commands import PROBLEMS, VIA
from adapters.web.api.matches import MatchOut, match_out
from adapters.web.engine import Engine
from adapters.web.personal import Reader, open_texts
from adapters.web.problems import problem
from adapters.web.using import UseCaller, UseEngine, caught_up
from domain.facts import Meta
from domain.ids import AreaPath, CategoryPath, OrderId, OrderNumber, ProviderId, stream_of
from domain.stages import Stage
from domain.transitions import rows
from projections.order_board import Filter, OrderRow
from projections.rating import DEFINITIONS, By

QUERY_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    **{status: PROBLEMS[status] for status in (400, 401, 403, 404, 422)},
    503: {**PROBLEMS[422], "description": "读模型还没有跟上 the read models have not caught up"},
}

router: Final = APIRouter(tags=["查询 queries"], dependencies=[Depends(caught_up)], responses=QUERY_PROBLEMS)

Area = Annotated[str | None, Query(description="区域，含其下 · an area and all in it")]
Category = Annotated[str | None, Query(description="事项，含其下 · a category and all in it")]
Code = Annotated[str, Query(description="查询码 · the query code")]


@router.get("/orders", summary="工单列表 · orders, the newest first")
def orders(
    *,
    engine: UseEngine,
    stage: Annotated[list[Stage] | None, Query()] = None,
    area: Area = None,
    category: Category = None,
    provider: str | None = None,
    overdue: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> m.PageOut:
    """Pages stay stable while orders move and new ones come."""
    which = Filter(
        stages=stage or (),
        area=AreaPath(area) if area else None,
        category=CategoryPath(category) if category else None,
        provider=ProviderId(provider) if provider else None,
        overdue_at=engine.clock() if overdue else None,
    )
    page = engine.queries.board.page(which, cursor=cursor, limit=limit)
    return m.PageOut(orders=tuple(order_out(engine, row) for row in page.orders), next=page.next)


@router.get("/orders/by-number/{number}", summary="凭单号和查询码查询 · follow with number and query code")
def by_number(engine: UseEngine, who: UseCaller, number: str, code: Code) -> m.OrderOut:
    """A wrong code is answered like an order that does not exist."""
    reader = Reader(who, VIA, code, by_code_only=True)
    for row in engine.queries.board.by_number(OrderNumber(number)):
        out = order_out(engine, row, reader)
        if out.texts is not None:
            return out
    raise problem("unknown_order")


@router.get("/orders/{order}", summary="一张工单 · one order")
def one_order(engine: UseEngine, who: UseCaller, order: UUID, code: Code = "") -> m.OrderOut:
    """Personal texts only for staff, its provider, or with its query code."""
    row = engine.queries.board.get(OrderId(order))
    if row is None:
        raise problem("unknown_order")
    return order_out(engine, row, Reader(who, VIA, code))


@router.get("/orders/{order}/events", summary="一张工单的全部事实 · its facts, personal texts sealed")
def order_events(engine: UseEngine, order: UUID) -> tuple[m.FactOut, ...]:
    """The record itself, oldest first."""
    facts = tuple(engine.store.history(stream_of(str(order))))
    if not facts:
        raise problem("unknown_order")
    return tuple(
        m.FactOut(
            position=one.position,
            version=one.fact.version,
            event=one.fact.event.wire,
            meta=_meta(one.fact.meta),
            data=_public(one.fact.event.model_dump(mode="json", exclude_none=True)),
        )
        for one in facts
    )


@router.get("/orders/{order}/candidates", summary="候选接单方及理由 · who could take it, and why")
def candidates(engine: UseEngine, order: UUID, limit: Annotated[int | None, Query(ge=1)] = None) -> MatchOut:
    """The best first, each score in its parts; those left out with what speaks against them."""
    match = engine.matcher.match(OrderId(order), engine.clock())
    if match is None:
        raise problem("unknown_order")
    waiting = placing_of(engine.store.history(stream_of(str(order)))).waiting
    return match_out(match, waiting, limit)


@router.get("/menu", summary="此处可点的事项 · what can be ordered in an area")
def menu(engine: UseEngine, area: str) -> m.MenuOut:
    """From whom, with contact and expected time."""
    found = engine.queries.menu.menu(AreaPath(area))
    if found is None:
        raise problem("unknown_area")
    return m.MenuOut.model_validate(found)


@router.get("/matching", summary="供需 · what waits, and who is there")
def matching(engine: UseEngine, area: Area = None) -> m.DemandAndSupplyOut:
    """By area; providers are counted where they are listed."""
    where = AreaPath(area) if area else None
    found = engine.queries.matching
    return m.DemandAndSupplyOut(
        demand=tuple(m.WaitingOut.model_validate(one) for one in found.demand(area=where)),
        supply=tuple(m.SupplyOut.model_validate(one) for one in found.supply(area=where)),
    )


@router.get("/transitions", summary="流转表 · the transition table, stage × command")
def transitions() -> tuple[m.TransitionOut, ...]:
    """What is not listed is refused."""
    return tuple(
        m.TransitionOut(stage=stage, command=asked, leads_to=after) for stage, asked, after in rows()
    )


@router.get("/board", summary="四单看板的数字 · the figures of the board")
def board(engine: UseEngine, area: Area = None) -> m.BoardOut:
    """How many orders stand at each stage, and how many are overdue."""
    where = AreaPath(area) if area else None
    now = engine.clock()
    found = engine.queries.board
    busiest = found.busiest_categories(area=where)
    return m.BoardOut(
        area=area,
        now=now,
        by_stage=found.count_by_stage(area=where),
        overdue=found.overdue(now, area=where),
        busiest=tuple(m.CategoryLoadOut.model_validate(one) for one in busiest),
    )


@router.get("/rating", summary="评单统计 · ratings, with numerators, denominators and definitions")
def rating(
    engine: UseEngine,
    by: By = By.PROVIDER,
    area: Area = None,
    category: Category = None,
    provider: str | None = None,
) -> m.RatingOut:
    """Per provider, category or area."""
    report = engine.queries.rating.report(
        by,
        engine.clock(),
        area=AreaPath(area) if area else None,
        category=CategoryPath(category) if category else None,
        provider=ProviderId(provider) if provider else None,
    )
    return m.RatingOut(
        by=by,
        rows=tuple(m.RatingRowOut.model_validate(row) for row in report.rows),
        total=m.RatingRowOut.model_validate(report.total),
        definitions=tuple(m.DefinitionOut.model_validate(one) for one in DEFINITIONS.values()),
    )


def order_out(engine: Engine, row: OrderRow, reader: Reader | None = None) -> m.OrderOut:
    """An order for a reader; its texts only for who has the right."""
    opened = open_texts(engine, row, reader) if reader else None
    texts = opened[0] if opened else None
    values = asdict(row) | {"overdue": row.overdue(engine.clock()), "texts": texts}
    return m.OrderOut.model_validate(values)


def _public(data: dict[str, Any]) -> dict[str, Any]:
    """The one text of an order's facts that is not sealed: another system's word for where it came in."""
    return data | {name: cover(data[name]) for name in ("channel",) if name in data}


def _meta(meta: Meta) -> dict[str, Any]:
    """Its defaults too, which the record leaves out."""
    said = msgspec.structs.asdict(meta)
    return {name: msgspec.to_builtins(value) for name, value in said.items() if value is not None}
