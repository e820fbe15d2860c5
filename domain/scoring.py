"""How well a provider suits an order: named parts from 0 to 1000, each times its weight, in whole numbers.

Whole numbers, so that a score worked out again on any machine is the same score.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import isqrt
from typing import Final

from domain.proposal import Part
from domain.rules import Weights

WHOLE: Final = 1000  # a part at its best
HOP: Final = 250  # lost with each level between the order's area and the provider's
_Z2: Final = 38_416  # 1.96 squared, times 10,000: 95 % sure on both sides
_SCALE: Final = 10_000


def near(order: str, own: str) -> int:
    """By the levels of the area tree between an order and the smallest area of a provider that holds it."""
    hops = order.count("/") - own.count("/")
    return max(0, WHOLE - HOP * hops)


def room(load: int, capacity: int) -> int:
    """The free share of its capacity."""
    return max(0, capacity - load) * WHOLE // capacity if capacity else 0


def lower_bound(good: int, of: int) -> int:
    """What share is good at the least, 95 % sure: Wilson's lower bound, per mille.

    Not the mean, which is perfect after one good one; where nothing was counted yet it is 0.
    """
    if of <= 0:
        return 0
    spread = isqrt(_SCALE * _Z2 * good * (of - good) // of + _Z2 * _Z2 // 4)
    return max(0, WHOLE * (good * _SCALE + _Z2 // 2 - spread) // (of * _SCALE + _Z2))


def turns(last_given: Sequence[int]) -> list[int]:
    """Among candidates: who was given something longest ago, or never, has most."""
    others = len(last_given) - 1
    if others <= 0:
        return [WHOLE] * len(last_given)
    ordered = sorted(last_given)
    return [WHOLE * (others + 1 - bisect_right(ordered, last)) // others for last in last_given]


def points(parts: Mapping[Part, int], weights: Weights) -> dict[Part, int]:
    """Each part times its weight, without those that bring nothing."""
    weighted = {part: value * getattr(weights, part.value) for part, value in parts.items()}
    return {part: value for part, value in weighted.items() if value}
