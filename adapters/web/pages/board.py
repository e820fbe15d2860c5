"""The four-order board (四单看板) and the plain list behind each of its columns."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from adapters.web.pages.site import PageAsked, UsePage
from adapters.web.using import caught_up
from domain.ids import AreaPath, ProviderId
from domain.stages import OPEN, Stage
from projections.order_board import Filter, OrderRow

router: Final = APIRouter(prefix="/web", dependencies=[Depends(caught_up)])

CARDS: Final = 12  # in a column
COLUMNS: Final[tuple[tuple[str, tuple[Stage, ...]], ...]] = (
    ("placed", (Stage.PLACED,)),
    ("dispatched", (Stage.ARBITRATION, Stage.DISPATCHED, Stage.POOLED)),
    ("accepted", (Stage.ACCEPTED,)),
    ("rated", (Stage.COMPLETED, Stage.ANSWERED, Stage.RATED)),
)
CLOSED_OTHERWISE: Final = (Stage.NOT_ACCEPTED, Stage.DUPLICATE, Stage.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Column:
    """One of the four orders: what waits in it, the longest waiting first."""

    name: str
    stages: tuple[tuple[Stage, int], ...]
    orders: tuple[OrderRow, ...]

    @property
    def count(self) -> int:
        return sum(count for _, count in self.stages)


@router.get("/board")
def board(*, page: UsePage, area: str = "", overdue: bool = False, fragment: bool = False) -> Response:
    """Live: the page asks for its fragment again and again, and hears 304 while nothing has changed."""
    state = f"{page.engine.store.head()}.{page.now:%H%M}"
    mark = f'"{state}.{page.visitor.lang}.{page.visitor.role}"'
    if fragment and page.request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers={"ETag": mark})
    response = page.show("_board.html" if fragment else "board.html", **_board(page, area, overdue=overdue))
    response.headers["ETag"] = mark
    return response


def _board(page: PageAsked, area: str, *, overdue: bool) -> dict[str, Any]:
    queries = page.engine.queries.board
    where = AreaPath(area) if area else None
    counts = queries.count_by_stage(area=where)
    columns: list[Column] = []
    for name, stages in COLUMNS:
        done = name == "rated"
        which = Filter(stages=stages, area=where, overdue_at=page.now if overdue else None)
        found = queries.page(which, limit=CARDS, order="newest" if done else "oldest")
        columns.append(Column(name, tuple((stage, counts[stage]) for stage in stages), found.orders))
    return {
        "columns": columns,
        "closed": [(stage, counts[stage]) for stage in CLOSED_OTHERWISE if counts[stage]],
        "overdue": queries.overdue(page.now, area=where),
        "open": sum(counts[stage] for stage in OPEN),
        "area": area,
        "overdue_only": overdue,
    }


@router.get("/list")
def listing(
    *,
    page: UsePage,
    stage: Annotated[list[Stage] | None, Query()] = None,
    area: str = "",
    provider: str = "",
    overdue: bool = False,
    cursor: str | None = None,
) -> Response:
    """All orders of some stages, page by page."""
    which = Filter(
        stages=stage or (),
        area=AreaPath(area) if area else None,
        provider=ProviderId(provider) if provider else None,
        overdue_at=page.now if overdue else None,
    )
    found = page.engine.queries.board.page(which, cursor=cursor, limit=40)
    return page.show(
        "list.html", found=found, stages=stage or [], area=area, provider=provider, overdue_only=overdue
    )
