"""The faults, each with what it does and how long the fleet is left alone afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final

import psycopg

from tests.faults.storm.fleet import Fleet
from tests.support.kafka import Broker
from tests.support.link import Link
from tests.support.postgres import Server, server_answers

LONG: Final = 8.0  # seconds; a session lasts six


@dataclass(frozen=True)
class Place:
    """Where the storm is."""

    fleet: Fleet
    broker: Broker
    server: Server
    store: str
    to_broker: Link  # the second worker, relay and project reach them by these
    to_server: Link


Fault = Callable[[Place], None]


def _kill(role: str, place: Place) -> None:
    place.fleet.of(role)[0].kill()
    place.fleet.tend(1.5)


def _kill_all(place: Place) -> None:
    place.fleet.kill_all()
    place.fleet.tend(3.0)


def _interrupt(service: str, how: str, place: Place) -> None:
    """The broker or the server goes, in good order or not, and comes back."""
    one: Broker | Server = getattr(place, service)
    getattr(one, how)()
    place.fleet.tend(1.0)
    one.start()
    place.fleet.tend(3.0)


def _connections_die(place: Place, which: str) -> None:
    if server_answers(place.store):
        with psycopg.connect(place.store, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE %s",
                (which,),
            )
    place.fleet.tend(0.5)


def _freeze(role: str, place: Place) -> None:
    """Longer than a session lasts: the others take its partitions over, then it comes back as a zombie."""
    place.fleet.freeze(role, LONG)
    place.fleet.tend(1.0)


def _hang_broker(place: Place) -> None:
    """Longer than a session lasts; every connection stays open meanwhile."""
    place.broker.freeze()
    try:
        place.fleet.tend(LONG)
    finally:
        place.broker.thaw()
    place.fleet.tend(3.0)


def _cut(which: str, place: Place) -> None:
    """Some are cut off from a service that the others still reach; nobody is told until the end."""
    link: Link = getattr(place, which)
    link.cut()
    place.fleet.tend(LONG)
    link.drop()
    link.mend()
    place.fleet.tend(2.0)


FAULTS: Final[Mapping[str, tuple[Fault, int]]] = {
    "kill -9 worker": (partial(_kill, "worker"), 20),
    "kill -9 relay": (partial(_kill, "relay"), 16),
    "kill -9 project": (partial(_kill, "project"), 16),
    "kill -9 process": (partial(_kill, "process"), 8),
    "kill -9 web": (partial(_kill, "web"), 8),
    "kill -9 all at once": (_kill_all, 4),
    "LISTEN connections ended": (partial(_connections_die, which="LISTEN%"), 8),
    "all database connections ended": (partial(_connections_die, which="%"), 6),
    "PostgreSQL killed, started": (partial(_interrupt, "server", "kill"), 4),
    "PostgreSQL stopped, started": (partial(_interrupt, "server", "stop"), 3),
    "broker killed, started": (partial(_interrupt, "broker", "kill"), 3),
    "broker stopped, started": (partial(_interrupt, "broker", "stop"), 2),
    "worker frozen until others took over": (partial(_freeze, "worker"), 3),
    "project frozen until others took over": (partial(_freeze, "project"), 2),
    "relay frozen": (partial(_freeze, "relay"), 2),
    "broker frozen": (_hang_broker, 3),
    "network to the broker cut": (partial(_cut, "to_broker"), 4),
    "network to PostgreSQL cut": (partial(_cut, "to_server"), 3),
}
"""What happens → how, and how often in a storm of usual length."""
USUAL: Final = sum(share for _, share in FAULTS.values())


def forecast(count: int, seed: int) -> list[str]:
    """So many faults in a random order: each kind as often as its share, at least once if there is room."""
    chance = Random(seed)
    whole = [name for name, (_, share) in FAULTS.items() for _ in range(share)]
    chance.shuffle(whole)
    once = list(FAULTS)
    chance.shuffle(once)
    coming = (once + whole)[:count] if count < len(whole) else whole + once[: count - len(whole)]
    chance.shuffle(coming)
    return coming
