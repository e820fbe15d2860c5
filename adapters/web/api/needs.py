"""The needs list over HTTP: what each side needs, who has taken it up, and what is left for whom."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from adapters.web.access import Caller
from adapters.web.api.commands import VIA
from adapters.web.api.models import Out
from adapters.web.api.queries import QUERY_PROBLEMS, Area, Category
from adapters.web.engine import Engine
from adapters.web.personal import Notes, open_notes
from adapters.web.problems import problem
from adapters.web.using import UseCaller, UseEngine, caught_up
from domain.ids import AreaPath, CategoryPath, NeedId, ProviderId
from domain.need import NeedStage
from projections.needs import NeedFilter, NeedRow, Side

router: Final = APIRouter(tags=["查询 queries"], dependencies=[Depends(caught_up)], responses=QUERY_PROBLEMS)

Limit = Annotated[int, Query(ge=1, le=500)]


class TakerOut(Out):
    """Who has taken a need up; `provider` null: the community."""

    as_it_is = frozenset({"note"})
    provider: str | None
    name_zh: str
    name_en: str
    since: datetime
    note: str | None = Field(default=None, description="null without the right to read it")


class NeedOut(Out):
    """需求 · a standing need; `owner` null: the community's; moments in UTC."""

    need: str
    stage: NeedStage
    side: Side
    owner: str | None
    owner_zh: str
    owner_en: str
    title_zh: str
    title_en: str
    category: str | None
    area: str
    takers_wanted: int | None = Field(description="null: any number")
    until: datetime | None
    full: bool
    over: bool
    stated_at: datetime
    closed_at: datetime | None
    takers: tuple[TakerOut, ...]
    version: int
    position: int


class NeedsOut(Out):
    """Some needs, and the cursor of the next ones if there are more."""

    needs: tuple[NeedOut, ...]
    next: str | None


@router.get("/needs", summary="需求清单 · standing needs, the newest first")
def needs(
    *,
    engine: UseEngine,
    who: UseCaller,
    area: Area = None,
    category: Category = None,
    side: Annotated[Side | None, Query(description="谁的需求 · whose needs")] = None,
    owner: Annotated[str | None, Query(description="提出的接单方 · the provider that needs it")] = None,
    taker: Annotated[str | None, Query(description="认领的接单方 · the provider that took it up")] = None,
    all_of_them: Annotated[
        bool, Query(alias="all", description="含已关闭和已截止 · closed and over too")
    ] = False,
    cursor: str | None = None,
    limit: Limit = 50,
) -> NeedsOut:
    """Those that stand open, unless all are asked for."""
    which = NeedFilter(
        area=AreaPath(area) if area else None,
        category=CategoryPath(category) if category else None,
        side=side,
        owner=ProviderId(owner) if owner else None,
        taker=ProviderId(taker) if taker else None,
        open_at=None if all_of_them else engine.clock(),
    )
    page = engine.queries.needs.page(which, cursor=cursor, limit=limit)
    return NeedsOut(needs=needs_out(engine, page.needs, who), next=page.next)


@router.get("/needs/{need}", summary="一项需求 · one need")
def one_need(engine: UseEngine, who: UseCaller, need: str) -> NeedOut:
    """Notes only for staff and whose need it is, and of a taker its own."""
    row = engine.queries.needs.get(NeedId(need))
    if row is None:
        raise problem("unknown_need")
    return needs_out(engine, [row], who)[0]


@router.get("/providers/{provider}/needs", summary="可认领的需求 · what a provider could take up")
def open_to(engine: UseEngine, who: UseCaller, provider: str, limit: Limit = 50) -> NeedsOut:
    """Open, where it works, not its own and not full; what it offers comes first."""
    rows = engine.queries.needs.for_provider(ProviderId(provider), engine.clock(), limit=limit)
    return NeedsOut(needs=needs_out(engine, rows, who), next=None)


def needs_out(engine: Engine, rows: Sequence[NeedRow], caller: Caller) -> tuple[NeedOut, ...]:
    """Needs for a reader; what takers wrote only for who has the right."""
    opened = open_notes(engine, rows, caller, VIA)
    now = engine.clock()
    return tuple(_need_out(row, opened.get(row.need, {}), over=row.over(now)) for row in rows)


def _need_out(row: NeedRow, notes: Notes, *, over: bool) -> NeedOut:
    takers = [asdict(one) | {"note": notes.get(one.provider)} for one in row.takers]
    values = asdict(row) | {"takers": takers, "side": row.side, "full": row.full, "over": over}
    return NeedOut.model_validate(values)
