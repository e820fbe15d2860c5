"""States in memory: so many and no more, only of what is recorded, and what is foreseen on top."""

from domain.order import NO_ORDER, Order
from services.state_cache import StateCache, States
from tests.support.at_the_door import order_id


def subject(number: int) -> str:
    return str(order_id(number))


def recorded(cache: StateCache, states: States) -> None:
    cache.foresee(states)
    cache.keep(states, states)


def test_what_is_held_is_found() -> None:
    cache = StateCache(2)
    recorded(cache, {subject(1): Order(version=3)})
    assert cache.find([subject(1), subject(2)]) == ({subject(1): Order(version=3)}, {})


def test_the_longest_unused_goes_first() -> None:
    cache = StateCache(2)
    recorded(cache, {subject(1): Order(version=1)})
    recorded(cache, {subject(2): Order(version=1)})
    recorded(cache, {subject(1): Order(version=2)})
    recorded(cache, {subject(3): Order(version=1)})
    held, _ = cache.find([subject(1), subject(2), subject(3)])
    assert held.keys() == {subject(1), subject(3)}


def test_it_never_holds_more_than_it_may() -> None:
    cache = StateCache(10)
    for number in range(100):
        recorded(cache, {subject(number): Order(version=1)})
    assert len(cache) == 10


def test_ids_that_strangers_make_up_push_nothing_out() -> None:
    cache = StateCache(2)
    recorded(cache, {subject(1): Order(version=1)})
    recorded(cache, {subject(number): NO_ORDER for number in range(2, 9)})
    assert cache.find([subject(1)])[0]
    assert len(cache) == 1


def test_what_is_evicted_is_gone() -> None:
    cache = StateCache(2)
    recorded(cache, {subject(1): Order(version=1)})
    cache.evict({subject(1): Order(version=2), subject(2): NO_ORDER})
    assert len(cache) == 0


def test_the_newest_that_is_foreseen_is_found_on_top() -> None:
    cache = StateCache(9)
    recorded(cache, {subject(1): Order(version=1)})
    cache.foresee({subject(1): Order(version=2), subject(2): NO_ORDER})
    cache.foresee({subject(1): Order(version=3)})
    assert cache.find([subject(1), subject(2)]) == (
        {subject(1): Order(version=1)},
        {subject(1): Order(version=3)},
    )


def test_what_is_foreseen_is_gone_once_it_came_or_did_not() -> None:
    cache = StateCache(9)
    came, did_not = {subject(1): Order(version=1)}, {subject(2): Order(version=1)}
    cache.foresee(came)
    cache.foresee(did_not)
    cache.keep(came, came)
    cache.evict(did_not)
    assert cache.find([subject(1), subject(2)]) == (came, {})


def test_what_came_otherwise_than_foreseen_is_told() -> None:
    cache = StateCache(9)
    foreseen = {subject(1): Order(version=1), subject(2): Order(version=1), subject(3): Order(version=1)}
    cache.foresee(foreseen)
    assert cache.otherwise({subject(1): Order(version=1)}) == [subject(1)]  # it has not come yet
    cache.keep(foreseen, {**foreseen, subject(2): Order(version=1, declines=1)})
    assert cache.otherwise(foreseen) == [subject(2)]
