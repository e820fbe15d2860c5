"""A provider's own topic proves that provider: nobody answers there for another."""

from uuid import uuid4

import pytest

from adapters.bus.topics import Provisioning, Topics
from domain.stages import Role
from tests.support.a_bus import BusTown, accept, command, dispatch, place
from tests.support.a_town import EAST, ROADS, WATER
from tests.support.waiting import eventually, running


def test_a_providers_own_topic_proves_it() -> None:
    topics = Topics("town")
    door = topics.door("town.departments.water")
    assert (door.via, door.role) == ("sidan.departments", Role.PROVIDER)
    assert door.proof is not None
    assert (door.proof.actor, door.proof.provider) == (WATER, WATER)
    assert topics.door("town.departments").proof is None


def test_only_names_of_providers_make_one() -> None:
    present = ["town.departments", "town.departments.water", "town.departments.", "town.departments.A B"]
    present += ["other.departments.roads", "town.work.roads", "town.events"]
    assert Topics("town").own(present) == ["town.departments.water"]


def test_they_are_made_where_the_setting_names_them(kafka: str) -> None:
    topics = Topics(f"t{uuid4().hex[:10]}")
    with Provisioning(kafka) as provisioning:
        assert topics.name("departments.water") in provisioning.create(topics.all([WATER]))
        assert topics.own(provisioning.present()) == [topics.name("departments.water")]


@pytest.mark.parametrize("claimed", ["it acts for another", "it calls itself another"])
def test_a_provider_answering_for_another_is_refused(town: BusTown, claimed: str) -> None:
    town.provisioning.create([town.topics.department(provider) for provider in (WATER, ROADS)])
    order = town.new_order()
    for body in (place(order), dispatch(order, WATER)):
        town.ask(body)
    as_water = accept(order, WATER)
    if claimed == "it acts for another":
        as_water = as_water.replace(b'"actor": "water"', b'"actor": "roads"')
    town.say("departments.roads", as_water)
    intake = [town.topics.name("departments.roads"), town.topics.name("departments.water")]
    with running(town.feed(town.worker(intake), topics=intake).run):
        eventually(lambda: "CommandRejected" in [one.fact.event.wire for one in town.log()])
        code = "not_yours" if claimed == "it acts for another" else "another_name"
        assert town.told()[-1] == code
        assert town.log()[-1].fact.meta.actor.id == ROADS
        town.say("departments.water", accept(order, WATER))
        eventually(lambda: town.events_of(order)[-1] == "OrderAccepted")


def test_needs_are_taken_up_by_a_providers_own_topic_in_its_own_name(town: BusTown) -> None:
    town.provisioning.create([town.topics.department(ROADS)])
    said = {"need": "shade", "title_zh": "遮阳棚", "title_en": "A shelter", "area": EAST}
    town.ask(command("StateNeed", "need/shade", "community", "d-chen", **said))
    topic = town.topics.name(f"departments.{ROADS}")
    with running(town.feed(town.worker([topic]), topics=[topic]).run):
        for provider in (WATER, ROADS):
            taken = command("TakeUpNeed", "need/shade", "provider", ROADS, need="shade", provider=provider)
            town.say(f"departments.{ROADS}", taken)
        eventually(lambda: town.told()[-2:] == ["not_yours", "NeedTakenUp"])
