"""Counts fade as further orders come, stay bounded, and remember the last forty."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.evidence.counts import DECAY, TIDIED_EVERY, WINDOW, Counts, strength


def counted(*names: str) -> Counts:
    counts = Counts()
    for name in names:
        counts.add(name)
    return counts


def test_a_count_fades_with_each_further_order() -> None:
    now = dict(counted("water", "roads", "roads").now())
    assert now == pytest.approx({"water": DECAY**2, "roads": 1 + DECAY})


def test_fading_is_the_same_before_and_after_counts_are_tidied() -> None:
    counts = counted(*["water"] * 10, *["roads"] * (TIDIED_EVERY + 3))
    by_hand = sum(DECAY**age for age in range(TIDIED_EVERY + 3, TIDIED_EVERY + 13))
    assert dict(counts.now())["water"] == pytest.approx(by_hand)
    assert sum(count for _, count in counts.now()) == pytest.approx(counts.mass)


def test_names_that_have_faded_away_are_dropped() -> None:
    counts = counted(*(f"unit-{number}" for number in range(20_000)))
    assert len(counts.now()) < 500
    assert counts.step < 1e3  # nothing grows for ever


def test_the_last_forty_are_remembered_one_by_one() -> None:
    counts = counted(*["water"] * 50, "roads")
    assert list(counts.recent) == ["water"] * (WINDOW - 1) + ["roads"]


def test_a_run_ends_with_another_name() -> None:
    assert counted("water", "roads", "roads").run(4) == 2
    assert counted("roads", "roads", "water").run(4) == 1


def test_of_equal_counts_the_first_that_came_up_is_the_top() -> None:
    counts = counted("water")
    counts.grown["air"] = counts.grown["water"]
    assert counts.top() == "water"


@pytest.mark.parametrize(("orders", "amount"), [(1, 0), (2, 0), (3, 1), (10, 1), (12, 2)])
def test_how_much_a_context_knows_is_little_something_or_much(orders: int, amount: int) -> None:
    assert counted(*["water"] * orders).amount() == amount


def test_shares_add_up_to_one() -> None:
    assert sum(share for _, share in counted("water", "roads", "water").shares()) == pytest.approx(1)


def test_a_count_says_the_same_for_a_name_and_alone() -> None:
    counts = counted("water", "roads")
    assert counts.strengths() == pytest.approx({name: strength(count) for name, count in counts.now()})


def test_what_is_taken_back_is_one_of_the_last_forty_no_longer() -> None:
    counts = counted(*["roads"] * 9, *["water"] * 31)
    counts.take_back("water")
    assert (counts.recent.count("water"), len(counts.recent)) == (30, WINDOW - 1)


def test_what_is_not_among_the_last_forty_is_not_taken_back() -> None:
    counts = counted("water", *["roads"] * WINDOW)
    before = counts.now(), counts.mass, list(counts.recent)
    counts.take_back("water")
    counts.take_back("air")
    assert (counts.now(), counts.mass, counts.recent) == before


def test_nothing_is_left_of_the_only_one_that_is_taken_back() -> None:
    counts = counted("water")
    counts.take_back("water")
    assert (counts.now(), counts.recent, counts.last, counts.run(4)) == ([], [], "", 0)


NAMES = st.sampled_from(("water", "roads", "air", "light"))


@settings(max_examples=200, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=150), st.lists(NAMES, max_size=20), st.data())
def test_taking_back_is_as_if_it_had_never_come(
    before: list[str], later: list[str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(before[-(WINDOW - len(later)) :]))
    counts = counted(*before, *later)
    counts.take_back(name)
    whole = [*before, *later]
    latest = len(whole) - 1 - whole[::-1].index(name)
    never = counted(*whole[:latest], *whole[latest + 1 :])
    assert dict(counts.now()) == pytest.approx(dict(never.now()), abs=0.01)
    assert counts.mass == pytest.approx(never.mass, abs=0.01)
    assert (counts.added, counts.last) == (never.added, never.last)
    assert counts.recent == never.recent[-len(counts.recent) :] or not counts.recent


def test_added_and_taken_back_for_ever_nothing_grows() -> None:
    counts = counted("roads")
    for _ in range(50_000):
        counts.add("water")
        counts.take_back("water")
    assert dict(counts.now()) == pytest.approx({"roads": 1.0})
    assert counts.step < 10
