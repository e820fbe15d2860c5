"""Weights learnt one order at a time: how far each context is believed, and small corrections beside them."""

from collections.abc import Hashable, Iterable, Mapping
from math import sqrt
from typing import Final

from services.evidence.contexts import CONTEXTS
from services.evidence.counts import AMOUNTS
from services.evidence.precedents import INSTEAD, RUN_FROM, RUN_TO, RUNS, Signal

START: Final = 0.1  # belief in a context that counts providers
START_KIND: Final = 0.2  # in one that counts kinds
START_RUN: Final = 0.5  # in a run of two; as much more for each further one
RATE: Final = 0.02  # of learning, for the weight of one amount of evidence
RATE_SHARED: Final = 0.05  # for the part that all amounts of a context share
RATE_CORRECTION: Final = 0.05
FIRST: Final = 0.1  # what has been learnt before the first order, as a sum of squares
FIRST_CORRECTION: Final = 1.0
NOTHING: Final = 0.01  # a surprise smaller than this teaches no correction


class Learnt:
    """One number that learns by AdaGrad: large steps first, smaller ones the more it has been moved."""

    __slots__ = ("_moved", "value")

    def __init__(self, value: float, moved: float) -> None:
        self.value = value
        self._moved = moved

    def move(self, surprise: float, rate: float) -> None:
        self._moved += surprise * surprise
        self.value += rate * surprise / sqrt(self._moved)


class Weights:
    """How far each row of signals is believed: a shared part and one for each amount of evidence."""

    def __init__(self) -> None:
        known = [0.0] * (len(AMOUNTS) + 1)
        runs = [START_RUN * (run - RUN_FROM + 1) for run in range(RUN_FROM, RUN_TO + 1)]
        rows = [(START_KIND if context.by_kind else START, known) for context in CONTEXTS]
        rows += [(0.0, runs)] * (INSTEAD - RUNS)
        rows.append((START, [0.0]))
        self._shared = [Learnt(start, FIRST) for start, _ in rows]
        self._apart = [[Learnt(start, FIRST) for start in amounts] for _, amounts in rows]

    def of(self, signal: Signal) -> float:
        return self._shared[signal.row].value + self._apart[signal.row][signal.amount].value

    def learn(self, signal: Signal, surprise: float) -> None:
        """`surprise`: how much stronger the signal was for who was sent than on the whole."""
        if surprise:
            self._apart[signal.row][signal.amount].move(surprise, RATE)
            self._shared[signal.row].move(surprise, RATE_SHARED)


class Corrections:
    """For each trait of an order and each name, what counts alone get wrong."""

    def __init__(self) -> None:
        self._tables: dict[Hashable, dict[str, Learnt]] = {}

    def add_to(self, scores: dict[str, float], traits: Iterable[Hashable]) -> None:
        """Corrects the scores in place."""
        for trait in traits:
            table = self._tables.get(trait, {})
            for name, learnt in table.items():
                if name in scores:
                    scores[name] += learnt.value

    def learn(self, traits: Iterable[Hashable], surprises: Mapping[str, float]) -> None:
        worth = [(name, surprise) for name, surprise in surprises.items() if abs(surprise) >= NOTHING]
        for trait in traits:
            table = self._tables.setdefault(trait, {})
            for name, surprise in worth:
                learnt = table.get(name)
                if learnt is None:
                    learnt = table[name] = Learnt(0.0, FIRST_CORRECTION)
                learnt.move(surprise, RATE_CORRECTION)
