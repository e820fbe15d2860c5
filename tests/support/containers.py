"""Kafka and PostgreSQL as containers, where a Docker engine answers."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from tests.support.compose import kafka_environment, service
from tests.support.link import Link
from tests.support.processes import HOST, free_port


@cache
def docker_answers() -> bool:
    # Docker's own client leaves a socket open where no engine listens, so that place is tried first.
    if "DOCKER_HOST" not in os.environ and not _engine_listens("/var/run/docker.sock"):
        return False
    try:
        docker.from_env(timeout=3).ping()
    except DockerException:
        return False
    return True


def _engine_listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


class Container:
    """A container that keeps its port and its data while it is stopped."""

    def __init__(self, image: str, environment: Mapping[str, str], ports: Mapping[int, int]) -> None:
        """`ports`: inside → outside."""
        self._container = DockerContainer(image, env=dict(environment))
        for inside, outside in ports.items():
            # This machine only: testcontainers would open the port to the network.
            cast("dict[str, Any]", self._container.ports)[f"{inside}/tcp"] = (HOST, outside)
        self._created = False

    def start(self, ready: Callable[[], bool], *, seconds: float = 120) -> None:
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
        self._created = True
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                logs = self._container.get_wrapped_container().logs(tail=20).decode(errors="replace")
                raise RuntimeError(f"{self._container.image} did not start:\n{logs}")
            time.sleep(0.1)

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def freeze(self) -> None:
        self._container.get_wrapped_container().pause()

    def thaw(self) -> None:
        self._container.get_wrapped_container().unpause()

    def close(self) -> None:
        if self._created:
            self._container.stop()


def kafka_container(port: int, link: Link | None = None) -> Container:
    """The broker's port is the same inside and outside, so that its address is true for itself too."""
    environment = kafka_environment(
        f"{HOST}:{port}",
        listen=f":{port}",
        controller="localhost:9093",
        log_dirs="/var/lib/kafka/data",
        external=(f":{link.behind}", link.address) if link else None,
    )
    ports = {port: port, link.behind: link.behind} if link else {port: port}
    return Container(service("kafka").image, environment, ports)


def postgres_container() -> tuple[Container, int]:
    port = free_port()
    postgres = service("postgres")
    return Container(postgres.image, postgres.environment, {5432: port}), port
