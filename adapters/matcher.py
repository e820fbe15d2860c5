"""Asks all that bears on a match - demand and supply, records, the rules in force - and ranks by it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.solving import least_cost_flow
from domain.evidence import Explanation, Learnt
from domain.ids import AreaPath, CategoryPath, OrderId, ProviderId
from domain.judging import Judge, Scored
from domain.matching import Candidate, Demand, Excluded, Ranking, broken_route
from domain.proposal import SHOWN, Part, Proposal
from domain.proposal import Candidate as Proposed
from domain.routes import Broken
from domain.rules import Rules, Weights
from domain.scoring import WHOLE
from domain.town import Town
from projections.evidence import About, EvidenceQueries
from projections.matching import MatchingQueries, Named, Sides
from projections.rating import RatingQueries
from services.rounds import Round, Waiting, best


@dataclass(frozen=True, slots=True)
class Match:
    """For one order: candidates, the best first; who was left out and why; what all of them are called."""

    order: OrderId | None
    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]
    names: dict[ProviderId, Named]
    learnt: dict[ProviderId, Explanation]  # for the first few: how orders like it were dispatched before
    proposal: Proposal


class Matcher:
    """Answers who should take orders, as far as the read models have come."""

    def __init__(
        self,
        matching: MatchingQueries,
        rating: RatingQueries,
        evidence: EvidenceQueries,
        town: Callable[[], Town],
        broken: Callable[[OrderId, Proposal], None] | None = None,
    ) -> None:
        """`broken` hears of each order that is to be dispatched and whose route cannot be followed."""
        self._matching = matching
        self._rating = rating
        self._evidence = evidence
        self._town = town
        self._broken = broken

    def proposal(self, order: OrderId, at: datetime, *, winner: ProviderId | None = None) -> Proposal | None:
        """Who should take this order, as it would go on the record; None while the model does not know it.

        Args:
            winner: who comes out of a round; without one it is the best for this order by itself.
        """
        found = self._for([order], at)
        return self._told(order, found[0].proposal(winner or found[0].first)) if found else None

    def ranked(self, order: OrderId, at: datetime) -> tuple[Demand, Ranking] | None:
        """What this order asks for and who could take it, no more; None if the model does not know it."""
        found = self._for([order], at)
        return (found[0].sides.demand, found[0].ranking) if found else None

    def ranked_new(self, demand: Demand, at: datetime) -> tuple[Demand, Ranking]:
        """The same of such an order, if there were one."""
        found = self._new(demand, at)
        return found.sides.demand, found.ranking

    def match(self, order: OrderId, at: datetime, *, also: Collection[ProviderId] = ()) -> Match | None:
        """Who could take this order; None if the model does not know it (yet).

        Args:
            at: the moment that hours and limits are looked at.
            also: more providers to look at, to learn why they are not among the candidates.
        """
        found = self._for([order], at, also)
        return found[0].match() if found else None

    def open_to(self, orders: Sequence[OrderId], provider: ProviderId, at: datetime) -> set[OrderId]:
        """Which of these orders a provider could take; without scores, which nobody asks for here."""
        rules = self._town().rules
        sides = self._matching.sides_for(orders, under=lambda demand: demand.under(rules, at))
        judge = Judge(rules.weights)
        return {
            one.order
            for one in sides
            if one.order
            and judge.anybody(one.demand, [who for who in one.suppliers if who.provider == provider])
        }

    def match_new(
        self, category: CategoryPath, area: AreaPath, at: datetime, *, also: Collection[ProviderId] = ()
    ) -> Match:
        """Who could take such an order, if there were one."""
        return self._new(Demand(category, area), at, also).match()

    def _new(self, demand: Demand, at: datetime, also: Collection[ProviderId] = ()) -> "_Ranked":
        town = self._town()
        sides = self._matching.sides_of(demand.under(town.rules, at), also=also)
        return self._ranked([sides], at, town)[0]

    def hold_round(
        self, orders: Sequence[OrderId], at: datetime, coming: Mapping[ProviderId, int]
    ) -> dict[OrderId, Proposal]:
        """The best assignment of these orders to who has room; see `services.dispatch_process.Round`."""
        ranked = self._for(orders, at, takeable=True)
        made = best(_round(ranked, self._town().rules, coming), least_cost_flow)
        found: dict[OrderId, Proposal] = {}
        for one in ranked:
            order = one.sides.order
            assert order is not None
            found[order] = self._told(order, one.proposal(made.chosen.get(order), made.prices))
        return found

    def _told(self, order: OrderId, proposal: Proposal) -> Proposal:
        if proposal.broken is not None and self._broken is not None:
            self._broken(order, proposal)
        return proposal

    def _for(
        self,
        orders: Sequence[OrderId],
        at: datetime,
        also: Collection[ProviderId] = (),
        *,
        takeable: bool = False,
    ) -> "list[_Ranked]":
        """`takeable`: only those that somebody can take; where all are full the others cost little then."""
        town = self._town()
        sides = self._matching.sides_for(orders, also=also, under=lambda demand: demand.under(town.rules, at))
        return self._ranked(sides, at, town, takeable=takeable)

    def _ranked(
        self, sides: Sequence[Sides], at: datetime, town: Town, *, takeable: bool = False
    ) -> "list[_Ranked]":
        """Of demands that the rules of this town have been added to."""
        records = self._rating.records({supplier.provider for one in sides for supplier in one.suppliers})
        judge = Judge(town.rules.weights, records.done)
        if takeable:  # whether a route can be followed has to be known in any case
            sides = [one for one in sides if one.demand.routed or judge.anybody(one.demand, one.suppliers)]
        demands = [one.demand for one in sides]
        learnt = self._evidence.about_many([About(one.category, one.area, one.channel) for one in demands])
        return [
            _Ranked(
                one,
                judge,
                *judge.score(one.demand, one.suppliers, taught.chances),
                taught,
                town.version,
                at,
                {**one.seen, **records.seen, "evidence/log": taught.position},
            )
            for one, taught in zip(sides, learnt, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """An order with its ranking, and what has to be known to work it out again."""

    sides: Sides
    judge: Judge
    scored: Sequence[Scored]
    excluded: tuple[Excluded, ...]
    learnt: Learnt
    rules: int
    at: datetime
    seen: dict[str, int]

    def match(self) -> Match:
        candidates = self.ranking.candidates
        told = {one.provider: self.learnt.why(one.provider) for one in candidates[:SHOWN]}
        return Match(
            order=self.sides.order,
            candidates=candidates,
            excluded=self.excluded,
            names=self.sides.names,
            learnt={provider: why for provider, why in told.items() if why},
            proposal=self.proposal(self.first),
        )

    @property
    def ranking(self) -> Ranking:
        """All of them, told."""
        return Ranking(tuple(map(self.judge.told, self.scored)), self.excluded, self.broken)

    @property
    def broken(self) -> Broken | None:
        """Why the order's route cannot be followed."""
        return broken_route(self.sides.demand, (one.provider for one in self.scored), self.excluded)

    @property
    def first(self) -> ProviderId | None:
        """The best for this order by itself; None where nobody can take it or a person has to decide."""
        if self.broken is not None:
            return None
        return self.scored[0].provider if self.scored else None

    def _shown(self, winner: ProviderId | None) -> Iterator[Candidate]:
        """The first few and the winner."""
        first, others = self.scored[:SHOWN], self.scored[SHOWN:]
        yield from map(self.judge.told, first)
        if winner not in [one.provider for one in first]:
            yield from (self.judge.told(one) for one in others if one.provider == winner)

    def proposal(self, winner: ProviderId | None, prices: Mapping[ProviderId, int] = {}) -> Proposal:
        """What goes on the record: the first few and the winner."""
        shown = [
            Proposed(
                provider=one.provider,
                score=one.score,
                parts=one.parts,
                price=prices.get(one.provider, 0),
                reasons=one.reasons,
            )
            for one in self._shown(winner)
        ]
        return Proposal(
            category=self.sides.demand.category,
            area=self.sides.demand.area,
            rules=self.rules,
            at=self.at,
            seen=self.seen,
            of=len(self.scored),
            winner=winner,
            routed=self.sides.demand.routed,
            broken=self.broken,
            candidates=tuple(shown),
        )


def _round(ranked: "Sequence[_Ranked]", rules: Rules, coming: Mapping[ProviderId, int]) -> Round:
    waiting: list[Waiting] = []
    room: dict[ProviderId, int] = {}
    must: set[ProviderId] = set()
    for one in ranked:
        order = one.sides.order
        assert order is not None
        if one.broken is not None:
            continue  # for a person to decide; it takes nobody's room
        waiting.append(Waiting(order, one.sides.since or one.at, {c.provider: c.score for c in one.scored}))
        for c in one.scored:
            room[c.provider] = c.room - coming.get(c.provider, 0)
            if c.must:
                must.add(c.provider)
    share = rules.most_per_round
    most = {} if share is None else {name: share for name in room if name not in must}
    weights = [rules.weights.when(urgency) for urgency in {one.sides.demand.urgency for one in ranked}]
    return Round(waiting, room, served=max(map(_served, weights), default=1), most=most)


def _served(weights: Weights) -> int:
    """What it is worth that an order is served at all: more than any score, so that all are who can be."""
    return 1 + WHOLE * sum(getattr(weights, part.value) for part in Part)
