"""Receipts for who has a right to them, and the checkpoints that they stand on, for anybody."""

from collections.abc import Callable
from enum import StrEnum
from math import ceil
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from adapters.sealed_log import NoCheckpoint, NoSuchEvent, NotSealedYet, SealUnfit
from adapters.web.api.commands import VIA
from adapters.web.api.models import Out
from adapters.web.api.queries import QUERY_PROBLEMS, Code
from adapters.web.engine import Engine
from adapters.web.personal import Reader, right_to_read
from adapters.web.problems import problem
from adapters.web.using import UseCaller, UseEngine, caught_up
from domain.ids import OrderId
from domain.stages import Role
from projections.order_board import OrderRow

router: Final = APIRouter(tags=["审计 audit"], responses=QUERY_PROBLEMS)

NOTE: Final = "text/plain; charset=utf-8"
T = TypeVar("T")
Size = Annotated[int, Path(ge=1, lt=1 << 62)]


class Of(StrEnum):
    """What a receipt is for."""

    ORDER = "order"
    RATING = "rating"


class SealedEvent(Out):
    """The fields that a leaf is the hash of, byte for byte."""

    as_it_is = frozenset({"stream", "version", "topic", "state"})
    stream: UUID
    version: int
    topic: str
    state: str


class ReceiptOut(Out):
    """回执 · an event, where it is in the log, its audit path and a signed checkpoint."""

    as_it_is = frozenset({"proof", "checkpoint"})
    format: str
    event: SealedEvent
    index: int
    proof: tuple[str, ...]
    checkpoint: str


class GrowthOut(Out):
    """只增不改的证明 · two checkpoints, and that the first is the beginning of the second."""

    as_it_is = frozenset({"from_", "to", "proof"})
    format: str
    from_: str = Field(alias="from")
    to: str
    proof: tuple[str, ...]


@router.get(
    "/orders/{order}/receipt",
    summary="回执，可离线核验 · a receipt that can be checked offline",
    dependencies=[Depends(caught_up)],
    response_model=ReceiptOut,
)
def order_receipt(
    engine: UseEngine,
    who: UseCaller,
    order: UUID,
    of: Annotated[Of, Query(description="点单或评单 · of the order or its latest rating")] = Of.ORDER,
    code: Code = "",
) -> dict[str, Any]:
    """That the order, or its rating, is on record and sealed. Check it with examples/verify_receipt.py."""
    row = engine.queries.board.get(OrderId(order))
    if row is None:
        raise problem("unknown_order")
    if not _may_have(engine, row, Reader(who, VIA, code)):
        raise problem("receipt_forbidden")
    return receipt_of(engine, row.order_id, of)


@router.get(
    "/checkpoints/latest", summary="最新检查点 · the newest signed checkpoint", response_class=Response
)
def latest(engine: UseEngine) -> Response:
    """A signed note in the words of C2SP tlog-checkpoint; keep it, and you are a witness."""
    return Response(proven(engine, engine.proofs.checkpoint), media_type=NOTE)


@router.get("/checkpoints/{size}", summary="某个检查点 · a checkpoint by its size", response_class=Response)
def checkpoint(engine: UseEngine, size: Size) -> Response:
    """The same, of exactly so many events."""
    return Response(proven(engine, lambda: engine.proofs.checkpoint(size)), media_type=NOTE)


@router.get(
    "/checkpoints/{size}/consistency",
    summary="记录只增不改的证明 · that the log only grew",
    response_model=GrowthOut,
    response_model_by_alias=True,
)
def grew(
    engine: UseEngine, size: Size, from_: Annotated[int, Query(alias="from", ge=1, lt=1 << 62)]
) -> dict[str, Any]:
    """From a smaller checkpoint to this one."""
    proofs = engine.proofs
    return proven(engine, lambda: proofs.growth(proofs.checkpoint(from_), proofs.checkpoint(size)))


def receipt_of(engine: Engine, order: OrderId, of: Of) -> dict[str, Any]:
    """The receipt, whoever asks. Raises Problem."""
    make = engine.proofs.of_rating if of is Of.RATING else engine.proofs.of_order
    return proven(engine, lambda: make(order))


def proven(engine: Engine, make: Callable[[], T]) -> T:
    """What it makes. Raises Problem where that cannot be proven."""
    try:
        return make()
    except NoSuchEvent as error:
        raise problem("not_rated") from error
    except NotSealedYet as error:
        seconds = str(max(1, ceil(engine.settings.seal_seconds)))
        raise problem("not_sealed_yet", seconds, headers={"Retry-After": seconds}) from error
    except NoCheckpoint as error:
        raise problem("no_checkpoint") from error
    except SealUnfit as error:
        raise problem("seal_unfit") from error


def _may_have(engine: Engine, row: OrderRow, reader: Reader) -> bool:
    """Who may read it; auditors; and the resident whom a token of their own proves."""
    caller = reader.caller
    own = caller.role is Role.RESIDENT and caller.proof is not None and caller.actor == row.resident
    return own or caller.role is Role.AUDITOR or right_to_read(engine, row, reader) is not None
