"""Times contenders in turn, A B A B …, and compares round by round, so a drifting machine harms no ratio."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Contender = Callable[[], int]
"""Does a round of work and returns how many commands it was."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Commands a second of each contender, round by round."""

    rounds: Mapping[str, list[float]]

    def rate(self, name: str) -> float:
        """The median of a contender."""
        return median(self.rounds[name])

    def ratio(self, name: str, other: str) -> float:
        """The median of the rounds' ratios."""
        pairs = zip(self.rounds[name], self.rounds[other], strict=True)
        return median(one / two for one, two in pairs)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    what: str
    measured: str
    against: str
    ratio: float
    wanted: str
    met: bool

    def markdown(self) -> str:
        mark = "yes" if self.met else "**no**"
        return (
            f"| {self.what} | {self.measured} | {self.against} | {self.ratio:.2f} | {self.wanted} | {mark} |"
        )


HEAD = "| what | measured | against | ratio | goal | met |\n|---|---|---|---|---|---|"


def in_turn(contenders: Mapping[str, Contender], rounds: int) -> Rates:
    """Run each contender once a round; the first round warms up and does not count."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            started = perf_counter()
            commands = contender()
            if number:
                found[name].append(commands / (perf_counter() - started))
    return Rates(found)


def at_least(what: str, measured: str, against: str, ratio: float, goal: float) -> Row:
    """A row whose ratio must not be below the goal."""
    return Row(what, measured, against, ratio, f"≥ {goal}", ratio >= goal)


def at_most(what: str, measured: str, against: str, ratio: float, goal: float) -> Row:
    """A row whose ratio must not be above the goal."""
    return Row(what, measured, against, ratio, f"≤ {goal}", ratio <= goal)
