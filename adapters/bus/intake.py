"""Which command topics a worker takes in, and when they are others: providers' own come and go."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from kafka.errors import KafkaError

from adapters.away import KafkaAway, brief
from adapters.bus.topics import Provisioning, Topics, wrong_clock

LOOK: Final = 5.0  # seconds between looks for topics that came or went
PATIENCE: Final = 2.0  # seconds that a look may take

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Intake:
    """The command topics of one town, as one worker finds them."""

    def __init__(self, topics: Topics, kafka: str, options: Mapping[str, str]) -> None:
        self._topics = topics
        self._kafka = kafka
        self._options = options
        self._admin = AdminClient({"bootstrap.servers": kafka, "log_level": 0, **options})
        self._taken: frozenset[str] = frozenset()
        self._refused: frozenset[str] = frozenset()  # of providers' own, those we have said why

    def open(self) -> dict[str, str]:
        """The topics to take in now, and the id of each.

        A provider's own topic that takes its senders' word for the time is left out: what one department
        did to its topic must not stop the intake of all.

        Raises:
            KafkaAway: the broker does not answer, or a topic of the town is missing or takes such a word.
        """
        with Provisioning(self._kafka, self._options) as provisioning:
            provisioning.check_clock(self._topics.commands)
            self._taken = self._usable(provisioning, frozenset(self._topics.own(provisioning.present())))
            return provisioning.ids([*self._topics.commands, *sorted(self._taken)])

    def is_another(self) -> bool:
        """Whether a provider's own topic came or went since. What cannot be seen now is for the next look."""
        try:
            present = frozenset(self._topics.own(self._admin.list_topics(timeout=PATIENCE).topics))
            if present == self._taken:
                return False
            with Provisioning(self._kafka, self._options) as provisioning:
                return self._usable(provisioning, present) != self._taken
        except (KafkaAway, KafkaException, KafkaError) as error:
            log.warning("intake.unseen", error=brief(error))
            return False

    def _usable(self, provisioning: Provisioning, own: frozenset[str]) -> frozenset[str]:
        """Those whose times the broker sets; of each other one it is said once."""
        refused = frozenset(provisioning.wrong_clocks(sorted(own)))
        for topic in sorted(refused - self._refused):
            log.error("intake.refused", topic=topic, reason=str(wrong_clock(topic)))
        self._refused = refused
        return own - refused


class _Until(Event):
    """Is set by itself, or by the stop it stands under. `wait` knows of itself alone."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self._stop = stop

    def is_set(self) -> bool:
        return super().is_set() or self._stop.is_set()


@contextmanager
def until_another(stop: Event, is_another: Callable[[], bool]) -> Generator[Event]:
    """An event that is set when told to stop, or when a look every `LOOK` seconds finds something else.

    Ask it whether it is set; nobody waits for it.
    """
    over = _Until(stop)

    def look() -> None:
        while not over.wait(LOOK) and not over.is_set():
            if is_another():
                log.info("intake.renewed")
                over.set()

    # A daemon: in the middle of a look it holds up nobody who stops.
    Thread(target=look, name="intake", daemon=True).start()
    try:
        yield over
    finally:
        over.set()
