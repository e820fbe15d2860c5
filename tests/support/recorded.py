"""One event as it lies in the log."""

from datetime import datetime

from domain.events import OrderEvent
from domain.facts import Actor, CommandKey, Fact, Meta, Recorded
from domain.ids import OrderId, Position, need_subject, person_subject, provider_subject, stream_of
from domain.model import Event
from domain.need_events import NeedEvent
from domain.person_events import PersonEvent
from domain.provider_events import ProviderEvent
from tests.support.a_town import MONDAY
from tests.support.an_order import COMMUNITY, ORDER


def recorded(
    event: Event,
    position: int = 1,
    *,
    order: OrderId = ORDER,
    actor: Actor = COMMUNITY,
    at: datetime = MONDAY,
    part: tuple[int, int] = (1, 1),
    source: str = "test",
    cause: str | None = None,
    version: int = 1,
) -> Recorded:
    """The event at its place; the cause is the command `c<position>`."""
    subject = "rules"
    if isinstance(event, OrderEvent):
        subject = str(order)
    elif isinstance(event, ProviderEvent):
        subject = provider_subject(event.provider)
    elif isinstance(event, NeedEvent):
        subject = need_subject(event.need)
    elif isinstance(event, PersonEvent):
        subject = person_subject(event.person)
    meta = Meta(
        subject=subject,
        actor=actor,
        via="test",
        command="Test",
        cause=CommandKey(source=source, id=cause or f"c{position}"),
        correlation=f"c{position}",
        recorded=at,
        at=at,
        rules=1,
        part=part[0],
        parts=part[1],
        intake=f"test[0]@{position}",
    )
    return Recorded(Position(position), Fact(stream_of(subject), version, meta, event))
