"""Forgetting somebody, or the texts of one order: asked, carried out, and asked again."""

import pytest

from domain.events import OrderErasureFinished, OrderRated, OrderTextsErased
from domain.ids import ANONYMOUS
from domain.model import Event
from domain.person_events import ErasureFinished, PersonErased
from domain.reached import Because
from domain.rejections import ForbiddenStep, KeptLonger, NotOnePerson, UnknownErasure, UnknownOrder, WrongRole
from domain.rules import Retention, Rules
from domain.stages import CLOSED, Stage
from tests.support.a_person import (
    RECEIPT,
    erase_order,
    erase_person,
    erasure_finished,
    finish_erasure,
    finish_order_erasure,
    order_erasure_finished,
    person_erased,
    texts_erased,
)
from tests.support.a_town import AUNT_LI, LAMP, MONDAY, POTHOLE, days, hours, rules_with
from tests.support.an_order import (
    TEXT,
    accepted,
    completed,
    dispatched,
    imported,
    placed,
    rate,
    rated,
    reopened,
)
from tests.support.given import Given, given

DONE = (placed(), dispatched(), accepted(), completed())
CLOSED_AT = MONDAY + hours(3 / 60)
SHORT = rules_with(retention=(Retention(category=POTHOLE, days=10), Retention(days=400)))


def test_an_operator_erases_a_person() -> None:
    given().when(erase_person()).then(PersonErased, person=AUNT_LI, erasure=1, listed=None, reason=TEXT)


def test_nobody_else_does() -> None:
    for role in ("resident", "community", "provider", "system", "auditor"):
        given().when(erase_person().said_by(role, AUNT_LI)).then_rejected(WrongRole)  # type: ignore[arg-type]


def test_those_without_a_name_are_not_one_person() -> None:
    given().when(erase_person(ANONYMOUS)).then_rejected(NotOnePerson)
    given().when(erase_person(ANONYMOUS, listed="rules")).then(PersonErased)


def test_while_it_is_under_way_saying_it_again_is_silent() -> None:
    given(person_erased()).when(erase_person()).then_nothing()


def test_somebody_of_that_name_on_a_list_is_another() -> None:
    of_a_list = given(person_erased()).when(erase_person(listed="provider/water"))
    of_a_list.then(PersonErased, erasure=2, listed="provider/water")


def test_what_came_since_can_be_erased_too() -> None:
    given(person_erased(), erasure_finished()).when(erase_person()).then(PersonErased, erasure=2)


def test_an_erasure_is_finished_with_its_receipt() -> None:
    under_way = given(person_erased(listed="rules")).when(finish_erasure())
    under_way.then(ErasureFinished, erasure=1, listed="rules", reached=RECEIPT)


def test_one_that_nobody_asked_for_is_not_finished() -> None:
    given().when(finish_erasure()).then_rejected(UnknownErasure, erasure=1)
    given(*DONE).when(finish_order_erasure()).then_rejected(UnknownErasure, erasure=1)


def test_finished_twice_is_finished_once() -> None:
    given(person_erased(), erasure_finished()).when(finish_erasure()).then_nothing()
    given(*DONE, texts_erased(), order_erasure_finished()).when(finish_order_erasure()).then_nothing()


def test_the_texts_of_a_closed_order_are_erased() -> None:
    given(*DONE).when(erase_order()).then(OrderTextsErased, because=Because.REQUEST, erasure=1, reason=TEXT)


@pytest.mark.parametrize("stage", sorted(CLOSED))
def test_however_it_was_closed_and_it_stays_so(stage: Stage) -> None:
    given(imported(stage)).when(erase_order()).then(OrderTextsErased).leaving(stage=stage)


def test_an_open_order_keeps_its_texts() -> None:
    given(placed()).when(erase_order()).then_rejected(ForbiddenStep)
    given().when(erase_order()).then_rejected(UnknownOrder)


def test_only_an_operator_or_the_engine_asks_for_it() -> None:
    for role in ("resident", "community", "provider", "auditor"):
        given(*DONE).when(erase_order().said_by(role, AUNT_LI)).then_rejected(WrongRole)  # type: ignore[arg-type]


@pytest.mark.parametrize("since", [(), (order_erasure_finished(),)])
def test_where_nothing_has_come_since_it_is_silent(since: tuple[Event, ...]) -> None:
    given(*DONE, texts_erased(), *since).when(erase_order()).then_nothing()


@pytest.mark.parametrize(
    "since", [(rated(),), (rated(), order_erasure_finished()), (order_erasure_finished(), rated())]
)
def test_what_was_written_since_is_erased_too(since: tuple[Event, ...]) -> None:
    given(*DONE, texts_erased(), *since).when(erase_order()).then(OrderTextsErased, erasure=2)


def test_the_order_is_finished_with_its_receipt_even_if_it_was_reopened_meanwhile() -> None:
    given(*DONE, texts_erased()).when(finish_order_erasure()).then(OrderErasureFinished, reached=RECEIPT)
    again = given(*DONE, texts_erased(), reopened()).when(finish_order_erasure())
    again.then(OrderErasureFinished).leaving(stage=Stage.PLACED)


def test_an_erased_order_can_still_be_rated() -> None:
    given(*DONE, texts_erased(), order_erasure_finished()).when(rate()).then(OrderRated)


def kept(*history: Event, rules: Rules = SHORT) -> Given:
    return given(*history).under(rules)


def test_the_rules_erase_it_when_its_days_are_over() -> None:
    asked = kept(*DONE).when(erase_order(Because.RETENTION), at=CLOSED_AT + days(10))
    asked.then(OrderTextsErased, because=Because.RETENTION)


def test_before_that_they_keep_it() -> None:
    early = kept(*DONE).when(erase_order(Because.RETENTION), at=CLOSED_AT + days(10) - hours(1))
    early.then_rejected(KeptLonger, until=(CLOSED_AT + days(10)).isoformat())


def test_a_rating_counts_anew() -> None:
    ask = erase_order(Because.RETENTION)
    once_more = kept(*DONE, rated())
    once_more.when(ask, at=CLOSED_AT + days(10)).then_rejected(KeptLonger)
    once_more.when(ask, at=CLOSED_AT + hours(1 / 60) + days(10)).then(OrderTextsErased)


def test_without_a_rule_it_is_kept() -> None:
    late = CLOSED_AT + days(36_000)
    kept(*DONE, rules=rules_with()).when(erase_order(Because.RETENTION), at=late).then_rejected(KeptLonger)


def test_an_imported_one_counts_from_when_it_was_closed_there() -> None:
    row = imported(Stage.COMPLETED).model_copy(update={"closed_at": MONDAY - days(20)})
    kept(row).when(erase_order(Because.RETENTION)).then(OrderTextsErased)


def test_the_nearest_rule_around_a_category_counts() -> None:
    assert SHORT.retention_days(POTHOLE) == 10
    assert SHORT.retention_days(LAMP) == 400
    assert rules_with(retention=(Retention(category=POTHOLE, days=10),)).retention_days(LAMP) is None
    assert rules_with().retention_days(POTHOLE) is None


def test_a_retention_rule_names_a_category_of_the_town_once() -> None:
    with pytest.raises(ValueError, match="which is not listed"):
        rules_with(retention=({"category": "roads/moon", "days": 3},))
    with pytest.raises(ValueError, match="is listed twice"):
        rules_with(retention=({"days": 3}, {"days": 4}))
