"""No text that people write comes in unlooked at: it is sealed, a code, or scanned for numbers."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel, StringConstraints, ValidationError

from domain.commands import COMMANDS, AmendProvider, ImportOrder, PlaceOrder
from domain.model import A_CODE, COVERED, NO_IDENTITY, NO_NUMBER, Words
from domain.need_commands import StateNeed
from domain.rules import Area
from domain.sealed import Sealed

MOBILE, IDENTITY = "13800000000", "11010519491231002X"


class Seal:
    """Stands for the decoder's sealer."""

    def seal(self, clear: str) -> Sealed:
        return Sealed(clear)


def texts(kind: Any, told: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of every text in a type, the annotations on it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for field in kind.model_fields.values():
            yield from texts(field.annotation, tuple(field.metadata))
    elif isinstance(kind, type):
        if issubclass(kind, str) and not issubclass(kind, Enum | Sealed):
            yield told
    elif get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        yield from texts(inner, (*told, *more))
    elif hasattr(kind, "__supertype__"):
        yield from texts(kind.__supertype__, told)
    else:
        for part in get_args(kind):
            yield from texts(part, told)


def looked_at(told: tuple[Any, ...]) -> bool:
    patterns = [one for one in told if isinstance(one, StringConstraints) and one.pattern]
    return bool(patterns) or any(one in told for one in (NO_NUMBER, NO_IDENTITY, COVERED, A_CODE))


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.wire)
def test_every_text_of_a_command_is_sealed_a_code_or_scanned(command: type[BaseModel]) -> None:
    unseen = [
        name
        for name, field in command.model_fields.items()
        for told in texts(field.annotation, tuple(field.metadata))
        if not looked_at(told)
    ]
    assert unseen == []


def test_a_text_that_nobody_looks_at_is_seen() -> None:
    class Loose(BaseModel):
        note: str
        words: Annotated[str, StringConstraints(max_length=5)] | None = None
        lists: dict[str, tuple[Words, ...]] = {}

    assert [looked_at(told) for told in texts(Loose)] == [False, False, False, True, True]


NEED = {"need": "shade", "title_zh": "凉亭", "title_en": "Shade", "area": "lake"}
IMPORT = {
    "order": "019cac2e-f380-7000-8000-000000000001",
    "category": "roads",
    "area": "lake",
    "stage": "completed",
    "source": "18020800123",
}


@pytest.mark.parametrize(
    ("model", "data", "field"),
    [
        (StateNeed, NEED | {"title_zh": f"找{MOBILE}"}, "title_zh"),
        (StateNeed, NEED | {"title_en": IDENTITY}, "title_en"),
        (AmendProvider, {"provider": "water", "name_zh": "水务0755-22345678"}, "name_zh"),
        (AmendProvider, {"provider": "water", "contact": IDENTITY}, "contact"),
        (Area, {"path": "lake", "name": {"zh": f"湖{MOBILE}", "en": "Lake"}}, "name"),
    ],
)
def test_a_number_of_a_person_is_refused_where_everybody_reads(
    model: type[BaseModel], data: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(data, context=Seal())
    (error,) = refused.value.errors()
    assert (error["type"], error["loc"][0]) == ("personal_number", field)
    assert model.model_validate(data)  # what lies in the record is read all the same


def test_a_public_contact_is_a_telephone_number() -> None:
    data = {"provider": "water", "contact": MOBILE}
    assert AmendProvider.model_validate(data, context=Seal()).contact == MOBILE


def test_a_word_of_another_system_is_covered_and_its_number_kept() -> None:
    told = ImportOrder.model_validate(IMPORT | {"channel": f"微信{MOBILE}"}, context=Seal())
    assert (told.channel, told.source) == ("微信138****0000", "18020800123")
    kept = ImportOrder.model_validate(IMPORT | {"channel": f"微信{MOBILE}"})
    assert kept.channel == f"微信{MOBILE}"


def test_what_is_sealed_may_say_anything() -> None:
    data = {"order": IMPORT["order"], "category": "roads", "area": "lake", "details": f"{MOBILE} {IDENTITY}"}
    assert PlaceOrder.model_validate(data, context=Seal()).details == data["details"]
