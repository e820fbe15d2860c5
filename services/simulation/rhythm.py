"""When orders come in: by hour and weekday, and in the bursts in which channels push what they have gathered.

The figures are sums over 6,000 public hotline appeals of one district of Shenzhen in 2018.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import Final

HOURS: Final = (
    99, 25, 9, 12, 5, 6, 62, 148, 581, 497, 795, 356,
    307, 194, 317, 417, 403, 431, 280, 290, 211, 198, 221, 136,
)  # fmt: skip
"""Appeals by hour of the day; eight and ten are when channels hand over what the night brought."""

WEEKDAYS: Final = (101, 115, 92, 93, 90, 67, 66)
"""Appeals a day, Monday first, on days with at least twenty."""

IN_BURSTS: Final = 0.15  # share of appeals in runs of at least five, one second apart
BURSTS: Final = (5, 5, 6, 6, 7, 7, 7, 8, 8, 9, 9, 10, 11, 13, 15, 16, 20, 30, 43)
"""Sizes of such runs, as often as they came; 43 was the largest."""

OVERDUE: Final = 0.11  # share archived after its deadline
CHANNELS: Final = (("app", 58), ("phone", 37), ("window", 5))
"""Two apps, two hotlines and a landline, a letter box, in hundredths."""

HOUR: Final = timedelta(hours=1)
SECOND: Final = timedelta(seconds=1)


def arrivals(orders: int, start: datetime, days: int, chance: Random) -> Iterator[tuple[datetime, bool]]:
    """When each order comes in, in order of time, and whether in a burst. Holds one hour's at a time."""
    slots = [start + HOUR * number for number in range(24 * days)]
    weights = [HOURS[slot.hour] * WEEKDAYS[slot.weekday()] for slot in slots]
    total, passed, placed, owed = sum(weights), 0, 0, 0.0
    size = chance.choice(BURSTS)
    for slot, weight in zip(slots, weights, strict=True):
        passed += weight
        here = round(orders * passed / total) - placed
        placed += here
        owed += here * IN_BURSTS
        bursts: list[int] = []
        while owed >= size and here >= BURSTS[0]:
            bursts.append(min(size, here))
            here -= bursts[-1]
            owed -= bursts[-1]
            size = chance.choice(BURSTS)
        yield from sorted(_within(slot, here, bursts, chance))


def _within(
    slot: datetime, single: int, bursts: list[int], chance: Random
) -> Iterator[tuple[datetime, bool]]:
    """The moments of one hour."""
    alone = ((slot + timedelta(milliseconds=chance.randrange(3_600_000)), False) for _ in range(single))
    pushed = (_burst(slot + SECOND * chance.randrange(3_600 - size), size) for size in bursts)
    return chain(alone, chain.from_iterable(pushed))


def _burst(first: datetime, size: int) -> Iterator[tuple[datetime, bool]]:
    return ((first + SECOND * number, True) for number in range(size))
