"""The way in: bytes and headers become a request, the engine's outcome becomes an answer."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import Request as HttpRequest

from adapters.envelope import MAX_READ, Door
from adapters.query_code import query_code
from adapters.web.access import Caller
from adapters.web.engine import Engine
from adapters.web.problems import Problem, status_of_code
from domain.events import CommandRejected, OrderPlaced
from domain.facts import Recorded
from domain.ids import OrderId, Position, stream_of, time_ordered_id
from domain.model import Event
from services.requests import Outcome, Status

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a convenient route says about a command, where the caller sends its data alone."""

    via: str
    type: str
    subject: str | None = None
    key: str | None = None  # idempotency key
    on_behalf_of: str | None = None
    channel: str | None = None
    correlation: str | None = None

    def attributes(self, engine: Engine, caller: Caller) -> dict[str, str]:
        """The CloudEvents attributes."""
        role, actor = caller.claimed
        said = {
            "specversion": "1.0",
            "id": self.key or new_key(engine),
            "source": f"{self.via}/{caller.actor}",
            "type": self.type,
            "role": role,
            "actor": actor or caller.actor,
            "subject": self.subject,
            "onbehalfof": self.on_behalf_of,
            "channel": self.channel,
            "correlationid": self.correlation,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Answered:
    """A command that was done now, or before."""

    status: Status
    subject: str
    positions: tuple[Position, ...]
    after: str  # hand it to a query to see at least this
    events: tuple[str, ...]
    code: str  # repeated or already, where nothing new happened
    first: Position | None  # of a repeat: where the first answer is in the log
    number: str | None = None  # 单号 of an order that was placed
    query_code: str | None = None  # 查询码


def new_key(engine: Engine) -> str:
    """An idempotency key for who gave none."""
    return str(time_ordered_id(engine.clock(), secrets.token_bytes(16)))


async def read_body(request: HttpRequest) -> bytes:
    """The body, cut where it gets absurd."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_READ:
            break
    return b"".join(chunks)[:MAX_READ]


def ask_data(engine: Engine, body: bytes, envelope: Envelope, caller: Caller) -> Answered:
    """Have a command answered whose data came in alone."""
    door = Door(envelope.via, caller.role, structured=False, proof=caller.proof)
    return ask(engine, body or b"{}", envelope.attributes(engine, caller), door)


def ask(engine: Engine, body: bytes, attributes: Mapping[str, str], door: Door) -> Answered:
    """Have a command answered.

    Raises:
        Problem: it was refused, could not be read, or repeats one that was refused.
        Crowded: too many wait already.
    """
    message = engine.decode(body, attributes, door)
    outcome = engine.ask(message)
    log.info(
        "command.answered",
        correlation=message.asked.correlation,  # the command's, which an event may state for itself
        status=str(outcome.status),
        code=outcome.code,
        subject=outcome.subject,
        position=outcome.positions[-1] if outcome.positions else None,
    )
    return answered(engine, outcome)


def answered(engine: Engine, outcome: Outcome) -> Answered:
    """What to tell the caller of an outcome. Raises Problem."""
    if outcome.status in (Status.REJECTED, Status.PARKED):
        raise _refused(outcome.code, outcome.reason_zh, outcome.reason_en, outcome)
    if outcome.first is not None:
        return _as_before(engine, outcome, outcome.first)
    return _answer(engine, outcome, outcome.subject, outcome.positions[-1], outcome.events)


def _as_before(engine: Engine, outcome: Outcome, first: Position) -> Answered:
    """A repeat is told what the first one was told."""
    fact = _fact_at(engine, first)
    event = fact.fact.event
    if isinstance(event, CommandRejected):
        raise _refused(event.code, event.reason_zh, event.reason_en, outcome, first=first)
    return _answer(engine, outcome, fact.fact.meta.subject, first, (event,))


def _fact_at(engine: Engine, position: Position) -> Recorded:
    return engine.store.read(position - 1, 1)[0]


def _answer(
    engine: Engine, outcome: Outcome, subject: str, position: Position, events: tuple[Event, ...] | Any
) -> Answered:
    number = code = None
    for event in events:
        if isinstance(event, OrderPlaced):
            number, code = event.number, query_code(engine.secret, OrderId(stream_of(subject)))
    new = outcome.status is Status.RECORDED
    return Answered(
        status=outcome.status,
        subject=subject,
        positions=tuple(outcome.positions),
        after=f"{position}:{subject}",
        events=tuple(event.wire for event in events) if new else (),
        code=outcome.code,
        first=outcome.first,
        number=number,
        query_code=code,
    )


def _refused(code: str, zh: str, en: str, outcome: Outcome, **more: Any) -> Problem:
    told: dict[str, Any] = {"outcome": str(outcome.status), "positions": list(outcome.positions)}
    if outcome.subject:
        told["subject"] = outcome.subject
    return Problem(status_of_code(code), code, zh, en, more=told | more)
