"""A provider's volunteers are enrolled, changed and released."""

import pytest

from domain.events import VolunteerChanged, VolunteerEnrolled, VolunteerReleased
from domain.provider import Volunteer
from domain.rejections import (
    NotYours,
    ProviderGone,
    UnknownCategory,
    UnknownProvider,
    UnknownSkill,
    UnknownVolunteer,
    VolunteerExists,
    WrongRole,
)
from domain.sealed import Sealed
from domain.stages import Role
from tests.support.a_provider import (
    ASTHMA,
    AUNT_MEI,
    MEI,
    change_volunteer,
    changed,
    enrol,
    enrolled,
    registered,
    release,
    released,
    retiring,
)
from tests.support.a_town import AUNT_LI, FRIDAYS, MEALS, NIGHTS, POTHOLE, ROADS, WATER
from tests.support.given import Ask, given

EVERY_STEP = pytest.mark.parametrize("step", [enrol(), change_volunteer(willing=()), release()])


def test_a_volunteer_is_enrolled_with_what_matching_needs() -> None:
    joins = given(registered()).when(enrol())
    joins.then(
        VolunteerEnrolled,
        provider=WATER,
        volunteer=MEI,
        name=AUNT_MEI,
        skills=("first-aid",),
        hours=(FRIDAYS,),
        willing=(POTHOLE,),
        health=ASTHMA,
    )
    known = Volunteer(AUNT_MEI, ("first-aid",), (FRIDAYS,), (POTHOLE,), ASTHMA)
    joins.leaving(volunteers={MEI: known})


def test_who_is_enrolled_and_the_same_is_not_enrolled_again() -> None:
    given(registered(), enrolled()).when(enrol()).then_nothing()


def test_one_id_is_one_volunteer() -> None:
    another = enrol(name=Sealed("Old Zhou"))
    given(registered(), enrolled()).when(another).then_rejected(VolunteerExists, volunteer=MEI)


def test_skills_and_categories_are_those_of_the_town() -> None:
    given(registered()).when(enrol(skills=("flying",))).then_rejected(UnknownSkill, skill="flying")
    given(registered()).when(enrol(willing=("moon",))).then_rejected(UnknownCategory)
    known = given(registered(), enrolled())
    known.when(change_volunteer(skills=("flying",))).then_rejected(UnknownSkill)
    known.when(change_volunteer(willing=("moon",))).then_rejected(UnknownCategory)


def test_a_volunteer_changes_and_the_rest_stays() -> None:
    more = given(registered(), enrolled()).when(change_volunteer(hours=(FRIDAYS, NIGHTS), willing=(MEALS,)))
    more.then(
        VolunteerChanged, name=AUNT_MEI, hours=(FRIDAYS, NIGHTS), willing=(MEALS,), skills=("first-aid",)
    )
    none = given(registered(), enrolled(), *more.events).when(change_volunteer(willing=(), hours=()))
    none.then(VolunteerChanged, willing=(), hours=(), health=ASTHMA)


def test_what_was_said_of_health_is_taken_back() -> None:
    well = given(registered(), enrolled()).when(change_volunteer(forget_health=True))
    well.then(VolunteerChanged, health=None)
    given(registered(), enrolled(), *well.events).when(change_volunteer(forget_health=True)).then_nothing()


def test_a_change_that_says_the_same_or_nothing_is_silent() -> None:
    given(registered(), enrolled()).when(change_volunteer(hours=(FRIDAYS,), name=AUNT_MEI)).then_nothing()
    given(registered(), enrolled(), changed()).when(change_volunteer()).then_nothing()


def test_nobody_is_changed_who_is_not_enrolled() -> None:
    given(registered()).when(change_volunteer(willing=())).then_rejected(UnknownVolunteer)
    gone = given(registered(), enrolled(), released())
    gone.when(change_volunteer(willing=())).then_rejected(UnknownVolunteer)


def test_a_volunteer_is_released() -> None:
    leaves = given(registered(), enrolled()).when(release())
    leaves.then(VolunteerReleased, volunteer=MEI).leaving(volunteers={}, released={MEI})


def test_who_has_been_released_is_not_released_again() -> None:
    given(registered(), enrolled(), released()).when(release()).then_nothing()


def test_nobody_is_released_who_never_came() -> None:
    given(registered()).when(release()).then_rejected(UnknownVolunteer)


def test_who_left_may_come_back() -> None:
    back = given(registered(), enrolled(), released()).when(enrol()).then(VolunteerEnrolled)
    back.leaving(released=frozenset())
    given(registered(), enrolled(), released(), *back.events).when(release()).then(VolunteerReleased)


@EVERY_STEP
def test_an_unknown_provider_has_no_volunteers(step: Ask) -> None:
    given().when(step).then_rejected(UnknownProvider)


@EVERY_STEP
def test_who_leaves_the_town_takes_no_volunteers(step: Ask) -> None:
    given(registered(), enrolled(), retiring()).when(step).then_rejected(ProviderGone)


@EVERY_STEP
def test_a_provider_speaks_for_its_own_volunteers_only(step: Ask) -> None:
    given(registered()).when(step.said_by(Role.PROVIDER, ROADS)).then_rejected(NotYours)
    given(registered()).when(step.said_by(Role.RESIDENT, AUNT_LI)).then_rejected(WrongRole)
    given(registered()).when(enrol().said_by(Role.PROVIDER, WATER)).then(VolunteerEnrolled)


def test_name_and_health_are_sealed_as_they_come_in() -> None:
    command = enrol().command
    assert {name for name in type(command).model_fields if isinstance(getattr(command, name), Sealed)} == {
        "name",
        "health",
    }
