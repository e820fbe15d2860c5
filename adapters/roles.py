"""The roles of the engine, each for a process of its own, or several as threads of one."""

import signal
from collections.abc import Callable, Mapping, Sequence
from threading import Event, Thread
from typing import Any, Final

import psycopg
import structlog
import uvicorn
from confluent_kafka import Consumer

from adapters.bootstrap import Node
from adapters.bus.feed import Feed, Subscription
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.projecting import Projecting
from adapters.bus.relay import Relay
from adapters.bus.topics import Provisioning, Topic, Topics
from adapters.bus.worker import Worker
from adapters.store.wakeup import wakeup
from adapters.web.app import make_app
from services.reactions import Message

RELAY_LOCK: Final = 0x51DA5  # PostgreSQL advisory lock: one relay of a store at a time

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Role = Callable[[Node, Event], None]


def worker(node: Node, stop: Event) -> None:
    """Take commands in from their topics."""
    topics = Topics(node.settings.prefix)
    with Provisioning(node.settings.kafka) as provisioning:
        topic_ids = provisioning.ids(topics.commands)
    follower = Worker(node.store, node.handler, node.decoder, topics, topic_ids)
    Feed(_subscription(node, topics.commands, "worker"), follower).run(stop)


def relay(node: Node, stop: Event) -> None:
    """Send what is recorded out to the bus, in log order."""
    topics = Topics(node.settings.prefix)
    news = wakeup(node.settings.store)
    lock = _relay_lock(node, stop)
    try:
        sender = Sender(node.settings.kafka, node.settings.librdkafka)
        Relay(node.store, sender, topics, node.rules.town).run(news.wait, stop.is_set)
    finally:
        news.close()
        if lock is not None:
            lock.close()


def project(node: Node, stop: Event) -> None:
    """Keep the read models up with the events topic."""
    topics = Topics(node.settings.prefix)
    with Provisioning(node.settings.kafka) as provisioning:
        topic_id = provisioning.ids([topics.events])[topics.events]
        partitions = provisioning.partitions(topics.events)
    follower = Projecting(node.projectors, topics.events, topic_id)
    consumer = Consumer(
        {"bootstrap.servers": node.settings.kafka, "group.id": topics.name("fill"), **node.settings.librdkafka}
    )
    try:
        follower.fill_new_ones(node.store, consumer, partitions)
    finally:
        consumer.close()
    Feed(_subscription(node, [topics.events], "project"), follower).run(stop)


def process(node: Node, stop: Event) -> None:
    """Run the process managers: events in, commands and offered work out."""
    topics = Topics(node.settings.prefix)
    reactors = node.reactors(_Bus(node, topics).send)
    news = wakeup(node.settings.store)
    try:
        while not stop.is_set():
            if not reactors.run_once():
                news.wait()
    finally:
        news.close()


def follow(node: Node, stop: Event) -> None:
    """Embedded: keep read models and process managers up with the log."""
    news = wakeup(node.settings.store)
    try:
        while not stop.is_set():
            if not node.follow():
                news.wait()
    finally:
        news.close()


def web(node: Node, stop: Event) -> None:
    """Serve HTTP and pages."""
    settings = node.settings
    server = uvicorn.Server(
        uvicorn.Config(make_app(node), host=settings.host, port=settings.port, log_config=None, access_log=False)
    )
    watch = Thread(target=lambda: (stop.wait(), setattr(server, "should_exit", True)), daemon=True)
    watch.start()
    server.run()


ROLES: Final[Mapping[str, Role]] = {
    "worker": worker,
    "relay": relay,
    "project": project,
    "process": process,
    "web": web,
}


def serving(node: Node) -> list[Role]:
    """The roles of `sidan serve`: all of them, in one process."""
    return [web, follow] if node.settings.embedded else list(ROLES.values())


def run(node: Node, roles: Sequence[Role], stop: Event | None = None) -> None:
    """Run roles as threads until SIGTERM or SIGINT, or until one of them fails.

    Raises:
        What the first one to fail raised; the others are stopped first.
    """
    stop = stop or Event()
    failures: list[BaseException] = []

    def guarded(role: Role) -> None:
        try:
            role(node, stop)
        except BaseException as error:
            failures.append(error)
            log.exception("role.failed", role=getattr(role, "__name__", str(role)))
        finally:
            stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = [Thread(target=guarded, args=(role,), name=getattr(role, "__name__", "role")) for role in roles]
    for thread in threads:
        thread.start()
    while not stop.wait(0.5):
        pass  # a plain wait() would not let signals through
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class _Bus:
    """Sends what reactors say."""

    def __init__(self, node: Node, topics: Topics) -> None:
        self._node = node
        self._topics = topics
        self._sender = Sender(node.settings.kafka, node.settings.librdkafka)
        self._made: set[str] = set()

    def send(self, messages: Sequence[Message]) -> None:
        self._provision({self._topics.name(message.topic) for message in messages})
        self._sender.send([self._outgoing(message) for message in messages])

    def _provision(self, names: set[str]) -> None:
        missing = sorted(name for name in names - self._made if ".work." in name)
        if missing:
            with Provisioning(self._node.settings.kafka) as provisioning:
                provisioning.create([Topic(name, 1, "-1") for name in missing])
        self._made |= names

    def _outgoing(self, message: Message) -> Outgoing:
        headers = {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": message.id,
            "ce_source": message.source,
            "ce_type": message.type,
            "ce_subject": message.subject,
            "ce_time": message.time.isoformat(),
            "ce_actor": message.source,
            "ce_correlationid": message.correlation,
        }
        return Outgoing(
            self._topics.name(message.topic),
            message.subject.encode(),
            message.data,
            [(name, value.encode()) for name, value in headers.items()],
        )


def _subscription(node: Node, topics: Sequence[str], role: str) -> Subscription:
    settings = node.settings
    options: Mapping[str, Any] = settings.librdkafka
    return Subscription(settings.kafka, topics, f"{settings.prefix}.{role}", options)


def _relay_lock(node: Node, stop: Event) -> psycopg.Connection | None:
    """Wait until no other relay of this store runs; the connection holds the lock."""
    if not node.settings.store.startswith("postgresql://"):
        return None
    connection = psycopg.connect(node.settings.store, autocommit=True)
    while not stop.is_set():
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (RELAY_LOCK,)).fetchone()
        if row is not None and row[0]:
            break
        stop.wait(1.0)
    return connection
