"""Whose a text is: the one who wrote it, and what it is about."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast, get_args
from uuid import UUID

from adapters.arriving import LONGEST_ID, Said
from domain import commands as c
from domain.ids import PERSON, RULES_SUBJECT, NeedId, ProviderId, need_subject, provider_subject
from domain.model import CODE, Plain
from domain.need_commands import NeedCommand
from domain.person_commands import PersonCommand
from domain.provider_commands import ProviderCommand
from domain.sealed import Sealed
from domain.stages import Role

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODE: Final = re.compile(CODE.strip("^$"))
_PERSON: Final = re.compile(PERSON.strip("^$"))


class Owner(Plain, frozen=True):
    """A key is made for each of these; what is destroyed is one of these.

    `subject` is an order's UUID, provider/<slug>, need/<slug>, rules, letter/<arrival> of parked bytes, or
    erasure/<what> of why it was erased.
    `person` is the resident, the volunteer or the person on duty; empty: what staff wrote about the subject.
    """

    subject: str
    person: str = ""


def letter(arrival: object, person: str = "") -> Owner:
    """Of bytes that were parked, and of what an operator says about them."""
    return Owner(f"letter/{arrival}", person)


def erasure(of: str) -> Sequence[Owner]:
    """Of why something was erased: it is kept when that is gone."""
    return _own(of and f"erasure/{of}")


def owners_of(said: Said) -> Sequence[Owner]:
    """Whose the texts of a message are: first its own, then others named in it. None: it has no texts.

    None too where nobody can say what it is about; then it cannot be read either.
    """
    command, data = said.command, said.data
    if not any(data.get(name) is not None for name in _SEALED[command]):
        return ()
    if command is c.EraseOrder:
        return erasure(_order(data.get("order")))
    if issubclass(command, PersonCommand):
        return erasure(_person(data.get("person")))
    if issubclass(command, c.OrderCommand):
        return _own(_order(data.get("order")), said.envelope.onbehalfof or _resident(said))
    if issubclass(command, ProviderCommand):
        slug = _code(data.get("provider"))
        return _own(slug and provider_subject(ProviderId(slug)), _code(data.get("volunteer")))
    if issubclass(command, NeedCommand):
        slug = _code(data.get("need"))
        return _own(slug and need_subject(NeedId(slug)))
    return (Owner(RULES_SUBJECT), *(Owner(RULES_SUBJECT, one["id"]) for one in named_people(data)))


def named_people(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those on duty in new rules who have an id and a name to seal, as they came."""
    rules: Any = data.get("rules")
    people: Any = cast("dict[str, Any]", rules).get("people") if isinstance(rules, dict) else None
    return [one for one in cast("list[Any]", people) if _is_named(one)] if isinstance(people, list) else []


def _is_named(person: Any) -> bool:
    if not isinstance(person, dict):
        return False
    said = cast("dict[str, Any]", person)
    return bool(_code(said.get("id"))) and isinstance(said.get("name"), str)


def _resident(said: Said) -> str:
    """Whoever places an order is its resident, in whatever role."""
    return said.actor if said.role is Role.RESIDENT or said.command is c.PlaceOrder else ""


def _own(subject: str, person: str = "") -> Sequence[Owner]:
    return (Owner(subject, person),) if subject else ()


def _order(said: Any) -> str:
    """In its one spelling, as the command will have it."""
    if isinstance(said, str) and _UUID.fullmatch(said):
        return said
    try:
        return str(UUID(said)) if isinstance(said, str) else str(said) if isinstance(said, UUID) else ""
    except ValueError:
        return ""


def _code(value: Any) -> str:
    """What can be an id; nothing else gets a key."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _person(value: Any) -> str:
    """What an envelope may call somebody, which is more than a code."""
    fits = isinstance(value, str) and len(value) <= LONGEST_ID and _PERSON.fullmatch(value)
    return value if fits else ""


def _sealed_fields(command: type[c.AnyCommand]) -> frozenset[str]:
    if command is c.AdoptRules:
        return frozenset({"rules"})
    fields = command.model_fields.items()
    return frozenset(
        name for name, field in fields if Sealed in (field.annotation, *get_args(field.annotation))
    )


_SEALED: Final = {command: _sealed_fields(command) for command in c.COMMANDS.values()}
