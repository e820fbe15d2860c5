"""The bus described as AsyncAPI 3.0, made by FastStream from our commands, events and topics."""

from collections.abc import Iterable
from typing import Any, Final, Union

from faststream.confluent import KafkaBroker
from faststream.specification import AsyncAPI
from pydantic import BaseModel

from adapters.bus.topics import DOORS, OWN, Topics
from domain.commands import COMMANDS
from domain.events import EVENTS, MessageDiscarded, MessageParked, MessageRequeued
from domain.ids import ProviderId
from domain.stages import Role
from domain.transitions import MAY_ASK
from services.requests import Status
from services.work_process import Work

DESCRIPTION: Final = (
    "CloudEvents 1.0；命令可用二进制或结构化JSON，事件为二进制。"
    " CloudEvents 1.0: commands in binary mode or as structured JSON, events in binary mode (headers ce_*)."
)

ONE_PROVIDER: Final = ProviderId("{provider}")  # in the name of a topic that each has


class CommandAnswered(BaseModel):
    """What became of a command."""

    status: Status
    source: str
    id: str
    command: str
    subject: str
    intake: str  # where it came in: topic[partition]@offset
    position: int
    events: int
    code: str | None = None
    reason_zh: str | None = None
    reason_en: str | None = None
    first: int | None = None  # of a repeat: the position of the first answer


def asyncapi(prefix: str = "sidan") -> dict[str, Any]:
    """The document, as JSON can hold it. Connects to nothing."""
    topics = Topics(prefix)
    broker = KafkaBroker("localhost:9092")
    for short, door in DOORS.items():
        _described(broker, topics.name(short), short, f"{door.via}: {door.role or 'any role'}", door.role)
    own = "一个接单方自己的，只证明它 of one provider, whom it proves"
    _described(broker, topics.department(ONE_PROVIDER).name, f"{OWN}provider", own, Role.PROVIDER)
    broker.publisher(topics.events, title="events", schema=_any_of(EVENTS.values()))
    broker.publisher(topics.outcomes, title="outcomes", schema=CommandAnswered)
    broker.publisher(
        topics.dead_letters,
        title="dead-letters",
        schema=_any_of([MessageParked, MessageRequeued, MessageDiscarded]),
    )
    broker.publisher(topics.work(ONE_PROVIDER), title="work", schema=Work)
    document = AsyncAPI(broker, title="四单 Sidan", version="1", description=DESCRIPTION).to_specification()
    return document.to_jsonable()


def _described(broker: KafkaBroker, topic: str, title: str, proves: str, role: Role | None) -> None:
    """A command topic. Described from the application's side, so what we take in is a subscriber."""
    asked = [one for one in COMMANDS.values() if role is None or role in MAY_ASK[one]]
    broker.subscriber(topic, title=title, description=proves)(_taking(_any_of(asked)))


def _taking(kind: Any) -> Any:
    async def take(command: Any) -> None:
        """Decided once, recorded once, answered on the outcomes topic."""

    take.__annotations__["command"] = kind
    return take


def _any_of(kinds: Iterable[Any]) -> Any:
    return Union[tuple(kinds)]  # noqa: UP007 - they are known only at run time
