"""What the record promises to whoever writes and reads it, on either database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError, MapperDeserialisationError, StoredEvent
from msgspec.structs import replace

from adapters.store.event_store import EventStore
from domain.events import OrderPlaced
from domain.facts import CommandKey, Fact, Recorded
from domain.ids import RULES_SUBJECT, Position, StreamId, stream_of
from domain.lifecycle import evolve, initial
from domain.order import Order
from domain.stages import Stage
from domain.town import Town
from services.handling import Handler
from services.ports import Answered, Seen
from tests.contracts.conftest import OpenStore
from tests.support.a_town import RULES, WATER
from tests.support.an_order import ORDER, accept, complete, dispatch, place, rate
from tests.support.at_the_door import of, order_id, say

KEY = CommandKey("test", "a")


@pytest.fixture
def facts(handler: Handler, store: EventStore) -> list[Fact]:
    """An order placed, dispatched and accepted, as facts that a test may record anew."""
    start = store.head()
    say(handler, place(), dispatch(), accept())
    return [recorded.fact for recorded in store.read(start, 10)]


def elsewhere(fact: Fact, number: int, version: int) -> Fact:
    return replace(fact, stream=StreamId(order_id(number)), version=version)


Keys = Sequence[tuple[CommandKey, bytes, int]]


def record(
    store: EventStore, facts: Sequence[Fact], keys: Keys = (), progress: Mapping[str, int] | None = None
) -> Sequence[Position]:
    """One transaction, durable when it returns the positions."""
    with store.writing() as writing:
        writing.record(store.encode(facts, keys), progress or {})
    writing.wait()
    return writing.positions


def seen(store: EventStore, **looking: Any) -> Seen:
    with store.writing(**looking) as writing:
        found = writing.seen
    writing.wait()
    return found


def test_what_goes_in_comes_out(store: EventStore, facts: list[Fact]) -> None:
    moved = [elsewhere(fact, 7, version) for version, fact in enumerate(facts, start=1)]
    positions = record(store, moved)
    recorded = [Recorded(position, fact) for position, fact in zip(positions, moved, strict=True)]
    assert store.read(positions[0] - 1, 10) == recorded
    assert list(store.history(StreamId(order_id(7)))) == recorded
    assert store.head() == positions[-1]


def test_what_lies_before_a_place_is_read_of_many_streams_at_once(
    store: EventStore, facts: list[Fact]
) -> None:
    moved = [elsewhere(fact, number, version) for number in (7, 8) for version, fact in enumerate(facts, 1)]
    positions = record(store, moved)
    both = [StreamId(order_id(7)), StreamId(order_id(8))]
    before_the_last = list(store.earlier(both, positions[-1]))
    assert sorted(one.position for one in before_the_last) == positions[:-1]
    assert [one.fact.version for one in before_the_last] in ([1, 2, 3, 1, 2], [1, 2, 1, 2, 3])
    assert [one.position for one in store.earlier(both[:1], positions[-1])] == positions[:3]
    assert list(store.earlier([], positions[-1])) == []


def test_the_log_is_read_in_order_a_piece_at_a_time(store: EventStore, handler: Handler) -> None:
    say(handler, *(of(number, place()) for number in range(25)))
    whole = [recorded.position for recorded in store.read(0, 100)]
    assert whole == sorted(set(whole))
    pieces: list[Position] = []
    while piece := store.read(pieces[-1] if pieces else 0, 7):
        pieces += [recorded.position for recorded in piece]
    assert pieces == whole


def test_an_empty_record_has_no_head(store: EventStore) -> None:
    assert store.head() == 0
    assert store.read(0, 10) == []
    assert list(store.history(StreamId(ORDER))) == []
    assert store.positions() == {}


def test_positions_are_known_before_the_commit_to_who_asks(store: EventStore, facts: list[Fact]) -> None:
    moved = [elsewhere(fact, 7, version) for version, fact in enumerate(facts, start=1)]
    with store.writing() as writing:
        writing.record(store.encode(moved[:1]), {})
        early = list(writing.positions)
        writing.record(store.encode(moved[1:]), {})
    writing.wait()
    assert writing.positions[:1] == early
    assert [one.position for one in store.history(StreamId(order_id(7)))] == writing.positions


def test_a_batch_rolled_back_leaves_a_gap_at_most(store: EventStore, facts: list[Fact]) -> None:
    before, moved = store.head(), elsewhere(facts[0], 7, 1)

    def fail() -> None:
        with store.writing() as writing:
            writing.record(store.encode([moved], [(KEY, b"digest", 0)]), {"topic[0]": 5})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert store.head() == before
    assert store.positions() == {}
    assert seen(store, keys=[KEY]).answered == {}
    assert record(store, [moved])[0] > before


def test_a_conflict_leaves_nothing_behind(store: EventStore, facts: list[Fact]) -> None:
    before = store.head()
    with pytest.raises(IntegrityError):
        record(store, [elsewhere(facts[0], 7, 1), facts[0]], [(KEY, b"digest", 0)], {"topic[0]": 5})
    assert store.head() == before
    assert store.positions() == {}
    assert seen(store, keys=[KEY]).answered == {}


def test_a_key_taken_twice_leaves_nothing_behind(store: EventStore, facts: list[Fact]) -> None:
    record(store, [elsewhere(facts[0], 7, 1)], [(KEY, b"digest", 0)])
    with pytest.raises(IntegrityError):
        record(store, [elsewhere(facts[0], 8, 1)], [(KEY, b"other", 0)])
    assert list(store.history(StreamId(order_id(8)))) == []


def test_keys_are_found_with_their_digest_and_place(store: EventStore, facts: list[Fact]) -> None:
    odd = CommandKey("人民路/终端?#", "é'\"\\,{}")
    moved = [elsewhere(fact, 7, version) for version, fact in enumerate(facts, start=1)]
    positions = record(store, moved, [(KEY, b"\x00\xff", 0), (odd, b"2", 2)])
    assert seen(store, keys=[KEY, odd, CommandKey("test", "b")]).answered == {
        KEY: Answered(b"\x00\xff", positions[0]),
        odd: Answered(b"2", positions[2]),
    }
    assert seen(store).answered == {}


def test_positions_are_kept_by_name(store: EventStore) -> None:
    record(store, (), (), {"residents/a[0]": 5, "residents/a[1]": -1})
    assert seen(store, sources=["residents/a[0]", "residents/b[0]"]).progress == {"residents/a[0]": 5}
    assert seen(store).progress == {}
    record(store, (), (), {"residents/a[0]": 6})
    store.move_position("relay", 3)
    store.move_position("relay", 4)
    assert store.positions() == {"residents/a[0]": 6, "residents/a[1]": -1, "relay": 4}


def test_a_position_never_goes_back(store: EventStore) -> None:
    store.move_position("relay", 4)
    store.move_position("relay", 3)  # by another, who was late
    assert store.positions() == {"relay": 4}


def test_versions_are_those_of_streams_that_have_any(store: EventStore, facts: list[Fact]) -> None:
    unknown = StreamId(order_id(9))
    with store.writing() as writing:
        assert writing.versions([StreamId(ORDER), unknown]) == {ORDER: len(facts)}
        assert writing.versions([]) == {}
    writing.wait()


def test_what_has_another_version_than_was_expected_is_told(store: EventStore, facts: list[Fact]) -> None:
    order, unknown = StreamId(ORDER), StreamId(order_id(9))
    assert seen(store, expected={"a": (order, len(facts)), "b": (unknown, 0)}).moved == []
    assert seen(store, expected={"a": (order, 2), "b": (unknown, 0)}).moved == ["a"]
    assert seen(store, expected={"a": (order, len(facts)), "b": (unknown, 1)}).moved == ["b"]


def test_many_states_are_loaded_at_once(store: EventStore, facts: list[Fact]) -> None:
    subjects = {
        name: stream_of(name) for name in (str(ORDER), RULES_SUBJECT, f"provider/{WATER}", str(order_id(9)))
    }
    states = store.load(subjects)
    order, town = states[str(ORDER)], states[RULES_SUBJECT]
    assert isinstance(order, Order)
    assert (order.stage, order.version) == (Stage.ACCEPTED, 3)
    assert isinstance(town, Town)
    assert town.rules == RULES
    assert states[str(order_id(9))] == initial(str(order_id(9)))
    with store.writing() as writing:
        assert writing.load(subjects) == states
        assert writing.load({}) == {}
    writing.wait()


def test_the_library_repository_folds_a_stream(store: EventStore, handler: Handler) -> None:
    say(handler, place(), dispatch(), accept(), complete(), rate())

    def project(state: Any, events: Iterable[Any]) -> Any:
        for fact in events:
            state = evolve(state or initial(str(ORDER)), fact.event, fact.meta.at)
        return state

    assert store.repository.get(ORDER, projector_func=project).stage is Stage.RATED
    assert store.repository.get(ORDER, version=2, projector_func=project).stage is Stage.DISPATCHED


def test_the_library_event_store_reads_what_we_wrote(store: EventStore, facts: list[Fact]) -> None:
    assert list(store.events.get(ORDER)) == facts
    assert list(store.events.get(ORDER, gt=1, lte=2)) == facts[1:2]


def test_bytes_are_read_as_they_lie(store: EventStore, facts: list[Fact]) -> None:
    lying = store.read_stored(store.head() - 1, 10)
    assert [one.state for one in lying] == [store.mapper.to_stored_event(facts[-1]).state]


def test_a_topic_is_resolved_by_our_names_only(store: EventStore) -> None:
    store.recorder.insert_events([StoredEvent(ORDER, 1, "antigravity:geohash", b"{}\n{}")])
    with pytest.raises(MapperDeserialisationError):
        store.read(0, 1)
    with pytest.raises(MapperDeserialisationError):
        store.state(str(ORDER))


def test_the_secret_is_made_once(store: EventStore, open_store: OpenStore) -> None:
    assert len(store.town_secret()) == 32
    assert store.town_secret() == open_store().town_secret()


def test_two_open_the_same_record(store: EventStore, handler: Handler, open_store: OpenStore) -> None:
    say(handler, place())
    other = open_store()
    assert other.head() == store.head()
    assert isinstance(other.read(store.head() - 1, 1)[0].fact.event, OrderPlaced)
