"""Orders that were left are looked at again by who can take more, and only those that it is listed for."""

import pytest

from domain.events import (
    DispatchProposed,
    Event,
    OrderWithdrawn,
    ProviderCapacityChanged,
    RulesAdopted,
    VolunteerReleased,
)
from domain.ids import OrderId, VolunteerId
from services.reactions import Message
from tests.services.test_dispatch_process import ON, PROPOSE, Town
from tests.support.a_town import EAST, LAMP, MEALS, POTHOLE, STREET, WATER
from tests.support.an_order import (
    ORDER,
    OTHER,
    a_proposal,
    completed,
    dispatched,
    placed,
    withdrawn,
)
from tests.support.recorded import recorded

TAKEN_BACK = OrderWithdrawn(category=POTHOLE, area=EAST, provider=WATER)
OURS = "sidan/auto-dispatch"
ROOM = ProviderCapacityChanged(provider=WATER, capacity=2)


def left(town: Town, *orders: OrderId) -> Town:
    """These wait, since nobody could take them."""
    town.winner = None
    for order in orders:
        town.hears(recorded(placed(), town.position + 1, order=order))
    town.winner = WATER
    town.rounds.clear()
    return town


@pytest.mark.parametrize("event", [ROOM, completed(by=WATER), TAKEN_BACK])
def test_who_has_room_again_is_asked_about_what_it_is_listed_for(event: Event) -> None:
    town = left(Town(ON), ORDER)
    town.hears(recorded(event, 20, order=OTHER))
    assert town.rounds == [[ORDER]]


@pytest.mark.parametrize("opening", [(MEALS, EAST), (POTHOLE, "elsewhere"), (LAMP, STREET)])
def test_who_is_not_listed_for_it_is_not_asked(opening: tuple[str, str]) -> None:
    town = left(Town(ON), ORDER)
    town.open_for = {WATER: opening}
    assert town.hears(ROOM) == []
    assert town.rounds == []


def test_who_is_listed_for_a_group_in_the_whole_street_is_asked() -> None:
    town = left(Town(ON), ORDER)
    town.open_for = {WATER: ("roads", STREET)}
    assert len(town.hears(ROOM)) == 1


def test_who_is_still_full_is_not_asked() -> None:
    town = left(Town(ON), ORDER)
    town.open_for = {}
    assert town.hears(ROOM) == []
    assert town.rounds == []


def test_what_frees_nobody_sets_nothing_going() -> None:
    town = left(Town(ON), ORDER)
    released = VolunteerReleased(provider=WATER, volunteer=VolunteerId("v-1"))
    assert town.hears(released, recorded(withdrawn(), 20, order=OTHER)) == []
    assert town.rounds == []


def test_what_is_new_is_in_the_round_whoever_was_freed() -> None:
    town = left(Town(ON), ORDER)
    town.open_for = {}
    town.hears(recorded(placed(), 20, order=OTHER), ROOM)
    assert town.rounds == [[OTHER]]


def test_new_rules_look_at_all_that_waits() -> None:
    town = left(Town(ON), ORDER, OTHER)
    town.open_for = {}
    town.hears(RulesAdopted(version=2, rules=town.rules))
    assert town.rounds == [[ORDER, OTHER]]


def limited(town: Town) -> Town:
    """No more than one new order each in a round."""
    town.rules = town.rules.model_copy(update={"most_per_round": 1})
    return town


def theirs(event: Event, position: int, source: str = OURS) -> list[Message]:
    town = limited(left(Town(ON), ORDER))
    return town.hears(recorded(event, position, order=OTHER, source=source))


def test_who_has_had_its_share_of_a_round_is_asked_again_once_that_is_in_the_log() -> None:
    (message,) = theirs(dispatched(to=WATER), 20)
    assert message.id == "auto-dispatch-20-1"


def test_so_it_goes_on_where_the_machine_only_proposes() -> None:
    town = limited(left(Town(PROPOSE), ORDER))
    event = DispatchProposed(category=POTHOLE, area=EAST, proposal=a_proposal(WATER))
    assert len(town.hears(recorded(event, 20, order=OTHER, source=OURS))) == 1


def test_what_a_person_dispatches_is_no_round_of_ours() -> None:
    assert theirs(dispatched(to=WATER), 20, source="desk") == []


def test_without_a_limit_nothing_is_left_for_a_next_round() -> None:
    town = left(Town(ON), ORDER)
    assert town.hears(recorded(dispatched(to=WATER), 20, order=OTHER, source=OURS)) == []
    assert town.rounds == []
