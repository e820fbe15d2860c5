"""The provider's desk (接单台): what it is offered, what it has in hand, what it may claim."""

from typing import Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from adapters.web.pages.site import PageAsked, UsePage
from adapters.web.using import caught_up
from domain.ids import ProviderId
from domain.stages import Stage
from projections.order_board import Filter, OrderRow

router: Final = APIRouter(prefix="/web", dependencies=[Depends(caught_up)])

POOLED_LOOKED_AT: Final = 40


@router.get("/desk")
def desk(page: UsePage) -> Response:
    """For a provider; others are asked who they are."""
    if not page.visitor.is_provider:
        return page.show("desk.html", me=None, offered=(), in_hand=(), to_claim=(), done=())
    me = page.visitor.caller.provider
    return page.show(
        "desk.html",
        me=me,
        offered=_mine(page, me, Stage.DISPATCHED),
        in_hand=_mine(page, me, Stage.ACCEPTED),
        to_claim=_to_claim(page, me),
        done=_done(page, me),
    )


def _mine(page: PageAsked, me: ProviderId, stage: Stage) -> tuple[OrderRow, ...]:
    """The longest waiting first."""
    which = Filter(stages=(stage,), provider=me)
    return page.engine.queries.board.page(which, limit=100, order="oldest").orders


def _done(page: PageAsked, me: ProviderId) -> tuple[OrderRow, ...]:
    which = Filter(stages=(Stage.COMPLETED, Stage.RATED), provider=me)
    return page.engine.queries.board.page(which, limit=12).orders


def _to_claim(page: PageAsked, me: ProviderId) -> list[OrderRow]:
    """What lies in the pool and this provider could do."""
    queries = page.engine.queries
    pooled = queries.board.page(Filter(stages=(Stage.POOLED,)), limit=POOLED_LOOKED_AT, order="oldest")
    could = page.engine.matcher.open_to([row.order_id for row in pooled.orders], me, page.engine.clock())
    return [row for row in pooled.orders if row.order_id in could]
