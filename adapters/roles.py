"""The roles of the engine, each for a process of its own, or several as threads of one."""

import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event, Thread
from time import monotonic
from typing import Any, Final, Protocol

import structlog
import uvicorn
from confluent_kafka import Consumer, KafkaException
from kafka.errors import KafkaError

from adapters import away
from adapters.away import KafkaAway, KafkaRefuses, until_stopped
from adapters.bootstrap import Node
from adapters.bus.checkpoints import publisher
from adapters.bus.feed import Feed, Subscription
from adapters.bus.intake import Intake, until_another
from adapters.bus.producing import Sender
from adapters.bus.projecting import Projecting
from adapters.bus.relay import Relay
from adapters.bus.saying import outgoing
from adapters.bus.topics import Provisioning, Topics
from adapters.bus.worker import Worker
from adapters.metrics import count_batch
from adapters.sealed_log import SealBroken
from adapters.store.turns import turn
from adapters.store.wakeup import wakeup
from adapters.web.app import make_app
from domain.ids import ProviderId
from projections.engine import Projector, catch_up
from services.handling import Handler
from services.reactions import Message

AWAY: Final = (*away.AWAY, KafkaException, KafkaError)
AGAIN: Final = 30.0  # seconds until a sealer that was stopped looks again
DRAIN: Final = 9.0  # seconds that all roles together may take to finish what they have in hand

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Role(Protocol):
    """Works until told to stop."""

    __name__: str

    def __call__(self, node: Node, stop: Event) -> None: ...


def worker(node: Node, stop: Event) -> None:
    """Take commands in from their topics."""
    node.keys.create()  # a wrong master key is told now, not at the first message
    topics = Topics(node.settings.prefix)
    intake = Intake(topics, node.settings.kafka, node.settings.librdkafka)

    def feed() -> Feed:
        topic_ids = intake.open()
        # A handler is for one thread; the node's own may be answering HTTP in another.
        handler = Handler(node.store)
        follower = Worker(node.store, handler, node.decoder, topics, topic_ids, open_orders=node.open_orders)
        return Feed(_subscription(node, list(topic_ids), "worker"), follower)

    _feeding(feed, stop, "worker", intake.is_another)


def _feeding(
    make: Callable[[], Feed], stop: Event, name: str, is_another: Callable[[], bool] | None = None
) -> None:
    """Run a feed. What is missing at the start is said at once; what is away later is waited for.

    Args:
        is_another: asked now and then; when it is so, the feed is made anew.
    """
    made: list[Feed] = [make()]

    def work() -> None:
        feed = made.pop() if made else make()
        if is_another is None:
            feed.run(stop)
            return
        with until_another(stop, is_another) as over:
            feed.run(over)

    until_stopped(work, stop, name, AWAY)


def relay(node: Node, stop: Event) -> None:
    """Send what is recorded out to the bus, in log order; begins anew when a service was away."""
    _let_in(node)
    news = wakeup(node.settings.store)

    def work() -> None:
        with turn(node.settings.store, stop) as look:  # anew each time: it went with the connection
            sender = Sender(node.settings.kafka, node.settings.librdkafka, stopped=stop.is_set)
            topics = Topics(node.settings.prefix)

            def stopped() -> bool:
                look()
                return stop.is_set()

            Relay(node.store, sender, topics, node.rules.town).run(news.wait, stopped)

    try:
        until_stopped(work, stop, "relay", AWAY)
    finally:
        news.close()


def project(node: Node, stop: Event) -> None:
    """Keep all read models up with the events topic, but for those that only the log can feed."""
    _project(node, node.on_the_bus, "project", stop)


def projecting(names: Sequence[str]) -> Role:
    """Keep only these read models up: large towns give each a process, in a consumer group of its own."""

    def only_these(node: Node, stop: Event) -> None:
        chosen = [projector for projector in node.on_the_bus if projector.model.name in names]
        _project(node, chosen, f"project.{'-'.join(sorted(names))}", stop)

    return only_these


def _project(node: Node, projectors: Sequence[Projector], group: str, stop: Event) -> None:
    _feeding(lambda: _projecting_feed(node, projectors, group), stop, group)


def _projecting_feed(node: Node, projectors: Sequence[Projector], group: str) -> Feed:
    topics = Topics(node.settings.prefix)
    with _provisioning(node) as provisioning:
        topic_id = provisioning.ids([topics.events])[topics.events]
        partitions = provisioning.partitions(topics.events)
    follower = Projecting(projectors, topics.events, topic_id)
    servers = {"bootstrap.servers": node.settings.kafka, "group.id": topics.name("fill")}
    consumer = Consumer({**servers, **node.settings.librdkafka})
    try:
        follower.fill_new_ones(node.log, consumer, partitions)
    finally:
        consumer.close()
    return Feed(_subscription(node, [topics.events], group), follower)


def process(node: Node, stop: Event) -> None:
    """Run the process managers: events in, commands and offered work out.

    Before they act, what they ask is brought up to the log, as far as only the log can feed it.
    """
    node.keys.create()
    _let_in(node)
    bus = _Bus(node, Topics(node.settings.prefix), stop)
    reactors = node.reactors(bus.send)

    def step() -> int:
        read = catch_up(node.in_log_order, node.log, stopped=stop.is_set)
        if stop.is_set():
            return read
        done = read + reactors.run_once()
        if done or not bus.opened:
            bus.open(node.taking_by_bus())
        return done

    _following(node, step, stop, "process")


def follow(node: Node, stop: Event) -> None:
    """Embedded: keep read models and process managers up with the log."""
    _following(node, node.follow, stop, "follow")


def _following(node: Node, step: Callable[[], int], stop: Event, name: str) -> None:
    """Take steps as long as there is work, and wait for more; begins anew when a service was away."""
    news = wakeup(node.settings.store)

    def work() -> None:
        while not stop.is_set():
            node.keys.scrub_what_is_left()
            begun = monotonic()
            if done := step():
                count_batch(name, done, monotonic() - begun)
            else:
                news.wait()

    try:
        until_stopped(work, stop, name, AWAY)
    finally:
        news.close()


def seal(node: Node, stop: Event) -> None:
    """Seal the record and hand its checkpoints out. What was tampered with is not signed on top of."""
    news = wakeup(node.settings.store)

    def work() -> None:
        publish = None if node.settings.embedded else publisher(node.settings, node.log_origin, stop.is_set)
        notary = node.notary(publish)
        while not stop.is_set():
            begun = monotonic()
            if done := notary.run_once():
                count_batch("seal", done, monotonic() - begun)
            else:
                news.wait()

    def guarded() -> None:
        try:
            work()
        except (SealBroken, OSError) as error:
            code = error.code if isinstance(error, SealBroken) else "seal_file"
            log.error("seal.broken", code=code, error=str(error))  # noqa: TRY400 - no fault of the program
            stop.wait(AGAIN)

    try:
        until_stopped(guarded, stop, "seal", AWAY)
    finally:
        news.close()


def web(node: Node, stop: Event) -> None:
    """Serve HTTP and pages."""
    node.keys.create()
    settings = node.settings
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(node),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=int(DRAIN) - 2,  # seconds for the requests in hand
        )
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
    return [web, follow, seal] if node.settings.embedded else [*ROLES.values(), seal]


def together(name: str) -> list[Role]:
    """The roles of the command of that name: who runs the process managers seals the record too."""
    return [process, seal] if name == process.__name__ else [ROLES[name]]


class Unfinished(RuntimeError):
    """A role did not finish in time when it was told to stop. What it had in hand is not acknowledged."""


def run(node: Node, roles: Sequence[Role], stop: Event | None = None) -> None:
    """Run roles as threads until told to stop, or until one of them fails.

    Args:
        stop: tells it; without one SIGTERM and SIGINT do, and this must be the main thread.

    Raises:
        What the first one to fail raised; the others are stopped first.
        Unfinished: one of them was still at it `DRAIN` seconds after it was told to stop.
    """
    if stop is None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stopping(stop))
    failures: list[BaseException] = []

    def guarded(role: Role) -> None:
        try:
            role(node, stop)
        except BaseException as error:  # noqa: BLE001 - it is raised by who waits for the roles
            failures.append(error)
            told = {"error": away.brief(error), **away.whereabouts(error)}
            log.error("role.failed", role=role.__name__, **told)  # noqa: TRY400 - its own words may quote people
        finally:
            stop.set()

    # Daemons, so that one which hangs on a service that is away does not outlive the others.
    threads = [Thread(target=guarded, args=(role,), name=role.__name__, daemon=True) for role in roles]
    for thread in threads:
        thread.start()
    while not stop.wait(0.5):
        pass  # a plain wait() would not let signals through
    _join(threads)
    if failures:
        raise failures[0]


def _join(threads: Sequence[Thread]) -> None:
    deadline = monotonic() + DRAIN
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        log.error("roles.unfinished", roles=late, seconds=DRAIN)
        raise Unfinished(", ".join(late))


def _stopping(stop: Event) -> Callable[[int, object], None]:
    def on_signal(number: int, _: object) -> None:
        log.info("roles.stopping", signal=signal.Signals(number).name)
        stop.set()

    return on_signal


class _Bus:
    """Sends what reactors say."""

    def __init__(self, node: Node, topics: Topics, stop: Event) -> None:
        self._node = node
        self._topics = topics
        self._sender = Sender(node.settings.kafka, node.settings.librdkafka, stopped=stop.is_set)
        self._made: set[str] = set()
        self.opened = False

    def open(self, providers: Iterable[ProviderId]) -> None:
        """Make their topics, so that a department can connect before it is first offered something."""
        self._provision({self._topics.work(provider) for provider in providers})
        self.opened = True

    def send(self, messages: Sequence[Message]) -> None:
        named = {self._topics.name(message.topic) for message in messages}
        self._provision(named - set(self._topics.commands))
        self._sender.send([outgoing(self._topics, message) for message in messages])

    def _provision(self, names: set[str]) -> None:
        missing = sorted(names - self._made)
        if missing:
            with _provisioning(self._node) as provisioning:
                provisioning.create([Topics.of_work(name) for name in missing])
        self._made |= names


def _provisioning(node: Node) -> Provisioning:
    return Provisioning(node.settings.kafka, node.settings.librdkafka)


def _let_in(node: Node) -> None:
    """Who only sends would wait for ever for a broker that does not let them in. One that is away may come.

    Raises:
        KafkaRefuses: with what to correct.
    """
    try:
        _provisioning(node).close()
    except KafkaRefuses:
        raise
    except KafkaAway as error:
        log.warning("role.away", error=str(error))


def _subscription(node: Node, topics: Sequence[str], role: str) -> Subscription:
    settings = node.settings
    options: Mapping[str, Any] = settings.librdkafka
    return Subscription(settings.kafka, topics, f"{settings.prefix}.{role}", options)
