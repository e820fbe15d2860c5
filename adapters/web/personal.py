"""Who may read personal texts over HTTP and on pages; each reading is on record before the text is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.opening import Opened, Reading, Texts, Unsealed
from adapters.query_code import fits
from adapters.web.access import Caller
from adapters.web.engine import Engine
from domain.authority import answers_for, concerns
from domain.facts import Actor
from domain.ids import AreaPath, ProviderId, ResidentId, need_subject
from domain.stages import Right, Role
from projections.needs import NeedRow
from projections.order_board import OrderRow

TEXTS: Final = ("details", "contact", "address", "said", "notice", "progress", "result", "comment")
Shown = Mapping[str, Opened | None]
"""The texts of an order in clear."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to read an order through which door, and the query code they gave."""

    caller: Caller
    via: str
    code: str = ""
    by_code_only: bool = False  # whoever they are, they get what the code gives


def right_to_read(engine: Engine, row: OrderRow, reader: Reader) -> Right | None:
    """By which right they may read the personal texts of an order; None if they may not."""
    caller = reader.caller
    role = Role.RESIDENT if reader.by_code_only else caller.role
    if role is Role.OPERATOR:
        return Right.OPERATOR
    if role is Role.COMMUNITY and _in_their_area(engine, row.area, caller):
        return Right.COMMUNITY
    if role is Role.PROVIDER and caller.provider == row.provider:
        return Right.PROVIDER
    if reader.code and fits(engine.secret, row.order_id, reader.code):
        return Right.QUERY_CODE
    return None


def reading_of(row: OrderRow, reader: Reader, right: Right) -> Reading:
    """Reading an order by this right."""
    person = ResidentId(row.resident) if row.resident else None
    return _reading(reader.caller, reader.via, right, str(row.order_id), area=row.area, person=person)


def open_texts(
    engine: Engine, row: OrderRow, reader: Reader, more: Texts = ()
) -> tuple[Shown, Unsealed] | None:
    """The texts in clear, with what opens the others that were asked for; None without the right to read.

    Raises Unrecorded: it could not be put on record.
    """
    right = right_to_read(engine, row, reader)
    if right is None:
        return None
    sealed = {name: getattr(row, name) for name in TEXTS}
    unseal = engine.opening.open(reading_of(row, reader, right), [*sealed.items(), *more])
    return {name: None if text is None else unseal(text) for name, text in sealed.items()}, unseal


Notes = Mapping[ProviderId | None, str]
"""What the takers of a need wrote, by who wrote it; the community is None."""


def open_notes(engine: Engine, needs: Iterable[NeedRow], caller: Caller, via: str) -> Mapping[str, Notes]:
    """What takers wrote, need by need: for staff and whose need it is; of a taker its own.

    Raises Unrecorded: it could not be put on record.
    """
    readable = [
        (need, right, sealed)
        for need in needs
        if (right := _right_to_notes(engine, need, caller)) is not None
        and (sealed := _notes_for(need, caller))
    ]
    unseal = engine.opening.open_each(
        (
            _reading(caller, via, right, need_subject(need.need), area=need.area),
            [("note", note) for note in sealed.values()],
        )
        for need, right, sealed in readable
    )
    return {need.need: {who: unseal(note) for who, note in sealed.items()} for need, _, sealed in readable}


def _right_to_notes(engine: Engine, need: NeedRow, caller: Caller) -> Right | None:
    match caller.role:
        case Role.OPERATOR:
            return Right.OPERATOR
        case Role.COMMUNITY if _in_their_area(engine, need.area, caller):
            return Right.COMMUNITY
        case Role.PROVIDER:
            return Right.PROVIDER
        case _:
            return None


def _notes_for(need: NeedRow, caller: Caller) -> Notes:
    sealed = {one.provider: one.note for one in need.takers if one.note is not None}
    if caller.role is Role.PROVIDER and caller.provider != need.owner:
        return {who: note for who, note in sealed.items() if who == caller.provider}
    return sealed


def _in_their_area(engine: Engine, area: AreaPath, caller: Caller) -> bool:
    return concerns(area, answers_for(engine.rules, caller.actor, caller.proof))


def _reading(
    caller: Caller, via: str, right: Right, subject: str, *, area: AreaPath, person: ResidentId | None = None
) -> Reading:
    return Reading(
        actor=Actor(role=caller.role, id=caller.actor),
        via=via,
        right=right,
        subject=subject,
        person=person,
        provider=caller.provider if right is Right.PROVIDER else None,
        area=area if right is Right.COMMUNITY else None,
        purpose=caller.purpose,
        proof=caller.proof,
        correlation=caller.correlation,
    )
