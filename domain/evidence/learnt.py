"""What the evidence says of one order, in whole numbers that mean the same on every machine."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from domain.evidence.contexts import Features
from domain.evidence.explaining import Explanation
from domain.evidence.ranking import Evidence
from domain.ids import ProviderId

PER_MILLE: Final = 1000


class Learnt:
    """Who is likely the one for an order, as far as was learnt up to a place in the log."""

    def __init__(self, evidence: Evidence, order: Features, position: int = 0) -> None:
        self._evidence = evidence
        self._order = order
        self.position = position

    @cached_property
    def chances(self) -> Mapping[ProviderId, int]:
        """Per mille, rounded half up; of those only that have any."""
        chances = self._evidence.chances(self._order)
        return {
            ProviderId(provider): rounded
            for provider, chance in chances.items()
            if (rounded := int(chance * PER_MILLE + 0.5))
        }

    def why(self, provider: ProviderId) -> Explanation | None:
        """The counts that speak most for a provider; None where no order like this one went to it lately."""
        return self._evidence.explain(self._order, provider)
