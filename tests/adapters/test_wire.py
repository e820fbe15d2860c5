"""The bytes of the record: two JSON lines, and nothing lost or guessed on the way back."""

from types import UnionType
from typing import Any, ClassVar, get_args
from uuid import UUID

import msgspec
import pytest
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent
from pydantic import BaseModel

from adapters.store import wire
from adapters.store.wire import FactMapper, decode, encode
from domain.events import EVENTS, OrderEvent, OrderRecalled
from domain.facts import Meta
from tests.golden.events import EXAMPLES, as_fact
from tests.support.an_order import ORDER, accepted, pooled, recalled

STREAM = UUID(int=ORDER.int)


def test_the_state_is_two_lines_of_json() -> None:
    lines = encode(as_fact(accepted())).split(b"\n")
    assert len(lines) == 2
    assert lines[1] == b'{"category":"roads/pothole","area":"lake/east","provider":"water"}'


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.wire)
def test_a_fact_comes_back_as_it_went(example) -> None:
    fact = as_fact(example)
    assert decode(example.wire, encode(fact), STREAM, fact.version) == fact


def test_what_is_absent_comes_back_absent() -> None:
    fact = as_fact(recalled(provider=None))
    assert b"provider" not in encode(fact).split(b"\n")[1]
    event = decode("OrderRecalled", encode(fact), STREAM, 1).event
    assert isinstance(event, OrderRecalled)
    assert event.provider is None


def fields_of(model: type[BaseModel], seen: set[type[BaseModel]]):
    """Every field of a model and of the models inside it."""
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        yield model, name, field
        for inner in models_in(field.annotation):
            yield from fields_of(inner, seen)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def test_whatever_may_be_none_is_none_when_left_out() -> None:
    """What is None is not written, so reading it back must not ask for it."""
    seen: set[type[BaseModel]] = set()
    for model in EVENTS.values():
        for owner, name, field in fields_of(model, seen):
            if isinstance(field.annotation, UnionType) and type(None) in get_args(field.annotation):
                assert not field.is_required(), f"{owner.__name__}.{name} may be None but is asked for"
                assert field.default is None, f"{owner.__name__}.{name}"
    for field in msgspec.structs.fields(Meta):
        assert field.default is None or type(None) not in get_args(field.type), field.name


def test_times_keep_their_zone_and_their_fractions() -> None:
    state = encode(as_fact(pooled())).replace(b"2026-03-02T01:00:00Z", b"2026-03-02T09:00:00.000123+08:00")
    fact = decode("OrderPooled", state, STREAM, 1)
    assert encode(fact) == state


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("OrderVanished", encode(as_fact(accepted()))),
        ("domain.events:OrderAccepted", encode(as_fact(accepted()))),
        ("OrderAccepted", b""),
        ("OrderAccepted", b"{}\n{}"),
        ("OrderAccepted", encode(as_fact(accepted())).replace(b'"provider":"water"', b'"provider":5')),
        ("OrderAccepted", encode(as_fact(accepted())) + b"}"),
        ("OrderAccepted", encode(as_fact(accepted())).replace(b"\n", b" ")),
    ],
)
def test_what_cannot_be_read_says_which_fact_it_is(topic: str, state: bytes) -> None:
    with pytest.raises(MapperDeserialisationError, match=str(STREAM)):
        decode(topic, state, STREAM, 5)


def test_a_version_of_a_newer_release_is_not_guessed_at() -> None:
    newer = accepted().model_copy(update={"class_version": 2})
    state = encode(as_fact(newer)).replace(b'"intake"', b'"class_version":2,"intake"')
    with pytest.raises(MapperDeserialisationError, match="newer"):
        decode("OrderAccepted", state, STREAM, 1)


class Renamed(OrderEvent):
    """OrderAccepted as it might look one day: its provider is called unit."""

    wire: ClassVar[str] = "OrderAccepted"
    class_version: ClassVar[int] = 3
    unit: str


def test_an_old_version_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {
        ("OrderAccepted", 1): lambda data: {**data, "by": data["provider"]},
        ("OrderAccepted", 2): lambda data: {**data, "unit": data["by"].upper()},
    }
    monkeypatch.setattr(wire, "EVENTS", {"OrderAccepted": Renamed})
    monkeypatch.setattr(wire, "UPCASTERS", steps)
    fact = decode("OrderAccepted", encode(as_fact(accepted())), STREAM, 1)
    assert fact.event == Renamed(category=accepted().category, area=accepted().area, unit="WATER")


def test_the_mapper_names_events_by_wire_name() -> None:
    fact = as_fact(accepted())
    stored = FactMapper().to_stored_event(fact)
    assert stored == StoredEvent(STREAM, fact.version, "OrderAccepted", encode(fact))
    assert FactMapper().to_domain_event(stored) == fact
