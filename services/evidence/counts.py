"""Who got the orders of one context: counts in which the latest weigh most, and the last one by one."""

from collections import deque
from math import log
from typing import Final

DECAY: Final = 0.98  # of every earlier order, with each further one of the context
WINDOW: Final = 40  # orders remembered one by one: "of the last 40 like this one"
SMOOTH: Final = 0.02  # orders: what a count is measured against
AMOUNTS: Final = (2.0, 10.0)  # decayed orders up to which a context knows little, and something
TIDIED_EVERY: Final = 64
FORGOTTEN: Final = 1e-3  # a count this small is dropped


class Counts:
    """Counts of names. Adding one costs the same however many were added before."""

    # Instead of all counts shrinking, the step grows; every so often both are brought back to size.
    __slots__ = ("_grown", "_step", "added", "last", "mass", "recent", "run")

    def __init__(self, *, remember: bool = True) -> None:
        self._grown: dict[str, float] = {}
        self._step = 1.0
        self.mass = 0.0  # all counts together
        self.added = 0
        self.last = ""
        self.run = 0  # how often the last name came in a row
        self.recent: deque[str] = deque(maxlen=WINDOW if remember else 0)

    def add(self, name: str) -> None:
        self._step /= DECAY
        self._grown[name] = self._grown.get(name, 0.0) + self._step
        self.mass = self.mass * DECAY + 1.0
        self.run = self.run + 1 if name == self.last else 1
        self.last = name
        self.added += 1
        self.recent.append(name)
        if self.added % TIDIED_EVERY == 0:
            self._grown = {name: count for name, count in self.now() if count > FORGOTTEN}
            self._step = 1.0

    def now(self) -> list[tuple[str, float]]:
        """Each name with its count of today, in the order in which they came up."""
        step = self._step
        return [(name, grown / step) for name, grown in self._grown.items()]

    def shares(self) -> list[tuple[str, float]]:
        """Each name with its part of all."""
        whole = self.mass * self._step
        return [(name, grown / whole) for name, grown in self._grown.items()]

    def top(self) -> str:
        """The name with the highest count; of equals the one that came up first."""
        return max(self._grown, key=self._grown.__getitem__)

    def amount(self) -> int:
        """0, 1 or 2: how much this context knows."""
        return sum(self.mass > limit for limit in AMOUNTS)

    def strengths(self) -> dict[str, float]:
        """What each count says for its name; a name that is not in it has 0."""
        unit = self._step * SMOOTH
        return {name: log(1.0 + grown / unit) for name, grown in self._grown.items()}


def strength(count: float) -> float:
    """What a count says: each doubling adds the same."""
    return log(1.0 + count / SMOOTH)
