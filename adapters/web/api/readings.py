"""Who has read an order's personal texts: for operators, auditors, and residents with the query code."""

from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from adapters.query_code import fits
from adapters.readings import Reading, of_subject
from adapters.web.api.models import Out
from adapters.web.api.queries import QUERY_PROBLEMS, Code
from adapters.web.problems import problem
from adapters.web.using import UseCaller, UseEngine, caught_up
from domain.ids import OrderId
from domain.stages import Right, Role

router: Final = APIRouter(tags=["查询 queries"], dependencies=[Depends(caught_up)], responses=QUERY_PROBLEMS)
SEES_ALL: Final = frozenset({Role.OPERATOR, Role.AUDITOR})


class ReadingOut(Out):
    """一次查阅 · one reading; names of the texts, never what they say."""

    position: int
    recorded: datetime
    role: Role
    right: Right
    fields: tuple[str, ...]
    provider: str | None = Field(description="for whom provider staff read")
    area: str | None = Field(description="of the community that read")
    actor: str | None = Field(description="null for residents: staff are not named to them")
    via: str | None = Field(description="the door; null for residents")
    purpose_given: bool


@router.get("/orders/{order}/readings", summary="谁看过这张工单的个人内容 · who has read its texts")
def readings(engine: UseEngine, who: UseCaller, order: UUID, code: Code = "") -> tuple[ReadingOut, ...]:
    """Oldest first. Needs the role operator or auditor, or the query code."""
    if engine.queries.board.get(OrderId(order)) is None:
        raise problem("unknown_order")
    whole = who.role in SEES_ALL
    if not whole and not fits(engine.secret, OrderId(order), code):
        raise problem("readings_closed")
    return tuple(_out(one, whole=whole) for one in of_subject(engine.store, str(order)))


def _out(one: Reading, *, whole: bool) -> ReadingOut:
    return ReadingOut(
        position=one.position,
        recorded=one.recorded,
        role=one.actor.role,
        right=one.right,
        fields=one.fields,
        provider=one.provider,
        area=one.area,
        actor=one.actor.id if whole else None,
        via=one.via if whole else None,
        purpose_given=one.purpose is not None,
    )
