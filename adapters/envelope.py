"""Decodes what comes in: a CloudEvents 1.0 envelope around a command. Hostile until it comes out of here."""

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import pydantic_core
from pydantic import ValidationError

from adapters.arriving import (
    KEPT_BYTES,
    LONGEST_ID,
    LONGEST_SOURCE,
    MAX_BYTES,
    MAX_READ,
    Arrived,
    Door,
    Said,
    attributes_of,
    read,
    subject_of,
    to_read_again,
)
from adapters.keys.owner import Owner, letter, named_people, owners_of
from adapters.parking import PARK_CODES, Unfit, nobodys, unfit
from domain.authority import in_own_name
from domain.commands import AdoptRules, AnyCommand
from domain.facts import Actor, CommandKey
from domain.ids import ANONYMOUS, RULES_SUBJECT, ResidentId
from domain.model import Plain
from domain.rejections import AnotherName, Refused, WrongRole
from domain.sealed import MAX_TEXT, Sealed, Sealer
from domain.situation import Asked
from domain.stages import ROLE_NAMES, Role
from services.requests import Request, Unreadable

__all__ = ["ANONYMOUS", "KEPT_BYTES", "MAX_BYTES", "MAX_READ", "PARK_CODES", "Arrived", "Decoder", "Door"]


class Keys(Protocol):
    """A key for each whose texts come in."""

    def sealers(self, owners: Collection[Owner], /) -> Mapping[Owner, Sealer]:
        """Made where there is none, and there for good when this returns."""
        ...


class _NoKey:
    """For a command of which nobody can say what it is about: it cannot be read, so it is parked whole."""

    def seal(self, clear: str) -> Sealed:  # noqa: ARG002 - the port names it
        raise ValueError("belongs to nothing that can be named")


class _Fit(Plain, frozen=True):
    """A message whose envelope could be read, and whose texts are in it."""

    said: Said
    owners: Sequence[Owner]


class _Parked(Plain, frozen=True):
    """A message that cannot be read as a command, and what its envelope says all the same."""

    why: Unfit
    attributes: Mapping[str, Any]


_NO_KEY: Final = _NoKey()
_Sealers = Mapping[Owner, Sealer]


class Decoder:
    """Turns messages into requests; seals what is personal on the way."""

    def __init__(self, keys: Keys, town_secret: bytes) -> None:
        self._keys = keys
        key = hashlib.blake2b(town_secret, person=b"sidan digests 1").digest()
        self._digest_of_nothing = hashlib.blake2b(digest_size=16, key=key)

    def decode(
        self, body: bytes, headers: Mapping[str, str], door: Door, recorded: datetime, intake: str
    ) -> Request | Unreadable:
        """Read one message; the arguments are the fields of `Arrived`. See `decode_all`."""
        (answer,) = self.decode_all([Arrived(body, headers, door, recorded, intake)])
        return answer

    def decode_all(self, arrived: Sequence[Arrived]) -> list[Request | Unreadable]:
        """Read messages, in order; what cannot be read comes out as such, with the reason.

        Raises:
            What the keys raise when one is not to be had, and nothing else.
        """
        said = [_read(one) for one in arrived]
        owners = {owner for one in said if isinstance(one, _Fit) for owner in one.owners}
        sealers = self._keys.sealers(owners)
        answers = [self._answer(*pair, sealers) for pair in zip(arrived, said, strict=True)]
        return self._with_letters(arrived, answers)

    def _with_letters(
        self, arrived: Sequence[Arrived], answers: Sequence[Request | _Parked]
    ) -> list[Request | Unreadable]:
        """What has to be parked is closed whole, each with a key of its own."""
        senders = {
            one.intake: letter(one.intake, _sender(one, answer.attributes))
            for one, answer in zip(arrived, answers, strict=True)
            if isinstance(answer, _Parked)
        }
        sealers = self._keys.sealers(senders.values())
        return [
            _unreadable(one, answer, sealers[senders[one.intake]]) if isinstance(answer, _Parked) else answer
            for one, answer in zip(arrived, answers, strict=True)
        ]

    def _answer(self, arrived: Arrived, read: _Fit | _Parked, sealers: _Sealers) -> Request | _Parked:
        if isinstance(read, _Parked):
            return read
        try:
            return self._request(arrived, read.said, _command(read, sealers))
        except Unfit as why:
            return _Parked(why, read.said.attributes)

    def _request(self, arrived: Arrived, said: Said, command: AnyCommand) -> Request:
        door, envelope = arrived.door, said.envelope
        asked = Asked(
            key=CommandKey(envelope.source, envelope.id),
            actor=Actor(role=said.role, id=said.actor),
            via=door.via,
            recorded=arrived.recorded,
            correlation=envelope.correlationid or envelope.id,
            intake=arrived.intake,
            claimed=envelope.time,
            trusted_time=door.trusted_time,
            on_behalf_of=ResidentId(envelope.onbehalfof) if envelope.onbehalfof else None,
            channel=envelope.channel,
            proof=door.proof,
        )
        subject = subject_of(command, said)
        return Request(
            asked, command, subject, command.stream, self._digest(said), _refusal(said, door, command)
        )

    def _digest(self, said: Said) -> bytes:
        """What tells a repeat from another request; keyed, so that nobody can try out what was written."""
        envelope = said.envelope
        told = (
            envelope.type,
            envelope.subject or "",
            envelope.role or "",
            envelope.actor,
            envelope.onbehalfof or "",
        )
        digest = self._digest_of_nothing.copy()
        digest.update("\0".join(told).encode() + b"\0" + pydantic_core.to_json(said.sent))
        return digest.digest()


def _read(arrived: Arrived) -> _Fit | _Parked:
    attributes: Mapping[str, Any] = arrived.headers
    try:
        attributes, data = attributes_of(arrived)
        said = read(arrived, attributes, data)
        return _Fit(said, owners_of(said))
    except Unfit as why:
        return _Parked(why, attributes)


def _command(read: _Fit, sealers: _Sealers) -> AnyCommand:
    """The command, its texts sealed as they are read. Raises Unfit."""
    said, owners = read.said, read.owners
    sealer = sealers[owners[0]] if owners else _NO_KEY
    data = _with_names_sealed(said.data, sealers) if said.command is AdoptRules else said.data
    try:
        return said.command.__pydantic_validator__.validate_python(data, context=sealer)
    except ValidationError as error:
        raise unfit("invalid_field", error) from error


def _with_names_sealed(data: dict[str, Any], sealers: _Sealers) -> dict[str, Any]:
    """New rules, each name of somebody on duty closed with that one's own key."""
    named = {id(person): person for person in named_people(data)}
    if not named:
        return data
    people = [
        _with_name_sealed(person, sealers) if id(person) in named else person
        for person in data["rules"]["people"]
    ]
    return {**data, "rules": {**data["rules"], "people": people}}


def _with_name_sealed(person: dict[str, Any], sealers: _Sealers) -> dict[str, Any]:
    name = person["name"]
    if not name.strip() or len(name) > MAX_TEXT:
        return person  # the rules say what is wrong with it
    return {**person, "name": sealers[Owner(RULES_SUBJECT, person["id"])].seal(name)}


def _sender(arrived: Arrived, attributes: Mapping[str, Any]) -> str:
    """The resident whose message it seems to be, as far as it says."""
    resident = arrived.door.role is Role.RESIDENT or attributes.get("role") == Role.RESIDENT
    said = attributes.get("onbehalfof") or (attributes.get("actor") if resident else None)
    return nobodys(said, LONGEST_ID)


def _unreadable(arrived: Arrived, parked: _Parked, sealer: Sealer) -> Unreadable:
    door, body, attributes, why = arrived.door, arrived.body, parked.attributes, parked.why
    key = CommandKey(
        source=nobodys(attributes.get("source"), LONGEST_SOURCE) or door.via,
        id=nobodys(attributes.get("id"), LONGEST_ID) or arrived.intake,
    )
    said = nobodys(attributes.get("actor"), LONGEST_ID) or "unknown"
    asked = Asked(
        key=key,
        actor=Actor(role=door.role or Role.OPERATOR, id=door.proof.actor if door.proof else said),
        via=door.via,
        recorded=arrived.recorded,
        correlation=key.id,
        intake=arrived.intake,
    )
    kept = body if len(body) <= MAX_BYTES else body[:KEPT_BYTES]
    return Unreadable(
        asked=asked,
        code=why.code,
        reason_zh=why.zh,
        reason_en=why.en,
        body=sealer.seal(base64.b64encode(kept).decode()),
        size=len(body),
        digest=hashlib.sha256(body).hexdigest(),
        envelope=sealer.seal(to_read_again(arrived)),
    )


def _refusal(said: Said, door: Door, command: AnyCommand) -> Refused | None:
    """Why the door itself does not let it in."""
    envelope = said.envelope
    if door.role is None:
        return None
    if envelope.role not in (None, door.role):
        role_zh, role = ROLE_NAMES[envelope.role]
        asked_for = f"{command.wire} ({door.via})"
        return WrongRole(role_zh=role_zh, role=role, command_zh=command.zh, command=asked_for)
    try:
        in_own_name(envelope.actor, door.proof)
    except AnotherName as refusal:
        return refusal
    return None
