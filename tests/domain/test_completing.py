"""Providers do the work: report progress, complete."""

from domain.events import OrderCompleted, ProgressReported
from domain.rejections import ForbiddenStep, NotOffered
from domain.stages import Stage
from tests.support.a_town import ROADS, WATER, hours
from tests.support.an_order import (
    DUE,
    TEXT,
    accepted,
    complete,
    dispatched,
    done,
    imported,
    placed,
    report_progress,
)
from tests.support.given import TEN, given

IN_HAND = (placed(), dispatched(to=WATER), accepted(by=WATER))


def test_a_provider_reports_progress() -> None:
    told = given(*IN_HAND).when(report_progress(by=WATER)).then(ProgressReported, provider=WATER, note=TEXT)
    told.leaving(stage=Stage.ACCEPTED, version=4)


def test_only_the_one_who_does_it_reports() -> None:
    given(*IN_HAND).when(report_progress(by=ROADS)).then_rejected(NotOffered)


def test_there_is_nothing_to_report_before_it_is_accepted() -> None:
    given(placed(), dispatched()).when(report_progress()).then_rejected(ForbiddenStep)


def test_a_provider_completes_in_time() -> None:
    finished = given(*IN_HAND).when(complete(by=WATER), at=DUE)
    finished.then(OrderCompleted, in_time=True, due_at=DUE, resolved=True)
    finished.leaving(stage=Stage.COMPLETED, closed_at=DUE, provider=WATER)


def test_one_second_late_is_late() -> None:
    late = given(*IN_HAND).when(complete(by=WATER), at=DUE + hours(1 / 3600))
    late.then(OrderCompleted, in_time=False)


def test_done_is_not_always_solved() -> None:
    given(*IN_HAND).when(complete(resolved=False)).then(OrderCompleted, resolved=False)


def test_completed_twice_is_completed_once() -> None:
    given(*done(by=WATER)).when(complete(by=WATER)).then_nothing()


def test_only_the_one_who_does_it_completes() -> None:
    given(*IN_HAND).when(complete(by=ROADS)).then_rejected(NotOffered)
    given(*done(by=WATER)).when(complete(by=ROADS)).then_rejected(NotOffered)


def test_what_was_not_accepted_cannot_be_completed() -> None:
    given(placed(), dispatched()).when(complete()).then_rejected(ForbiddenStep)


def test_an_imported_order_without_a_deadline_is_neither_in_time_nor_late() -> None:
    shown = given(imported(Stage.ACCEPTED, provider=WATER)).when(complete(), at=TEN)
    shown.then(OrderCompleted, due_at=None, in_time=None)
