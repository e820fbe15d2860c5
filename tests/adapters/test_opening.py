"""A personal text is shown once its reading is on record, and not at all where it cannot be."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError

from adapters.desk import Crowded, Desk
from adapters.keys.owner import Owner
from adapters.keys.town_key import TownSealer
from adapters.opening import Reading, TextOpening, Unrecorded
from adapters.readings import of_subject
from adapters.store.event_store import EventStore
from domain.events import TextsOpened
from domain.facts import Actor
from domain.ids import ResidentId, readings_of, stream_of
from domain.sealed import Sealed
from domain.stages import Right, Role
from services.audit.auditor import check_all
from services.handling import Handler
from tests.support.an_order import ORDER, place
from tests.support.at_the_door import found_town, request

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SEALER = TownSealer(bytes(32))
DETAILS, CONTACT = SEALER.seal("路灯不亮"), SEALER.seal("13800000000")
READING = Reading(
    actor=Actor(role=Role.COMMUNITY, id="d-chen"),
    via="http",
    right=Right.COMMUNITY,
    subject=str(ORDER),
    person=ResidentId("r-li"),
    purpose="回访",
)


class Watched:
    """Keys that remember what they opened, and for whom they closed."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.owners: list[Owner] = []

    def open(self, sealed: str) -> str:
        self.opened.append(sealed)
        return SEALER.open(sealed)

    def seal(self, owner: Owner, clear: str) -> Sealed:
        self.owners.append(owner)
        return SEALER.seal(clear)


class Failing(Desk):
    """A desk whose record is away."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def ask(self, intake: Any) -> Any:  # noqa: ARG002 - as a desk has it
        raise self._error

    def ask_all(self, intake: Any) -> Any:  # noqa: ARG002 - as a desk has it
        raise self._error


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/record.db")
    yield store
    store.close()


@pytest.fixture
def desk(store: EventStore) -> Desk:
    return Desk(found_town(store))


def opening(desk: Desk, watched: Watched | None = None) -> TextOpening:
    return TextOpening(watched or Watched(), desk, lambda: NOW)


def test_a_reading_is_on_record_before_the_text_is_open(store: EventStore, desk: Desk) -> None:
    watched = Watched()
    unseal = opening(desk, watched).open(READING, [("details", DETAILS), ("contact", CONTACT)])
    assert watched.opened == []
    (one,) = of_subject(store, str(ORDER))
    assert (one.actor, one.right, one.via, one.person) == (READING.actor, "community", "http", "r-li")
    assert (one.fields, one.recorded) == (("details", "contact"), NOW)
    assert unseal(CONTACT) == "13800000000"
    assert watched.owners == [Owner(str(ORDER))]  # the purpose is what staff wrote about the order


def test_it_names_the_fields_and_quotes_nothing(store: EventStore, desk: Desk) -> None:
    opening(desk).open(READING, [("details", DETAILS)])
    stored = store.read_stored(store.head() - 1, 1)[0]
    assert b'"details"' in stored.state
    for text in ("路灯不亮", "回访", DETAILS):
        assert text.encode() not in stored.state
    (one,) = of_subject(store, str(ORDER))
    assert one.purpose is not None
    assert SEALER.open(one.purpose) == "回访"


@pytest.mark.parametrize("error", [OperationalError("away"), Crowded()], ids=["away", "crowded"])
def test_what_cannot_be_put_on_record_is_not_opened(error: Exception) -> None:
    watched = Watched()
    for texts in ([(READING, [("details", DETAILS)])], [(READING, [("details", DETAILS)])] * 2):
        with pytest.raises(Unrecorded, match="请稍后重试。 This reading"):
            opening(Failing(error), watched).open_each(texts)
    assert watched.opened == []


def test_a_fault_of_ours_is_not_called_a_record_that_is_away() -> None:
    with pytest.raises(ZeroDivisionError):
        opening(Failing(ZeroDivisionError())).open(READING, [("details", DETAILS)])


def test_only_what_was_named_can_be_opened(desk: Desk) -> None:
    unseal = opening(desk).open(READING, [("details", DETAILS)])
    with pytest.raises(KeyError):
        unseal(CONTACT)


def test_where_there_is_nothing_to_open_nothing_is_recorded(store: EventStore, desk: Desk) -> None:
    head = store.head()
    opening(desk).open(READING, [("comment", None)])
    assert opening(desk).unshown(DETAILS) == "路灯不亮"
    assert store.head() == head


def test_readings_of_a_subject_stand_one_behind_the_other(store: EventStore, desk: Desk) -> None:
    other = Reading(actor=READING.actor, via="cli", right=Right.OPERATOR, subject="need/shade")
    desk.ask(request(place()))
    opening(desk).open(READING, [("details", DETAILS)])
    opening(desk).open_each([(one, [("details", DETAILS)]) for one in (READING, other, READING)])
    facts = store.read(0, 100)
    read = [one.fact for one in facts if isinstance(one.fact.event, TextsOpened)]
    assert [(one.stream, one.version) for one in read] == [
        (readings_of(str(ORDER)), 1),
        (readings_of(str(ORDER)), 2),
        (readings_of("need/shade"), 1),
        (readings_of(str(ORDER)), 3),
    ]
    assert check_all(facts, whole_log=True) == []
    assert [one.fact.version for one in store.history(stream_of(str(ORDER)))] == [
        1
    ]  # the order's own stream is not touched


def test_two_writers_read_the_same_order_and_both_are_on_record(store: EventStore, desk: Desk) -> None:
    another = Desk(Handler(store))
    for one in (desk, another, desk):
        opening(one).open(READING, [("details", DETAILS)])
    assert len(of_subject(store, str(ORDER))) == 3


def test_the_auditor_sees_a_reading_that_is_gone(store: EventStore, desk: Desk) -> None:
    for _ in range(3):
        opening(desk).open(READING, [("details", DETAILS)])
    facts = list(store.read(0, 100))
    assert [one.code for one in check_all([*facts[:-2], facts[-1]], whole_log=True)] == ["version_gap"]
