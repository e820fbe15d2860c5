"""Puts one command to the engine and tells its answer."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pydantic_core
import structlog
import typer

from adapters.bootstrap import Node
from adapters.cli.output import people, put_json, say
from adapters.cli.problems import WANTING
from adapters.envelope import Door
from adapters.proposed import Placing
from adapters.query_code import query_code
from domain.commands import AnyCommand, PlaceOrder
from domain.events import OrderDispatched, OrderPlaced
from domain.facts import Actor
from domain.ids import OrderId, stream_of, time_ordered_id
from domain.model import Event
from domain.stages import Channel
from services.requests import Outcome, Status

SOURCE: Final = "sidan/cli"
STATUS_NAMES: Final[dict[Status, tuple[str, str]]] = {
    Status.RECORDED: ("已记录", "Recorded"),
    Status.REJECTED: ("未办理", "Refused"),
    Status.REPEATED: ("此前已是如此，未重复记录", "It was so before, nothing new is recorded"),
    Status.PARKED: ("未能读懂，已留存待查", "Could not be read, kept for somebody to look at"),
}

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who asks, for whom, how it came in, and the id that makes it the same command for ever."""

    actor: Actor
    on_behalf_of: str | None = None
    channel: Channel | None = None
    id: str | None = None


def ask(node: Node, command: type[AnyCommand], fields: Mapping[str, Any], envelope: Envelope) -> Outcome:
    """Ask through the door of the command line; embedded, the read models follow at once."""
    data = {name: value for name, value in fields.items() if value is not None}
    attributes = {
        "specversion": "1.0",
        "id": envelope.id or new_id(node),
        "source": SOURCE,
        "type": command.wire,
        "actor": envelope.actor.id,
        "onbehalfof": envelope.on_behalf_of,
        "channel": envelope.channel,
    }
    known = {name: str(value) for name, value in attributes.items() if value is not None}
    door = Door("cli", envelope.actor.role)
    outcome = node.ask(node.decode(pydantic_core.to_json(data), known, door))
    with structlog.contextvars.bound_contextvars(order=outcome.subject, command=command.wire):
        log.info("command.answered", status=outcome.status, position=max(outcome.positions, default=None))
    if node.settings.embedded:
        node.follow()
    return outcome


def put(
    node: Node, command: type[AnyCommand], fields: Mapping[str, Any], envelope: Envelope, *, as_json: bool
) -> None:
    """Ask, and print the answer. Raises what `tell` raises."""
    tell(node, command, ask(node, command, fields, envelope), as_json=as_json)


def new_id(node: Node) -> str:
    """An id of our own: UUIDv7 from now and chance."""
    return str(time_ordered_id(node.clock(), os.urandom(16)))


def tell(node: Node, command: type[AnyCommand], outcome: Outcome, *, as_json: bool) -> None:
    """Print the answer. Raises typer.Exit(1) where nothing was recorded and nothing was so before."""
    placed = next((event for event in outcome.events if isinstance(event, OrderPlaced)), None)
    subject = outcome.subject
    if command is PlaceOrder and outcome.first is not None:
        subject, placed = _placed_before(node, outcome.first)
    code = query_code(node.secret, OrderId(stream_of(subject))) if placed else None
    if as_json:
        put_json(_answer(command, outcome, subject, placed, code))
    else:
        _tell_people(command, outcome, subject, placed, code)
        _tell_overruled(node, outcome)
    if outcome.status in (Status.REJECTED, Status.PARKED):
        raise typer.Exit(WANTING)


def _placed_before(node: Node, first: int) -> tuple[str, OrderPlaced | None]:
    """Who asks the same again gets the same number again."""
    fact = node.store.read(first - 1, 1)[0].fact
    return fact.meta.subject, fact.event if isinstance(fact.event, OrderPlaced) else None


def _answer(
    command: type[AnyCommand], outcome: Outcome, subject: str, placed: OrderPlaced | None, code: str | None
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "status": outcome.status,
        "command": command.wire,
        "id": outcome.key.id,
        "subject": subject,
        "events": [_wire(event) for event in outcome.events] if outcome.status is Status.RECORDED else [],
        "position": max(outcome.positions, default=None),
    }
    if outcome.code:
        answer["code"] = outcome.code
    if outcome.reason_zh:
        answer |= {"reason_zh": outcome.reason_zh, "reason_en": outcome.reason_en}
    for event in outcome.events:
        if isinstance(event, OrderDispatched):
            answer |= Placing(sent=event).as_dict()
    if placed:
        answer |= {"order": subject, "number": placed.number, "query_code": code}
    return answer


def _tell_people(
    command: type[AnyCommand], outcome: Outcome, subject: str, placed: OrderPlaced | None, code: str | None
) -> None:
    zh, en = STATUS_NAMES[outcome.status]
    out = people()
    if outcome.reason_zh:
        out.print(f"{zh}：{outcome.reason_zh}", markup=False)
        out.print(f"{en}: {outcome.reason_en} [{outcome.code}]", markup=False)
        return
    out.print(f"{zh}：{command.zh}。 {en}: {command.wire}.", markup=False)
    if placed:
        out.print(f"单号 number: {dashed(placed.number)}　查询码 query code: {code}", markup=False)
        out.print(f"编号 id: {subject}", markup=False)


def _tell_overruled(node: Node, outcome: Outcome) -> None:
    for event in outcome.events:
        if not isinstance(event, OrderDispatched) or not event.overruled or event.proposal is None:
            continue
        winner = event.proposal.winner
        assert winner is not None  # else nobody was overruled
        zh, en = node.queries.menu.providers().get(winner, (winner, winner))
        say(
            f"未按系统建议（建议派给{zh}），已入账。",
            f"Not as the engine proposed ({en}); that is on record.",
        )


def _wire(event: Event) -> str:
    return type(event).wire


def dashed(number: str) -> str:
    """A 12-digit number as it is read out."""
    return "-".join((number[:4], number[4:8], number[8:]))
