"""Standing needs: what each side needs, where, and who has taken it up."""

from projections.needs.model import Needs
from projections.needs.queries import NeedsQueries
from projections.needs.views import NeedFilter, NeedPage, NeedRow, Side, Taker

__all__ = ["NeedFilter", "NeedPage", "NeedRow", "Needs", "NeedsQueries", "Side", "Taker"]
