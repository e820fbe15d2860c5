"""One storm from the first fault to the count afterwards."""

import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from adapters.bootstrap import Node
from adapters.settings import Settings
from adapters.towns import load
from services.simulation import simulate
from tests.faults.storm.checking import Tally, check
from tests.faults.storm.fleet import SIDAN, Fleet
from tests.faults.storm.load import BusLoad, HttpLoad
from tests.faults.storm.weather import FAULTS, Place, forecast
from tests.support.kafka import own_kafka
from tests.support.link import link_to
from tests.support.one_order import TOWN
from tests.support.postgres import fresh_database, own_postgres, through
from tests.support.processes import environment_of, free_port
from tests.support.waiting import running

RATE: Final = 150.0  # lines a second on the bus
CALM: Final = 180.0  # seconds for all to be taken in when the storm is over
ORDERS: Final = 200_000  # simulated; the storm ends first
PERIOD: Final = 3_650  # days

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Report:
    """What happened and what came of it."""

    faults: Counter[str]
    tally: Tally
    sent: int
    sent_again: int
    restarts: int  # of processes that ended without being killed by us, or were killed
    calm_after: float  # seconds until everything was taken in
    stopping: Sequence[float]  # seconds that each process took to stop in good order
    lasted: float


def storm(faults: int, seed: int, tell: Tell) -> Report:
    """So many faults under steady load; says what it does, since it takes minutes."""
    with _place() as (place, settings, folder):
        bus = BusLoad(settings, _lines(seed), RATE)
        http = HttpLoad(place.fleet.url)
        began = time.monotonic()
        coming = forecast(faults, seed)
        with running(bus, http):
            place.fleet.tend(5.0)
            for number, name in enumerate(coming, start=1):
                tell(f"{number}/{len(coming)} {name}")
                FAULTS[name][0](place)
            place.fleet.tend(3.0)
            lasted = time.monotonic() - began
        with Node(settings) as node:
            calm_after = _calm(node, place.fleet)
            tally = check(node, http, folder)
        return Report(
            faults=Counter(coming),
            tally=tally,
            sent=bus.sent,
            sent_again=bus.sent_again,
            restarts=place.fleet.restarts,
            calm_after=calm_after,
            stopping=place.fleet.stop(),
            lasted=lasted,
        )


def _lines(seed: int) -> Iterator[bytes]:
    file = load(TOWN)
    return simulate(file.rules, file.providers, ORDERS, seed, days=PERIOD, faults=True)


@contextmanager
def _place() -> Generator[tuple[Place, Settings, Path]]:
    """A broker, a server and a fleet of their own, over a town that stands."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sidan-storm-")))
        to_broker = stack.enter_context(link_to(free_port()))
        broker = stack.enter_context(own_kafka(link=to_broker))
        server = stack.enter_context(own_postgres())
        to_server = stack.enter_context(link_to(urlsplit(server.url).port or 5432))
        store = stack.enter_context(fresh_database(server.url))
        settings = Settings(store=store, kafka=broker.address, prefix=f"s{uuid4().hex[:8]}")
        elsewhere = replace(settings, store=through(to_server, store), kafka=to_broker.address)
        _found(settings)
        fleet = Fleet(settings, elsewhere, folder)
        fleet.start()
        stack.callback(fleet.stop)
        yield Place(fleet, broker, server, store, to_broker, to_server), settings, folder


def _found(settings: Settings) -> None:
    subprocess.run(
        [str(SIDAN), "init", "--town", TOWN],
        env={**os.environ, **environment_of(settings)},
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )


def _calm(node: Node, fleet: Fleet) -> float:
    """Seconds until all that was sent is taken in, went out and is in the read models."""
    began = time.monotonic()
    while not _all_done(node):
        assert time.monotonic() < began + CALM, "it did not come to rest"
        fleet.tend(0.5)
    return time.monotonic() - began


def _all_done(node: Node) -> bool:
    standing = node.standing()
    roles = all(one.events == 0 for one in standing.roles)
    return roles and all(one.behind == 0 for one in standing.topics)
