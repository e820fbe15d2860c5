"""Who may be able to take more than before, so that orders which were left are looked at again."""

from collections.abc import Callable, Collection
from typing import Final

from domain import events as e
from domain.facts import Recorded
from domain.ids import AreaPath, CategoryPath, ProviderId, lineage

_GIVES_BACK: Final = (e.OrderCompleted, e.OrderDeclined, e.OrderWithdrawn, e.OrderRecalled)
_CHANGES: Final = (
    e.ProviderRegistered,
    e.ProviderAmended,
    e.ProviderOffersChanged,
    e.ProviderCapacityChanged,
    e.VolunteerEnrolled,
    e.VolunteerChanged,
)
_FREES: Final = (*_GIVES_BACK, *_CHANGES)

Fits = Callable[[CategoryPath, AreaPath], bool]
"""Whether an order of a category in an area comes into question."""


Openings = Callable[[Collection[ProviderId]], Collection[tuple[str, str]]]
"""For what, and where, those of these providers who have room are listed."""


def freed_by(recorded: Recorded) -> ProviderId | None:
    """Who may be able to take more than before, after this fact."""
    event = recorded.fact.event
    return event.provider if isinstance(event, _FREES) else None


def given_to(recorded: Recorded, source: str) -> ProviderId | None:
    """Whom this source sent, or proposed."""
    event = recorded.fact.event
    if recorded.fact.meta.cause.source != source:
        return None
    if isinstance(event, e.DispatchProposed):
        return event.proposal.winner
    return event.provider if isinstance(event, e.OrderDispatched) else None


def everything(_category: CategoryPath, _area: AreaPath) -> bool:
    """Fits every order."""
    return True


class Freed:
    """Gathered over a batch."""

    def __init__(self) -> None:
        self.cause: Recorded | None = None  # the last fact that freed somebody
        self._providers: set[ProviderId] = set()
        self._everybody = False

    def add(self, provider: ProviderId, cause: Recorded) -> None:
        self._providers.add(provider)
        self.cause = cause

    def everybody(self, cause: Recorded) -> None:
        """The rules have changed."""
        self._everybody = True
        self.cause = cause

    def fits(self, openings: Openings) -> Fits:
        """Which orders to look at again: those that somebody freed is listed for."""
        if self._everybody:
            return everything
        wide = set(openings(self._providers))
        return lambda category, area: any(
            (what, where) in wide for what in lineage(category)[:-1] for where in lineage(area)[:-1]
        )
