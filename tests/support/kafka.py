"""A real Apache Kafka broker for tests and benchmarks, from whichever of three places has one."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.support.containers import docker_answers, kafka_container
from tests.support.kafka_jars import JarBroker, jars_at_hand
from tests.support.link import Link
from tests.support.processes import HOST, answers, free_port

NO_KAFKA = (
    "No Kafka to test with: start Docker, or install Java 17 and Maven "
    "(apt-get install -y openjdk-17-jre-headless maven), or set SIDAN_TEST_KAFKA=host:port."
)


class _Lane(Protocol):
    def start(self, ready: Callable[[], bool]) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...
    def close(self) -> None: ...


class Broker:
    """A broker of the test's own, which it may stop, kill and start again on the same port and data."""

    def __init__(self, *, quick_start: bool = True, link: Link | None = None) -> None:
        """Clients of `link` reach it through that, and are told to go on doing so."""
        port = free_port()
        self.address = f"{HOST}:{port}"
        self._port = port
        lane = kafka_lane()
        self._lane: _Lane
        if lane == "docker":
            self._lane = kafka_container(port, link)
        elif lane == "jars":
            self._lane = JarBroker(port, quick_start=quick_start, link=link)
        else:
            raise LookupError(NO_KAFKA)

    def start(self) -> None:
        self._lane.start(lambda: answers(self._port) and broker_answers(self.address))

    def stop(self) -> None:
        """End it in good order."""
        self._lane.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._lane.kill()

    def freeze(self) -> None:
        """It hangs: connections stay open and nothing is answered."""
        self._lane.freeze()

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        self._lane.thaw()

    def close(self) -> None:
        """End it and remove its data."""
        self._lane.close()


def kafka_lane() -> str | None:
    """Where a broker of our own would come from: `docker`, `jars` or None."""
    if docker_answers():
        return "docker"
    return "jars" if jars_at_hand() else None


def broker_answers(address: str) -> bool:
    try:
        AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=2)
    except KafkaException:
        return False
    return True


@contextmanager
def own_kafka(*, quick_start: bool = True, link: Link | None = None) -> Generator[Broker]:
    """A broker that nobody else uses; LookupError says how to get one.

    A measured broker takes `quick_start=False`: it starts later and runs at full speed.
    """
    broker = Broker(quick_start=quick_start, link=link)
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


@contextmanager
def running_kafka(*, quick_start: bool = True) -> Generator[str]:
    """The address of a running broker: the one SIDAN_TEST_KAFKA names, else one of our own."""
    given = os.environ.get("SIDAN_TEST_KAFKA")
    if given:
        yield given
        return
    with own_kafka(quick_start=quick_start) as broker:
        yield broker.address
