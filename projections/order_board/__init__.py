"""The order board: what is open, where, at which stage, with whom, since when and due when."""

from projections.order_board.model import OrderBoard
from projections.order_board.queries import OrderBoardQueries
from projections.order_board.views import CategoryLoad, Filter, OrderRow, Page, Proposed

__all__ = ["CategoryLoad", "Filter", "OrderBoard", "OrderBoardQueries", "OrderRow", "Page", "Proposed"]
