"""A provider with a system of its own is told what concerns it, and nothing about residents."""

import pytest

from domain.events import Event
from domain.stages import Level
from services.work_process import WorkProcess
from tests.support.a_provider import amended, registered
from tests.support.a_town import ROADS, WATER
from tests.support.an_order import (
    accepted,
    claimed,
    completed,
    declined,
    dispatched,
    placed,
    rated,
    recalled,
    reopened,
)
from tests.support.recorded import recorded


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (dispatched(), "WorkOffered"),
        (claimed(), "WorkClaimed"),
        (recalled(), "WorkRecalled"),
        (reopened(), "WorkReopened"),
        (rated(Level.SATISFIED), "WorkRated"),
    ],
)
def test_it_is_told_what_concerns_it(event: Event, kind: str) -> None:
    (message,) = WorkProcess({WATER}).react(recorded(event, 7))
    assert (message.topic, message.type, message.id) == ("work.water", kind, "work-7-1")


@pytest.mark.parametrize("event", [placed(), accepted(), declined(), completed(), recalled(provider=None)])
def test_what_it_did_itself_or_does_not_have_it_is_not_told(event: Event) -> None:
    assert WorkProcess({WATER}).react(recorded(event)) == []


def test_who_has_no_system_has_no_topic() -> None:
    process = WorkProcess({ROADS})
    assert process.react(recorded(registered(WATER))) == []
    assert process.react(recorded(dispatched(to=WATER))) == []


def test_who_registers_with_a_system_gets_a_topic() -> None:
    process = WorkProcess(set())
    process.react(recorded(registered(WATER).model_copy(update={"takes_by_bus": True})))
    assert process.react(recorded(dispatched(to=WATER)))


def test_who_asks_for_a_topic_later_gets_it() -> None:
    process = WorkProcess(set())
    process.react(recorded(registered(WATER)))
    process.react(recorded(amended(takes_by_bus=True)))
    assert process.react(recorded(dispatched(to=WATER)))


def test_who_no_longer_takes_by_topic_is_told_nothing() -> None:
    process = WorkProcess({WATER})
    process.react(recorded(amended(takes_by_bus=False)))
    assert process.react(recorded(dispatched(to=WATER))) == []


def test_work_names_no_resident_and_has_no_text() -> None:
    for event in (dispatched(), recalled(), reopened(), rated()):
        (message,) = WorkProcess({WATER}).react(recorded(event))
        assert b"r-li" not in message.data
        assert b"sealed" not in message.data
