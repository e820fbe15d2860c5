"""Two times: when it was recorded, and when it counts as having happened."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.rejections import DateAbsurd, DateInFuture, OutOfOrder
from domain.situation import EARLIEST, Asked, settle_time
from tests.support.a_town import MONDAY, days, hours
from tests.support.an_order import COMMUNITY, SYSTEM, placed, withdraw
from tests.support.given import lived

LIVE = withdraw().asked(MONDAY)
IMPORT = replace(LIVE, actor=COMMUNITY, trusted_time=True)
REACTOR = replace(LIVE, actor=SYSTEM, trusted_time=True)
SECOND = timedelta(seconds=1)


def test_live_it_happens_when_it_is_recorded() -> None:
    assert settle_time(LIVE, None) == MONDAY
    assert settle_time(LIVE, MONDAY - hours(1)) == MONDAY


def test_live_it_never_comes_before_the_last() -> None:
    assert settle_time(LIVE, MONDAY + SECOND) == MONDAY + SECOND


def test_live_the_senders_clock_does_not_count() -> None:
    assert settle_time(replace(LIVE, claimed=MONDAY - days(1)), None) == MONDAY
    assert settle_time(replace(LIVE, claimed=MONDAY + hours(24)), None) == MONDAY


def test_live_a_date_beyond_tomorrow_is_refused() -> None:
    with pytest.raises(DateInFuture):
        settle_time(replace(LIVE, claimed=MONDAY + hours(24) + SECOND), None)


@pytest.mark.parametrize("asked", [LIVE, IMPORT, REACTOR])
def test_a_date_before_the_records_began_is_refused(asked: Asked) -> None:
    with pytest.raises(DateAbsurd):
        settle_time(replace(asked, claimed=datetime(1989, 12, 31, tzinfo=UTC)), None)


def test_the_records_begin_with_1990() -> None:
    assert settle_time(replace(IMPORT, claimed=EARLIEST), None) == EARLIEST


@pytest.mark.parametrize("asked", [IMPORT, REACTOR])
def test_from_imports_and_the_system_the_claimed_time_counts(asked: Asked) -> None:
    claimed = MONDAY - days(300)
    assert settle_time(replace(asked, claimed=claimed), None) == claimed
    assert settle_time(replace(asked, claimed=claimed), claimed) == claimed  # forty rows in one second


@pytest.mark.parametrize("asked", [IMPORT, REACTOR])
def test_a_claimed_time_is_never_after_it_was_recorded(asked: Asked) -> None:
    with pytest.raises(DateInFuture):
        settle_time(replace(asked, claimed=MONDAY + SECOND), None)


def test_an_import_out_of_order_is_refused() -> None:
    with pytest.raises(OutOfOrder):
        settle_time(replace(IMPORT, claimed=MONDAY - hours(2)), MONDAY - hours(1))


def test_a_reactor_may_come_after_the_order_has_moved_on() -> None:
    late = replace(REACTOR, claimed=MONDAY - hours(2))
    assert settle_time(late, MONDAY - hours(1)) == MONDAY - hours(1)


def test_an_import_without_a_time_counts_as_recorded() -> None:
    assert settle_time(IMPORT, MONDAY - hours(1)) == MONDAY


def test_the_state_keeps_the_time_of_its_last_event() -> None:
    assert lived("rules", ()).last_at is None
    assert lived(withdraw().command.subject, (placed(), placed())).last_at == MONDAY + timedelta(minutes=1)
