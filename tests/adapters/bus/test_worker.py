"""Commands from the bus have their effect exactly once, whatever is killed, doubled, lost or spoilt."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import pytest
from confluent_kafka import Message
from kafka import KafkaProducer
from kafka.structs import OffsetAndMetadata, TopicPartition

from adapters.bus.feed import Displaced, Follower, Work
from adapters.bus.incoming import Partition
from adapters.bus.worker import Worker
from domain.events import CommandRejected, MessageParked
from tests.support.a_bus import (
    BusTown,
    InOneStep,
    a_bus_town,
    administrating,
    command,
    dispatch,
    do_all,
    place,
)
from tests.support.a_town import ROADS
from tests.support.an_order import a_proposal
from tests.support.waiting import eventually, running

FOUNDED = 3  # facts: the rules and two providers


def placed(town: BusTown, count: int) -> list[bytes]:
    """So many orders to place, from the community's import file."""
    return [place(town.new_order()) for _ in range(count)]


def asked_for(town: BusTown, count: int) -> None:
    eventually(lambda: len(town.log()) >= FOUNDED + count, what=f"{count} facts")


def test_each_command_is_recorded_once_and_says_where_it_came_in(town: BusTown) -> None:
    town.say("residents", place(town.new_order()))
    with running(town.feed(town.worker()).run):
        asked_for(town, 1)
    (fact,) = [one.fact for one in town.log()[FOUNDED:]]
    assert fact.event.wire == "OrderPlaced"
    assert fact.meta.via == "sidan.residents"
    assert fact.meta.intake.startswith(f"{town.topics.name('residents')}[")
    assert fact.meta.at == fact.meta.recorded


def test_a_resident_has_only_so_many_orders_open_on_the_bus_too(kafka: str, postgres_url: str) -> None:
    with a_bus_town(kafka, postgres_url, open_orders=1) as town:
        town.found()
        town.ask(place(town.new_order()))
        town.node.follow()
        town.say("residents", *placed(town, 1))
        town.say("imports", place(town.new_order()))
        with running(town.feed(town.worker()).run):
            asked_for(town, 3)
        assert sorted(town.told()[FOUNDED:]) == ["OrderPlaced", "OrderPlaced", "too_many_open_orders"]
        refused = next(one.fact for one in town.log() if isinstance(one.fact.event, CommandRejected))
        assert (refused.meta.via, refused.meta.command) == ("sidan.residents", "PlaceOrder")
        town.relay_all()
        (answer,) = [one.data for one in town.heard(town.topics.outcomes) if one.data["status"] == "rejected"]
        assert answer["code"] == "too_many_open_orders"


def test_only_the_engine_says_what_it_proposes_on_the_bus_too(town: BusTown) -> None:
    order = town.new_order()
    town.ask(place(order))
    proposal = a_proposal(ROADS).model_dump(mode="json")
    said = command("DispatchOrder", order, "community", "d-chen", provider=ROADS, proposal=proposal)
    town.say("community", said, dispatch(order, ROADS))
    with running(town.feed(town.worker()).run):
        asked_for(town, 3)
    assert town.told()[FOUNDED:] == ["OrderPlaced", "engine_only", "OrderDispatched"]


def test_two_workers_share_the_work_and_one_goes_on_when_the_other_leaves(town: BusTown) -> None:
    town.say("residents", *placed(town, 200))
    with running(town.feed(town.worker(), largest=20).run) as first:
        asked_for(town, 20)
        with running(town.feed(town.worker(), largest=20).run):
            town.say("residents", *placed(town, 200))
            asked_for(town, 300)
            first[0].stop()
            town.say("residents", *placed(town, 100))
            asked_for(town, 500)
    assert town.told()[FOUNDED:] == ["OrderPlaced"] * 500


class Overtaken(Follower):
    """A worker thought dead: each of its first batches was taken in by its successor already."""

    def __init__(self, zombie: Worker, successor: Worker, times: int) -> None:
        self._zombie = zombie
        self._successor = successor
        self._times = times
        self.displaced = 0

    def offsets(self, partitions: Sequence[Partition]) -> Mapping[Partition, int | None]:
        self._successor.offsets(partitions)
        return self._zombie.offsets(partitions)

    def work(self, messages: Sequence[Message]) -> Work:
        if self.displaced < self._times:
            do_all(self._successor.work(messages))
        work = self._zombie.work(messages)
        return InOneStep(lambda: self._take(work))

    def _take(self, work: Work) -> None:
        try:
            do_all(work)
        except Displaced:
            self.displaced += 1
            raise


def test_the_batch_of_a_zombie_is_refused_and_it_reads_on_from_the_record(town: BusTown) -> None:
    town.say("residents", *placed(town, 100))
    overtaken = Overtaken(town.worker(), town.worker(), times=2)
    with running(town.feed(overtaken, largest=10).run):
        asked_for(town, 100)
    assert overtaken.displaced == 2
    assert town.told()[FOUNDED:] == ["OrderPlaced"] * 100


class LostAck(Follower):
    """The commit was done but its acknowledgement lost: the worker thinks that it failed."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.lost = False

    def offsets(self, partitions: Sequence[Partition]) -> Mapping[Partition, int | None]:
        return self._worker.offsets(partitions)

    def work(self, messages: Sequence[Message]) -> Work:
        work = self._worker.work(messages)
        return InOneStep(lambda: self._take(work))

    def _take(self, work: Work) -> None:
        do_all(work)
        if not self.lost:
            self.lost = True
            raise ConnectionError("the server closed the connection")


def test_a_commit_whose_ack_was_lost_is_not_done_twice(town: BusTown) -> None:
    town.say("residents", *placed(town, 30))
    with running(town.feed(LostAck(town.worker()), largest=10).run):
        asked_for(town, 30)
    assert town.told()[FOUNDED:] == ["OrderPlaced"] * 30


@pytest.mark.parametrize("hint", [0, 5], ids=["behind", "ahead"])
def test_offsets_committed_to_kafka_are_a_hint_that_nobody_follows(town: BusTown, hint: int) -> None:
    order = town.new_order()
    town.say("imports", place(order), dispatch(order))
    with running(town.feed(town.worker()).run):
        asked_for(town, 2)
    town.say("imports", *placed(town, 3))
    set_hint(town, town.topics.name("imports"), hint)
    with running(town.feed(town.worker()).run):
        asked_for(town, 5)
    assert town.told()[FOUNDED:] == ["OrderPlaced", "OrderDispatched", *["OrderPlaced"] * 3]


def set_hint(town: BusTown, topic: str, offset: int) -> None:
    with administrating(town.kafka) as admin:
        offsets = {TopicPartition(topic, 0): OffsetAndMetadata(offset, "", -1)}
        admin.alter_group_offsets(town.topics.name("worker"), offsets)


def test_a_message_nobody_can_read_is_parked_and_stops_nobody_in_its_batch(town: BusTown) -> None:
    order = town.new_order()
    town.say("imports", place(order), b"\xff\xfe{", place(town.new_order()), b"", dispatch(order))
    with running(town.feed(town.worker()).run):
        asked_for(town, 5)
    assert town.told()[FOUNDED:] == [
        "OrderPlaced",
        "unreadable",
        "OrderPlaced",
        "unreadable",
        "OrderDispatched",
    ]


def test_what_is_too_large_is_parked_as_its_beginning_and_its_digest(town: BusTown) -> None:
    town.say("imports", place(town.new_order(), details="坑" * 200_000), place(town.new_order()))
    with running(town.feed(town.worker()).run):
        asked_for(town, 2)
    assert town.told()[FOUNDED:] == ["too_large", "OrderPlaced"]
    parked = town.log()[FOUNDED].fact.event
    assert isinstance(parked, MessageParked)
    assert parked.size > 600_000 > len(parked.body)


def test_the_same_message_sent_twice_is_answered_twice_and_done_once(town: BusTown) -> None:
    body = place(town.new_order())
    town.say("residents", body, body)
    with running(town.feed(town.worker()).run):
        asked_for(town, 2)
    assert town.told()[FOUNDED:] == ["OrderPlaced", "repeated"]


def binary(order: str, **more: bytes) -> list[tuple[str, bytes]]:
    attributes = {
        "ce_specversion": b"1.0",
        "ce_id": uuid4().hex.encode(),
        "ce_source": b"kiosk",
        "ce_type": b"PlaceOrder",
        "ce_subject": order.encode(),
        "ce_actor": b"r-li",
        **more,
    }
    return list(attributes.items())


PLACE = '{"category":"roads/pothole","area":"lake/east","details":"路面有坑"}'.encode()


def test_binary_mode_is_read_too(town: BusTown) -> None:
    town.say("residents", PLACE, headers=binary(town.new_order()))
    with running(town.feed(town.worker()).run):
        asked_for(town, 1)
    assert town.told()[FOUNDED:] == ["OrderPlaced"]


@pytest.mark.parametrize(
    "spoilt",
    [{"ce_id": b"\xff\xfe"}, {"ce_actor": b"\xff"}, {"traceparent": b"\xff\x00"}, {"ce_id": b"a\x00b"}],
    ids="-".join,
)
def test_a_header_that_is_no_text_stops_nobody(town: BusTown, spoilt: dict[str, bytes]) -> None:
    town.say("residents", PLACE, headers=binary(town.new_order(), **spoilt))
    town.say("residents", place(town.new_order()))
    with running(town.feed(town.worker()).run):
        asked_for(town, 2)
    assert "OrderPlaced" in town.told()[FOUNDED:]


class Spoilt(str):
    """A header name that is no text, as only a hostile client would send it."""

    __slots__ = ()

    def encode(self, encoding: str = "", errors: str = "") -> bytes:  # noqa: ARG002 - as str has it
        return b"ce_\xff\xfe"


def test_a_header_name_that_is_no_text_stops_nobody(town: BusTown) -> None:
    producer = KafkaProducer(bootstrap_servers=town.kafka)
    topic = town.topics.name("residents")
    producer.send(topic, PLACE, headers=[(Spoilt("x"), b"1")]).get(timeout=10)
    producer.close()
    town.say("residents", place(town.new_order()))
    with running(town.feed(town.worker()).run):
        asked_for(town, 2)
    assert sorted(town.told()[FOUNDED:]) == ["OrderPlaced", "not_cloudevent"]
