"""Who got the orders of one context: counts in which the latest weigh most, and the last one by one."""

from bisect import bisect_left
from math import log
from typing import Final

import msgspec

DECAY: Final = 0.98  # of every earlier order, with each further one of the context
WINDOW: Final = 40  # orders remembered one by one: "of the last 40 like this one"
SMOOTH: Final = 0.02  # orders: what a count is measured against
AMOUNTS: Final = (2.0, 10.0)  # decayed orders up to which a context knows little, and something
TIDIED_EVERY: Final = 64
FORGOTTEN: Final = 1e-3  # a count this small is dropped


def _stepped(times: int) -> float:
    step = 1.0
    for _ in range(times):
        step /= DECAY
    return step


_FULL: Final = _stepped(TIDIED_EVERY)  # a step this large is brought back to size


class Counts(msgspec.Struct, array_like=True):
    """Counts of names. Adding one costs the same however many were added before."""

    # Instead of all counts shrinking, the step grows; every so often both are brought back to size.
    grown: dict[str, float] = {}
    step: float = 1.0
    mass: float = 0.0  # all counts together
    added: int = 0
    recent: list[str] = []  # the latest last

    def add(self, name: str) -> None:
        grown, recent = self.grown, self.recent
        step = self.step = self.step / DECAY
        grown[name] = grown.get(name, 0.0) + step
        self.mass = self.mass * DECAY + 1.0
        self.added += 1
        recent.append(name)
        if len(recent) > WINDOW:
            del recent[0]
        if step >= _FULL:
            self.grown = {name: count for name, count in self.now() if count > FORGOTTEN}
            self.step = 1.0

    def take_back(self, name: str) -> None:
        """As if the latest of this name had never been added. One that is not among the last is let be."""
        age = next((age for age, other in enumerate(reversed(self.recent)) if other == name), None)
        if age is None:
            return
        place = len(self.recent) - 1 - age
        newer: dict[str, float] = {}
        for younger, other in enumerate(reversed(self.recent[place + 1 :])):
            newer[other] = newer.get(other, 0.0) + DECAY**younger
        del self.recent[place]
        self.added -= 1
        taken = DECAY**age
        # What is older than it has faded once too often.
        counts = {
            other: newer.get(other, 0.0) + _older(count - newer.get(other, 0.0) - taken * (other == name))
            for other, count in self.now()
        }
        since = sum(newer.values())
        self.mass = since + _older(self.mass - since - taken)
        self.grown = {other: count * self.step for other, count in counts.items() if count > FORGOTTEN}

    @property
    def last(self) -> str:
        """The name that came last; empty where none is remembered."""
        return self.recent[-1] if self.recent else ""

    def run(self, most: int) -> int:
        """How often the last name came in a row, as far as it matters."""
        last, length = self.last, 0
        for name in reversed(self.recent):
            if name != last or length == most:
                break
            length += 1
        return length

    def now(self) -> list[tuple[str, float]]:
        """Each name with its count of today, in the order in which they came up."""
        step = self.step
        return [(name, grown / step) for name, grown in self.grown.items()]

    def shares(self) -> list[tuple[str, float]]:
        """Each name with its part of all."""
        whole = self.mass * self.step
        return [(name, grown / whole) for name, grown in self.grown.items()]

    def top(self) -> str:
        """The name with the highest count; of equals the one that came up first."""
        return max(self.grown, key=self.grown.__getitem__)

    def amount(self) -> int:
        """0, 1 or 2: how much this context knows."""
        return bisect_left(AMOUNTS, self.mass)

    def strengths(self) -> dict[str, float]:
        """What each count says for its name; a name that is not in it has 0."""
        unit = self.step * SMOOTH
        return {name: log(1.0 + grown / unit) for name, grown in self.grown.items()}


def _older(count: float) -> float:
    return max(0.0, count) / DECAY


def strength(count: float) -> float:
    """What a count says: each doubling adds the same."""
    return log(1.0 + count / SMOOTH)
