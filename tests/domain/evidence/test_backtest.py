"""Every order is asked about before it is learnt; the score says how often the proposals were right."""

from collections import Counter

import pytest

from domain.evidence.backtest import BINS, Score, tries
from domain.evidence.contexts import Precedent
from tests.domain.evidence.a_history import history, lamp, sent

MARGIN = 0.05  # what it is better by, in a town where about a tenth of all dispatches are chance


def scored(told: list[Precedent], start: int = 0) -> Score:
    score = Score()
    for one in tries(enumerate(told), start):
        score.add(one)
    return score


def most_frequent(told: list[Precedent], start: int) -> float:
    """How often the most frequent provider of the item in the street is the one."""
    seen: dict[tuple[str, str], Counter[str]] = {}
    right = 0
    for number, one in enumerate(told):
        counts = seen.setdefault((one.features.item, one.features.street), Counter())
        if number >= start and counts:
            right += counts.most_common(1)[0][0] == one.provider
        counts[one.provider] += 1
    return right / (len(told) - start)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_better_than_the_most_frequent_provider_of_the_item_in_the_street(seed: int) -> None:
    told = history(400, seed)
    share = scored(told, 50).share(1)
    assert share is not None
    assert share >= most_frequent(told, 50) + MARGIN


def test_an_order_is_not_learnt_before_it_is_asked_about() -> None:
    (one,) = tries([(0, sent("灯务所"))])
    assert (one.first, one.place, one.why) == (None, None, None)


def test_a_provider_never_seen_is_a_miss_and_then_known() -> None:
    places = [one.place for one in tries(enumerate([sent("灯务所"), sent("市政所"), sent("市政所")]))]
    assert places[:2] == [None, None]
    assert places[2] is not None
    score = scored([sent("灯务所"), sent("市政所")])
    assert (score.n, score.share(5)) == (2, 0.0)


def test_rows_without_a_provider_are_neither_scored_nor_learnt() -> None:
    told = [sent("灯务所"), Precedent(lamp()), sent("灯务所")]
    assert [one.row for one in tries(enumerate(told))] == [0, 2]
    assert scored(told).share(1) == 0.5


def test_rows_before_the_first_scored_one_are_learnt() -> None:
    (one,) = tries(enumerate([sent("灯务所"), sent("灯务所")]), scored_from=1)
    assert one.place == 1


def test_reasons_are_found_only_for_whom_they_are_asked() -> None:
    told = tries(enumerate([sent("灯务所")] * 4), explained_from=2)
    assert [one.why is not None for one in told] == [False, False, True, True]


def test_nothing_scored_is_no_share() -> None:
    assert scored([]).share(1) is None


def test_every_scored_order_with_a_first_candidate_is_in_one_bin() -> None:
    told = history(300)
    score = scored(told)
    assert len(score.bins) == BINS
    assert sum(one.n for one in score.bins) == score.n - 1  # at the first order nobody was known
    assert sum(one.right for one in score.bins) == score.hits[1]
    assert all(
        number / BINS <= one.expected / one.n <= (number + 1) / BINS
        for number, one in enumerate(score.bins)
        if one.n
    )


def test_probabilities_hold_on_the_whole() -> None:
    bins = scored(history(1_500), 500).bins
    expected, right = sum(one.expected for one in bins), sum(one.right for one in bins)
    assert right == pytest.approx(expected, rel=0.1)
