"""What can be ordered at an address, from whom, and how long it may take."""

import pytest
from sqlalchemy import Engine

import domain.commands as c
from domain.ids import AreaPath
from domain.provider_events import Offer
from domain.stages import Duty, ProviderKind
from projections.engine import Projector
from projections.menu import AreaMenu, Menu, MenuItem, MenuQueries
from tests.support.a_town import EAST, LAMP, MEALS, PARKS, POTHOLE, ROADS, RULES, STREET, WATER, WEST
from tests.support.history import CLERK, OPERATOR, TEXT, THE_ROADS, History, changed_rules


@pytest.fixture
def town() -> History:
    history = History()
    history.register(WATER, must=[THE_ROADS])
    history.register(ROADS, areas=[EAST], can=[POTHOLE])
    history.register(PARKS, areas=[WEST], can=[MEALS])
    return history


def menu(town: History, reads: Engine, area: AreaPath = EAST) -> AreaMenu:
    projector = Projector(Menu(), reads)
    projector.create()
    projector.fill_from(town)
    found = MenuQueries(reads).menu(area)
    assert found is not None
    return found


def item(found: AreaMenu, category: str) -> MenuItem:
    return next(item for item in found.items if item.category == category)


def offered(found: AreaMenu, category: str) -> list[str]:
    return [offer.provider for offer in item(found, category).offers]


def test_it_lists_items_in_their_groups_with_names(town: History, reads: Engine) -> None:
    found = menu(town, reads)
    assert (found.name_zh, found.name_en) == ("东社区", "East")
    assert [(group.name_zh, [item.name_en for item in group.items]) for group in found.groups] == [
        ("养老", ["meals"]),
        ("道路", ["lamp", "pothole"]),
    ]
    assert (item(found, MEALS).kind, item(found, LAMP).kind) == ("service", "complaint")


def test_it_says_how_long_it_may_take(town: History, reads: Engine) -> None:
    found = menu(town, reads)
    assert (item(found, LAMP).accept_hours, item(found, LAMP).finish_hours) == (2, 24)
    assert (item(found, POTHOLE).accept_hours, item(found, POTHOLE).finish_hours) == (4, 48)
    assert (item(found, MEALS).accept_hours, item(found, MEALS).finish_hours) == (24, 120)


def test_it_names_who_comes_to_this_address(town: History, reads: Engine) -> None:
    assert offered(menu(town, reads, EAST), POTHOLE) == [WATER, ROADS]
    assert offered(menu(town, reads, WEST), POTHOLE) == [WATER]
    assert offered(menu(town, reads, STREET), POTHOLE) == [WATER]
    assert offered(menu(town, reads, WEST), MEALS) == [PARKS]


def test_an_offer_carries_contact_kind_and_duty(town: History, reads: Engine) -> None:
    offer = item(menu(town, reads), LAMP).offers[0]
    assert (offer.contact, offer.kind, offer.duty) == ("0755-12345", ProviderKind.DEPARTMENT, Duty.MUST)
    assert (offer.name_en, offer.area) == ("Water", STREET)


def test_who_is_called_or_reached_otherwise_is_shown_so(town: History, reads: Engine) -> None:
    town.ask(c.AmendProvider(provider=WATER, name_en="Waterworks", contact="96319"), CLERK)
    offer = item(menu(town, reads), LAMP).offers[0]
    assert (offer.name_zh, offer.name_en, offer.contact) == ("water单位", "Waterworks", "96319")
    assert (offer.kind, offer.area) == (ProviderKind.DEPARTMENT, STREET)
    assert MenuQueries(reads).providers()[WATER] == ("water单位", "Waterworks")


def test_what_nobody_offers_can_be_ordered_all_the_same(town: History, reads: Engine) -> None:
    assert item(menu(town, reads, EAST), MEALS).offers == ()


def test_who_retires_is_off_the_menu(town: History, reads: Engine) -> None:
    town.ask(c.RetireProvider(provider=WATER, reason=TEXT), CLERK)
    assert offered(menu(town, reads), LAMP) == []


def test_changed_lists_and_rules_show(town: History, reads: Engine) -> None:
    before = menu(town, reads)
    assert offered(before, LAMP) == [WATER]
    offers = (Offer(category=LAMP), Offer(category=LAMP, duty=Duty.MUST))
    town.ask(c.ChangeOffers(provider=ROADS, areas=(STREET,), offers=offers), CLERK)
    fewer = [entry for entry in RULES.catalogue if entry.path != POTHOLE]
    town.ask(c.AdoptRules(rules=changed_rules(catalogue=fewer, accept_hours=9)), OPERATOR)
    after = menu(town, reads)
    assert offered(after, LAMP) == [ROADS, WATER]
    assert [entry.category for entry in after.items] == [MEALS, LAMP]
    assert item(after, MEALS).accept_hours == 9


def test_an_area_off_the_map_has_no_menu(town: History, reads: Engine) -> None:
    menu(town, reads)
    assert MenuQueries(reads).menu(AreaPath("lake/north")) is None


def test_it_knows_what_things_are_called(town: History, reads: Engine) -> None:
    menu(town, reads)
    queries = MenuQueries(reads)
    assert queries.areas()[WEST] == ("西社区", "West")
    assert queries.categories()[THE_ROADS] == ("道路", "roads")
    assert queries.providers()[PARKS] == ("parks单位", "Parks")
