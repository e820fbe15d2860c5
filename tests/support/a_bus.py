"""A town of its own on a real broker and a real PostgreSQL: what is said to it and what it says."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ConfluentPartition
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.structs import TopicPartition

from adapters.bootstrap import Node
from adapters.bus.feed import Feed, Follower, Subscription, Work
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.relay import POSITION, Relay
from adapters.bus.topics import Provisioning, Topics
from adapters.bus.worker import Worker
from adapters.envelope import Door
from adapters.settings import Settings
from domain.facts import Recorded
from domain.ids import StreamId, time_ordered_id
from projections.engine import Place
from services.handling import Handler
from services.requests import Outcome, Status
from tests.support.a_town import EAST, MONDAY, POTHOLE, ROADS, RULES, STREET, WATER

CONSOLE = Door("test", None)
QUIET = {"log_level": "0"}  # a broker that a test ends is no news
QUICK = (0.02, 0.05, 0.1)  # pauses between tries: a test's patience


class InOneStep(Work):
    """Work that is nothing but its start; tests say what that does."""

    def __init__(self, do: Callable[[], None]) -> None:
        self._do = do

    def prepare(self) -> None:
        """Nothing comes before."""

    def start(self) -> None:
        self._do()

    def finish(self) -> None:
        """Nothing comes after."""

    def drop(self) -> None:
        """Nothing is held."""


def do_all(work: Work) -> None:
    work.prepare()
    work.start()
    work.finish()


@dataclass(frozen=True)
class Heard:
    """One message as kafka-python reads it."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes
    headers: dict[str, str]

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.value)


class BusTown:
    """Its topics have a prefix that nobody else has."""

    def __init__(self, kafka: str, store: str, **settings: Any) -> None:
        self.kafka = kafka
        one_asks_for_all = {"open_orders": 0}
        chosen: dict[str, Any] = {**one_asks_for_all, **settings}
        self.settings = Settings(store=store, kafka=kafka, prefix=f"t{uuid4().hex[:10]}", **chosen)
        self.topics = Topics(self.settings.prefix)
        self.provisioning = Provisioning(kafka)
        self.provisioning.create(self.topics.all())
        self.node = Node(self.settings)
        self.node.create()
        self.sender = Sender(kafka, QUIET)
        self._numbers = count(1)

    def close(self) -> None:
        self.provisioning.close()
        self.node.close()

    # what is said

    def found(self, *, by_bus: Sequence[str] = (), **rules_too: Any) -> None:
        """Its rules and two providers, recorded without the bus."""
        rules = {**RULES.model_dump(mode="json", exclude_defaults=True), **rules_too}
        self.ask(command("AdoptRules", "rules", "operator", "op", rules=rules))
        for provider in (WATER, ROADS):
            self.ask(register(provider, takes_by_bus=provider in by_bus))

    def ask(self, body: bytes) -> Outcome:
        """Ask at a door of this process; it must be recorded."""
        outcome = self.node.ask(self.node.decode(body, {}, CONSOLE))
        assert outcome.status is Status.RECORDED, outcome
        return outcome

    def say(
        self,
        short: str,
        *bodies: bytes,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Send to a topic; on return the broker has it."""
        topic = self.topics.name(short)
        self.sender.send([Outgoing(topic, key or _subject(body), body, headers) for body in bodies])

    def new_order(self) -> str:
        return str(time_ordered_id(MONDAY, f"{self.settings.prefix} {next(self._numbers)}".encode()))

    # who works

    def worker(self, intake: Sequence[str] = ()) -> Worker:
        """One that takes these topics in, by default those that every town has."""
        store = self.node.store
        topic_ids = self.provisioning.ids(intake or self.topics.commands)
        handler, open_orders = Handler(store), self.node.open_orders
        return Worker(store, handler, self.node.decoder, self.topics, topic_ids, open_orders=open_orders)

    def feed(self, follower: Follower, **more: Any) -> Feed:
        subscription: dict[str, Any] = {
            "kafka": self.kafka,
            "topics": self.topics.commands,
            "group": self.topics.name("worker"),
            "options": {},
            "pauses": QUICK,
        }
        return Feed(Subscription(**{**subscription, **more}), follower)

    def relay(self) -> Relay:
        return Relay(self.node.store, self.sender, self.topics, "lake-town")

    def relay_all(self) -> None:
        relay = self.relay()
        while relay.run_once():
            pass

    # what is found

    def events_of(self, order: str) -> list[str]:
        """What happened to an order, in a word each."""
        return [one.fact.event.wire for one in self.node.store.history(StreamId(UUID(order)))]

    def log(self) -> list[Recorded]:
        return list(self.node.store.read(0, 100_000))

    def told(self) -> list[str]:
        """The record in a word each: what happened, or the code of what did not."""
        return [getattr(one.fact.event, "code", one.fact.event.wire) for one in self.log()]

    def heard(self, name: str) -> list[Heard]:
        """All that lies in a topic now, partition after partition."""
        return read_all(self.kafka, name)


@contextmanager
def administrating(kafka: str) -> Generator[Any]:
    """Kafka-python's administrator, whose types nobody has written down."""
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        yield admin
    finally:
        admin.close()


def followed(node: Node) -> bool:
    """Whether all that is recorded has gone out, and every read model has read all of it."""
    return node.store.positions().get(POSITION, 0) >= node.store.head() and read_to_the_end(node)


def learnt(node: Node) -> bool:
    """Whether those read models have read all that is recorded which follow the record itself."""
    return all(one.position() >= node.store.head() for one in node.in_log_order)


def read_to_the_end(node: Node) -> bool:
    """Whether every read model has read all that lies in the events topic now."""
    topic = Topics(node.settings.prefix).events
    ends = ends_of(node.settings.kafka, topic)
    return all(_read_up_to(ends, topic, projector.positions()) for projector in node.on_the_bus)


def _read_up_to(ends: Mapping[int, int], topic: str, places: Mapping[str, Place]) -> bool:
    for number, end in ends.items():
        mine = [
            at for name, at in places.items() if name.startswith(f"{topic}/") and name.endswith(f"[{number}]")
        ]
        if not mine or (-1 if mine[0].offset is None else mine[0].offset) < end - 1:
            return False
    return True


def ends_of(kafka: str, name: str) -> dict[int, int]:
    """Where each partition of a topic ends now."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "who looks at the ends"})
    try:
        numbers = consumer.list_topics(name, timeout=10).topics[name].partitions
        watermarks = {
            number: consumer.get_watermark_offsets(ConfluentPartition(name, number), timeout=10)
            for number in numbers
        }
        return {number: high for number, (_, high) in watermarks.items()}
    finally:
        consumer.close()


def read_all(kafka: str, name: str) -> list[Heard]:
    """All that lies in a topic now, partition after partition."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, group_id=None)
    try:
        numbers = consumer.partitions_for_topic(name) or set()
        partitions = [TopicPartition(name, number) for number in sorted(numbers)]
        if not partitions:
            return []
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(partitions)
        found: list[Heard] = []
        while any((consumer.position(one) or 0) < ends[one] for one in partitions):
            for batch in consumer.poll(timeout_ms=200).values():
                found.extend(_heard(record) for record in batch)
        return sorted(found, key=lambda one: (one.partition, one.offset))
    finally:
        consumer.close()


def _heard(record: Any) -> Heard:
    headers = {name: value.decode() for name, value in record.headers}
    key = record.key.decode() if record.key is not None else None
    return Heard(record.topic, record.partition, record.offset, key, record.value, headers)


def command(wire: str, subject: str, role: str, actor: str, /, **data: Any) -> bytes:
    """A structured CloudEvent; `id_`, `time` and `source` may be given, the rest is the command's data."""
    event = {
        "specversion": "1.0",
        "id": data.pop("id_", None) or str(uuid4()),
        "source": data.pop("source", "test"),
        "type": wire,
        "subject": subject,
        "role": role,
        "actor": actor,
        "data": data,
    }
    if "time" in data:
        event["time"] = data.pop("time")
    return json.dumps(event, ensure_ascii=False).encode()


def place(order: str, **more: Any) -> bytes:
    data = {"category": POTHOLE, "area": EAST, "details": "路面有坑 a pothole", **more}
    return command("PlaceOrder", order, "resident", "r-li", **data)


def dispatch(order: str, provider: str = WATER, **more: Any) -> bytes:
    return command("DispatchOrder", order, "community", "d-chen", provider=provider, **more)


def accept(order: str, provider: str = WATER, **more: Any) -> bytes:
    return command("AcceptOrder", order, "provider", provider, provider=provider, **more)


def complete(order: str, provider: str = WATER, **more: Any) -> bytes:
    return command("CompleteOrder", order, "provider", provider, provider=provider, result="补好了", **more)


def rate(order: str, level: str = "satisfied") -> bytes:
    return command("RateOrder", order, "resident", "r-li", level=level, comment="谢谢")


def register(provider: str, **more: Any) -> bytes:
    data = {
        "provider": provider,
        "name_zh": f"{provider}单位",
        "name_en": provider.title(),
        "kind": "department",
        "contact": "12345",
        "capacity": 10,
        "areas": [STREET],
        "offers": [{"category": "roads", "duty": "must"}],
        **more,
    }
    return command("RegisterProvider", f"provider/{provider}", "community", "d-chen", **data)


def _subject(body: bytes) -> bytes | None:
    try:
        return json.loads(body)["subject"].encode()
    except (ValueError, KeyError, TypeError):
        return None


@contextmanager
def a_bus_town(kafka: str, store: str, **more: Any) -> Generator[BusTown]:
    town = BusTown(kafka, store, **more)
    try:
        yield town
    finally:
        town.close()
