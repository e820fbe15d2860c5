"""The pages: a board, an order, a provider's desk, a resident's view, the needs list, the ratings."""

from typing import Final

from fastapi import APIRouter

from adapters.web.pages import board, desk, needs, order, rating, resident, who

router: Final = APIRouter()
for _part in (board, order, desk, needs, resident, rating, who):
    router.include_router(_part.router)
