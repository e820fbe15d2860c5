"""Ids: what can be read out over the phone, what sorts by time, what lies within what."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID, uuid4, uuid5

import pytest
from pydantic import ValidationError

from domain.commands import AcceptOrder, MarkDuplicate, PlaceOrder
from domain.ids import (
    OrderId,
    check_digit,
    is_order_number,
    lineage,
    order_number,
    provider_subject,
    stream_of,
    time_ordered_id,
    within,
)
from tests.support.a_town import MONDAY, WATER
from tests.support.an_order import ORDER, TEXT

NUMBERS = [order_number(OrderId(UUID(int=ORDER.int + count))) for count in range(200)]


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert check_digit("0794") == 5  # the example of ISO 7064, MOD 11,10


def test_order_numbers_are_twelve_digits_that_fit() -> None:
    assert all(len(number) == 12 and number.isdigit() and is_order_number(number) for number in NUMBERS)
    assert len(set(NUMBERS)) == len(NUMBERS)
    assert order_number(ORDER) == NUMBERS[0]


def test_every_single_wrong_digit_is_found() -> None:
    wrong = [
        number[:place] + digit + number[place + 1 :]
        for number in NUMBERS
        for place in range(12)
        for digit in "0123456789"
        if digit != number[place]
    ]
    assert not any(is_order_number(number) for number in wrong)


def test_nearly_every_swap_of_neighbours_is_found() -> None:
    swaps = [
        number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        for number in NUMBERS
        for place in range(11)
        if number[place] != number[place + 1]
    ]
    missed = sum(is_order_number(number) for number in swaps)
    assert missed / len(swaps) <= 0.03


@pytest.mark.parametrize(
    "text", ["", "1234", "07945", "x" * 12, "１２３４５６７８９０１２", NUMBERS[0] + "0"]
)
def test_what_is_no_order_number_is_told(text: str) -> None:
    assert not is_order_number(text)


def test_a_time_ordered_id_is_a_uuid_of_version_7_that_holds_its_moment() -> None:
    moment = datetime(2026, 3, 2, 1, 0, 0, 290_000, tzinfo=UTC)
    made = time_ordered_id(moment, b"seed")
    assert (made.version, made.variant) == (7, RFC_4122)
    assert datetime.fromtimestamp((made.int >> 80) / 1000, tz=UTC) == moment


def test_a_time_ordered_id_is_the_same_when_it_is_made_again() -> None:
    assert time_ordered_id(MONDAY, b"seed") == time_ordered_id(MONDAY, b"seed")
    assert time_ordered_id(MONDAY, b"seed") != time_ordered_id(MONDAY, b"other")


def test_time_ordered_ids_sort_by_time() -> None:
    moments = [MONDAY + timedelta(milliseconds=count) for count in range(500)]
    made = [time_ordered_id(moment, str(count).encode()) for count, moment in enumerate(moments)]
    assert made == sorted(made)


def test_an_order_is_its_own_stream_and_others_are_named() -> None:
    assert stream_of(str(ORDER)) == ORDER
    assert stream_of(provider_subject(WATER)).version == 5
    assert stream_of("rules") not in (stream_of("provider/rules"), ORDER)


def test_an_order_cannot_take_the_stream_of_a_provider_or_of_the_rules() -> None:
    for taken in (stream_of("rules"), stream_of(provider_subject(WATER)), uuid5(ORDER, "x")):
        with pytest.raises(ValidationError, match="never one made of a name"):
            AcceptOrder(order=taken, provider=WATER)
        with pytest.raises(ValidationError, match="never one made of a name"):
            MarkDuplicate(order=ORDER, of=taken, notice=TEXT)
    assert AcceptOrder(order=uuid4(), provider=WATER)


def test_what_lies_within_what() -> None:
    assert within("a/b", "a")
    assert within("a", "a")
    assert within("a", "")
    assert not within("ab", "a")
    assert not within("a", "a/b")


def test_a_lineage_goes_from_the_nearest_to_everything() -> None:
    assert lineage("a/b/c") == ("a/b/c", "a/b", "a", "")
    assert lineage("") == ("",)


@pytest.mark.parametrize("area", ["", "a//b", "/a", "a/", "A", "a b", "a/b/c/d/e/f/g", "a" * 49, "a\n"])
def test_a_path_is_codes_six_deep_at_most(area: str) -> None:
    with pytest.raises(ValidationError):
        PlaceOrder(order=ORDER, category="roads", area=area, details=TEXT)  # pyright: ignore[reportArgumentType]
