"""Who should get an order, from what earlier dispatches taught, one order at a time.

Three layers, each explained in docs/matching.md: counts of who was sent with orders like this one
(`precedents`), weights that say how far each count is believed, and small corrections (`mixing`). The same
orders in the same sequence make the same model: no clock, no chance, no order that hashing decides.
"""

from collections.abc import Hashable
from math import exp
from typing import NamedTuple

from services.evidence.contexts import KIND_TRAITS, PROVIDER_TRAITS, Features, Precedent
from services.evidence.explaining import Explanation
from services.evidence.mixing import Corrections, Weights
from services.evidence.precedents import Precedents, Signal

LETTERS = 2  # of an item's name that a correction hangs on together


class Ranked(NamedTuple):
    """A provider and how likely it is the one."""

    provider: str
    probability: float


class _Guess(NamedTuple):
    """What is thought of one order before anything further is learnt."""

    order: Features
    signals: list[Signal]
    chances: dict[str, float]  # of those that any signal speaks for; they add up to 1


class Evidence:
    """What earlier dispatches taught. Asking changes nothing; learning costs the same for every order."""

    def __init__(self) -> None:
        self._precedents = Precedents()
        self._weights = Weights()
        self._of_providers = Corrections()
        self._of_kinds = Corrections()
        self._known: dict[str, None] = {}
        self._guessed: _Guess | None = None  # the last one, since who is asked about an order learns it next

    def rank(self, order: Features) -> list[Ranked]:
        """Every known provider once, the most likely first, equals by id."""
        chances = self._guess(order).chances
        ranked = [Ranked(provider, chances.get(provider, 0.0)) for provider in self._known]
        return sorted(ranked, key=lambda one: (-one.probability, one.provider))

    def called(self, provider: str) -> str:
        """The name that a provider was last seen under."""
        return self._precedents.roles.called(provider)

    def explain(self, order: Features, provider: str) -> Explanation | None:
        """The counts that speak most for a provider; None where no order like this one went to it lately."""
        guess, roles = self._guess(order), self._precedents.roles
        best: tuple[float, Explanation] | None = None
        for signal in guess.signals:
            told = Explanation.of(signal, provider, roles)
            if told is None:
                continue
            lead = self._weights.of(signal) * _surprise(signal, guess.chances, provider)
            worth = lead + told.clearness
            if best is None or worth > best[0]:
                best = worth, told
        return best[1] if best else None

    def learn(self, one: Precedent) -> None:
        """An order was dispatched to a provider. Nobody sent: nothing learnt."""
        if not one.provider:
            return
        guess = self._guess(one.features)
        self._precedents.add(one)
        if one.provider in guess.chances:
            self._correct(guess, one.provider)
        self._known[one.provider] = None
        self._guessed = None

    def _guess(self, order: Features) -> _Guess:
        if self._guessed is None or self._guessed.order != order:
            signals = self._precedents.signals(order)
            self._guessed = _Guess(order, signals, _chances(self._scores(order, signals)))
        return self._guessed

    def _scores(self, order: Features, signals: list[Signal]) -> dict[str, float]:
        scores: dict[str, float] = {}
        for signal in signals:
            weight = self._weights.of(signal)
            for provider, strength in signal.strengths.items():
                scores[provider] = scores.get(provider, 0.0) + weight * strength
        self._of_providers.add_to(scores, _provider_traits(order))
        kind_of = self._precedents.roles.of
        of_kinds = dict.fromkeys(map(kind_of, scores), 0.0)
        self._of_kinds.add_to(of_kinds, _kind_traits(order))
        return {provider: score + of_kinds[kind_of(provider)] for provider, score in scores.items()}

    def _correct(self, guess: _Guess, sent: str) -> None:
        """Move all weights and corrections a little towards who was sent."""
        for signal in guess.signals:
            self._weights.learn(signal, _surprise(signal, guess.chances, sent))
        surprises = {provider: -chance for provider, chance in guess.chances.items()}
        surprises[sent] += 1.0
        of_kinds: dict[str, float] = {}
        for provider, surprise in surprises.items():
            kind = self._precedents.roles.of(provider)
            of_kinds[kind] = of_kinds.get(kind, 0.0) + surprise
        self._of_providers.learn(_provider_traits(guess.order), surprises)
        self._of_kinds.learn(_kind_traits(guess.order), of_kinds)


def _chances(scores: dict[str, float]) -> dict[str, float]:
    """The scores as probabilities that add up to 1; nothing where there are none."""
    highest = max(scores.values(), default=0.0)
    raised = {provider: exp(score - highest) for provider, score in scores.items()}
    whole = sum(raised.values())
    return {provider: value / whole for provider, value in raised.items()}


def _surprise(signal: Signal, chances: dict[str, float], provider: str) -> float:
    """How much stronger a signal is for a provider than for those expected, on the whole."""
    expected = sum(chances[other] * strength for other, strength in signal.strengths.items())
    return signal.strengths.get(provider, 0.0) - expected


def _provider_traits(order: Features) -> list[Hashable]:
    return [(number, of(order)) for number, of in enumerate(PROVIDER_TRAITS)]


def _kind_traits(order: Features) -> list[Hashable]:
    item = order.item
    pairs = [item[start : start + LETTERS] for start in range(len(item) - LETTERS + 1)]
    return [*((number, of(order)) for number, of in enumerate(KIND_TRAITS)), *pairs]
