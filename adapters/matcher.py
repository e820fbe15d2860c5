"""Asks all that bears on a match - demand and supply, records, the rules in force - and ranks by it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.solving import least_cost_flow
from domain.ids import AreaPath, CategoryPath, OrderId, ProviderId
from domain.matching import Candidate, Demand, Excluded, Ranking, rank
from domain.proposal import SHOWN, Proposal
from domain.proposal import Candidate as Proposed
from domain.rules import Weights
from domain.scoring import WHOLE
from domain.stages import Duty, Urgency
from domain.town import Town
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
    proposal: Proposal


class Matcher:
    """Answers who should take orders, as far as the read models have come."""

    def __init__(self, matching: MatchingQueries, rating: RatingQueries, town: Callable[[], Town]) -> None:
        self._matching = matching
        self._rating = rating
        self._town = town

    def match(self, order: OrderId, at: datetime, *, also: Collection[ProviderId] = ()) -> Match | None:
        """Who could take this order; None if the model does not know it (yet).

        Args:
            at: the moment that hours and limits are looked at.
            also: more providers to look at, to learn why they are not among the candidates.
        """
        found = self._ranked(self._matching.sides_for([order], self._town().rules, at, also=also), at)
        return found[0].match() if found else None

    def match_new(
        self, category: CategoryPath, area: AreaPath, at: datetime, *, also: Collection[ProviderId] = ()
    ) -> Match:
        """Who could take such an order, if there were one."""
        demand = Demand(category, area).under(self._town().rules, at, Urgency.NORMAL)
        sides = self._matching.sides_of(demand, also=also)
        return self._ranked([sides], at)[0].match()

    def hold_round(
        self, orders: Sequence[OrderId], at: datetime, coming: Mapping[ProviderId, int]
    ) -> dict[OrderId, Proposal]:
        """The best assignment of these orders to who has room; see `services.dispatch_process.Round`."""
        town = self._town()
        sides = self._matching.sides_for(orders, town.rules, at)
        ranked = {one.sides.order: one for one in self._ranked(sides, at)}
        waiting = [
            Waiting(order, one.sides.since or at, {c.provider: c.score for c in one.ranking.candidates})
            for order, one in ranked.items()
            if order is not None
        ]
        candidates = {c.provider: c for one in ranked.values() for c in one.ranking.candidates}
        room = {name: one.capacity - one.load - coming.get(name, 0) for name, one in candidates.items()}
        most = town.rules.most_per_round
        capped = {} if most is None else {n: most for n, c in candidates.items() if c.duty is Duty.CAN}
        round_ = Round(waiting, room, served=served(town.rules.weights), most=capped)
        chosen = best(round_, least_cost_flow).chosen
        return {one.order: ranked[one.order].proposal(chosen.get(one.order)) for one in waiting}

    def _ranked(self, sides: Sequence[Sides], at: datetime) -> "list[_Ranked]":
        town = self._town()
        everybody = {supplier.provider for one in sides for supplier in one.suppliers}
        records = self._rating.records(everybody)
        return [
            _Ranked(
                one,
                rank(one.demand, one.suppliers, town.rules.weights, records=records.done),
                town.version,
                at,
                {**one.seen, **records.seen},
            )
            for one in sides
        ]


def served(weights: Weights) -> int:
    """What it is worth that an order is served at all: more than any score, so that all are who can be."""
    return WHOLE * sum(getattr(weights, part) for part in Weights.model_fields)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """An order with its ranking, and what has to be known to work it out again."""

    sides: Sides
    ranking: Ranking
    rules: int
    at: datetime
    seen: dict[str, int]

    def match(self) -> Match:
        candidates = self.ranking.candidates
        proposal = self.proposal(candidates[0].provider if candidates else None)
        return Match(self.sides.order, candidates, self.ranking.excluded, self.sides.names, proposal)

    def proposal(self, winner: ProviderId | None) -> Proposal:
        """What goes on the record: the first few and the winner."""
        shown = [
            Proposed(provider=one.provider, score=one.score, parts=one.parts, reasons=one.reasons)
            for place, one in enumerate(self.ranking.candidates)
            if place < SHOWN or one.provider == winner
        ]
        return Proposal(
            category=self.sides.demand.category,
            area=self.sides.demand.area,
            rules=self.rules,
            at=self.at,
            seen=self.seen,
            of=len(self.ranking.candidates),
            winner=winner,
            candidates=tuple(shown),
        )
