"""The query code (查询码): with its number, all a resident needs to follow an order."""

import hmac
from typing import Final

from domain.ids import OrderId

DIGITS: Final = 6


def query_code(secret: bytes, order: OrderId) -> str:
    """Six digits that only the town can make of an order's id."""
    made = hmac.digest(secret, b"query code" + order.bytes, "sha256")
    return f"{int.from_bytes(made[:8]) % 10**DIGITS:0{DIGITS}d}"


def fits(secret: bytes, order: OrderId, said: str) -> bool:
    """Whether this is the order's code; takes as long for a wrong one as for the right one."""
    return hmac.compare_digest(query_code(secret, order).encode(), said.strip().encode())
