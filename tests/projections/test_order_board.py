"""The order board: what is open, where, at which stage, with whom, since when and due when."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

import domain.commands as c
from domain.ids import CategoryPath, OrderId, OrderNumber, ResidentId, order_number
from domain.order import Order
from domain.proposal import Candidate, Proposal
from domain.sealed import Sealed
from domain.stages import Channel, Level, Stage
from projections.engine import BadCursor, Projector, to_micros
from projections.order_board import Filter, OrderBoard, OrderBoardQueries, OrderRow, Proposed
from tests.projections.conftest import Start
from tests.support.a_town import (
    AUNT_LI,
    EAST,
    LAMP,
    MEALS,
    MONDAY,
    POTHOLE,
    ROADS,
    STREET,
    UNCLE_WANG,
    WATER,
    WEST,
    days,
    hours,
)
from tests.support.history import CLERK, MACHINE, TEXT, History, resident


@pytest.fixture
def town() -> History:
    history = History()
    history.register(WATER, must=[POTHOLE, LAMP, MEALS])
    history.register(ROADS, can=[POTHOLE])
    return history


def asked(town: History, reads: Engine) -> OrderBoardQueries:
    projector = Projector(OrderBoard(), reads)
    projector.create()
    projector.fill_from(town)
    return OrderBoardQueries(reads)


def row(town: History, reads: Engine, order: OrderId) -> OrderRow:
    found = asked(town, reads).get(order)
    assert found is not None
    return found


def test_a_new_order_waits_for_the_community(town: History, reads: Engine) -> None:
    order = town.place(LAMP, WEST, wanted=ROADS, contact=TEXT)
    board = row(town, reads, order)
    assert (board.stage, board.area, board.category) == (Stage.PLACED, WEST, LAMP)
    assert (board.number, board.resident, board.wanted) == (order_number(order), AUNT_LI, ROADS)
    assert (board.placed_at, board.stage_since, board.channel) == (MONDAY, MONDAY, "app")
    assert (board.details, board.contact, board.address) == ("sealed", "sealed", None)
    assert (board.provider, board.due_at, board.version) == (None, None, 1)


def test_texts_stay_while_others_come(town: History, reads: Engine) -> None:
    order = town.place(contact=TEXT)
    asked(town, reads)
    town.ask(c.AmendOrder(order=order, details=Sealed("more")), resident(AUNT_LI))
    asked(town, reads)
    town.ask(c.AnswerOrder(order=order, notice=TEXT), CLERK)
    board = row(town, reads, order)
    assert (board.details, board.contact, board.notice) == ("more", "sealed", "sealed")


def test_an_order_entered_for_someone_names_both(town: History, reads: Engine) -> None:
    order = town.new_order()
    command = c.PlaceOrder(order=order, category=LAMP, area=EAST, details=TEXT)
    town.ask(command, CLERK, on_behalf_of=UNCLE_WANG, channel=Channel.WINDOW)
    board = row(town, reads, order)
    assert (board.resident, board.entered_by, board.channel) == (UNCLE_WANG, CLERK.id, "window")


def test_its_own_entry_names_nobody_else(town: History, reads: Engine) -> None:
    assert row(town, reads, town.place()).entered_by is None


def test_a_dispatched_order_shows_its_limits(town: History, reads: Engine) -> None:
    order = town.place(LAMP)
    town.later(hours=1)
    town.dispatch(order)
    board = row(town, reads, order)
    assert (board.provider, board.accountable) == (WATER, WATER)
    assert (board.accept_by, board.due_at) == (MONDAY + hours(3), MONDAY + hours(25))
    assert board.stage_since == MONDAY + hours(1)


def test_a_declined_order_is_back_and_its_first_receiver_accountable(town: History, reads: Engine) -> None:
    order = town.place()
    town.dispatch(order)
    town.decline(order)
    board = row(town, reads, order)
    assert (board.stage, board.provider, board.accountable) == (Stage.PLACED, None, WATER)
    assert (board.declines, board.reason) == (1, "not-ours")


def test_a_proposal_shows_until_it_is_dispatched(town: History, reads: Engine) -> None:
    order = town.place()
    candidates = (Candidate(provider=WATER, reasons=("must", "idle")),)
    proposal = Proposal(category=POTHOLE, area=EAST, rules=1, at=MONDAY, winner=WATER, candidates=candidates)
    town.ask(c.ProposeDispatch(order=order, proposal=proposal), MACHINE)
    assert row(town, reads, order).proposal == (Proposed(WATER, ("must", "idle")),)
    town.dispatch(order)
    assert row(town, reads, order).proposal == ()


def test_a_bad_rating_does_not_disappear(town: History, reads: Engine) -> None:
    order = town.completed()
    town.rate(order, Level.DISSATISFIED)
    board = row(town, reads, order)
    assert (board.stage, board.level, board.bad, board.bad_ratings) == (
        Stage.RATED,
        Level.DISSATISFIED,
        True,
        1,
    )
    town.reopen(order)
    board = row(town, reads, order)
    assert (board.stage, board.round, board.level, board.bad_ratings) == (Stage.PLACED, 2, None, 1)


def test_a_seconders_bad_rating_counts_and_leaves_the_residents_to_come(town: History, reads: Engine) -> None:
    order = town.place()
    town.ask(c.SecondOrder(order=order), resident(UNCLE_WANG))
    town.dispatch(order)
    town.accept(order)
    town.complete(order)
    town.rate(order, Level.VERY_DISSATISFIED, UNCLE_WANG)
    board = row(town, reads, order)
    assert (board.stage, board.level, board.seconders, board.bad_ratings) == (Stage.COMPLETED, None, 1, 1)


def test_each_way_to_close_is_told_apart(town: History, reads: Engine) -> None:
    done, answered, refused, double, withdrawn = town.completed(), *(town.place() for _ in range(4))
    town.ask(c.AnswerOrder(order=answered, notice=TEXT), CLERK)
    town.ask(c.NotAcceptOrder(order=refused, reason="in-court", notice=TEXT), CLERK)
    town.ask(c.MarkDuplicate(order=double, of=answered, notice=TEXT), CLERK)
    town.ask(c.WithdrawOrder(order=withdrawn, reason=TEXT), resident(AUNT_LI))
    board = asked(town, reads)
    how = {
        order: found.closed_how
        for order in (done, answered, refused, double, withdrawn)
        if (found := board.get(order))
    }
    assert list(how.values()) == [
        Stage.COMPLETED,
        Stage.ANSWERED,
        Stage.NOT_ACCEPTED,
        Stage.DUPLICATE,
        Stage.WITHDRAWN,
    ]
    found = board.get(double)
    assert found is not None
    assert (found.duplicate_of, found.notice, found.closed_at) == (answered, "sealed", MONDAY)


def test_an_order_nobody_placed_is_not_there(town: History, reads: Engine) -> None:
    assert asked(town, reads).get(OrderId(uuid4())) is None


def test_it_is_found_by_its_number(town: History, reads: Engine) -> None:
    order = town.place()
    town.place()
    board = asked(town, reads)
    assert [found.order_id for found in board.by_number(order_number(order))] == [order]
    assert board.by_number(OrderNumber("000000000000")) == []


# overdue


def test_it_is_overdue_once_it_should_have_been_accepted(town: History, reads: Engine) -> None:
    order = town.place(LAMP)
    town.dispatch(order)
    board = asked(town, reads)
    assert (board.overdue(MONDAY + hours(2)), board.overdue(MONDAY + hours(2.1))) == (0, 1)
    assert row(town, reads, order).overdue(MONDAY + hours(2.1))
    assert not row(town, reads, order).overdue(MONDAY + hours(2))


def test_accepted_it_is_overdue_once_it_should_be_done(town: History, reads: Engine) -> None:
    order = town.place(LAMP)
    town.dispatch(order)
    town.accept(order)
    board = asked(town, reads)
    assert (board.overdue(MONDAY + hours(24)), board.overdue(MONDAY + hours(24.1))) == (0, 1)
    page = board.page(Filter(overdue_at=MONDAY + hours(24.1)))
    assert [found.order_id for found in page.orders] == [order]
    assert (board.overdue(MONDAY + days(9), area=EAST), board.overdue(MONDAY + days(9), area=WEST)) == (1, 0)


def test_a_closed_order_is_never_overdue(town: History, reads: Engine) -> None:
    town.completed(category=LAMP)
    assert asked(town, reads).overdue(MONDAY + days(100)) == 0


# pages and counts


def test_pages_follow_each_other_while_orders_come_and_move(town: History, reads: Engine) -> None:
    orders = []
    for _ in range(7):
        orders.append(town.place())
        town.later(minutes=1)
    board = asked(town, reads)
    first = board.page(limit=3)
    assert [found.order_id for found in first.orders] == orders[:3:-1]
    town.place()
    town.dispatch(orders[1])
    board = asked(town, reads)
    second = board.page(cursor=first.next, limit=3)
    third = board.page(cursor=second.next, limit=3)
    assert [found.order_id for found in (*second.orders, *third.orders)] == orders[3::-1]
    assert third.next is None


def test_orders_of_one_moment_each_come_once(town: History, reads: Engine) -> None:
    orders = {town.place() for _ in range(9)}
    board, seen, cursor = asked(town, reads), list[OrderId](), None
    while True:
        page = board.page(cursor=cursor, limit=2, order="oldest")
        seen += [found.order_id for found in page.orders]
        if (cursor := page.next) is None:
            break
    assert (len(seen), set(seen)) == (9, orders)


def test_a_page_can_be_narrowed(town: History, reads: Engine) -> None:
    east, west = town.place(POTHOLE, EAST), town.place(MEALS, WEST)
    town.place(LAMP, STREET)
    town.dispatch(west)
    board = asked(town, reads)

    def found(which: Filter) -> set[OrderId]:
        return {order.order_id for order in board.page(which).orders}

    assert found(Filter(area=EAST)) == {east}
    assert len(found(Filter(area=STREET))) == 3
    assert found(Filter(stages=[Stage.DISPATCHED, Stage.ACCEPTED])) == {west}
    assert found(Filter(provider=WATER)) == {west}
    assert len(found(Filter(category=CategoryPath("roads")))) == 2
    assert found(Filter(category=CategoryPath("roads"), area=WEST)) == set()


def test_an_area_is_not_taken_for_one_that_begins_alike(town: History, reads: Engine) -> None:
    town.place(POTHOLE, EAST)
    board = asked(town, reads)
    assert board.page(Filter(area="lake/eas")).orders == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("cursor", ["what?", "WzEsMl0", "WzEsICJub25lIl0", "bnVsbA", "é"])
def test_a_made_up_cursor_is_refused(town: History, small_reads: Engine, cursor: str) -> None:
    with pytest.raises(BadCursor):
        asked(town, small_reads).page(cursor=cursor)


def test_it_counts_by_stage_and_by_category(town: History, reads: Engine) -> None:
    town.completed(category=LAMP)
    town.place(LAMP, WEST)
    town.place(MEALS)
    board = asked(town, reads)
    counts = board.count_by_stage()
    assert (counts[Stage.PLACED], counts[Stage.COMPLETED], counts[Stage.DISPATCHED]) == (2, 1, 0)
    assert set(counts) == set(Stage) - {Stage.NONE}
    assert board.count_by_stage(area=WEST)[Stage.PLACED] == 1
    assert [(load.category, load.orders, load.open) for load in board.busiest_categories()] == [
        (LAMP, 2, 1),
        (MEALS, 1, 1),
    ]


def test_the_board_agrees_with_the_domain(life: History, start: Start) -> None:
    projector = start(OrderBoard)
    projector.fill_from(life)
    board = OrderBoardQueries(projector.engine)
    orders = {subject: state for subject, state in life.states.items() if isinstance(state, Order)}
    assert len(orders) > 30
    for subject, state in orders.items():
        found = board.get(OrderId(UUID(subject)))
        assert found is not None
        for name in _SHARED:
            assert getattr(found, name) == getattr(state, name), (subject, name)
        assert found.seconders == len(state.seconders)


_SHARED = (
    "stage",
    "version",
    "category",
    "area",
    "resident",
    "provider",
    "accountable",
    "declines",
    "round",
    "due_at",
    "closed_at",
    "duplicate_of",
)


def test_counts_agree_with_the_rows(life: History, start: Start) -> None:
    projector = start(OrderBoard)
    projector.fill_from(life, limit=3)
    board = OrderBoardQueries(projector.engine)
    for stage, number in board.count_by_stage().items():
        assert len(board.page(Filter(stages=[stage]), limit=500).orders) == number


@pytest.mark.parametrize(
    "question",
    [
        f"deadline < {to_micros(MONDAY)}",
        "number = '123456789012'",
        "stage = 'placed' ORDER BY placed_at, order_id LIMIT 50",
        "provider = 'water' AND stage = 'accepted' ORDER BY placed_at, order_id LIMIT 50",
        "placed_at < 5 ORDER BY placed_at DESC, order_id DESC LIMIT 50",
    ],
)
def test_what_is_often_asked_is_answered_from_an_index(small_reads: Engine, question: str) -> None:
    Projector(OrderBoard(), small_reads).create()
    with small_reads.connect() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN SELECT * FROM order_board_v2 WHERE {question}"))  # noqa: S608
        steps = [step.detail for step in plan]
    assert "USING INDEX" in steps[0]
    assert steps[1:] in ([], ["USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"])  # orders of one moment only


def test_a_residents_open_orders_are_counted(town: History, reads: Engine) -> None:
    first, second, _ = (
        town.place(LAMP, WEST),
        town.place(POTHOLE, EAST),
        town.place(LAMP, EAST, resident=UNCLE_WANG),
    )
    everybody = (AUNT_LI, UNCLE_WANG, ResidentId("r-nobody"))
    assert asked(town, reads).open_of(everybody) == {AUNT_LI: 2, UNCLE_WANG: 1}
    assert asked(town, reads).open_of(()) == {}
    town.ask(c.WithdrawOrder(order=first, reason=TEXT), resident(AUNT_LI))
    assert asked(town, reads).open_of([AUNT_LI]) == {AUNT_LI: 1}
    assert asked(town, reads).known([first, second, OrderId(UUID(int=7))]) == {first, second}
