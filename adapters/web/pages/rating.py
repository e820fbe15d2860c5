"""The rating page: what the public says, with numerators, denominators and definitions."""

from functools import partial
from typing import Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from adapters.web.pages.naming import Names
from adapters.web.pages.site import UsePage
from adapters.web.using import caught_up
from domain.ids import AreaPath
from projections.rating import DEFINITIONS, By, RatingRow

router: Final = APIRouter(prefix="/web", dependencies=[Depends(caught_up)])

CHARTED: Final = 12


@router.get("/rating")
def rating(page: UsePage, by: By = By.PROVIDER, area: str = "") -> Response:
    """By provider, category or area; the busiest first."""
    where = AreaPath(area) if area else None
    report = page.engine.queries.rating.report(by, page.now, area=where)
    rows = sorted(report.rows, key=lambda row: (-row.completed, -row.rated, row.key))
    charted = [row for row in rows if row.rated + row.unrated][:CHARTED]
    return page.show(
        "rating.html",
        by=by,
        area=area,
        rows=rows,
        charted=charted,
        longest=max((row.rated + row.unrated for row in charted), default=0),
        total=report.total,
        definitions=DEFINITIONS.values(),
        named=partial(_named, page.names, by),
    )


def _named(names: Names, by: By, row: RatingRow) -> str:
    if by is By.PROVIDER:
        return names.provider(row.key)
    return names.category(row.key) if by is By.CATEGORY else names.area(row.key)
