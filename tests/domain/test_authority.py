"""Of whose orders somebody may ask: a dispatcher of their area, provider staff of their provider."""

from collections.abc import Callable

import pytest

from domain.authority import in_own_name
from domain.events import OrderDispatched, OrderPlaced, ProviderRetiring
from domain.facts import Proof
from domain.ids import AreaPath, ProviderId
from domain.rejections import AnotherName, NotYours, OutsideArea
from domain.rules import Person
from domain.sealed import Sealed
from domain.stages import Role
from tests.support import an_order as o
from tests.support.a_provider import registered, retire
from tests.support.a_town import EAST, ROADS, STREET, WATER, WEST, rules_with
from tests.support.given import Ask, given


def person(name: str, area: AreaPath | None, *roles: Role) -> Person:
    return Person(id=name, name=Sealed("sealed-name"), roles=roles or (Role.COMMUNITY,), area=area)


STAFFED = rules_with(
    areas=[area.model_copy(update={"responsible": None}) for area in rules_with().areas],
    people=(
        person("d-street", STREET),
        person("d-east", EAST),
        person("d-west", WEST),
        person("d-town", None),
        person("op-1", WEST, Role.OPERATOR),
    ),
)
OF_COMMUNITY: dict[str, Callable[[], Ask]] = {
    "dispatch": o.dispatch,
    "pool": o.pool,
    "answer": o.answer,
    "not accept": o.not_accept,
    "mark duplicate": o.mark_duplicate,
    "recall": o.recall,
}


def by(ask: Ask, who: str, proof: Proof | None = None) -> Ask:
    return ask.said_by(Role.COMMUNITY, who).proven(proof)


@pytest.mark.parametrize("ask", OF_COMMUNITY.values(), ids=OF_COMMUNITY)
def test_a_dispatcher_outside_the_area_is_refused(ask: Callable[[], Ask]) -> None:
    asked = given(o.placed()).under(STAFFED).when(by(ask(), "d-west"))
    asked.then_rejected(OutsideArea, area=EAST, theirs=WEST)


@pytest.mark.parametrize("who", ["d-east", "d-street", "d-town", "desk-that-nobody-listed", "op-1"])
def test_one_of_the_area_and_one_whom_the_town_does_not_list_dispatch(who: str) -> None:
    given(o.placed()).under(STAFFED).when(by(o.dispatch(), who)).then(OrderDispatched)


def test_saying_it_twice_is_still_silent() -> None:
    given(o.placed(), o.dispatched()).under(STAFFED).when(by(o.dispatch(), "d-east")).then_nothing()


def test_a_matter_of_residents_outside_the_area_is_not_theirs_either() -> None:
    withdrawn = by(o.withdraw(), "d-west").said_for(o.AUNT_LI)
    given(o.placed()).under(STAFFED).when(withdrawn).then_rejected(OutsideArea)


def test_a_window_takes_in_what_is_for_elsewhere() -> None:
    placing = by(o.place(area=EAST), "d-west").said_for(o.AUNT_LI)
    given().under(STAFFED).when(placing).then(OrderPlaced)


def test_a_proven_area_counts_beside_the_towns_list() -> None:
    west, east = (Proof(actor="d-east", area=area) for area in (WEST, EAST))
    order = given(o.placed()).under(STAFFED)
    order.when(by(o.dispatch(), "d-east", east)).then(OrderDispatched)
    order.when(by(o.dispatch(), "d-east", west)).then_rejected(OutsideArea)
    order.when(by(o.dispatch(), "d-west", Proof(actor="d-west", area=EAST))).then_rejected(OutsideArea)


def test_a_proven_person_without_any_area_has_none_to_act_in() -> None:
    proof = Proof(actor="newcomer")
    given(o.placed()).under(STAFFED).when(by(o.dispatch(), "newcomer", proof)).then_rejected(OutsideArea)
    given(o.placed()).under(STAFFED).when(by(o.dispatch(), "d-east", Proof(actor="d-east"))).then(
        OrderDispatched
    )


def test_a_provider_is_the_business_of_each_community_it_works_in() -> None:
    in_the_east = given(registered()).under(STAFFED)
    town_wide = registered().model_copy(update={"areas": (STREET,)})
    in_the_east.when(by(retire(), "d-west")).then_rejected(OutsideArea)
    in_the_east.when(by(retire(), "d-east")).then(ProviderRetiring)
    given(town_wide).under(STAFFED).when(by(retire(), "d-west")).then(ProviderRetiring)


def test_staff_answer_for_their_own_provider_only() -> None:
    staff = o.accept(by=WATER).said_by(Role.PROVIDER, "staff-7")
    order = given(o.placed(), o.dispatched())
    order.when(staff.proven(Proof(actor="staff-7", provider=WATER))).then(type(o.accepted()))
    order.when(staff.proven(Proof(actor="staff-7", provider=ROADS))).then_rejected(NotYours)
    order.when(staff).then_rejected(NotYours)


def test_a_name_does_not_make_one_that_provider() -> None:
    named_like_it = o.accept(by=WATER).said_by(Role.PROVIDER, WATER)
    proof = Proof(actor=WATER, provider=ProviderId("roads"))
    given(o.placed(), o.dispatched()).when(named_like_it.proven(proof)).then_rejected(NotYours)


def test_who_has_proven_who_they_are_asks_in_their_own_name() -> None:
    in_own_name("anybody", None)
    in_own_name(WATER, Proof(actor=WATER))
    with pytest.raises(AnotherName) as refused:
        in_own_name(ROADS, Proof(actor=WATER))
    assert refused.value.details == {"proven": WATER, "said": ROADS}
