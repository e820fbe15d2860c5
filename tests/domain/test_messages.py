"""Commands and events as they are read: stable names, nothing unknown let in, nothing ambiguous."""

from typing import Any, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from domain.commands import COMMANDS, AcceptOrder, ImportOrder, PlaceOrder, ProposeDispatch, RegisterProvider
from domain.events import EVENTS, Event, OrderAccepted, OrderEvent
from domain.ids import OrderId
from domain.need_events import NeedEvent
from domain.person_events import PersonEvent
from domain.proposal import Candidate, Proposal
from domain.provider_events import ProviderEvent, VolunteerEvent
from domain.rules import Person, Rules
from tests.domain.every_command import EXAMPLES
from tests.support.a_town import MONDAY, WATER
from tests.support.an_order import (
    ORDER,
    OTHER,
    accepted,
    claim,
    dispatch,
    import_order,
    mark_duplicate,
    place,
)
from tests.support.given import Ask

WORDS = {"order": str(ORDER), "category": "roads/pothole", "area": "lake", "details": "sealed"}


def every_event(kind: type[Event] = Event) -> set[type[Event]]:
    below = {one for child in kind.__subclasses__() for one in every_event(child)}
    bases = (Event, OrderEvent, ProviderEvent, VolunteerEvent, NeedEvent, PersonEvent)
    return below | (set() if kind in bases else {kind})


def test_the_wire_name_of_a_command_or_event_is_its_own() -> None:
    assert all(command.wire == name == command.__name__ for name, command in COMMANDS.items())
    assert all(event.wire == name == event.__name__ for name, event in EVENTS.items())


def test_every_event_can_be_read_back() -> None:
    ours = {event for event in every_event() if event.__module__.startswith("domain.")}
    assert ours == set(EVENTS.values())


@pytest.mark.parametrize("ask", EXAMPLES, ids=lambda ask: ask.command.wire)
def test_a_command_is_the_same_after_it_was_written_and_read(ask: Ask) -> None:
    assert type(ask.command).model_validate_json(ask.command.model_dump_json()) == ask.command
    assert ask.command.zh


def test_an_event_of_a_later_version_is_read_without_what_is_new() -> None:
    told = {**accepted().model_dump(), "weather": "fine"}
    assert OrderAccepted.model_validate(told) == accepted()


def test_a_decision_reads_what_it_names() -> None:
    assert dispatch(to=WATER).command.also_reads() == ("provider/water",)
    assert claim(by=WATER).command.also_reads() == ("provider/water",)
    assert mark_duplicate(of=OTHER).command.also_reads() == (str(OTHER),)
    assert import_order(provider=WATER).command.also_reads() == ("provider/water",)
    assert import_order().command.also_reads() == ()
    assert place().command.also_reads() == ()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (PlaceOrder, {**WORDS, "colour": "red"}),
        (PlaceOrder, {**WORDS, "order": "1"}),
        (PlaceOrder, {key: value for key, value in WORDS.items() if key != "area"}),
        (PlaceOrder, {**WORDS, "wanted": "Water Works"}),
        (PlaceOrder, {**WORDS, "wanted_at": "2026-03-02T09:00:00"}),
        (ImportOrder, {**WORDS, "stage": "completed", "source": "1", "closed_at": "2026-03-02"}),
        (ImportOrder, {**WORDS, "stage": "lost", "source": "1"}),
        (AcceptOrder, {"order": str(ORDER)}),
        (
            ProposeDispatch,
            {
                "order": str(ORDER),
                "proposal": {
                    "category": "roads",
                    "area": "lake",
                    "rules": 1,
                    "at": "2026-03-02T00:00:00Z",
                    "winner": "A B",
                },
            },
        ),
    ],
)
def test_what_nobody_knows_or_can_be_read_two_ways_is_refused(kind: Any, message: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(message)


@pytest.mark.parametrize("offer", [{"category": "roads", "hours": 3}, {"category": "Roads!"}])
def test_an_offer_has_no_fields_of_its_own_making(offer: dict[str, Any]) -> None:
    unit = {
        "provider": WATER,
        "name_zh": "水务",
        "name_en": "Water",
        "kind": "department",
        "contact": "12345",
    }
    with pytest.raises(ValidationError):
        RegisterProvider.model_validate({**unit, "capacity": 5, "areas": ["lake"], "offers": [offer]})
    assert RegisterProvider.model_validate({**unit, "capacity": 5, "areas": ["lake"], "offers": []})


LISTS = [
    (model, name)
    for model in (*COMMANDS.values(), Candidate, Proposal, Person, Rules)
    for name, field in model.model_fields.items()
    if get_origin(field.annotation) is tuple
]


@pytest.mark.parametrize(("model", "name"), LISTS)
def test_a_list_is_refused_at_its_first_entry_that_does_not_fit(model: type[BaseModel], name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate({name: [object()] * 1000})
    entries = [error["loc"] for error in refused.value.errors() if error["loc"][1:]]
    assert entries == [(name, 0)]


def test_a_moment_with_an_offset_is_read() -> None:
    told = {**WORDS, "wanted_at": "2026-03-02T09:00:00+08:00"}
    assert (
        PlaceOrder.model_validate_json(PlaceOrder.model_validate(told).model_dump_json()).wanted_at == MONDAY
    )


def test_values_cannot_be_changed() -> None:
    candidate = Candidate(provider=WATER, reasons=())
    for value, field in ((candidate, "provider"), (accepted(), "provider"), (dispatch().command, "order")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(value, field, OrderId(OTHER))
