"""A provider's own topic proves that provider: nobody answers there for another."""

from uuid import uuid4

import pytest

from adapters.bus.topics import Provisioning, Topics
from domain.stages import Role
from tests.support.a_bus import BusTown, accept, dispatch, place
from tests.support.a_town import ROADS, WATER
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
