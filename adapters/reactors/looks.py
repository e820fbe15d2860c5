"""When auto-dispatch last looked at what was left waiting: hours begin and end without a fact in the log."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from adapters.reactors.tables import last_looks, waiting_orders
from projections.engine import to_micros
from services.dispatch_process import DispatchProcess

EVERY: Final = timedelta(minutes=15)


def look_due(connection: Connection, now: datetime) -> bool:
    """Whether something is left and nobody has looked at it for a while; for a look without a lock."""
    waiting = select(waiting_orders.c.order_id).where(waiting_orders.c.asked.is_(None)).limit(1)
    if connection.execute(waiting).first() is None:
        return False
    mine = last_looks.c.reactor == DispatchProcess.name
    last = connection.execute(select(last_looks.c.at).where(mine)).scalar()
    return last is None or last <= to_micros(now - EVERY)


def note_look(connection: Connection, now: datetime) -> None:
    """Somebody has looked."""
    mine = last_looks.c.reactor == DispatchProcess.name
    connection.execute(delete(last_looks).where(mine))
    connection.execute(insert(last_looks).values(reactor=DispatchProcess.name, at=to_micros(now)))
