"""Works out again what was proposed (复核派单), from the record as far as it was seen then."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from adapters.matcher import Matcher
from adapters.places import holds
from domain.events import DispatchProposed, OrderDispatched
from domain.facts import Recorded
from domain.ids import OrderId, Position, ProviderId
from domain.proposal import Candidate, Part, Proposal
from domain.rules import Rules
from domain.town import Town
from projections.engine import LOG, Log, Place, ReadModel, open_reads
from projections.engine.comparing import Told
from projections.engine.earlier import Earlier
from projections.evidence import EvidenceModel, EvidenceQueries
from projections.matching import Matching, MatchingQueries
from projections.rating import Rating, RatingQueries

MODELS: Final[tuple[type[ReadModel], ...]] = (Matching, Rating, EvidenceModel)
"""What a proposal is made from."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal as it lies in the record, and who was sent."""

    order: OrderId
    position: Position
    proposal: Proposal
    sent: ProviderId | None  # None: it was only proposed
    overruled: bool | None


@dataclass(frozen=True, slots=True)
class Again:
    """A proposal beside what comes out when it is worked out again."""

    decided: Decided
    proposal: Proposal | None  # None: the order was not known then
    differences: tuple[str, ...]  # stable codes: unknown, demand, number, candidates, scores, winner

    @property
    def agrees(self) -> bool:
        return not self.differences


def decisions(facts: Iterable[Recorded]) -> Iterator[Decided]:
    """Every proposal among these facts, where somebody was sent or where it was only proposed."""
    for one in facts:
        event = one.fact.event
        order = OrderId(one.fact.stream)
        if isinstance(event, DispatchProposed):
            yield Decided(order, one.position, event.proposal, None, None)
        elif isinstance(event, OrderDispatched) and event.proposal is not None:
            yield Decided(order, one.position, event.proposal, event.provider, event.overruled)


class Rematching:
    """The read models of matching once more, in memory, brought to where they stood for each proposal.

    One after the other in the order of what they had seen, a whole record costs about one replay.
    """

    def __init__(self, log: Log, rules: Callable[[int], Rules]) -> None:
        """`rules` tells the town's rules of a version."""
        self._engine = open_reads("sqlite://")
        self._models = {model.name: Earlier(model(), self._engine, log, holds) for model in MODELS}
        self._town = Town(Rules())
        self._rules = rules
        self._matcher = Matcher(
            MatchingQueries(self._engine),
            RatingQueries(self._engine),
            EvidenceQueries(self._engine),
            lambda: self._town,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def again(self, decided: Decided, told: Told = lambda _: None) -> Again:
        """Work one out again. `told` hears how far in the log a replay has come."""
        was = decided.proposal
        for name, model in self._models.items():
            model.bring_to(_places(was.seen, name), told)
        self._town = Town(self._rules(was.rules), was.rules)
        now = self._matcher.proposal(decided.order, was.at, winner=was.winner)
        return Again(decided, now, tuple(_differences(was, now)))

    def all_again(self, decided: Sequence[Decided], told: Told = lambda _: None) -> Iterator[Again]:
        """Work many out again, in the order of what they had seen."""
        for one in sorted(decided, key=lambda one: (sorted(one.proposal.seen.values()), one.position)):
            yield self.again(one, told)


def _places(seen: Mapping[str, int], model: str) -> dict[str, Place]:
    """The places of one model, as `holds` reads them."""
    mine = ((name.partition("/"), position) for name, position in seen.items())
    return {
        part if part == LOG else f"[{part}]": Place(position)
        for (name, _, part), position in mine
        if name == model
    }


def _differences(was: Proposal, now: Proposal | None) -> Iterator[str]:
    if now is None:
        yield "unknown"
        return
    if (was.category, was.area) != (now.category, now.area):
        yield "demand"
    if was.of != now.of:
        yield "number"
    if [one.provider for one in was.candidates] != [one.provider for one in now.candidates]:
        yield "candidates"
    elif any(_said(one) != _said(other) for one, other in zip(was.candidates, now.candidates, strict=True)):
        yield "scores"
    if not _won(was):
        yield "winner"


def _said(one: Candidate) -> tuple[int, Mapping[Part, int], tuple[str, ...]]:
    """All but the price, which is of the whole round."""
    return one.score, one.parts, one.reasons


def _won(was: Proposal) -> bool:
    """Whether nobody shown was better net of what their places were worth to the rest of the round."""
    if was.winner is None:
        return not was.of
    best = max(was.candidates, key=lambda one: one.net)
    return any(one.provider == was.winner and one.net == best.net for one in was.candidates)
