"""Rules tried on what has been (试算): what the engine makes of an order under some rules, and what changes.

Whatever is not the rules - who was registered, who had how much in hand, what had been learnt - is what it
really was, under the rules in force and under those that are tried.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.ids import AreaPath, CategoryPath, OrderId, Position, ProviderId
from domain.matching import Candidate, Demand, Exclusion, Ranking
from domain.proposal import Part
from domain.routes import Broken
from domain.rules import Rules
from domain.stages import Urgency

TOPS: Final = (1, 3, 5)


class How(StrEnum):
    """How an order came to somebody; a stable code."""

    DISPATCHED = "dispatched"
    CLAIMED = "claimed"
    PROPOSED = "proposed"  # and nobody was sent yet
    IMPORTED = "imported"  # who had it in another system


class Reach(StrEnum):
    """How far auto-dispatch goes with an order; a stable code."""

    OFF = "off"
    PROPOSE = "propose"
    ON = "on"
    PERSON = "person"  # its route cannot be followed


@dataclass(frozen=True, slots=True)
class Case:
    """An order that was decided, and the place in the log just before which it is asked about again."""

    order: OrderId
    position: Position
    at: datetime
    category: CategoryPath
    area: AreaPath
    how: How
    sent: ProviderId | None
    channel: str | None = None  # of an imported one, which nobody knows before


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine makes of an order under some rules."""

    reach: Reach
    ranking: Ranking
    routed: ProviderId | None = None

    @property
    def winner(self) -> ProviderId | None:
        """The best for this order by itself; None: nobody can take it, or a person decides."""
        if self.broken is not None or not self.ranking.candidates:
            return None
        return self.ranking.candidates[0].provider

    @property
    def broken(self) -> Broken | None:
        return self.ranking.broken

    def candidate(self, provider: ProviderId | None) -> Candidate | None:
        return next((one for one in self.ranking.candidates if one.provider == provider), None)

    def left_out(self, provider: ProviderId | None) -> tuple[Exclusion, ...]:
        """Why a provider is no candidate; empty where it is one, or where nobody looked at it."""
        return next((one.why for one in self.ranking.excluded if one.provider == provider), ())

    def place(self, provider: ProviderId) -> int | None:
        """Where it stands among the candidates, the best 1; None where nobody is proposed or it is none."""
        if self.broken is not None:
            return None
        names = [one.provider for one in self.ranking.candidates]
        return names.index(provider) + 1 if provider in names else None


def outcome(demand: Demand, ranking: Ranking, rules: Rules) -> Outcome:
    """A ranking under these rules together with how far the machine goes: with a call always all the way."""
    called = demand.urgency is Urgency.CALL
    reach = Reach.ON if called else Reach(rules.auto_dispatch(demand.category, demand.area).value)
    return Outcome(reach if ranking.broken is None else Reach.PERSON, ranking, demand.routed)


@dataclass(frozen=True, slots=True)
class Lead:
    """By how many points of a part the new winner leads the old one, under either rules."""

    part: Part
    then: int
    file: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One order under the rules that were in force, and under those of a file."""

    case: Case
    then: Outcome
    file: Outcome

    @property
    def differs(self) -> bool:
        """Whether another would be proposed, or the machine would go further or less far."""
        return self.said(self.then) != self.said(self.file)

    @staticmethod
    def said(one: Outcome) -> tuple[object, ...]:
        return one.reach, one.winner, one.broken

    def leads(self) -> tuple[Lead, ...]:
        """The parts of the score that made the difference, the most decisive first.

        None where nobody else is proposed, or where one of the two was no candidate under either rules.
        """
        old, new = self.then.winner, self.file.winner
        pairs = [(one.candidate(old), one.candidate(new)) for one in (self.then, self.file)]
        if old == new or any(one is None or other is None for one, other in pairs):
            return ()
        then, file = ([_lead(one, other, part) for part in Part] for one, other in pairs)
        found = [Lead(*told) for told in zip(Part, then, file, strict=True) if told[1] != told[2]]
        return tuple(sorted(found, key=lambda lead: -abs(lead.file - lead.then)))


def _lead(old: Candidate | None, new: Candidate | None, part: Part) -> int:
    assert old is not None
    assert new is not None
    return new.parts.get(part, 0) - old.parts.get(part, 0)


@dataclass
class Side:
    """What came out in sum under some rules."""

    right: Counter[int] = field(default_factory=Counter[int])  # by top
    reach: Counter[Reach] = field(default_factory=Counter[Reach])
    winners: Counter[ProviderId] = field(default_factory=Counter[ProviderId])
    nobody: int = 0  # nobody could take it
    broken: Counter[tuple[Broken, ProviderId]] = field(default_factory=Counter[tuple[Broken, ProviderId]])

    def add(self, one: Outcome, sent: ProviderId | None) -> None:
        self.reach[one.reach] += 1
        if one.broken is not None:
            assert one.routed is not None
            self.broken[one.broken, one.routed] += 1
        elif one.winner is None:
            self.nobody += 1
        else:
            self.winners[one.winner] += 1
        place = one.place(sent) if sent is not None else None
        for top in TOPS:
            self.right[top] += place is not None and place <= top


@dataclass
class Sum:
    """Orders tried, and what would have been different."""

    orders: int = 0
    sent: int = 0  # of them somebody had it
    differing: int = 0
    moved: int = 0  # another provider than then
    then: Side = field(default_factory=Side)
    file: Side = field(default_factory=Side)

    def add(self, one: Tried) -> None:
        self.orders += 1
        self.sent += one.case.sent is not None
        self.differing += one.differs
        old, new = one.then.winner, one.file.winner
        self.moved += old is not None and new is not None and old != new
        self.then.add(one.then, one.case.sent)
        self.file.add(one.file, one.case.sent)

    def providers(self) -> Iterator[tuple[ProviderId, int, int]]:
        """For each: how many orders it would have got then and under the file, where these differ."""
        changes = {
            name: self.file.winners[name] - self.then.winners[name]
            for name in self.then.winners.keys() | self.file.winners.keys()
        }
        for name in sorted(changes, key=lambda name: (-abs(changes[name]), name)):
            if changes[name]:
                yield name, self.then.winners[name], self.file.winners[name]
