"""All that was counted, and what of it speaks for whom when an order comes."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from domain.evidence.contexts import (
    BY_ITEM,
    BY_SUBCATEGORY,
    CONTEXTS,
    Context,
    Features,
    Key,
    Precedent,
    keys_of,
)
from domain.evidence.counts import Counts, strength
from domain.evidence.memory import Memory, Wanted
from domain.evidence.roles import COMMUNITY, Roles, shown
from domain.evidence.shelf import Shelf
from domain.evidence.signals import INSTEAD, RUN_FROM, RUN_TO, RUNS, Signal

BOUND_AFTER: Final = 3  # orders
BOUND_SHARE: Final = 0.9  # of them in one street: a provider is bound to that street


class _LookedUp(NamedTuple):
    """What is asked for again and again of one order, from the question up to its being learnt."""

    order: Features
    keys: Sequence[Key]  # one for each context
    counts: list[Counts | None]
    usual: list[str]  # the kind that gets most orders of this item, and of this subcategory, in all streets


class Precedents:
    """Counts of the contexts. What one order touches does not grow with the number of orders."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.roles = Roles(memory.providers, memory.places)
        # Worked out for one order and good for others like it, until something more is counted.
        self._looked_up: _LookedUp | None = None  # of the last order
        self._said: dict[Hashable, dict[str, float]] = {}
        self._casts: dict[tuple[str, str, str], list[tuple[str, float]]] = {}

    def signals(self, order: Features) -> list[Signal]:
        """All contexts that know something of orders like this one, the closest first."""
        found: list[Signal] = []
        known = self._look_up(order)
        for key, context, counts in zip(known.keys, CONTEXTS, known.counts, strict=True):
            if counts is None:
                continue
            row = key[0]
            says = self._says(key, context, counts, order)
            found.append(Signal(row, counts.amount(), says, context, counts))
            if context.close and (run := counts.run(RUN_TO)) >= RUN_FROM and counts.top() != counts.last:
                found.append(Signal(RUNS + row, run - RUN_FROM, {counts.last: 1.0}, None, counts))
        for kind in known.usual[:1]:
            counts = self._memory.instead[order.street, kind]
            if counts is not None:
                found.append(Signal(INSTEAD, 0, counts.strengths(), _elsewhere(kind), counts))
        return found

    def _look_up(self, order: Features) -> _LookedUp:
        known = self._looked_up
        if known is None or known.order != order:
            keys = keys_of(order)
            counts = list(map(self._memory.contexts.__getitem__, keys))
            usual = {one.top(): None for one in (counts[BY_ITEM], counts[BY_SUBCATEGORY]) if one is not None}
            known = self._looked_up = _LookedUp(order, keys, counts, list(usual))
        return known

    def _says(self, key: Key, context: Context, counts: Counts, order: Features) -> dict[str, float]:
        """How strongly a context speaks for each provider."""
        like = (key, _whereabouts(order, counts)) if context.by_kind else key
        said = self._said.get(like)
        if said is None:
            said = self._played(counts, order) if context.by_kind else counts.strengths()
            self._said[like] = said
        return said

    def _forget_what_was_said(self) -> None:
        self._looked_up = None
        self._said.clear()
        self._casts.clear()

    def add(self, one: Precedent) -> None:
        """Count an order, under the kinds as they are known now."""
        order, provider = one.features, one.provider
        known = self._look_up(order)
        self._forget_what_was_said()
        self.roles.see(provider, one.called or provider, order.street, order.community)
        for shelf, key, name in self._counted(known, provider):
            counts = shelf[key] or Counts()
            counts.add(name)
            shelf[key] = counts
        self._bind(provider)

    def take_back(self, one: Precedent) -> None:
        """Count an order no longer, where it is among the last; under the kinds as they are known now."""
        provider, known = one.provider, self._look_up(one.features)
        self._forget_what_was_said()
        for shelf, key, name in self._counted(known, provider):
            counts = shelf[key]
            if counts is not None:
                counts.take_back(name)
                shelf[key] = counts if counts.grown else None
        self._bind(provider)

    def _counted(self, known: _LookedUp, provider: str) -> Iterator[tuple[Shelf[Any, Counts], Any, str]]:
        """Where an order counts, and as what."""
        memory, order, kind = self._memory, known.order, self.roles.of(provider)
        for key, context in zip(known.keys, CONTEXTS, strict=True):
            yield memory.contexts, key, kind if context.by_kind else provider
        yield memory.here, (_place(order, kind), kind), provider
        yield memory.everywhere, kind, provider
        yield memory.streets, provider, order.street
        for other in known.usual:
            yield memory.instead, (order.street, other), provider

    def _bind(self, provider: str) -> None:
        known, streets = self._memory.providers[provider], self._memory.streets[provider]
        bound = (
            streets is not None
            and streets.added >= BOUND_AFTER
            and max(share for _, share in streets.shares()) >= BOUND_SHARE
        )
        if known is not None and known.bound != bound:
            known.bound = bound
            self._memory.providers[provider] = known

    def _played(self, kinds: Counts, order: Features) -> dict[str, float]:
        """Counts of kinds, as counts of who plays them where the order is."""
        played: dict[str, float] = {}
        for kind, count in kinds.now():
            key = (kind, _place(order, kind), order.street)
            cast = self._casts.get(key)
            if cast is None:
                cast = self._casts[key] = self._cast(kind, order)
            for provider, share in cast:
                played[provider] = played.get(provider, 0.0) + count * share
        return {provider: strength(count) for provider, count in played.items()}

    def _cast(self, kind: str, order: Features) -> list[tuple[str, float]]:
        """Who plays a kind where the order is, with shares."""
        counts = self._cast_counts(kind, order)
        return [] if counts is None else counts.shares()

    def _cast_counts(self, kind: str, order: Features) -> Counts | None:
        here = self._memory.here[_place(order, kind), kind]
        if here is not None:
            return here
        everywhere = self._memory.everywhere[kind]
        # Nobody plays it here. Who serves several streets may come here too; where all are bound to other
        # streets, it is whoever gets, in this street, the orders that elsewhere go to this kind.
        if everywhere is not None and self._bound_share(everywhere) > 1 / 2:
            return self._memory.instead[order.street, kind] or everywhere
        return everywhere

    def _bound_share(self, providers: Counts) -> float:
        return sum(share for provider, share in providers.shares() if self._bound(provider))

    def _bound(self, provider: str) -> bool:
        known = self._memory.providers[provider]
        return known is not None and known.bound

    # what an answer needs, so that rows are loaded many at once

    def contexts_of(self, order: Features) -> Iterator[Wanted]:
        """The counts of the contexts themselves."""
        return ((self._memory.contexts, key) for key in keys_of(order))

    def players_of(self, order: Features) -> Iterator[Wanted]:
        """The counts of who plays what, once those of the contexts are there."""
        for kind in self._kinds_for(order):
            yield self._memory.here, (_place(order, kind), kind)
            yield self._memory.everywhere, kind
            yield self._memory.instead, (order.street, kind)

    def providers_for(self, order: Features) -> set[str]:
        """Everybody whom any of these counts may speak for."""
        memory = self._memory
        counts = self._contexts(order, by_kind=False)
        for kind in self._kinds_for(order):
            here = memory.here[_place(order, kind), kind]
            counts += [memory.instead[order.street, kind], here or memory.everywhere[kind]]
        return {provider for one in counts if one is not None for provider in one.grown}

    def _kinds_for(self, order: Features) -> set[str]:
        counts = self._contexts(order, by_kind=True)
        return {kind for one in counts if one is not None for kind in one.grown}

    def _contexts(self, order: Features, *, by_kind: bool) -> list[Counts | None]:
        known = self._look_up(order).counts
        return [one for one, context in zip(known, CONTEXTS, strict=True) if context.by_kind is by_kind]


def _whereabouts(order: Features, kinds: Counts) -> tuple[str, str]:
    """What decides who plays these kinds; the community only where one of them is played in each."""
    return order.street, order.community if COMMUNITY in "".join(kinds.grown) else ""


def _place(order: Features, kind: str) -> str:
    """A kind whose names have a community in them is played in each community, any other in each street."""
    return order.community if COMMUNITY in kind else order.street


def _elsewhere(kind: str) -> Context:
    return Context(
        lambda order: order.street,
        f"本街道（别处多由“{shown(kind)}”一类单位办理）的",
        f"in this street that elsewhere mostly go to units of the kind {shown(kind)}",
    )
