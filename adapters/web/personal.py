"""Personal texts are opened for who has the right to read them, and the opening is noted."""

from dataclasses import dataclass
from typing import Final

import structlog

from adapters.query_code import fits
from adapters.web.access import Caller
from adapters.web.engine import Engine
from domain.authority import answers_for, concerns
from domain.ids import AreaPath, ProviderId
from domain.stages import Role
from projections.needs import NeedRow
from projections.order_board import OrderRow

TEXTS: Final = ("details", "contact", "address", "said", "notice", "progress", "result", "comment")

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to read an order, and the query code they gave."""

    caller: Caller
    code: str = ""


def right_to_read(engine: Engine, row: OrderRow, reader: Reader) -> str | None:
    """Why they may read the personal texts of an order; None if they may not."""
    caller = reader.caller
    if caller.role is Role.OPERATOR:
        return str(caller.role)
    if caller.role is Role.COMMUNITY and _in_their_area(engine, row.area, caller):
        return str(caller.role)
    if caller.role is Role.PROVIDER and caller.provider == row.provider:
        return "its provider"
    if reader.code and fits(engine.secret, row.order_id, reader.code):
        return "its query code"
    return None


def _in_their_area(engine: Engine, area: AreaPath, caller: Caller) -> bool:
    return concerns(area, answers_for(engine.rules, caller.actor, caller.proof))


def open_texts(engine: Engine, row: OrderRow, reader: Reader) -> dict[str, str | None] | None:
    """The texts in clear, or None without the right to read them."""
    why = right_to_read(engine, row, reader)
    if why is None:
        return None
    sealed = {name: getattr(row, name) for name in TEXTS}
    caller = reader.caller
    log.info("personal.opened", order=str(row.order_id), role=str(caller.role), actor=caller.actor, why=why)
    return {name: None if text is None else engine.sealer.open(text) for name, text in sealed.items()}


def open_notes(engine: Engine, need: NeedRow, caller: Caller) -> dict[ProviderId | None, str]:
    """What takers of a need wrote, by who wrote it: for staff and whose need it is; of a taker its own."""
    sealed = {one.provider: one.note for one in need.takers if one.note is not None}
    staff = caller.role is Role.COMMUNITY and _in_their_area(engine, need.area, caller)
    if caller.role is Role.PROVIDER and caller.provider != need.owner:
        sealed = {who: note for who, note in sealed.items() if who == caller.provider}
    elif caller.role not in (Role.OPERATOR, Role.PROVIDER) and not staff:
        return {}
    if sealed:
        log.info("personal.opened", need=need.need, role=str(caller.role), actor=caller.actor)
    return {who: engine.sealer.open(note) for who, note in sealed.items()}
