"""Tells of routes (指定承办) that cannot be followed, aloud and once, whatever number of orders they stop."""

from typing import Final

import structlog

from domain.ids import OrderId
from domain.proposal import Proposal
from domain.routes import in_words

log: structlog.stdlib.BoundLogger = structlog.get_logger()

MOST: Final = 10_000
"""Told of; then the oldest may be told of again."""


class BrokenRoutes:
    """What has been told in this process; another version of the rules begins anew."""

    def __init__(self) -> None:
        self._told: dict[tuple[object, ...], None] = {}

    def tell(self, order: OrderId, proposal: Proposal) -> None:
        """An order is to be dispatched, and its route cannot be followed."""
        assert proposal.broken is not None
        what = (proposal.rules, proposal.broken, proposal.routed)
        if what in self._told:
            return
        if len(self._told) >= MOST:
            del self._told[next(iter(self._told))]
        self._told[what] = None
        log.error(
            "rules.broken",
            code=str(proposal.broken),
            provider=proposal.routed,
            rules=proposal.rules,
            order=str(order),
            todo=" ".join(in_words(proposal.broken, proposal.routed)),
        )
