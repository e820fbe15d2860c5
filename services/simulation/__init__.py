"""Simulates a town's orders: a seeded stream of commands, placed in a real rhythm and lived to the rating."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Final

from domain.commands import RegisterProvider
from domain.rules import Rules
from services.simulation.faults import EVERY, KINDS, Faults
from services.simulation.life import Life
from services.simulation.neighbourhood import Neighbourhood
from services.simulation.rhythm import arrivals
from services.simulation.speaking import Cast
from services.simulation.writing import Writer

__all__ = ["DEFAULT_ORDERS", "DEFAULT_START", "EVERY", "KINDS", "simulate"]

DEFAULT_START: Final = datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=8)))  # a Monday in Shenzhen
DEFAULT_ORDERS: Final = 2_000

_Next = tuple[datetime, int, Iterator[datetime]]


def simulate(
    rules: Rules,
    providers: Sequence[RegisterProvider],
    orders: int,
    seed: int,
    start: datetime = DEFAULT_START,
    *,
    days: int = 7,
    faults: bool = False,
) -> Iterator[bytes]:
    """Commands for `sidan.imports`, one structured CloudEvent a line with its line end, in order of time.

    All orders are placed within `days` from `start`, an aware datetime whose offset is the town's, and
    nothing happens after that: what is not finished stays open. The same arguments make the same bytes.
    Only orders in flight are held. With `faults` one bad line follows in about each `EVERY` good ones;
    the good ones are the same with and without.
    """
    chance = Random(seed)  # noqa: S311 - chance for a play, not for secrets
    writer = Writer(seed)
    cast = Cast(Neighbourhood(rules, providers, chance), writer, chance)
    bad = Faults(writer.fault_id) if faults else None
    for lines in _told(cast, arrivals(orders, start, days, chance), start + timedelta(days=days)):
        for line in lines:
            yield line
            if bad:
                yield from bad.after(line)


def _told(cast: Cast, coming: Iterator[tuple[datetime, bool]], end: datetime) -> Iterator[list[bytes]]:
    """Lets whoever is next go on, one at a time; who would go on after the end is let go."""
    waiting: list[_Next] = []
    numbers = count()
    arrival = next(coming, None)
    while arrival or waiting:
        if arrival and not (waiting and waiting[0][0] < arrival[0]):
            at, in_burst = arrival
            number = next(numbers)
            life = Life(cast, number, at).waits(in_burst)
            arrival = next(coming, None)
        else:
            _, number, life = heappop(waiting)
        until = next(life, None)
        yield cast.writer.take()
        if until is not None and until < end:
            heappush(waiting, (until, number, life))
