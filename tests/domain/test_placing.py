"""Residents order (点单): place, amend, withdraw, second."""

import pytest

from domain.events import OrderAmended, OrderPlaced, OrderSeconded, OrderWithdrawn
from domain.ids import AreaPath, CategoryPath, order_number
from domain.order import Order
from domain.placing import one_more
from domain.rejections import (
    DateAbsurd,
    ForbiddenStep,
    NotYours,
    OrderExists,
    TooManyOpenOrders,
    UnknownArea,
    UnknownCategory,
)
from domain.sealed import Sealed
from domain.stages import Role, Stage, Urgency
from tests.support.a_town import (
    AUNT_LI,
    DISPATCHER,
    EAST,
    LAMP,
    MONDAY,
    STRANGER,
    UNCLE_WANG,
    WATER,
    WEST,
    days,
    hours,
    rules_with,
)
from tests.support.an_order import (
    ORDER,
    TEXT,
    accepted,
    amend,
    dispatched,
    done,
    imported,
    place,
    placed,
    second,
    seconded,
    withdraw,
    withdrawn,
)
from tests.support.given import given


def test_a_resident_places_an_order() -> None:
    answer = given().when(place()).then(OrderPlaced, resident=AUNT_LI, number=order_number(ORDER))
    answer.leaving(stage=Stage.PLACED, resident=AUNT_LI, accountable=None, due_at=None)


def test_staff_enter_an_order_for_a_resident() -> None:
    by_staff = place().said_by(Role.COMMUNITY, DISPATCHER).said_for(UNCLE_WANG)
    given().when(by_staff).then(OrderPlaced, resident=UNCLE_WANG)


def test_what_a_patrol_finds_is_the_finders_own_order() -> None:
    given().when(place().said_by(Role.COMMUNITY, DISPATCHER)).then(OrderPlaced, resident=DISPATCHER)


def test_a_resident_cannot_speak_in_anothers_name() -> None:
    given().when(place().said_for(UNCLE_WANG)).then_rejected(NotYours)
    given(placed(by=UNCLE_WANG)).when(withdraw().said_for(UNCLE_WANG)).then_rejected(NotYours)


def test_the_wanted_provider_is_kept_even_if_nobody_knows_it() -> None:
    given().when(place(wanted=STRANGER)).then(OrderPlaced, wanted=STRANGER)


def test_the_wanted_time_is_kept() -> None:
    tomorrow = MONDAY + days(1)
    given().when(place(wanted_at=tomorrow)).then(OrderPlaced, wanted_at=tomorrow)


def test_how_soon_somebody_has_to_come_is_kept() -> None:
    given().when(place()).then(OrderPlaced, urgency=Urgency.NORMAL)
    given().when(place(urgency="call")).then(OrderPlaced, urgency=Urgency.CALL)


@pytest.mark.parametrize("wanted_at", [MONDAY - days(2), MONDAY + days(800)])
def test_a_wish_for_a_time_that_cannot_be_meant_is_refused(wanted_at: object) -> None:
    given().when(place(wanted_at=wanted_at)).then_rejected(DateAbsurd)


@pytest.mark.parametrize("category", ["roads", "moon"])
def test_only_items_of_the_catalogue_can_be_ordered(category: str) -> None:
    given().when(place(category=category)).then_rejected(UnknownCategory, category=category)


def test_an_order_lies_in_the_town() -> None:
    given().when(place(area="lake/north")).then_rejected(UnknownArea, area="lake/north")


def test_an_id_is_used_once() -> None:
    given(placed()).when(place()).then_rejected(OrderExists)


def test_a_text_may_be_amended_while_it_is_being_done() -> None:
    news = Sealed("more")
    amended = given(placed(), dispatched(), accepted()).when(amend(details=news))
    amended.then(OrderAmended, details=news, contact=None).leaving(stage=Stage.ACCEPTED)


@pytest.mark.parametrize("field", ["details", "contact", "address"])
def test_each_text_may_be_amended_alone(field: str) -> None:
    given(placed()).when(amend(**{field: TEXT})).then(OrderAmended, **{field: TEXT})


def test_category_and_area_move_before_dispatch() -> None:
    moved = given(placed()).when(amend(category=LAMP, area=WEST))
    moved.then(OrderAmended, old_area=EAST, area=WEST, category=LAMP).leaving(category=LAMP, area=WEST)


def test_category_and_area_stay_once_dispatched() -> None:
    given(placed(), dispatched()).when(amend(area=WEST)).then_rejected(ForbiddenStep)


def test_an_order_cannot_move_out_of_the_town() -> None:
    given(placed()).when(amend(area=AreaPath("moon"))).then_rejected(UnknownArea)
    given(placed()).when(amend(category=CategoryPath("care"))).then_rejected(UnknownCategory)


def test_a_text_may_be_amended_after_its_category_has_left_the_catalogue() -> None:
    new_rules = rules_with(catalogue=())
    given(placed()).under(new_rules).when(amend(details=TEXT)).then(OrderAmended)


def test_an_amendment_that_says_nothing_new_is_silent() -> None:
    given(placed()).when(amend(area=EAST)).then_nothing()


def test_only_the_owner_amends() -> None:
    stranger = amend(details=TEXT).said_by(Role.RESIDENT, UNCLE_WANG)
    given(placed()).when(stranger).then_rejected(NotYours)


def test_staff_amend_in_the_owners_name_only() -> None:
    staff = amend(details=TEXT).said_by(Role.COMMUNITY, DISPATCHER)
    given(placed()).when(staff).then_rejected(NotYours)
    given(placed()).when(staff.said_for(AUNT_LI)).then(OrderAmended)


def test_an_operator_acts_for_anybody() -> None:
    given(placed()).when(withdraw().said_by(Role.OPERATOR, "o-1")).then(OrderWithdrawn)


def test_an_imported_order_belongs_to_no_resident() -> None:
    given(imported(Stage.PLACED)).when(withdraw()).then_rejected(NotYours)


def test_a_resident_withdraws_even_what_is_being_done() -> None:
    gone = given(placed(), dispatched(), accepted()).when(withdraw()).then(OrderWithdrawn, provider=WATER)
    gone.leaving(stage=Stage.WITHDRAWN, closed_at=MONDAY + hours(1))


def test_withdrawn_twice_is_withdrawn_once() -> None:
    given(placed(), withdrawn()).when(withdraw()).then_nothing()


def test_what_is_done_cannot_be_withdrawn() -> None:
    given(*done()).when(withdraw()).then_rejected(ForbiddenStep, stage_en="to rate")


def test_only_the_owner_withdraws() -> None:
    given(placed(by=UNCLE_WANG)).when(withdraw()).then_rejected(NotYours)


def test_a_neighbour_seconds_an_order() -> None:
    joined = given(placed()).when(second(by=UNCLE_WANG)).then(OrderSeconded, resident=UNCLE_WANG)
    after = joined.after()
    assert isinstance(after, Order)
    assert after.seconders == {UNCLE_WANG}


def test_nobody_seconds_twice_or_seconds_themselves() -> None:
    given(placed(), seconded(by=UNCLE_WANG)).when(second(by=UNCLE_WANG)).then_nothing()
    given(placed(by=AUNT_LI)).when(second(by=AUNT_LI)).then_nothing()


def test_a_withdrawn_order_cannot_be_seconded() -> None:
    given(placed(), withdrawn()).when(second()).then_rejected(ForbiddenStep)


def test_a_resident_places_as_many_as_may_be_open_and_no_more() -> None:
    one_more(held=2, most=3)
    with pytest.raises(TooManyOpenOrders):
        one_more(held=3, most=3)


def test_where_any_number_may_be_open_there_is_always_one_more() -> None:
    one_more(held=1_000_000, most=0)
