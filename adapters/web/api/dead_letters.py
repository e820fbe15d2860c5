"""Dead letters over HTTP, for operators: list, show, requeue, discard."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from adapters.dead_letters import By
from adapters.keys.owner import letter as letter_of
from adapters.opening import Reading
from adapters.web.access import Caller
from adapters.web.api.commands import PROBLEMS, VIA
from adapters.web.api.models import Out
from adapters.web.intake import read_body
from adapters.web.problems import Problem, status_of_code
from adapters.web.using import UseCaller, UseEngine
from domain.facts import Actor
from domain.rejections import Refused, UnknownLetter, WrongRole
from domain.stages import ROLE_NAMES, Right, Role
from services.requests import Status

router: Final = APIRouter(prefix="/dead-letters", tags=["死信 dead letters"], responses=PROBLEMS)


class EndOut(Out):
    """谁在何时为何怎样处理 · who saw to it, when, why, and what became of it."""

    as_it_is = frozenset({"reason", "corrected"})
    position: int
    recorded: datetime
    role: Role
    actor: str
    via: str
    reason: str | None = Field(description="null in lists; told, and that on record, of one letter")
    status: Status | None = None
    code: str | None = None
    answered: str | None = None
    corrected: str | None = None


class LetterOut(Out):
    """一条读不懂的消息 · a message nobody could read; its bytes are not shown here."""

    as_it_is = frozenset({"digest"})
    position: int
    status: Literal["parked", "requeued", "discarded"]
    recorded: datetime
    via: str
    intake: str
    source: str
    id: str
    code: str
    reason_zh: str
    reason_en: str
    size: int
    digest: str
    settled: EndOut | None


class LettersOut(Out):
    dead_letters: tuple[LetterOut, ...]
    next: int | None


class RequeuedOut(Out):
    """重读的结果 · what became of it."""

    status: Status
    code: str
    reason_zh: str
    reason_en: str
    subject: str
    positions: tuple[int, ...]
    settled: int


class DiscardedOut(Out):
    status: Literal["discarded"] = "discarded"
    settled: int


@router.get("", summary="读不懂的消息 · messages nobody could read, the oldest first")
def letters(
    *,
    engine: UseEngine,
    who: UseCaller,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    unsettled: bool = False,
) -> LettersOut:
    """For operators only."""
    _operator(who)
    page, more = engine.dead_letters.page(after, limit, unsettled=unsettled)
    told = [LetterOut.model_validate(engine.dead_letters.told(letter)) for letter in page]
    return LettersOut(dead_letters=tuple(told), next=more)


@router.get("/{position}", summary="一条读不懂的消息 · one of them")
def letter(engine: UseEngine, who: UseCaller, position: int) -> LetterOut:
    """For operators only."""
    _operator(who)
    with _refusals():
        found = engine.dead_letters.get(position) if 0 < position < 2**62 else None
        if found is None:
            raise UnknownLetter(letter=position)
    return LetterOut.model_validate(engine.dead_letters.opened(found, _reading(who, position), body=False))


@router.post(
    "/{position}/requeue",
    summary="从原来的入口再读一次 · have it read again at its door",
    description="正文为更正后的内容；没有则用原文。 A body replaces it; without one its own bytes are read.",
)
def requeue(
    *,
    engine: UseEngine,
    who: UseCaller,
    position: int,
    body: Annotated[bytes, Depends(read_body)],
    reason: Annotated[str | None, Query(max_length=4000)] = None,
) -> RequeuedOut:
    """What becomes of it is told, and recorded, in the same transaction."""
    with _refusals():
        answer, noted = engine.dead_letters.requeue(position, _by(who), reason=reason, body=body or None)
    return RequeuedOut(
        status=answer.status,
        code=answer.code,
        reason_zh=answer.reason_zh,
        reason_en=answer.reason_en,
        subject=answer.subject,
        positions=tuple(answer.positions),
        settled=noted.positions[-1],
    )


@router.post("/{position}/discard", summary="不再处理 · put it away")
def discard(
    engine: UseEngine,
    who: UseCaller,
    position: int,
    reason: Annotated[str, Query(min_length=1, max_length=4000, description="理由 · why")],
) -> DiscardedOut:
    """Who, when and why are recorded."""
    with _refusals():
        noted = engine.dead_letters.discard(position, _by(who), reason=reason)
    return DiscardedOut(settled=noted.positions[-1])


def _reading(who: Caller, position: int) -> Reading:
    return Reading(
        actor=Actor(role=who.role, id=who.actor),
        via=VIA,
        right=Right.OPERATOR,
        subject=letter_of(position).subject,
        purpose=who.purpose,
        proof=who.proof,
        correlation=who.correlation,
    )


def _by(who: Caller) -> By:
    return By(Actor(role=who.role, id=who.actor), VIA)


def _operator(who: Caller) -> None:
    """Where a letter came from is the operators' business."""
    if who.role is not Role.OPERATOR:
        zh, en = ROLE_NAMES[who.role]
        with _refusals():
            raise WrongRole(role_zh=zh, role=en, command_zh="查看死信", command="see dead letters")


@contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except Refused as refusal:
        raise Problem(
            status_of_code(refusal.code), refusal.code, refusal.reason_zh, refusal.reason_en
        ) from refusal
