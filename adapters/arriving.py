"""What arrives, read as far as it can be without a key: the envelope, and which command is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast

import pydantic_core
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from adapters.parking import NUL, PERSONAL_ID, Unfit, misfits, name_or_dots, plain
from domain.commands import COMMANDS, ORDER_COMMANDS, AnyCommand, PlaceOrder
from domain.facts import Proof
from domain.ids import OrderId, time_ordered_id
from domain.model import Plain
from domain.need_commands import NeedCommand
from domain.person_commands import PersonCommand
from domain.provider_commands import ProviderCommand
from domain.scanning import names_somebody
from domain.stages import Channel, Role

MAX_BYTES: Final = 512 * 1024
MAX_READ: Final = 20 * 1024 * 1024  # bytes; of what is longer no door reads more, it is too large in any case
KEPT_BYTES: Final = 64 * 1024  # of what is larger than that
LONGEST_ID: Final = 64
LONGEST_SOURCE: Final = 200
_UUID_LENGTH: Final = 36
_IDS: Final = ("id", "source", "actor", "onbehalfof", "correlationid")
_CODES: Final = ("provider", "need", "volunteer", "person")
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


class Arrived(Plain, frozen=True):
    """One message as it came in."""

    body: bytes  # binary mode, the data; structured mode, the whole event as JSON
    headers: Mapping[str, str]  # the CloudEvents attributes of binary mode, without `ce_`
    door: Door
    recorded: datetime  # when it came in
    intake: str  # a unique name for this arrival


class Attributes(BaseModel):
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


class Said(Plain, frozen=True):
    """A message whose envelope could be read."""

    attributes: Mapping[str, Any]  # as they came
    envelope: Attributes
    command: type[AnyCommand]
    sent: dict[str, Any]  # the data as it came
    data: dict[str, Any]  # the same, with what it is about in it
    role: Role
    actor: str


def attributes_of(arrived: Arrived) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The attributes of the envelope as they came, in either mode, and the data. Raises Unfit."""
    if len(arrived.body) > MAX_BYTES:
        raise Unfit("too_large")
    data = _json_object(arrived.body)
    if arrived.door.structured and "specversion" in data:
        return data, _object(data.get("data", {}))
    return arrived.headers, data


def read(arrived: Arrived, attributes: Mapping[str, Any], data: dict[str, Any]) -> Said:
    """Which command it is, about what, and in which role. Raises Unfit."""
    envelope = _envelope(attributes)
    door = arrived.door
    role = door.role or envelope.role or Role.OPERATOR
    if role is not Role.SYSTEM or door.role is None:  # we name nobody; what we answer was taken in before
        _name_nobody(envelope, data, role)
    command = COMMANDS.get(envelope.type)
    if command is None:
        raise Unfit("unknown_type", name_or_dots(envelope.type))
    return Said(
        attributes,
        envelope,
        command,
        sent=data,
        data=_with_subject(command, data, envelope, arrived.recorded),
        role=role,
        actor=door.proof.actor if door.proof else envelope.actor,
    )


def subject_of(command: AnyCommand, said: Said) -> str:
    """What the command is about, in its one spelling; what the envelope says besides must be the same.

    Raises:
        Unfit: it says something else.
    """
    subject = said.envelope.subject
    if subject is None:
        return command.subject
    from_it = said.command in _OF_ORDERS and "order" not in said.sent
    if from_it and len(subject) == _UUID_LENGTH and subject == subject.lower():
        return subject  # the one spelling of an order's id, which was read from here
    if subject != command.subject:
        about = "person/…" if isinstance(command, PersonCommand) else command.subject  # any text may be one
        raise Unfit("subject_mismatch", about)
    return subject


def to_read_again(arrived: Arrived) -> str:
    """All that is known of it besides the bytes; what no attribute may hold was no help anyway."""
    door = arrived.door
    known = {
        name: value
        for name, value in arrived.headers.items()
        if name in Attributes.model_fields and plain(value, LONGEST_SOURCE) == value
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


def _envelope(attributes: Mapping[str, Any]) -> Attributes:
    try:
        return Attributes.__pydantic_validator__.validate_python(attributes)
    except ValidationError as error:
        raise Unfit("not_cloudevent", misfits(error)) from error


def _name_nobody(envelope: Attributes, data: Mapping[str, Any], role: Role) -> None:
    """Ids stay on record in clear, whoever is forgotten. Raises Unfit."""
    said = {name: getattr(envelope, name) for name in _IDS} | {name: data.get(name) for name in _CODES}
    if role is Role.OPERATOR:
        said["person"] = None  # who had such an id before can be forgotten
    if found := [name for name, one in said.items() if isinstance(one, str) and names_somebody(one)]:
        raise Unfit(PERSONAL_ID, ", ".join(found))


def _with_subject(
    command_class: type[AnyCommand], data: dict[str, Any], envelope: Attributes, recorded: datetime
) -> dict[str, Any]:
    """The subject alone may say what it is about; a new order without any gets an id from time and key."""
    if command_class in _OF_ORDERS and "order" not in data and envelope.subject is not None:
        return {**data, "order": envelope.subject}
    if issubclass(command_class, ProviderCommand) and "provider" not in data and envelope.subject:
        return {**data, "provider": envelope.subject.removeprefix("provider/")}
    if issubclass(command_class, NeedCommand) and "need" not in data and envelope.subject:
        return {**data, "need": envelope.subject.removeprefix("need/")}
    if issubclass(command_class, PersonCommand) and "person" not in data and envelope.subject:
        return {**data, "person": envelope.subject.removeprefix("person/")}
    if command_class is PlaceOrder and "order" not in data:
        seed = f"{envelope.source}\0{envelope.id}".encode()
        return {**data, "order": OrderId(time_ordered_id(recorded, seed))}
    return data
