"""The record as it went at a moment, and every command of it decided again, on either database."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from adapters.as_of import EarlierStore, ReadOnly, head_then
from adapters.moment import Moment
from adapters.store.event_store import EventStore
from adapters.store.readable import ReadableLog
from domain.ids import RULES_SUBJECT, StreamId
from domain.order import Order
from domain.stages import Stage
from domain.town import Town
from services.audit.auditor import Auditor, check_all
from services.handling import Batch, Handler
from services.requests import Request
from tests.support.an_order import accept, complete, dispatch, place, rate
from tests.support.at_the_door import of, order_id, request, say
from tests.support.given import TEN

NINE, NOON = TEN - timedelta(hours=1), TEN + timedelta(hours=2)


def ask_at(handler: Handler, *requests: Request) -> None:
    handler.handle(Batch(requests))


@pytest.fixture
def life(handler: Handler) -> None:
    """Placed at ten, dispatched and accepted at noon; another order beside it."""
    say(handler, of(1, place()), of(2, place()))
    ask_at(handler, request(of(1, dispatch()), at=NOON), request(of(1, accept()), at=NOON))


@pytest.fixture
def earlier_store(store_url: str) -> Iterator[EarlierStore]:
    store = EarlierStore(store_url, Moment(recorded_by=TEN))
    yield store
    store.close()


@pytest.fixture
def earlier(earlier_store: EarlierStore, life: None) -> EarlierStore:
    return earlier_store


def test_what_was_recorded_later_is_not_there(store: EventStore, earlier: EarlierStore) -> None:
    stream = StreamId(order_id(1))
    assert [one.fact.version for one in earlier.history(stream)] == [1]
    assert [one.fact.version for one in store.history(stream)] == [1, 2, 3]
    assert [one.fact.version for one in earlier.earlier([stream])] == [1]
    state = earlier.state(str(order_id(1)))
    assert isinstance(state, Order)
    assert state.stage is Stage.PLACED
    town = earlier.state(RULES_SUBJECT)
    assert isinstance(town, Town)
    assert town.version == 1


def test_the_log_has_gaps_and_no_end_before_its_end(earlier: EarlierStore) -> None:
    whole = [one.position for one in earlier.read(0, 100)]
    pieces: list[int] = []
    while piece := earlier.read(pieces[-1] if pieces else 0, 1):
        pieces += [one.position for one in piece]
    assert pieces == whole
    assert [one.position for one in ReadableLog(earlier).read(0, 100)] == whole


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (Moment(recorded_by=NINE), 0),
        (Moment(happened_by=TEN), 1),
        (Moment(recorded_by=NOON, happened_by=TEN), 1),
        (Moment(recorded_by=NOON, happened_by=NOON), 3),
    ],
)
@pytest.mark.usefixtures("life")
def test_both_times_count_where_both_are_given(store_url: str, moment: Moment, number: int) -> None:
    store = EarlierStore(store_url, moment)
    assert len(list(store.history(StreamId(order_id(1))))) == number
    store.close()


def test_a_page_of_which_nothing_was_there_ends_nothing(earlier: EarlierStore, handler: Handler) -> None:
    ask_at(handler, request(of(3, place()), at=NOON), request(of(4, place()), at=TEN))  # another door's clock
    whole = [one.fact.stream for one in earlier.read(0, 100)]
    assert whole[-1] == StreamId(order_id(4))
    last = earlier.read(earlier.read(0, 100)[-2].position, 1)
    assert [one.fact.stream for one in last] == [StreamId(order_id(4))]


@pytest.fixture
def two_clocks(handler: Handler) -> None:
    """Dispatched at a door whose clock is two hours ahead of the one where it is accepted then."""
    say(handler, of(1, place()))
    ask_at(handler, request(of(1, dispatch()), at=NOON))
    ask_at(handler, request(of(1, accept()), at=TEN), request(of(2, place()), at=TEN))


@pytest.mark.usefixtures("two_clocks")
def test_what_came_behind_a_later_fact_was_not_there_before_it(earlier_store: EarlierStore) -> None:
    stream = StreamId(order_id(1))
    assert [one.fact.version for one in earlier_store.history(stream)] == [1]
    assert [one.fact.version for one in earlier_store.earlier([stream, StreamId(order_id(2))])] == [1, 1]
    whole = [one for one in earlier_store.read(0, 100) if one.fact.stream == stream]
    assert [one.fact.version for one in whole] == [1]


@pytest.mark.usefixtures("two_clocks")
def test_none_of_a_life_was_there_without_all_before_it(store: EventStore) -> None:
    facts = list(store.history(StreamId(order_id(1))))
    early = [replace(one, fact=replace(one.fact, meta=replace(one.fact.meta, at=TEN))) for one in facts]
    assert [one.fact.version for one in Moment(recorded_by=TEN).had_of(early)] == [1]


@pytest.mark.usefixtures("two_clocks")
def test_as_far_as_the_log_went_it_is_decided_again(store: EventStore) -> None:
    until = head_then(store, Moment(recorded_by=TEN))
    facts = store.read(0, 100)
    assert until == facts[-1].position
    assert check_all(facts, whole_log=True) == []
    assert head_then(store, Moment(recorded_by=NINE)) < facts[-4].position


def test_it_is_looked_for_page_by_page(
    store: EventStore, life: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = head_then(store, Moment(recorded_by=TEN))
    assert 0 < at_once < store.head()
    monkeypatch.setattr("adapters.as_of._PAGE", 1)
    assert head_then(store, Moment(recorded_by=TEN)) == at_once
    assert head_then(store, Moment(recorded_by=TEN - timedelta(days=9999))) == 0


def test_nothing_can_be_written_to_the_past(earlier: EarlierStore) -> None:
    with pytest.raises(ReadOnly):
        earlier.writing()


def test_page_by_page_with_few_subjects_in_memory_all_is_decided_again(
    store: EventStore, handler: Handler, life: None
) -> None:
    ask_at(handler, request(of(1, complete()), at=NOON), request(of(1, rate()), at=NOON))
    ask_at(handler, request(of(2, accept()), at=NOON))  # refused
    auditor, after = Auditor(earlier=store.earlier, held=1), 0
    while page := store.read(after, 3):
        after = page[-1].position
        auditor.expect(page)
        assert [one for recorded in page for one in auditor.take(recorded)] == []
    assert auditor.finish() == []
    assert auditor.again.counted.refused == 1
