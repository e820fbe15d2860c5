"""Decodes what comes in: a CloudEvents 1.0 envelope around a command. Hostile until it comes out of here."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast

import pydantic_core
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from adapters.parking import NUL, PARK_CODES, Unfit, misfits, name_or_dots, plain, unfit
from domain.authority import in_own_name
from domain.commands import COMMANDS, ORDER_COMMANDS, AnyCommand, PlaceOrder, ProviderCommand
from domain.facts import Actor, CommandKey
from domain.ids import OrderId, ResidentId, time_ordered_id
from domain.model import Plain
from domain.need_commands import NeedCommand
from domain.rejections import AnotherName, Refused, WrongRole
from domain.sealed import Sealed, Sealer
from domain.situation import Asked, Proof
from domain.stages import ROLE_NAMES, Channel, Role
from services.requests import Request, Unreadable

__all__ = ["ANONYMOUS", "MAX_BYTES", "MAX_READ", "PARK_CODES", "Decoder", "Door"]

MAX_BYTES: Final = 512 * 1024
MAX_READ: Final = 20 * 1024 * 1024  # bytes; of what is longer no door reads more, it is too large in any case
KEPT_BYTES: Final = 64 * 1024  # of what is larger than that
LONGEST_ID: Final = 64
ANONYMOUS: Final = "anonymous"  # as whom a door takes those who do not say who they are
LONGEST_SOURCE: Final = 200
_UUID_LENGTH: Final = 36
_OF_ORDERS: Final[frozenset[type[AnyCommand]]] = frozenset(ORDER_COMMANDS)

# CloudEvents allows no control characters; PostgreSQL's text no NUL.
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"
_Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID, pattern=_PRINTABLE)]
_Source = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SOURCE, pattern=_PRINTABLE)]


@dataclass(frozen=True, slots=True)
class Door:
    """A way in, and what it proves."""

    via: str
    role: Role | None = None  # None: each message says its role
    trusted_time: bool = False  # whether ce_time counts
    structured: bool = True  # False: the door makes the envelope, what comes in is the data alone
    proof: Proof | None = None  # the person or provider it proves; None: a role only


class _Arrival(Plain, frozen=True):
    """Where and when a message came in."""

    door: Door
    recorded: datetime
    intake: str


class _Attributes(BaseModel):
    """The attributes of the envelope that we read; others are let be."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    specversion: Literal["1.0"] = "1.0"
    id: _Id
    source: _Source
    type: str
    subject: str | None = None
    time: AwareDatetime | None = None
    role: Role | None = None
    actor: _Id
    onbehalfof: _Id | None = None
    channel: Channel | None = None
    correlationid: _Id | None = None


class Decoder:
    """Turns messages into requests; seals what is personal on the way."""

    def __init__(self, sealer: Sealer, town_secret: bytes) -> None:
        self._sealer = sealer
        key = hashlib.blake2b(town_secret, person=b"sidan digests 1").digest()
        self._digest_of_nothing = hashlib.blake2b(digest_size=16, key=key)

    def decode(
        self, body: bytes, headers: Mapping[str, str], door: Door, recorded: datetime, intake: str
    ) -> Request | Unreadable:
        """Read one message. Never raises: what cannot be read comes out as such, with the reason.

        Args:
            body: binary mode, the data; structured mode, the whole event as JSON.
            headers: the CloudEvents attributes of binary mode, without the transport's `ce_` prefix.
            door: where it came in.
            recorded: when it came in.
            intake: a unique name for this arrival.
        """
        arrival = _Arrival(door, recorded, intake)
        attributes: Mapping[str, Any] = headers
        try:
            if len(body) > MAX_BYTES:
                raise Unfit("too_large")
            data = _json_object(body)
            if door.structured and "specversion" in data:
                attributes, data = data, _object(data.get("data", {}))
            return self._request(attributes, data, arrival)
        except Unfit as unfit:
            envelope = self._sealer.seal(_to_read_again(headers, door))
            return self._unreadable(unfit, body, attributes, arrival, envelope)

    def _request(self, attributes: Mapping[str, Any], data: dict[str, Any], arrival: _Arrival) -> Request:
        door = arrival.door
        envelope = _envelope(attributes)
        command_class = COMMANDS.get(envelope.type)
        if command_class is None:
            raise Unfit("unknown_type", name_or_dots(envelope.type))
        digest = self._digest(envelope, data)
        command = self._command(command_class, _with_subject(command_class, data, envelope, arrival.recorded))
        subject = _subject(command, data, envelope)
        role, refusal = _role(envelope, door, command)
        asked = Asked(
            key=CommandKey(envelope.source, envelope.id),
            actor=Actor(role=role, id=door.proof.actor if door.proof else envelope.actor),
            via=door.via,
            recorded=arrival.recorded,
            correlation=envelope.correlationid or envelope.id,
            intake=arrival.intake,
            claimed=envelope.time,
            trusted_time=door.trusted_time,
            on_behalf_of=ResidentId(envelope.onbehalfof) if envelope.onbehalfof else None,
            channel=envelope.channel,
            proof=door.proof,
        )
        return Request(asked, command, subject, command.stream, digest, refusal)

    def _command(self, command_class: type[AnyCommand], data: dict[str, Any]) -> AnyCommand:
        try:
            return command_class.__pydantic_validator__.validate_python(data, context=self._sealer)
        except ValidationError as error:
            raise unfit("invalid_field", error) from error

    def _digest(self, envelope: _Attributes, data: dict[str, Any]) -> bytes:
        """What tells a repeat from another request; keyed, so that nobody can try out what was written."""
        said = (
            envelope.type,
            envelope.subject or "",
            envelope.role or "",
            envelope.actor,
            envelope.onbehalfof or "",
        )
        digest = self._digest_of_nothing.copy()
        digest.update("\0".join(said).encode() + b"\0" + pydantic_core.to_json(data))
        return digest.digest()

    def _unreadable(
        self,
        unfit: Unfit,
        body: bytes,
        attributes: Mapping[str, Any],
        arrival: _Arrival,
        envelope: Sealed,
    ) -> Unreadable:
        door = arrival.door
        key = CommandKey(
            source=plain(attributes.get("source"), LONGEST_SOURCE) or door.via,
            id=plain(attributes.get("id"), LONGEST_ID) or arrival.intake,
        )
        said = plain(attributes.get("actor"), LONGEST_ID) or "unknown"
        actor = door.proof.actor if door.proof else said
        asked = Asked(
            key=key,
            actor=Actor(role=door.role or Role.OPERATOR, id=actor),
            via=door.via,
            recorded=arrival.recorded,
            correlation=key.id,
            intake=arrival.intake,
        )
        kept = body if len(body) <= MAX_BYTES else body[:KEPT_BYTES]
        return Unreadable(
            asked=asked,
            code=unfit.code,
            reason_zh=unfit.zh,
            reason_en=unfit.en,
            body=self._sealer.seal(base64.b64encode(kept).decode()),
            size=len(body),
            digest=hashlib.sha256(body).hexdigest(),
            envelope=envelope,
        )


def _to_read_again(headers: Mapping[str, str], door: Door) -> str:
    """All that the decoder knew besides the bytes; what no attribute may hold was no help anyway."""
    known = {
        name: value
        for name, value in headers.items()
        if name in _Attributes.model_fields and plain(value, LONGEST_SOURCE) == value
    }
    kept = {
        "headers": known,
        "role": door.role,
        "trusted_time": door.trusted_time,
        "structured": door.structured,
    }
    return pydantic_core.to_json(kept).decode()


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        read = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Unfit("unreadable") from error
    data = _object(read)
    if b"\\u0000" in body and _has_nul(data):  # it can be written in no other way
        raise Unfit("invalid_field", NUL)
    return data


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit("unreadable")
    return cast("dict[str, Any]", value)


def _has_nul(value: object) -> bool:
    """Whether any text in it has a character that PostgreSQL's text and many programs cannot hold."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in cast("dict[str, Any]", value).items() for part in pair)
    return isinstance(value, list) and any(_has_nul(part) for part in cast("list[Any]", value))


def _envelope(attributes: Mapping[str, Any]) -> _Attributes:
    try:
        return _Attributes.__pydantic_validator__.validate_python(attributes)
    except ValidationError as error:
        raise Unfit("not_cloudevent", misfits(error)) from error


def _subject(command: AnyCommand, data: dict[str, Any], envelope: _Attributes) -> str:
    """What the command is about, in its one spelling; what the envelope says besides must be the same."""
    said = envelope.subject
    if said is None:
        return command.subject
    from_it = type(command) in _OF_ORDERS and "order" not in data
    if from_it and len(said) == _UUID_LENGTH and said == said.lower():
        return said  # the one spelling of an order's id, which was read from here
    if said != command.subject:
        raise Unfit("subject_mismatch", command.subject)
    return said


def _with_subject(
    command_class: type[AnyCommand], data: dict[str, Any], envelope: _Attributes, recorded: datetime
) -> dict[str, Any]:
    """The subject alone may say what it is about; a new order without any gets an id from time and key."""
    if command_class in _OF_ORDERS and "order" not in data and envelope.subject is not None:
        return {**data, "order": envelope.subject}
    if issubclass(command_class, ProviderCommand) and "provider" not in data and envelope.subject:
        return {**data, "provider": envelope.subject.removeprefix("provider/")}
    if issubclass(command_class, NeedCommand) and "need" not in data and envelope.subject:
        return {**data, "need": envelope.subject.removeprefix("need/")}
    if command_class is PlaceOrder and "order" not in data:
        seed = f"{envelope.source}\0{envelope.id}".encode()
        return {**data, "order": OrderId(time_ordered_id(recorded, seed))}
    return data


def _role(envelope: _Attributes, door: Door, command: AnyCommand) -> tuple[Role, Refused | None]:
    if door.role is None:
        return envelope.role or Role.OPERATOR, None
    if envelope.role not in (None, door.role):
        role_zh, role = ROLE_NAMES[envelope.role]
        asked_for = f"{command.wire} ({door.via})"
        return door.role, WrongRole(role_zh=role_zh, role=role, command_zh=command.zh, command=asked_for)
    try:
        in_own_name(envelope.actor, door.proof)
    except AnotherName as refusal:
        return door.role, refusal
    return door.role, None
