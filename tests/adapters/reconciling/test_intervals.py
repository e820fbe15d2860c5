"""Sums of intervals: the order does not matter, all else does."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from adapters.reconciling.intervals import LEAST, MOST, Sums, width_for

FACTS = st.dictionaries(st.integers(1, 5000), st.binary(min_size=32, max_size=32), max_size=30)


def sums(facts) -> Sums:
    found = Sums(LEAST)
    for position, digest in facts:
        found.add(position, digest)
    return found


@given(FACTS, st.randoms())
def test_the_order_in_which_partitions_are_read_does_not_matter(facts, chance) -> None:
    mixed = list(facts.items())
    chance.shuffle(mixed)
    assert sums(facts.items()).differing(sums(mixed)) == []


@given(FACTS.filter(bool), st.data())
def test_what_lacks_is_double_or_changed_shows_in_its_interval(facts, data) -> None:
    position = data.draw(st.sampled_from(sorted(facts)))
    whole, interval = list(facts.items()), position // LEAST
    lacking = [one for one in whole if one[0] != position]
    for other in (
        lacking,
        [*whole, (position, facts[position])],
        [*lacking, (position, sha256(facts[position]).digest())],
    ):
        assert sums(whole).differing(sums(other)) == [interval]


def test_two_that_changed_places_show() -> None:
    one, other = b"1" * 32, b"2" * 32
    assert sums([(1, one), (2, other)]).differing(sums([(1, other), (2, one)])) == [0]


def test_a_long_log_has_no_more_intervals_than_a_short_one() -> None:
    assert [width_for(head) for head in (0, 10_000_000, 100_000_000)] == [LEAST, 2442, 24415]
    assert 100_000_000 // width_for(100_000_000) <= MOST
