"""Who should get an order, from what earlier dispatches taught, one order at a time.

Three layers, each explained in docs/matching.md: counts of who was sent with orders like this one
(`precedents`), weights that say how far each count is believed, and small corrections (`mixing`). The same
orders in the same sequence make the same model: no clock, no chance, no order that hashing decides.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import exp
from typing import NamedTuple

from domain.evidence.contexts import Features, Precedent
from domain.evidence.explaining import Explanation
from domain.evidence.memory import ONLY, Memory, Wanted
from domain.evidence.mixing import Corrections, Weights
from domain.evidence.precedents import Precedents
from domain.evidence.signals import Signal
from domain.evidence.traits import Trait, kind_traits, provider_traits


class Ranked(NamedTuple):
    """A provider and how likely it is the one."""

    provider: str
    probability: float


class _Guess(NamedTuple):
    """What is thought of one order before anything further is learnt."""

    order: Features
    signals: list[Signal]
    chances: dict[str, float]  # of those that any signal speaks for; they add up to 1
    traits: tuple[Sequence[Trait], Sequence[Trait]]  # for providers, for kinds


class Evidence:
    """What earlier dispatches taught. Asking changes nothing; learning costs the same for every order."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory = memory or Memory()
        self._precedents = Precedents(memory)
        self._of_providers = Corrections(memory.for_providers, memory.of_provider)
        self._of_kinds = Corrections(memory.for_kinds, memory.of_kind)
        self._guessed: _Guess | None = None  # the last one, since who is asked about an order learns it next
        self._kinds_corrected: dict[tuple[str, ...], dict[str, float]] = {}  # until something is learnt

    def prepare(self, orders: Collection[Features], sent: Collection[str] = ()) -> None:
        """Load what asking about these orders needs, and learning who was sent, in four steps for all."""
        memory, precedents = self._memory, self._precedents
        memory.load(wanted for order in orders for wanted in self._first_of(order))
        memory.load(wanted for order in orders for wanted in precedents.players_of(order))
        providers = {*sent, *(provider for order in orders for provider in precedents.providers_for(order))}
        shelves = (memory.providers, memory.of_provider, memory.streets)[: 3 if sent else 2]
        memory.load((shelf, provider) for provider in providers for shelf in shelves)
        memory.load((memory.of_kind, kind) for kind in {precedents.roles.of(one) for one in providers})

    def _first_of(self, order: Features) -> Iterator[Wanted]:
        memory = self._memory
        yield memory.weights, ONLY
        yield from self._precedents.contexts_of(order)
        for shelf, traits in (
            (memory.for_providers, provider_traits(order)),
            (memory.for_kinds, kind_traits(order)),
        ):
            yield from ((shelf, key) for key, wide in traits if not wide)

    def rank(self, order: Features) -> list[Ranked]:
        """Every known provider once, the most likely first, equals by id."""
        chances = self._guess(order).chances
        known = self._memory.providers.every()
        ranked = [Ranked(provider, chances.get(provider, 0.0)) for provider, _ in known]
        return sorted(ranked, key=lambda one: (-one.probability, one.provider))

    def chances(self, order: Features) -> Mapping[str, float]:
        """How likely each provider is the one that anything speaks for; they add up to 1."""
        return self._guess(order).chances

    def called(self, provider: str) -> str:
        """The name that a provider was last seen under."""
        return self._precedents.roles.called(provider)

    def explain(self, order: Features, provider: str) -> Explanation | None:
        """The counts that speak most for a provider; None where no order like this one went to it lately."""
        guess, roles, weights = self._guess(order), self._precedents.roles, self._weights
        best: tuple[float, Explanation] | None = None
        for signal in guess.signals:
            told = Explanation.of(signal, provider, roles)
            if told is None:
                continue
            lead = weights.of(signal) * _surprise(signal, guess.chances, provider)
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
        self._forget_guesses()

    def take_back(self, one: Precedent) -> None:
        """It was not for this provider after all: its count goes, weights and corrections stay."""
        if one.provider:
            self._precedents.take_back(one)
            self._forget_guesses()

    def _forget_guesses(self) -> None:
        self._guessed = None
        self._kinds_corrected.clear()

    @property
    def _weights(self) -> Weights:
        return self._memory.weights[ONLY] or Weights.at_first()

    def _guess(self, order: Features) -> _Guess:
        if self._guessed is None or self._guessed.order != order:
            signals = self._precedents.signals(order)
            traits = provider_traits(order), kind_traits(order)
            self._guessed = _Guess(order, signals, _chances(self._scores(order, signals, *traits)), traits)
        return self._guessed

    def _scores(
        self,
        order: Features,
        signals: list[Signal],
        for_providers: Sequence[Trait],
        for_kinds: Sequence[Trait],
    ) -> dict[str, float]:
        scores: dict[str, float] = {}
        weights = self._weights
        for signal in signals:
            weight = weights.of(signal)
            for provider, strength in signal.strengths.items():
                scores[provider] = scores.get(provider, 0.0) + weight * strength
        self._of_providers.add_to(scores, for_providers)
        kinds = list(map(self._precedents.roles.of, scores))
        of_kinds = self._corrected(order, kinds, for_kinds)
        return {
            provider: score + of_kinds[kind]
            for (provider, score), kind in zip(scores.items(), kinds, strict=True)
        }

    def _corrected(
        self, order: Features, kinds: Iterable[str], traits: Sequence[Trait]
    ) -> Mapping[str, float]:
        """The corrections for these kinds, the same for all orders that differ only in the place."""
        like = (order.channel, order.property, order.category, order.subcategory, order.item)
        known = self._kinds_corrected.setdefault(like, {})
        missing = dict.fromkeys((kind for kind in kinds if kind not in known), 0.0)
        if missing:
            self._of_kinds.add_to(missing, traits)
            known.update(missing)
        return known

    def _correct(self, guess: _Guess, sent: str) -> None:
        """Move all weights and corrections a little towards who was sent."""
        weights = self._weights
        for signal in guess.signals:
            weights.learn(signal, _surprise(signal, guess.chances, sent))
        self._memory.weights[ONLY] = weights
        surprises = {provider: -chance for provider, chance in guess.chances.items()}
        surprises[sent] += 1.0
        of_kinds: dict[str, float] = {}
        for provider, surprise in surprises.items():
            kind = self._precedents.roles.of(provider)
            of_kinds[kind] = of_kinds.get(kind, 0.0) + surprise
        for_providers, for_kinds = guess.traits
        self._of_providers.learn(for_providers, surprises)
        self._of_kinds.learn(for_kinds, of_kinds)


def _chances(scores: dict[str, float]) -> dict[str, float]:
    """The scores as probabilities that add up to 1; nothing where there are none."""
    highest = max(scores.values(), default=0.0)
    raised = {provider: exp(score - highest) for provider, score in scores.items()}
    whole = sum(raised.values())
    return {provider: value / whole for provider, value in raised.items()}


def _surprise(signal: Signal, chances: dict[str, float], provider: str) -> float:
    """How much stronger a signal is for a provider than for those expected, on the whole."""
    expected = 0.0
    for other, strength in signal.strengths.items():
        expected += chances[other] * strength
    return signal.strengths.get(provider, 0.0) - expected
