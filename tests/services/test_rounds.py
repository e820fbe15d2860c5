"""A round of dispatch: who gets what when all that wait are looked at together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.solving import least_cost_flow
from domain.ids import OrderId, ProviderId
from services.rounds import LEFT_WORDS, Arcs, Assignment, Left, Round, Waiting, _steps, best, greedy

SEVEN = datetime(2026, 6, 1, 7, tzinfo=UTC)
WATER, ROADS, TEAM = ProviderId("water"), ProviderId("roads"), ProviderId("team")
PIPE, POTHOLE, LAMP = (OrderId(UUID(int=7 << 76 | 2 << 62 | number)) for number in (1, 2, 3))


def waits(order: OrderId, minutes: int = 0, **scores: int) -> Waiting:
    """An order that waits since that many minutes after seven."""
    named = {ProviderId(provider): score for provider, score in scores.items()}
    return Waiting(order, SEVEN + timedelta(minutes=minutes), named)


def a_round(*waiting: Waiting, served: int = 100, most: Mapping[ProviderId, int] = {}, **room: int) -> Round:
    return Round(waiting, {ProviderId(name): places for name, places in room.items()}, served, most)


def decided(
    *waiting: Waiting, served: int = 100, most: Mapping[ProviderId, int] = {}, **room: int
) -> Assignment:
    return best(a_round(*waiting, served=served, most=most, **room), least_cost_flow)


def test_who_is_best_for_one_order_is_kept_for_it_where_the_other_hardly_minds() -> None:
    pipe, pothole = waits(PIPE, 0, water=60, roads=50), waits(POTHOLE, 1, water=90, roads=10)
    asked = a_round(pipe, pothole, water=1, roads=1)
    found = best(asked, least_cost_flow)
    assert found == Assignment({PIPE: ROADS, POTHOLE: WATER}, {}, 140, 340, {WATER: 10})
    assert greedy(asked) == Assignment({PIPE: WATER, POTHOLE: ROADS}, {}, 70, 270)


def test_a_price_is_what_the_place_is_worth_to_another() -> None:
    pipe, pothole = waits(PIPE, 0, water=60, roads=50), waits(POTHOLE, 1, water=90, roads=10)
    assert decided(pipe, pothole, water=2, roads=1).prices == {}
    prices = decided(pipe, pothole, water=1, roads=1).prices
    assert prices == {WATER: 10}  # what the pipe loses by going to roads
    lamp = waits(LAMP, 2, water=7)
    assert decided(pipe, pothole, lamp, water=1, roads=1).prices[WATER] == 107  # the lamp waits for it


def test_an_order_goes_to_its_second_choice_so_that_another_is_served_at_all() -> None:
    found = decided(waits(PIPE, water=90, roads=1), waits(POTHOLE, water=0), water=1, roads=1)
    assert found.chosen == {PIPE: ROADS, POTHOLE: WATER}


def test_being_served_can_be_worth_so_little_that_the_best_place_counts_more() -> None:
    found = decided(waits(PIPE, water=90, roads=1), waits(POTHOLE, water=0), served=1, water=1, roads=1)
    assert found.chosen == {PIPE: WATER}
    assert found.left == {POTHOLE: Left.NO_ROOM}


def test_an_order_that_nobody_can_take_is_left_and_the_others_are_served() -> None:
    found = decided(waits(PIPE), waits(LAMP, roads=0), water=1, roads=1)
    assert found.left == {PIPE: Left.NO_CANDIDATES}
    assert found.chosen == {LAMP: ROADS}


def test_an_order_is_left_where_all_who_can_take_it_are_full() -> None:
    found = decided(waits(PIPE, water=90, nobody=5), waits(LAMP, 1, water=80), water=1)
    assert found.left == {LAMP: Left.NO_ROOM}


def test_who_has_more_in_hand_than_its_capacity_has_no_room() -> None:
    assert decided(waits(PIPE, water=90), water=-2).left == {PIPE: Left.NO_ROOM}


def test_a_share_of_the_round_is_not_exceeded_though_there_is_room() -> None:
    orders = [waits(PIPE, team=9), waits(POTHOLE, 1, team=9), waits(LAMP, 2, team=9)]
    found = decided(*orders, most={TEAM: 2}, team=5)
    assert found.chosen == {PIPE: TEAM, POTHOLE: TEAM}
    assert found.left == {LAMP: Left.SHARES_TAKEN}


def test_who_must_has_no_share_and_takes_the_rest() -> None:
    orders = [
        waits(PIPE, team=9, water=1),
        waits(POTHOLE, 1, team=9, water=1),
        waits(LAMP, 2, team=9, water=1),
    ]
    found = decided(*orders, most={TEAM: 1}, team=5, water=5)
    assert Counter(found.chosen.values()) == {TEAM: 1, WATER: 2}


def test_of_equals_the_one_that_has_waited_longer_is_served_whatever_its_id() -> None:
    found = decided(waits(PIPE, 5, water=9), waits(LAMP, 1, water=9), waits(POTHOLE, 3, water=9), water=1)
    assert found.chosen == {LAMP: WATER}


def test_a_single_point_counts_more_than_an_age_that_is_lost_for_it() -> None:
    found = decided(waits(PIPE, 0, water=0), waits(LAMP, 1, water=2, roads=0), served=1, water=1, roads=1)
    assert found.chosen == {LAMP: WATER}


def test_of_equals_that_came_at_once_the_smaller_id_is_served() -> None:
    assert decided(waits(LAMP, water=9), waits(PIPE, water=9), water=1).chosen == {PIPE: WATER}


def test_a_single_point_counts_more_than_any_age() -> None:
    old = [waits(OrderId(UUID(int=number)), 0, water=9) for number in range(1, 50)]
    assert decided(*old, waits(LAMP, 60, water=10), water=1).chosen == {LAMP: WATER}


@pytest.mark.parametrize(("points", "apart"), [(10**6, 2_000), (9 * 10**13, 2)])
def test_ages_are_told_apart_as_finely_as_there_is_room_beside_the_scores(points: int, apart: int) -> None:
    """However large the scores: the older half goes before the younger."""
    many, room = 2_000, 1_000
    queue = [waits(OrderId(UUID(int=number + 1)), number, water=points) for number in range(many)]
    found = decided(*queue, served=points, water=room)
    assert list(found.chosen) == [one.order for one in queue[:room]]
    assert _steps(many, 1, 2 * points) == apart


def test_where_scores_leave_no_room_for_ages_they_are_still_exact() -> None:
    found = decided(waits(PIPE, 0, water=2**55), waits(LAMP, 1, water=2**55 + 1), water=1)
    assert found.chosen == {LAMP: WATER}
    assert _steps(2, 1, 2**55 + 101) == 2
    found = decided(waits(PIPE, 0, water=2**57), waits(LAMP, 1, water=2**57 + 1), water=1)
    assert found.chosen == {LAMP: WATER}
    assert _steps(2, 1, 2**57 + 101) == 0


def test_greedy_takes_the_smaller_id_of_equally_good_providers() -> None:
    assert greedy(a_round(waits(PIPE, water=9, roads=9), water=1, roads=1)).chosen == {PIPE: ROADS}


@pytest.mark.parametrize("waiting", [[], [waits(PIPE)], [waits(PIPE, water=9)]])
def test_where_nothing_can_be_paired_no_solver_is_asked(waiting: Sequence[Waiting]) -> None:
    def never(_arcs: Arcs, _room: Sequence[int]) -> Sequence[int]:
        raise AssertionError

    found = best(Round(waiting, {WATER: 0}, 100), never)
    assert (found.chosen, found.total, found.worth) == ({}, 0, 0)
    assert list(found.left) == [one.order for one in waiting]


def test_an_order_that_waits_twice_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="twice"):
        decided(waits(PIPE, water=1), waits(PIPE, roads=1), water=1)


def test_that_being_served_is_worth_nothing_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="worth a point"):
        decided(waits(PIPE, water=1), served=0, water=1)


def test_a_score_below_nothing_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="below 0"):
        decided(waits(PIPE, water=-1), water=1)


def test_every_reason_to_be_left_is_said_in_both_languages() -> None:
    assert set(LEFT_WORDS) == set(Left)


PROVIDERS = [ProviderId(name) for name in ("a", "b", "c", "d")]
SMALL = st.integers(0, 4)
EQUALS = st.sampled_from([0, 1, 2, 50])  # few, so that much is equal


@st.composite
def rounds(draw: st.DrawFn) -> Round:
    """Up to five orders and four providers."""
    bids = draw(st.lists(st.dictionaries(st.sampled_from(PROVIDERS), EQUALS), max_size=5))
    since = [SEVEN + timedelta(minutes=draw(SMALL)) for _ in bids]
    waiting = [
        Waiting(OrderId(UUID(int=number + 1)), since[number], scores) for number, scores in enumerate(bids)
    ]
    room = draw(st.dictionaries(st.sampled_from(PROVIDERS), st.integers(-1, 4)))
    most = draw(st.dictionaries(st.sampled_from(PROVIDERS), SMALL))
    return Round(waiting, room, draw(st.sampled_from([1, 50, 1_000])), most)


def free(asked: Round) -> dict[ProviderId, int]:
    limits = {provider: min(room, asked.most.get(provider, room)) for provider, room in asked.room.items()}
    return {provider: max(limit, 0) for provider, limit in limits.items()}


def every_assignment(asked: Round) -> Iterator[dict[OrderId, ProviderId]]:
    """All that capacities and shares allow."""
    for picks in product(*([None, *one.scores] for one in asked.waiting)):
        pairs = zip(asked.waiting, picks, strict=True)
        chosen = {one.order: provider for one, provider in pairs if provider is not None}
        if all(count <= free(asked).get(provider, 0) for provider, count in Counter(chosen.values()).items()):
            yield chosen


def value(asked: Round, chosen: Mapping[OrderId, ProviderId]) -> tuple[int, int]:
    """What it is worth, then how old those are that are served."""
    queue = sorted(asked.waiting, key=lambda one: (one.since, one.order))
    taken = [(place, one) for place, one in enumerate(queue) if one.order in chosen]
    worth = sum(asked.served + one.scores[chosen[one.order]] for _, one in taken)
    return worth, sum(len(queue) - place for place, _ in taken)


@given(rounds())
def test_no_assignment_there_is_would_be_better(asked: Round) -> None:
    found = best(asked, least_cost_flow)
    assert value(asked, found.chosen) == max(value(asked, other) for other in every_assignment(asked))
    assert found.worth == value(asked, found.chosen)[0]


@given(rounds())
def test_what_is_assigned_is_possible_and_never_worse_than_first_come_first_served(asked: Round) -> None:
    found, first = best(asked, least_cost_flow), greedy(asked)
    possible = list(every_assignment(asked))
    assert found.chosen in possible
    assert first.chosen in possible
    assert found.worth >= first.worth


@given(rounds())
def test_nobody_waits_while_one_who_can_take_it_is_free(asked: Round) -> None:
    for found in (best(asked, least_cost_flow), greedy(asked)):
        taken = Counter(found.chosen.values())
        for one in asked.waiting:
            able = [name for name in one.scores if free(asked).get(name, 0) > taken[name]]
            assert one.order in found.chosen or not able


@given(rounds())
def test_every_order_is_either_served_or_told_why_not(asked: Round) -> None:
    found = best(asked, least_cost_flow)
    assert found.chosen.keys() | found.left.keys() == {one.order for one in asked.waiting}
    assert not found.chosen.keys() & found.left.keys()


def shuffled(asked: Round, chance: Random) -> Round:
    """The same round, everything in it told in another order."""

    def mixed(named: Mapping[ProviderId, int]) -> dict[ProviderId, int]:
        return dict(chance.sample(list(named.items()), len(named)))

    waiting = [Waiting(one.order, one.since, mixed(one.scores)) for one in asked.waiting]
    return Round(chance.sample(waiting, len(waiting)), mixed(asked.room), asked.served, mixed(asked.most))


@pytest.mark.parametrize("seed", range(5))
def test_the_same_round_is_decided_alike_however_it_is_told(seed: int) -> None:
    """With three scores for hundreds of pairs many assignments are equally good."""
    chance = Random(seed)  # noqa: S311 - chance for a test
    names = [ProviderId(f"p-{number}") for number in range(20)]
    waiting = [
        Waiting(OrderId(UUID(int=n)), SEVEN, {name: chance.randrange(3) for name in chance.sample(names, 8)})
        for n in range(1, 151)
    ]
    asked = Round(waiting, {name: chance.randrange(12) for name in names}, 3, {names[0]: 2})
    found = best(asked, least_cost_flow)
    assert found.left
    assert all(best(shuffled(asked, chance), least_cost_flow) == found for _ in range(5))


@given(rounds())
def test_prices_make_each_place_the_best_for_its_order_and_prove_the_whole(asked: Round) -> None:
    made = best(asked, least_cost_flow)
    left_over = 0
    for one in asked.waiting:
        net = {name: score + asked.served - made.prices.get(name, 0) for name, score in one.scores.items()}
        mine = net[made.chosen[one.order]] if one.order in made.chosen else 0
        assert mine == max([0, *net.values()])
        left_over += mine
    places = {name: max(0, min(room, asked.most.get(name, room))) for name, room in asked.room.items()}
    assert left_over + sum(made.prices.get(name, 0) * room for name, room in places.items()) == made.worth
