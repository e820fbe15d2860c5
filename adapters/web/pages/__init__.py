"""The pages: a board, an order, a provider's desk, a resident's view, needs, ratings, receipts checked."""

from typing import Final

from fastapi import APIRouter

from adapters.web.pages import board, check, desk, needs, order, rating, resident, who

router: Final = APIRouter()
for _part in (board, order, desk, needs, resident, rating, check, who):
    router.include_router(_part.router)
