"""How good the proposals would have been: each order is asked about first, and learnt only then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from domain.evidence.contexts import Precedent
from domain.evidence.explaining import Explanation
from domain.evidence.ranking import Evidence, Ranked
from domain.model import Plain

BINS: Final = 10
TOPS: Final = (1, 3, 5)


class Try(Plain, frozen=True):
    """One order asked about before it was learnt."""

    row: int
    precedent: Precedent
    place: int | None  # of who was sent, from 1; None: not known until then
    first: Ranked | None  # None: nobody is known yet
    first_called: str  # its name
    why: Explanation | None  # of the first, where it was asked for


@dataclass(slots=True)
class Bin:
    """Orders whose first candidate was given about the same probability."""

    n: int = 0
    expected: float = 0.0  # sum of the probabilities
    right: int = 0


@dataclass(slots=True)
class Score:
    """How often who was sent was among the first one, three and five, and whether probabilities hold."""

    n: int = 0
    hits: dict[int, int] = field(default_factory=lambda: dict.fromkeys(TOPS, 0))
    bins: list[Bin] = field(default_factory=lambda: [Bin() for _ in range(BINS)])

    def add(self, one: Try) -> None:
        self.n += 1
        for top in TOPS:
            self.hits[top] += one.place is not None and one.place <= top
        if one.first is not None:
            bin_ = self.bins[min(BINS - 1, int(one.first.probability * BINS))]
            bin_.n += 1
            bin_.expected += one.first.probability
            bin_.right += one.place == 1

    def share(self, top: int) -> float | None:
        """None where nothing was scored."""
        return self.hits[top] / self.n if self.n else None


def tries(
    history: Iterable[tuple[int, Precedent]], scored_from: int = 0, explained_from: int = 0
) -> Iterator[Try]:
    """Every order in time order that somebody was sent to, from row `scored_from` on; all rows are learnt.

    Args:
        history: number of the row and what it says.
        explained_from: the first row whose first candidate is explained.
    """
    evidence = Evidence()
    for row, one in history:
        if one.provider and row >= scored_from:
            yield _asked(evidence, row, one, explained=row >= explained_from)
        evidence.learn(one)


def _asked(evidence: Evidence, row: int, one: Precedent, *, explained: bool) -> Try:
    ranked = evidence.rank(one.features)
    place = next((n for n, other in enumerate(ranked, start=1) if other.provider == one.provider), None)
    first = ranked[0] if ranked else None
    why = evidence.explain(one.features, first.provider) if first and explained else None
    called = evidence.called(first.provider) if first else ""
    return Try(row, one, place, first, called, why)
