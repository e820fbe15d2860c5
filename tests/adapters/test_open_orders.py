"""A resident has only so many orders open, whatever the door; files are taken in as they are written."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from structlog.testing import capture_logs

from adapters.envelope import ANONYMOUS, Door
from adapters.open_orders import OpenOrders
from domain.facts import Proof
from domain.ids import OrderId, ResidentId
from domain.rejections import AnotherName
from domain.stages import Role
from services.requests import Request, Unreadable
from tests.adapters.decoded import IMPORTS, RESIDENTS, binary, decode, read

COMMUNITY = Door("sidan.community", Role.COMMUNITY)
MOST = 3


@dataclass
class Board:
    """What the board has read."""

    open: dict[str, int] = field(default_factory=dict[str, int])
    orders: set[int] = field(default_factory=set[int])
    failure: Exception | None = None
    asked: int = 0

    def open_of(self, residents: Collection[ResidentId]) -> dict[ResidentId, int]:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return {who: self.open[who] for who in residents if who in self.open}

    def known(self, some: Collection[OrderId]) -> set[OrderId]:
        return {order for order in some if order.int in self.orders}


def placing(number: int = 1, actor: str = "r-li", *, door: Door = RESIDENTS, **said: str) -> Request:
    return read(binary(door=door, actor=actor, id=f"c-{number}", subject=str(UUID(int=number)), **said))


def refused(board: Board, *intake: Request | Unreadable, most: int = MOST) -> list[str]:
    """The code of each in a word; empty where it goes on."""
    kept = OpenOrders(board, most).kept_to(intake)
    return [one.refusal.code if isinstance(one, Request) and one.refusal else "" for one in kept]


TOO_MANY = "too_many_open_orders"


def test_who_has_as_many_as_allowed_gets_no_more() -> None:
    board = Board({"r-li": MOST, "r-wang": MOST - 1})
    assert refused(board, placing(1), placing(2, "r-wang"), placing(3, "r-zhao")) == [TOO_MANY, "", ""]


def test_what_comes_in_together_is_counted_with_it() -> None:
    board = Board({"r-li": MOST - 1})
    assert refused(board, *(placing(number) for number in range(4))) == ["", *[TOO_MANY] * 3]


def test_what_the_board_has_read_is_not_counted_twice() -> None:
    board = Board({"r-li": MOST - 1}, orders={7})
    assert refused(board, placing(7), placing(8), placing(8), placing(9)) == ["", "", "", TOO_MANY]


def test_staff_meets_it_for_the_resident_and_has_none_itself() -> None:
    board = Board({"r-li": MOST, "clerk": MOST})
    for_li = placing(1, "clerk", door=COMMUNITY, onbehalfof="r-li")
    assert refused(board, for_li, placing(2, "clerk", door=COMMUNITY)) == [TOO_MANY, ""]


def test_nobody_learns_what_another_has_open() -> None:
    board = Board({"r-li": MOST})
    assert refused(board, placing(1, "r-nosy", onbehalfof="r-li")) == [""]  # not_yours says the domain


def test_what_is_refused_already_stays_so() -> None:
    proven = Door("http", Role.RESIDENT, proof=Proof(actor="r-wang"))
    assert refused(Board({"r-wang": MOST}), placing(1, "r-li", door=proven)) == [AnotherName.code]


@pytest.mark.parametrize("door", [IMPORTS, COMMUNITY])
def test_files_and_who_is_nobody_are_not_counted(door: Door) -> None:
    board = Board({"r-li": MOST, ANONYMOUS: MOST})
    imported = placing(1, role="resident", door=IMPORTS)
    assert refused(board, imported, placing(2, ANONYMOUS), placing(3, ANONYMOUS, door=door)) == ["", "", ""]
    assert board.asked == 0


def test_other_commands_and_what_nobody_can_read_ask_nothing() -> None:
    board = Board({"r-li": MOST})
    seconding = binary({}, type="SecondOrder")
    assert refused(board, seconding, decode(b"{")) == ["", ""]
    assert board.asked == 0


def test_where_any_number_is_allowed_nothing_is_asked() -> None:
    board = Board({"r-li": 1_000_000})
    assert refused(board, placing(), most=0) == [""]
    assert board.asked == 0


@pytest.mark.parametrize("kind", [OperationalError, ProgrammingError])
def test_a_board_that_does_not_answer_holds_up_nobody_and_is_said(
    kind: type[OperationalError | ProgrammingError],
) -> None:
    board = Board({"r-li": MOST}, failure=kind("SELECT", {}, Exception("no such table")))
    with capture_logs() as said:
        assert refused(board, placing()) == [""]
    assert [one["event"] for one in said] == ["open_orders.unknown"]
