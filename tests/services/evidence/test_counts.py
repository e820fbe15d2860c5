"""Counts fade as further orders come, stay bounded, and remember the last forty."""

import pytest

from services.evidence.counts import DECAY, TIDIED_EVERY, WINDOW, Counts, strength


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
    assert counts._step < 1e3  # nothing grows for ever


def test_the_last_forty_are_remembered_one_by_one() -> None:
    counts = counted(*["water"] * 50, "roads")
    assert list(counts.recent) == ["water"] * (WINDOW - 1) + ["roads"]


def test_counts_that_need_not_remember_do_not() -> None:
    counts = Counts(remember=False)
    counts.add("water")
    assert not counts.recent


def test_a_run_ends_with_another_name() -> None:
    assert counted("water", "roads", "roads").run == 2
    assert counted("roads", "roads", "water").run == 1


def test_of_equal_counts_the_first_that_came_up_is_the_top() -> None:
    counts = counted("water")
    counts._grown["air"] = counts._grown["water"]
    assert counts.top() == "water"


@pytest.mark.parametrize(("orders", "amount"), [(1, 0), (2, 0), (3, 1), (10, 1), (12, 2)])
def test_how_much_a_context_knows_is_little_something_or_much(orders: int, amount: int) -> None:
    assert counted(*["water"] * orders).amount() == amount


def test_shares_add_up_to_one() -> None:
    assert sum(share for _, share in counted("water", "roads", "water").shares()) == pytest.approx(1)


def test_a_count_says_the_same_for_a_name_and_alone() -> None:
    counts = counted("water", "roads")
    assert counts.strengths() == pytest.approx({name: strength(count) for name, count in counts.now()})
