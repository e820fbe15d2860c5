"""A form of a page becomes the same command that any other door takes."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import pydantic_core
from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.types import Message, Receive

from adapters.web.access import Caller
from adapters.web.engine import Engine
from adapters.web.intake import Answered, Envelope, ask_data
from adapters.web.pages.visitor import Visitor
from adapters.web.problems import problem
from adapters.web.steps import ORDER_STEPS
from domain import commands as c
from domain.ids import OrderNumber, is_order_number
from domain.stages import Role
from domain.transitions import MAY_ASK
from projections.order_board import OrderRow

VIA: Final = "page"
MAX_FORM: Final = 1024 * 1024  # bytes; a text of 512 KiB may grow when a browser encodes it
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "amend": ("details", "contact", "address"),
    "withdraw": ("reason",),
    "second": (),
    "rate": ("level", "comment"),
    "reopen": ("reason",),
    "dispatch": ("provider", "why"),
    "pool": (),
    "recall": ("reason",),
    "answer": ("notice",),
    "not-accept": ("reason", "notice"),
    "mark-duplicate": ("notice",),
    "accept": (),
    "decline": ("reason",),
    "claim": (),
    "progress": ("note",),
    "complete": ("result",),
}


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, files left out, blanks as if they were not there. Raises Problem: too_large."""
    bounded = Request(request.scope, _at_most(request.receive, MAX_FORM))
    async with bounded.form(max_files=0, max_fields=50) as form:
        return {
            name: value.strip()
            for name, value in form.items()
            if not isinstance(value, UploadFile) and value.strip()
        }


def _at_most(receive: Receive, most: int) -> Receive:
    """What comes in, refused as soon as it is more than that: a form is never parked."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise problem("form_too_large")
        return message

    return counted


UseForm = Annotated[dict[str, str], Depends(read_form)]


def take_step(engine: Engine, verb: str, row: OrderRow, form: Mapping[str, str], caller: Caller) -> Answered:
    """Ask for a step of an order. Raises Problem."""
    command, _ = ORDER_STEPS[verb]
    data: dict[str, Any] = {name: form[name] for name in _FIELDS[verb] if name in form}
    if caller.role is Role.PROVIDER:
        data["provider"] = caller.provider
    if command is c.CompleteOrder:
        data["resolved"] = "resolved" in form
    if command is c.MarkDuplicate:
        data["of"] = _other(engine, form.get("of", ""))
    for_resident = caller.role is Role.COMMUNITY and Role.RESIDENT in MAY_ASK[command]
    envelope = Envelope(
        VIA,
        command.wire,
        subject=str(row.order_id),
        key=form.get("key"),
        on_behalf_of=row.resident if for_resident else None,
    )
    return ask_data(engine, pydantic_core.to_json(data), envelope, caller)


def place_order(engine: Engine, form: Mapping[str, str], visitor: Visitor, wanted_at: str | None) -> Answered:
    """Ask for a new order; the community enters it for a resident (代点单). Raises Problem."""
    named = ("category", "area", "details", "contact", "address", "wanted", "urgency")
    data = {name: form[name] for name in named if name in form}
    if wanted_at:
        data["wanted_at"] = wanted_at
    key = form.get("key", "")
    staff = visitor.is_community
    envelope = Envelope(
        VIA,
        c.PlaceOrder.wire,
        key=key or None,
        on_behalf_of=f"r-{key.replace('-', '')}" if staff else None,
        channel=form.get("channel", "window") if staff else "app",
    )
    caller = visitor.caller if staff else visitor.as_resident(visitor.resident)
    return ask_data(engine, pydantic_core.to_json(data), envelope, caller)


def _other(engine: Engine, said: str) -> str:
    """The id of an order named by its number, or by its id."""
    number = said.replace(" ", "")
    if is_order_number(number):
        for row in engine.queries.board.by_number(OrderNumber(number)):
            return str(row.order_id)
    return said
