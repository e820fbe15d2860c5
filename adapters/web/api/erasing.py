"""Forgetting over HTTP, for operators: what an erasure would reach, asking for it, its receipt."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from adapters.forgetting import Erasure, Preview
from adapters.web.access import Caller
from adapters.web.api.commands import PROBLEMS, VIA
from adapters.web.api.models import Answer, Out
from adapters.web.api.schema import step_body
from adapters.web.intake import ask_data
from adapters.web.problems import Problem, status_of_code
from adapters.web.using import UseAsking, UseCaller, UseEngine
from domain.commands import EraseOrder, ErasePerson
from domain.ids import LISTED, OrderId, ResidentId, person_subject
from domain.reached import Reached
from domain.rejections import WrongRole
from domain.stages import ROLE_NAMES, Role
from services.requests import Status

TAG: Final = "删除个人信息 erasing"

router: Final = APIRouter(tags=[TAG], responses=PROBLEMS)

Person = Annotated[str, Path(description="居民代码 · the person's id", min_length=1, max_length=64)]
Listed = Annotated[
    str | None,
    Query(
        pattern=LISTED,
        description="志愿者为provider/代码，在岗人员为rules · of a volunteer or of somebody on duty",
    ),
]


class PreviewOut(Out):
    """会删到哪里 · what it would reach."""

    orders: int
    open_orders: int
    reached: tuple[Reached, ...]


class ErasureOut(Out):
    """删除凭据 · an erasure and, once it is carried out, its receipt."""

    subject: str
    erasure: int
    listed: str | None
    because: str | None
    asked: datetime
    role: Role
    actor: str
    position: int
    finished: datetime | None
    receipt: int | None
    reached: tuple[Reached, ...]


class ErasuresOut(Out):
    erasures: tuple[ErasureOut, ...]


@router.get("/persons/{person:path}/reach", summary="会删到哪里 · what erasing somebody would reach")
def reach(engine: UseEngine, who: UseCaller, person: Person, listed: Listed = None) -> PreviewOut:
    """For operators only."""
    _operator(who)
    return _preview(engine.forgetting.of_person(ResidentId(person), listed))


@router.get("/persons/{person:path}/erasures", summary="删除凭据 · the receipts of a person's erasures")
def erasures(engine: UseEngine, who: UseCaller, person: Person) -> ErasuresOut:
    """For operators only."""
    _operator(who)
    return _told(engine.forgetting.erasures(person_subject(ResidentId(person))))


@router.post(
    "/persons/{person:path}/erase",
    summary="删除个人信息 · erase a person",
    operation_id=ErasePerson.wire,
    openapi_extra=step_body(ErasePerson),
)
def erase(response: Response, engine: UseEngine, asking: UseAsking, person: Person) -> Answer:
    """Recorded at once and carried out by the process managers; the receipt is under `erasures`."""
    subject = person_subject(ResidentId(person))
    answered = ask_data(engine, asking.body, asking.envelope(VIA, ErasePerson, subject), asking.caller)
    if answered.status is Status.REPEATED:
        response.status_code = 200
    return Answer.model_validate(answered)


@router.get("/orders/{order}/erasures", summary="删除凭据 · the receipts of erasures of an order's texts")
def order_erasures(engine: UseEngine, who: UseCaller, order: OrderId) -> ErasuresOut:
    """For operators only."""
    _operator(who)
    return _told(engine.forgetting.erasures(str(order)))


@router.post(
    "/orders/{order}/erase",
    summary="删除工单内容 · erase the texts of a closed order",
    operation_id=EraseOrder.wire,
    openapi_extra=step_body(EraseOrder),
)
def erase_order(engine: UseEngine, asking: UseAsking, order: str) -> Answer:
    """Recorded at once and carried out by the process managers; the receipt is under `erasures`."""
    envelope = asking.envelope(VIA, EraseOrder, order)
    return Answer.model_validate(ask_data(engine, asking.body, envelope, asking.caller))


def _preview(preview: Preview) -> PreviewOut:
    return PreviewOut(orders=preview.orders, open_orders=preview.open_orders, reached=preview.reached)


def _told(found: list[Erasure]) -> ErasuresOut:
    return ErasuresOut(erasures=tuple(_erasure(one) for one in found))


def _erasure(one: Erasure) -> ErasureOut:
    return ErasureOut(
        subject=one.subject,
        erasure=one.erasure,
        listed=one.listed,
        because=one.because,
        asked=one.asked,
        role=one.role,
        actor=one.actor,
        position=one.position,
        finished=one.finished,
        receipt=one.receipt,
        reached=one.reached,
    )


def _operator(who: Caller) -> None:
    """Of whom something was erased is the operators' business."""
    if who.role is not Role.OPERATOR:
        zh, en = ROLE_NAMES[who.role]
        refusal = WrongRole(role_zh=zh, role=en, command_zh="查看删除凭据", command="see erasures")
        raise Problem(status_of_code(refusal.code), refusal.code, refusal.reason_zh, refusal.reason_en)
