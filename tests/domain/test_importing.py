"""Rows of another system come in with the stage they show and nothing invented."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

import pytest

from domain.events import OrderImported
from domain.ids import order_number
from domain.rejections import (
    DateAbsurd,
    OnlyFromImports,
    OrderExists,
    UnknownArea,
    UnknownCategory,
    UnknownProvider,
    WrongStage,
)
from domain.stages import Level, Stage
from tests.support.a_town import LEAVING, STRANGER, WATER, hours
from tests.support.an_order import ORDER, import_order, imported, placed
from tests.support.given import TEN, given


def test_a_row_with_next_to_nothing_comes_in() -> None:
    bare = given().when(import_order(stage=Stage.COMPLETED))
    bare.then(
        OrderImported,
        stage=Stage.COMPLETED,
        number=order_number(ORDER),
        provider=None,
        accepted_at=None,
        closed_at=None,
        due_at=None,
        in_time=None,
        level=None,
        bad=None,
    )
    bare.leaving(stage=Stage.COMPLETED, resident=None, provider=None, accountable=None, closed_at=None)


def test_a_row_keeps_what_it_shows() -> None:
    row = import_order(
        stage=Stage.RATED,
        provider=WATER,
        level=Level.DISSATISFIED,
        channel="12345",
        in_time=False,
        due_at=TEN,
    )
    shown = given().when(row)
    shown.then(OrderImported, level=Level.DISSATISFIED, bad=True, channel="12345", in_time=False, due_at=TEN)
    shown.leaving(stage=Stage.RATED, provider=WATER, accountable=WATER, due_at=TEN)


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.NONE, Stage.RATED}))
def test_every_stage_can_be_shown(stage: Stage) -> None:
    given().when(import_order(stage=stage, provider=WATER)).then(OrderImported, stage=stage)


@pytest.mark.parametrize("stage", [Stage.PLACED, Stage.POOLED, Stage.ARBITRATION])
def test_a_unit_does_not_have_what_lies_with_the_community(stage: Stage) -> None:
    given().when(import_order(stage=stage, provider=WATER)).leaving(provider=None, accountable=WATER)


def test_a_row_comes_in_once() -> None:
    given(imported(Stage.PLACED)).when(import_order()).then_rejected(OrderExists)
    given(placed()).when(import_order()).then_rejected(OrderExists)


def test_rows_come_through_the_imports_only() -> None:
    given().when(replace(import_order(), from_imports=False)).then_rejected(OnlyFromImports)


def test_a_row_lies_in_the_town() -> None:
    given().when(import_order(area="moon")).then_rejected(UnknownArea)
    given().when(import_order(category="moon")).then_rejected(UnknownCategory)


def test_the_unit_of_a_row_is_known_though_it_may_have_left() -> None:
    given().when(import_order(provider=STRANGER)).then_rejected(UnknownProvider)
    given().when(import_order(provider=LEAVING)).then(OrderImported, provider=LEAVING)


@pytest.mark.parametrize(
    "row",
    [
        {"stage": Stage.NONE},
        {"stage": Stage.RATED},
        {"stage": Stage.COMPLETED, "level": Level.SATISFIED},
        {"stage": Stage.DISPATCHED},
        {"stage": Stage.ACCEPTED},
        {"stage": Stage.PLACED, "closed_at": TEN},
    ],
)
def test_a_stage_fits_what_the_row_says(row: dict[str, object]) -> None:
    given().when(import_order(**row)).then_rejected(WrongStage, stage=row["stage"])


def test_what_ended_keeps_when_it_was_accepted_and_closed() -> None:
    ended = given().when(import_order(stage=Stage.COMPLETED, accepted_at=TEN, closed_at=TEN))
    ended.then(OrderImported, accepted_at=TEN, closed_at=TEN).leaving(closed_at=TEN)


@pytest.mark.parametrize("offset", [timedelta(hours=14), timedelta(hours=-23, minutes=-59)])
@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "2037-01-01", "9999-12-31"])
def test_a_deadline_outside_of_all_reckoning_is_absurd(day: str, offset: timedelta) -> None:
    absurd = datetime.combine(date.fromisoformat(day), time(), timezone(offset))
    given().when(import_order(due_at=absurd)).then_rejected(DateAbsurd, moment=absurd.isoformat())


def test_a_deadline_may_be_over_before_the_row_was_written() -> None:
    given().when(import_order(due_at=TEN - hours(1))).then(OrderImported, due_at=TEN - hours(1))


@pytest.mark.parametrize("moment", [TEN - hours(1), TEN + hours(1)])
def test_nothing_ends_before_it_began_or_after_today(moment: object) -> None:
    given().when(import_order(stage=Stage.COMPLETED, closed_at=moment)).then_rejected(DateAbsurd)
    given().when(import_order(stage=Stage.COMPLETED, accepted_at=moment)).then_rejected(DateAbsurd)
