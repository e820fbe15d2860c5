"""All that was counted, and what of it speaks for whom when an order comes."""

from collections.abc import Hashable
from typing import Final, TypeVar

from domain.model import Plain
from services.evidence.contexts import BY_ITEM, BY_SUBCATEGORY, CONTEXTS, Context, Features, Precedent
from services.evidence.counts import Counts, strength
from services.evidence.roles import COMMUNITY, Roles, shown

BOUND_AFTER: Final = 3  # orders
BOUND_SHARE: Final = 0.9  # of them in one street: a provider is bound to that street
RUN_FROM: Final = 2
RUN_TO: Final = 4  # longer runs count as this long
RUNS: Final = len(CONTEXTS)  # the first row of runs, one for each close context
INSTEAD: Final = RUNS + sum(context.close for context in CONTEXTS)


Key = TypeVar("Key", bound=Hashable)


class Signal(Plain, frozen=True):
    """What one context says: for each provider how strongly. A provider that is not in it has 0."""

    row: int  # which weight it has
    amount: int  # and for which amount of evidence
    strengths: dict[str, float]
    context: Context | None  # None: a run, which is nothing to count up to people
    counts: Counts


class Precedents:
    """Counts of the contexts. What one order touches does not grow with the number of orders."""

    def __init__(self) -> None:
        self.roles = Roles()
        self._contexts: dict[tuple[int, object], Counts] = {}
        self._here: dict[tuple[str, str], Counts] = {}  # place and kind → who plays it there
        self._everywhere: dict[str, Counts] = {}  # kind → who plays it
        self._streets: dict[str, Counts] = {}  # provider → where its orders were
        # Street and kind → who gets here what that kind gets elsewhere.
        self._instead: dict[tuple[str, str], Counts] = {}

    def signals(self, order: Features) -> list[Signal]:
        """All contexts that know something of orders like this one, the closest first."""
        found: list[Signal] = []
        casts: dict[str, list[tuple[str, float]]] = {}
        for row, context in enumerate(CONTEXTS):
            counts = self._contexts.get((row, context.of(order)))
            if counts is None:
                continue
            says = self._played(counts, order, casts) if context.by_kind else counts.strengths()
            found.append(Signal(row, counts.amount(), says, context, counts))
            if context.close and counts.run >= RUN_FROM and counts.top() != counts.last:
                run = min(counts.run, RUN_TO) - RUN_FROM
                found.append(Signal(RUNS + row, run, {counts.last: 1.0}, None, counts))
        for kind in self._usual_kinds(order)[:1]:
            counts = self._instead.get((order.street, kind))
            if counts is not None:
                found.append(Signal(INSTEAD, 0, counts.strengths(), _elsewhere(kind), counts))
        return found

    def add(self, one: Precedent) -> None:
        """Count an order, under the kinds as they are known now."""
        order, provider = one.features, one.provider
        usual = self._usual_kinds(order)
        self.roles.see(provider, one.called or provider, order.street, order.community)
        kind = self.roles.of(provider)
        for row, context in enumerate(CONTEXTS):
            _of(self._contexts, (row, context.of(order))).add(kind if context.by_kind else provider)
        _of(self._here, (_place(order, kind), kind), remember=False).add(provider)
        _of(self._everywhere, kind, remember=False).add(provider)
        _of(self._streets, provider, remember=False).add(order.street)
        for other in usual:
            _of(self._instead, (order.street, other)).add(provider)

    def _usual_kinds(self, order: Features) -> list[str]:
        """The kind that gets most orders of this item, and that of this subcategory, over all streets."""
        kinds: dict[str, None] = {}
        for row in (BY_ITEM, BY_SUBCATEGORY):
            counts = self._contexts.get((row, CONTEXTS[row].of(order)))
            if counts is not None:
                kinds[counts.top()] = None
        return list(kinds)

    def _played(
        self, kinds: Counts, order: Features, casts: dict[str, list[tuple[str, float]]]
    ) -> dict[str, float]:
        """Counts of kinds, as counts of who plays them where the order is; `casts` spares asking twice."""
        played: dict[str, float] = {}
        for kind, count in kinds.now():
            cast = casts.get(kind)
            if cast is None:
                cast = casts[kind] = self._cast(kind, order)
            for provider, share in cast:
                played[provider] = played.get(provider, 0.0) + count * share
        return {provider: strength(count) for provider, count in played.items()}

    def _cast(self, kind: str, order: Features) -> list[tuple[str, float]]:
        """Who plays a kind where the order is, with shares."""
        here = self._here.get((_place(order, kind), kind))
        if here is not None:
            return here.shares()
        everywhere = self._everywhere.get(kind)
        if everywhere is None:
            return []
        # Nobody plays it here. Who serves several streets may come here too; where all are bound to other
        # streets, it is whoever gets, in this street, the orders that elsewhere go to this kind.
        if self._bound_share(everywhere) > 1 / 2:
            return self._instead.get((order.street, kind), everywhere).shares()
        return everywhere.shares()

    def _bound_share(self, providers: Counts) -> float:
        return sum(share for provider, share in providers.shares() if self._bound(provider))

    def _bound(self, provider: str) -> bool:
        streets = self._streets[provider]
        return streets.added >= BOUND_AFTER and max(share for _, share in streets.shares()) >= BOUND_SHARE


def _of(table: dict[Key, Counts], key: Key, *, remember: bool = True) -> Counts:
    counts = table.get(key)
    if counts is None:
        counts = table[key] = Counts(remember=remember)
    return counts


def _place(order: Features, kind: str) -> str:
    """A kind whose names have a community in them is played in each community, any other in each street."""
    return order.community if COMMUNITY in kind else order.street


def _elsewhere(kind: str) -> Context:
    return Context(
        lambda order: order.street,
        f"本街道（别处多由“{shown(kind)}”一类单位办理）的",
        f"in this street that elsewhere mostly go to units of the kind {shown(kind)}",
    )
