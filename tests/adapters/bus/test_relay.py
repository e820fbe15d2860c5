"""What is recorded goes out in log order, and the relay's place moves only behind what has arrived."""

from collections.abc import Sequence
from os import urandom

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from adapters.bus.producing import Outgoing, Sender
from adapters.bus.reading import recorded_from
from adapters.bus.relay import POSITION, Relay
from adapters.bus.topics import KafkaAway, Provisioning, Topics
from adapters.store.event_store import EventStore
from domain.facts import Recorded
from services.handling import Batch, Handler
from tests.support.a_bus import (
    QUIET,
    BusTown,
    Heard,
    a_bus_town,
    accept,
    administrating,
    command,
    complete,
    dispatch,
    place,
)
from tests.support.at_the_door import unreadable
from tests.support.kafka import Broker
from tests.support.waiting import eventually, running

LIFE = ["OrderPlaced", "OrderDispatched", "OrderAccepted", "OrderCompleted"]


def lived(town: BusTown, orders: int = 3) -> list[str]:
    """Orders that went through to the end."""
    made = [town.new_order() for _ in range(orders)]
    for step in (place, dispatch, accept, complete):
        for order in made:
            town.ask(step(order))
    return made


def positions(found: Sequence[Heard]) -> list[int]:
    return [int(one.headers["ce_position"]) for one in found]


def test_events_go_out_in_log_order_with_the_bytes_of_the_record(town: BusTown) -> None:
    orders = lived(town)
    town.relay_all()
    found = town.heard(town.topics.events)
    for number in range(4):
        ascending = positions([one for one in found if one.partition == number])
        assert ascending == sorted(ascending)
    for order in orders:
        assert [one.headers["ce_type"] for one in found if one.key == order] == LIFE
    again = [_read_back(one) for one in found]
    assert sorted(again, key=lambda one: one.position) == town.log()


def _read_back(heard: Heard) -> Recorded:
    return recorded_from([(name, value.encode()) for name, value in heard.headers.items()], heard.value)


def test_events_are_cloudevents_keyed_by_their_subject(town: BusTown) -> None:
    (order,) = lived(town, 1)
    town.relay_all()
    event = next(one for one in town.heard(town.topics.events) if one.headers["ce_type"] == "OrderAccepted")
    assert event.key == event.headers["ce_subject"] == order
    assert event.headers["ce_specversion"] == "1.0"
    assert event.headers["ce_source"] == "sidan/lake-town"
    assert event.headers["content-type"] == "application/json"
    assert event.data == {"category": "roads/pothole", "area": "lake/east", "provider": "water"}


def test_its_place_is_kept_and_the_next_relay_goes_on_there(town: BusTown) -> None:
    lived(town, 1)
    town.relay_all()
    assert town.node.store.positions()[POSITION] == town.node.store.head()
    before = len(town.heard(town.topics.events))
    lived(town, 1)
    town.relay_all()
    assert len(town.heard(town.topics.events)) == before + len(LIFE)


def limit(town: BusTown, topic: str, size: int) -> None:
    with administrating(town.kafka) as admin:
        wish = {"max.message.bytes": str(size)}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wish)])


def takes(town: BusTown, size: int) -> bool:
    """A setting of a topic takes a moment to come into force."""
    try:
        town.sender.send([Outgoing(town.topics.events, None, urandom(size))])
    except KafkaAway:
        return False
    return True


def test_a_message_that_cannot_go_stops_it_before_the_next(town: BusTown) -> None:
    """Were the next one sent, readers would take the earlier for an old one and drop it for ever."""
    order = town.new_order()
    town.ask(place(order))
    town.relay_all()
    moved_to = town.node.store.positions()[POSITION]
    large = "".join(chr(0x4E00 + number % 20_000) for number in range(4_000))
    town.ask(command("AmendOrder", order, "resident", "r-li", details=large))
    town.ask(dispatch(order))
    limit(town, town.topics.events, 4_096)
    eventually(lambda: not takes(town, 5_000))
    with pytest.raises(KafkaAway):
        town.relay_all()
    assert town.node.store.positions()[POSITION] == moved_to
    assert [one.headers["ce_type"] for one in town.heard(town.topics.events) if one.key == order] == LIFE[:1]
    limit(town, town.topics.events, 1_000_000)
    eventually(lambda: takes(town, 5_000))
    town.relay_all()
    told = [one.headers["ce_type"] for one in town.heard(town.topics.events) if one.key == order]
    assert told == ["OrderPlaced", "OrderAmended", "OrderDispatched"]


def test_two_relays_at_once_double_messages_but_never_go_back_behind_the_first(town: BusTown) -> None:
    lived(town, 20)
    stop_at = town.node.store.head()

    def relaying(stop: object) -> None:
        relay = Relay(town.node.store, Sender(town.kafka, {}), town.topics, "lake-town")
        while relay.run_once():
            pass

    with running(relaying, relaying):
        pass
    assert town.node.store.positions()[POSITION] == stop_at
    found = town.heard(town.topics.events)
    assert set(positions(found)) == {one.position for one in town.log()}
    for number in range(4):
        mark = 0
        first_seen = [
            mark := at for at in positions([one for one in found if one.partition == number]) if at > mark
        ]
        mine = set(positions([one for one in found if one.partition == number]))
        assert set(first_seen) == mine  # a reader that drops what is behind its mark misses none


def test_a_broker_that_is_away_keeps_it_where_it_is(own_broker: Broker, postgres_url: str) -> None:
    with a_bus_town(own_broker.address, postgres_url) as town:
        town.found()
        town.relay_all()
        moved_to = town.node.store.positions()[POSITION]
        lived(town, 1)
        town.provisioning.close()  # kafka-python leaves sockets open where nobody answers
        own_broker.kill()
        impatient = _Impatient(town.kafka, QUIET)
        with pytest.raises(KafkaAway):
            Relay(town.node.store, impatient, town.topics, "lake-town").run_once()
        assert town.node.store.positions()[POSITION] == moved_to
        own_broker.start()
        with Provisioning(town.kafka) as provisioning:
            provisioning.ids(town.topics.commands)
        town.relay_all()
        assert len(town.heard(town.topics.events)) == 3 + len(LIFE)


class _Impatient(Sender):
    def send(self, messages: Sequence[Outgoing], timeout: float = 1.0) -> list[tuple[int, int]]:
        return super().send(messages, timeout)


class Kept:
    """A sender that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Outgoing] = []

    def send(self, messages: Sequence[Outgoing]) -> None:
        self.messages += messages


def test_what_nobody_could_read_goes_by_its_arrival_so_that_sent_again_it_lies_where_it_lay() -> None:
    store = EventStore("sqlite:///:memory:")
    parked = unreadable()
    Handler(store).handle(Batch([parked]))
    sender = Kept()
    Relay(store, sender, Topics("sidan"), "lake-town").run_once()
    assert [one.key for one in sender.messages] == [parked.asked.intake.encode()] * 2
    store.close()
