"""A provider's own topic that is made while a worker runs is taken in without a restart."""

from collections.abc import Iterator
from functools import partial

import pytest

from adapters.bus.intake import Intake
from adapters.bus.topics import Topic
from adapters.roles import worker
from tests.support.a_bus import BusTown, accept, administrating, dispatch, place
from tests.support.a_town import ROADS, WATER
from tests.support.waiting import eventually, running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.bus.intake.LOOK", 0.2)


@pytest.fixture
def intake(town: BusTown) -> Intake:
    return Intake(town.topics, town.kafka, {})


@pytest.fixture
def at_work(town: BusTown) -> Iterator[BusTown]:
    """The role itself, as `sidan worker` runs it."""
    with running(partial(worker, town.node)):
        yield town


def own(town: BusTown, provider: str) -> Topic:
    return town.topics.department(provider)


def with_senders_times(town: BusTown, topic: Topic) -> None:
    """Made by somebody who lets the senders set the time."""
    wanted = {**topic.wanted, "configs": {"message.timestamp.type": "CreateTime"}}
    with administrating(town.kafka) as admin:
        admin.create_topics({topic.name: wanted})
        admin.wait_for_topics([topic.name])


def dispatched(town: BusTown, provider: str) -> str:
    order = town.new_order()
    for body in (place(order), dispatch(order, provider)):
        town.ask(body)
    return order


def test_what_is_sent_to_a_topic_made_while_the_worker_runs_is_recorded(at_work: BusTown) -> None:
    town, order = at_work, dispatched(at_work, WATER)
    before = town.new_order()
    town.say("residents", place(before))
    eventually(lambda: town.events_of(before) == ["OrderPlaced"], 40)
    town.provisioning.create([own(town, WATER)])
    town.say(f"departments.{WATER}", accept(order, WATER))
    eventually(lambda: town.events_of(order)[-1] == "OrderAccepted", 40)
    after = town.new_order()
    town.say("residents", place(after))
    eventually(lambda: town.events_of(after) == ["OrderPlaced"], 40)


def test_a_new_topic_with_its_senders_times_stops_nobody_elses_intake(
    at_work: BusTown, capsys: pytest.CaptureFixture[str]
) -> None:
    town, order = at_work, dispatched(at_work, ROADS)
    with_senders_times(town, own(town, WATER))
    town.provisioning.create([own(town, ROADS)])
    town.say(f"departments.{WATER}", accept(order, WATER))
    town.say(f"departments.{ROADS}", accept(order, ROADS))
    eventually(lambda: town.events_of(order)[-1] == "OrderAccepted", 40)
    assert "CommandRejected" not in town.told()
    assert "intake.refused" in "".join(capsys.readouterr())


def test_a_look_tells_what_came_and_what_went(town: BusTown, intake: Intake) -> None:
    intake.open()
    assert not intake.is_another()
    town.provisioning.create([own(town, WATER)])
    eventually(intake.is_another)
    assert own(town, WATER).name in intake.open()
    assert not intake.is_another()
    with administrating(town.kafka) as admin:
        admin.delete_topics([own(town, WATER).name])
    eventually(intake.is_another)
    assert own(town, WATER).name not in intake.open()


def test_topics_that_are_nobodys_own_are_no_news(town: BusTown, intake: Intake) -> None:
    intake.open()
    town.provisioning.create([town.topics.of_work(town.topics.work(WATER))])
    eventually(lambda: town.topics.work(WATER) in town.provisioning.present())
    assert not intake.is_another()


def test_what_takes_its_senders_times_is_left_out_at_the_start_too(
    town: BusTown, intake: Intake, capsys: pytest.CaptureFixture[str]
) -> None:
    with_senders_times(town, own(town, WATER))
    eventually(lambda: own(town, WATER).name in town.provisioning.present())
    assert sorted(intake.open()) == sorted(town.topics.commands)
    assert not intake.is_another()
    assert "".join(capsys.readouterr()).count("intake.refused") == 1


def test_a_broker_that_cannot_be_seen_is_no_other_intake(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], town: BusTown
) -> None:
    monkeypatch.setattr("adapters.bus.intake.PATIENCE", 0.2)
    assert not Intake(town.topics, "127.0.0.1:9", {}).is_another()
    assert "intake.unseen" in "".join(capsys.readouterr())
