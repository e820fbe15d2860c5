"""Weights learnt one order at a time: how far each context is believed, and small corrections beside them."""

from collections.abc import Hashable, Mapping, Sequence
from math import sqrt
from typing import Final, Self

import msgspec

from domain.evidence.contexts import CONTEXTS
from domain.evidence.counts import AMOUNTS
from domain.evidence.shelf import Shelf
from domain.evidence.signals import INSTEAD, RUN_FROM, RUN_TO, RUNS, Signal
from domain.evidence.traits import Trait

START: Final = 0.1  # belief in a context that counts providers
START_KIND: Final = 0.2  # in one that counts kinds
START_RUN: Final = 0.5  # in a run of two; as much more for each further one
RATE: Final = 0.02  # of learning, for the weight of one amount of evidence
RATE_SHARED: Final = 0.05  # for the part that all amounts of a context share
RATE_CORRECTION: Final = 0.05
FIRST: Final = 0.1  # what has been learnt before the first order, as a sum of squares
FIRST_CORRECTION: Final = 1.0
NOTHING: Final = 0.01  # a surprise smaller than this teaches no correction


class Tuned(msgspec.Struct, array_like=True, gc=False):
    """One number that learns by AdaGrad: large steps first, smaller ones the more it has been moved."""

    value: float
    moved: float

    def move(self, surprise: float, rate: float) -> None:
        self.moved += surprise * surprise
        self.value += rate * surprise / sqrt(self.moved)


Table = dict[str, Tuned]
"""Corrections, by what they are for."""


class Weights(msgspec.Struct):
    """How far each row of signals is believed: a shared part and one for each amount of evidence."""

    shared: list[Tuned]
    apart: list[list[Tuned]]

    @classmethod
    def at_first(cls) -> Self:
        """Before anything is learnt."""
        known = [0.0] * (len(AMOUNTS) + 1)
        runs = [START_RUN * (run - RUN_FROM + 1) for run in range(RUN_FROM, RUN_TO + 1)]
        rows = [(START_KIND if context.by_kind else START, known) for context in CONTEXTS]
        rows += [(0.0, runs)] * (INSTEAD - RUNS)
        rows.append((START, [0.0]))
        return cls(
            [Tuned(start, FIRST) for start, _ in rows],
            [[Tuned(start, FIRST) for start in amounts] for _, amounts in rows],
        )

    def of(self, signal: Signal) -> float:
        return self.shared[signal.row].value + self.apart[signal.row][signal.amount].value

    def learn(self, signal: Signal, surprise: float) -> None:
        """`surprise`: how much stronger the signal was for who was sent than on the whole."""
        if surprise:
            self.apart[signal.row][signal.amount].move(surprise, RATE)
            self.shared[signal.row].move(surprise, RATE_SHARED)


class Corrections:
    """For each trait of an order and each name, what counts alone get wrong."""

    def __init__(self, by_trait: Shelf[Hashable, Table], by_name: Shelf[str, Table]) -> None:
        self._by_trait = by_trait
        self._by_name = by_name

    def add_to(self, scores: dict[str, float], traits: Sequence[Trait]) -> None:
        """Corrects the scores in place."""
        by_name = self._by_name
        own = [(name, table) for name in scores if (table := by_name[name])]
        for key, wide in traits:
            if wide:
                for name, table in own:
                    if key in table:
                        scores[name] += table[key].value
            elif found := self._by_trait[key]:
                for name in found.keys() & scores.keys():  # goes through the smaller of the two
                    scores[name] += found[name].value

    def learn(self, traits: Sequence[Trait], surprises: Mapping[str, float]) -> None:
        worth = [(name, surprise) for name, surprise in surprises.items() if abs(surprise) >= NOTHING]
        if not worth:
            return
        for key, wide in traits:
            if not wide:
                table = self._by_trait[key] or {}
                for name, surprise in worth:
                    tuned = table.get(name)
                    if tuned is None:
                        tuned = table[name] = Tuned(0.0, FIRST_CORRECTION)
                    tuned.move(surprise, RATE_CORRECTION)
                self._by_trait[key] = table
        keys = [key for key, wide in traits if wide]
        for name, surprise in worth:
            table = self._by_name[name] or {}
            for key in keys:
                tuned = table.get(key)
                if tuned is None:
                    tuned = table[key] = Tuned(0.0, FIRST_CORRECTION)
                tuned.move(surprise, RATE_CORRECTION)
            self._by_name[name] = table
