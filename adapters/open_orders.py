"""How many orders a resident may have open at once: seen to at every door where residents' orders come in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog
from msgspec.structs import replace
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from adapters.away import brief
from adapters.envelope import ANONYMOUS
from domain.commands import PlaceOrder
from domain.ids import OrderId, ResidentId
from domain.placing import one_more
from domain.rejections import TooManyOpenOrders
from domain.stages import Role
from services.requests import Request, Unreadable

_BY_STAFF: Final = (Role.COMMUNITY, Role.OPERATOR)

Intake = Sequence[Request | Unreadable]

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Board(Protocol):
    """What is asked of the order board."""

    def open_of(self, residents: Sequence[ResidentId]) -> Mapping[ResidentId, int]: ...
    def known(self, some: Sequence[OrderId]) -> set[OrderId]: ...


class OpenOrders:
    """Puts a refusal into what would give a resident too many.

    A decision may ask no read model, so the door asks the board, and it is the door's refusal that is
    decided and recorded. What the board has not read yet is not counted, but for what comes in together.
    """

    def __init__(self, board: Board, most: int) -> None:
        """`most`: of one resident; 0: any number, and nothing is asked."""
        self._board = board
        self._most = most

    def kept_to(self, intake: Intake) -> Intake:
        """The same, with the refusals in. A repeat is answered as it was before: its key is known.

        Intake waits for no read model: where the board does not answer, nobody is refused, and it is said.
        """
        if not self._most:
            return intake
        theirs = {number: who for number, one in enumerate(intake) if (who := _for_whom(one)) is not None}
        if not theirs:
            return intake
        try:
            too_many = self._too_many(intake, theirs)
        except (OperationalError, InterfaceError, ProgrammingError) as error:
            log.warning("open_orders.unknown", error=brief(error))
            return intake
        return [_with(one, too_many.get(number)) for number, one in enumerate(intake)]

    def _too_many(self, intake: Intake, theirs: Mapping[int, ResidentId]) -> dict[int, TooManyOpenOrders]:
        """Which of them go beyond it, taken in the order they came."""
        held = Counter(self._board.open_of(sorted(set(theirs.values()))))
        coming = Counter(theirs.values())
        close = {number: who for number, who in theirs.items() if held[who] + coming[who] > self._most}
        if not close:
            return {}
        counted = self._board.known([_order(intake[number]) for number in close])
        too_many: dict[int, TooManyOpenOrders] = {}
        for number, who in close.items():
            order = _order(intake[number])
            if order in counted:
                continue
            try:
                one_more(held[who], self._most)
            except TooManyOpenOrders as refusal:
                too_many[number] = refusal
            else:
                held[who] += 1
                counted.add(order)
        return too_many


def _with(one: Request | Unreadable, refusal: TooManyOpenOrders | None) -> Request | Unreadable:
    return replace(one, refusal=refusal) if refusal is not None and isinstance(one, Request) else one


def _for_whom(one: Request | Unreadable) -> ResidentId | None:
    """The resident whose order it will be; None: nobody's that we know, or it is refused anyway."""
    if not isinstance(one, Request) or not isinstance(one.command, PlaceOrder) or one.refusal is not None:
        return None
    asked = one.asked
    if asked.trusted_time:  # a file is taken in as it is written: the same one has the same end everywhere
        return None
    if asked.actor.role in _BY_STAFF:
        return asked.on_behalf_of
    in_own_name = asked.actor.role is Role.RESIDENT and asked.on_behalf_of in (None, asked.actor.id)
    return asked.person if in_own_name and asked.actor.id != ANONYMOUS else None


def _order(one: Request | Unreadable) -> OrderId:
    assert isinstance(one, Request)
    assert isinstance(one.command, PlaceOrder)
    return OrderId(one.command.order)
