"""States in memory: so many and no more, and only of what is recorded."""

from domain.ids import StreamId
from domain.order import NO_ORDER, Order
from services.state_cache import StateCache
from tests.support.at_the_door import order_id


def stream(number: int) -> StreamId:
    return StreamId(order_id(number))


def test_what_is_held_is_found() -> None:
    cache = StateCache(2)
    cache.update({stream(1): Order(version=3)})
    assert cache.find([stream(1), stream(2)]) == {stream(1): Order(version=3)}


def test_the_longest_unused_goes_first() -> None:
    cache = StateCache(2)
    cache.update({stream(1): Order(version=1)})
    cache.update({stream(2): Order(version=1)})
    cache.update({stream(1): Order(version=2)})
    cache.update({stream(3): Order(version=1)})
    assert cache.find([stream(1), stream(2), stream(3)]).keys() == {stream(1), stream(3)}


def test_it_never_holds_more_than_it_may() -> None:
    cache = StateCache(10)
    for number in range(100):
        cache.update({stream(number): Order(version=1)})
    assert len(cache) == 10


def test_ids_that_strangers_make_up_push_nothing_out() -> None:
    cache = StateCache(2)
    cache.update({stream(1): Order(version=1)})
    cache.update({stream(number): NO_ORDER for number in range(2, 9)})
    assert cache.find([stream(1)])
    assert len(cache) == 1


def test_what_is_evicted_is_gone() -> None:
    cache = StateCache(2)
    cache.update({stream(1): Order(version=1)})
    cache.evict([stream(1), stream(2)])
    assert len(cache) == 0
