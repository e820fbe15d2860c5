"""The community dispatches (派单): to a provider, into the pool, back, or closed at once with a notice."""

import pytest

from domain.commands import DispatchOrder, ProposeDispatch
from domain.events import (
    DispatchProposed,
    OrderAmended,
    OrderAnswered,
    OrderClaimed,
    OrderDeclined,
    OrderDispatched,
    OrderMarkedDuplicate,
    OrderNotAccepted,
    OrderPooled,
    OrderRecalled,
)
from domain.model import Event
from domain.provider import Provider
from domain.rejections import (
    DispatchedElsewhere,
    EngineOnly,
    ForbiddenStep,
    Itself,
    NothingToJoin,
    NotOffered,
    OnlyByCommunity,
    ProposalOutdated,
    ProviderGone,
    UnknownOrder,
    UnknownProvider,
    UnknownReason,
)
from domain.stages import Channel, Role, Stage
from tests.support.a_town import EAST, LAMP, LEAVING, PARKS, POTHOLE, ROADS, STRANGER, WATER, hours
from tests.support.an_order import (
    COMMUNITY,
    ORDER,
    OTHER,
    SYSTEM,
    TEXT,
    a_proposal,
    accept,
    accepted,
    answer,
    answered,
    claim,
    decline,
    declined,
    declined_thrice,
    dispatch,
    dispatched,
    done,
    imported,
    mark_duplicate,
    marked_duplicate,
    not_accept,
    not_accepted,
    placed,
    pool,
    pooled,
    propose,
    recall,
    recalled,
    withdrawn,
)
from tests.support.given import TEN, Ask, given


def test_the_community_dispatches_an_order() -> None:
    sent = given(placed()).when(dispatch(to=WATER)).then(OrderDispatched, provider=WATER, accountable=WATER)
    sent.leaving(stage=Stage.DISPATCHED, provider=WATER, accountable=WATER)


def test_the_hours_come_from_the_catalogue() -> None:
    sent = given(placed(category=LAMP)).when(dispatch())
    sent.then(OrderDispatched, accept_by=TEN + hours(2), due_at=TEN + hours(24))


def test_the_hours_are_inherited_where_the_item_has_none() -> None:
    sent = given(placed()).when(dispatch())
    sent.then(OrderDispatched, accept_by=TEN + hours(4), due_at=TEN + hours(48))


def test_the_machine_may_dispatch_too() -> None:
    given(placed()).when(dispatch().said_by(Role.SYSTEM, "auto-dispatch")).then(OrderDispatched)


def test_dispatched_twice_to_the_same_is_dispatched_once() -> None:
    given(placed(), dispatched(to=WATER)).when(dispatch(to=WATER)).then_nothing()


def test_it_is_recalled_before_another_gets_it() -> None:
    sent = given(placed(), dispatched(to=WATER)).when(dispatch(to=ROADS))
    sent.then_rejected(DispatchedElsewhere, provider=WATER)


def test_only_registered_providers_that_stay_get_work() -> None:
    given(placed()).when(dispatch(to=STRANGER)).then_rejected(UnknownProvider)
    given(placed()).when(dispatch(to=LEAVING)).then_rejected(ProviderGone)


def test_capacity_is_advice_and_never_a_refusal() -> None:
    history = given(placed())
    full = history.others["provider/water"]
    assert isinstance(full, Provider)
    assert full.capacity == 0
    history.when(dispatch(to=WATER)).then(OrderDispatched)


def test_the_first_receiver_stays_accountable_until_another_has_accepted() -> None:
    sent_on = (placed(), dispatched(to=WATER), declined(by=WATER), dispatched(to=ROADS, accountable=WATER))
    given(*sent_on[:3]).when(dispatch(to=ROADS)).then(OrderDispatched, provider=ROADS, accountable=WATER)
    given(*sent_on).when(accept(by=ROADS)).leaving(accountable=ROADS)


def test_the_first_receiver_stays_accountable_when_it_is_recalled() -> None:
    taken = (placed(), dispatched(to=WATER), accepted(by=WATER))
    back = given(*taken).when(recall()).then(OrderRecalled, provider=WATER)
    back.leaving(stage=Stage.PLACED, provider=None, accountable=WATER, due_at=None)


def test_the_hours_start_anew_when_it_is_dispatched_again() -> None:
    again = given(placed(), dispatched(), recalled()).when(dispatch(to=ROADS), at=TEN + hours(30))
    again.then(OrderDispatched, due_at=TEN + hours(78))


def test_the_machine_proposes_candidates() -> None:
    proposed = given(placed()).when(propose(WATER, ROADS)).then(DispatchProposed).leaving(stage=Stage.PLACED)
    event = proposed.events[0]
    assert isinstance(event, DispatchProposed)
    assert [candidate.provider for candidate in event.proposal.candidates] == [WATER, ROADS]


def test_nothing_is_proposed_for_what_is_dispatched() -> None:
    given(placed(), dispatched()).when(propose(ROADS)).then_rejected(ForbiddenStep)


def test_the_machine_dispatches_with_what_it_found() -> None:
    found = a_proposal(WATER, ROADS)
    command = DispatchOrder(order=ORDER, provider=WATER, proposal=found)
    sent = given(placed()).when(Ask(command, SYSTEM)).then(OrderDispatched, proposal=found, overruled=False)
    sent.leaving(stage=Stage.DISPATCHED, proposed=None)


def test_only_the_machine_says_what_the_engine_found() -> None:
    command = DispatchOrder(order=ORDER, provider=WATER, proposal=a_proposal(WATER))
    given(placed()).when(Ask(command, COMMUNITY)).then_rejected(EngineOnly)


def test_a_person_who_sends_it_to_another_than_proposed_overrules_and_says_why() -> None:
    proposed = given(placed(), DispatchProposed(category=POTHOLE, area=EAST, proposal=a_proposal(WATER)))
    overruled = proposed.when(Ask(DispatchOrder(order=ORDER, provider=ROADS, why=TEXT), COMMUNITY))
    overruled.then(OrderDispatched, proposal=a_proposal(WATER), overruled=True, why=TEXT)
    proposed.when(dispatch(to=WATER)).then(OrderDispatched, overruled=False, why=None)


def test_a_proposal_on_record_counts_before_what_the_door_was_told_since() -> None:
    proposed = given(placed(), DispatchProposed(category=POTHOLE, area=EAST, proposal=a_proposal(WATER)))
    sent = proposed.when(dispatch(to=ROADS).told(a_proposal(ROADS)))
    sent.then(OrderDispatched, proposal=a_proposal(WATER), overruled=True)


def test_what_the_door_was_told_is_on_record_where_nothing_was_proposed() -> None:
    sent = given(placed()).when(dispatch(to=ROADS).told(a_proposal(WATER)))
    sent.then(OrderDispatched, proposal=a_proposal(WATER), overruled=True)


def test_where_nobody_was_found_nobody_is_overruled() -> None:
    given(placed()).when(dispatch(to=ROADS).told(a_proposal())).then(OrderDispatched, overruled=None)
    given(placed()).when(dispatch(to=ROADS)).then(OrderDispatched, overruled=None, proposal=None)


@pytest.mark.parametrize(
    "command",
    [
        DispatchOrder(order=ORDER, provider=WATER, proposal=a_proposal(WATER)),
        ProposeDispatch(order=ORDER, proposal=a_proposal(WATER)),
    ],
)
def test_what_was_found_for_another_category_is_outdated(command: DispatchOrder | ProposeDispatch) -> None:
    moved = OrderAmended(category=LAMP, area=EAST, old_category=POTHOLE, old_area=EAST)
    given(placed(), moved).when(Ask(command, SYSTEM)).then_rejected(ProposalOutdated)


@pytest.mark.parametrize(
    "then",
    [
        recalled(),
        declined(),
        OrderAmended(category=LAMP, area=EAST, old_category=POTHOLE, old_area=EAST),
    ],
)
def test_what_was_decided_for_an_earlier_wait_is_outdated(then: Event) -> None:
    """A command under way while a person dispatches must not send the order again to who has just passed."""
    events = [placed(), then] if isinstance(then, OrderAmended) else [placed(), dispatched(), then]
    for since in range(1, len(events)):
        late = Ask(DispatchOrder(order=ORDER, provider=WATER, since=since), SYSTEM)
        given(*events).when(late).then_rejected(ProposalOutdated)
    now = Ask(DispatchOrder(order=ORDER, provider=WATER, since=len(events)), SYSTEM)
    given(*events).when(now).then(OrderDispatched, provider=WATER)


def test_a_proposal_for_an_earlier_wait_is_outdated() -> None:
    late = Ask(ProposeDispatch(order=ORDER, proposal=a_proposal(WATER), since=1), SYSTEM)
    given(placed(), dispatched(), recalled()).when(late).then_rejected(ProposalOutdated)


def test_only_the_machine_says_since_when_an_order_waits() -> None:
    given(placed()).when(Ask(DispatchOrder(order=ORDER, provider=WATER, since=1), COMMUNITY)).then_rejected(
        EngineOnly, field="since"
    )


def test_what_the_door_was_told_of_another_category_is_not_kept() -> None:
    moved = OrderAmended(category=LAMP, area=EAST, old_category=POTHOLE, old_area=EAST)
    sent = given(placed(), moved).when(dispatch(to=WATER).told(a_proposal(WATER)))
    sent.then(OrderDispatched, proposal=None)


@pytest.mark.parametrize("end", [pooled(), dispatched()])
def test_a_proposal_ends_with_the_wait(end: Event) -> None:
    proposed = DispatchProposed(category=POTHOLE, area=EAST, proposal=a_proposal(WATER))
    given(placed(), proposed, end).when(recall()).leaving(proposed=None)


def test_a_reclassified_order_is_no_longer_proposed_to_anyone() -> None:
    proposed = DispatchProposed(category=POTHOLE, area=EAST, proposal=a_proposal(WATER))
    moved = OrderAmended(category=LAMP, area=EAST, old_category=POTHOLE, old_area=EAST)
    given(placed(), proposed, moved).when(dispatch(to=ROADS)).then(OrderDispatched, proposal=None)
    more = OrderAmended(category=POTHOLE, area=EAST, old_category=POTHOLE, old_area=EAST)
    given(placed(), proposed, more).when(dispatch(to=ROADS)).then(OrderDispatched, overruled=True)


def test_the_channel_goes_along_to_where_dispatches_are_learnt_from() -> None:
    by_phone = placed().model_copy(update={"channel": Channel.PHONE})
    given(by_phone).when(dispatch(to=WATER)).then(OrderDispatched, channel=Channel.PHONE)
    given(by_phone, dispatched(to=WATER)).when(decline(by=WATER)).then(OrderDeclined, channel=Channel.PHONE)
    given(by_phone, pooled()).when(claim(by=ROADS)).then(OrderClaimed, channel=Channel.PHONE)


def test_an_order_goes_into_the_pool() -> None:
    given(placed()).when(pool()).then(OrderPooled, due_at=TEN + hours(48)).leaving(stage=Stage.POOLED)


def test_pooled_twice_is_pooled_once() -> None:
    given(placed(), pooled()).when(pool()).then_nothing()


def test_what_a_provider_has_cannot_be_pooled() -> None:
    given(placed(), dispatched()).when(pool()).then_rejected(ForbiddenStep)


def test_the_community_may_place_what_lies_in_the_pool() -> None:
    given(placed(), pooled()).when(dispatch(to=PARKS)).then(OrderDispatched, provider=PARKS)


def test_an_order_comes_back_from_the_pool() -> None:
    given(placed(), pooled()).when(recall()).then(OrderRecalled, provider=None).leaving(due_at=None)


def test_what_lies_with_the_community_is_not_recalled() -> None:
    given(placed()).when(recall()).then_nothing()


def test_what_is_done_cannot_be_recalled() -> None:
    given(*done()).when(recall()).then_rejected(ForbiddenStep)


def test_a_recall_from_one_provider_spares_the_next() -> None:
    moved_on = given(placed(), dispatched(to=WATER), recalled(), dispatched(to=ROADS))
    moved_on.when(recall(only_from=WATER)).then_rejected(NotOffered, provider=WATER)
    moved_on.when(recall(only_from=ROADS)).then(OrderRecalled, provider=ROADS)


def test_the_community_answers_at_once() -> None:
    given(placed()).when(answer()).then(OrderAnswered).leaving(stage=Stage.ANSWERED, closed_at=TEN)


def test_answered_twice_is_answered_once() -> None:
    given(placed(), answered()).when(answer()).then_nothing()


def test_what_a_provider_has_is_not_answered_over_its_head() -> None:
    given(placed(), dispatched()).when(answer()).then_rejected(ForbiddenStep)


def test_the_law_may_forbid_it() -> None:
    refused = given(placed()).when(not_accept(reason="in-court")).then(OrderNotAccepted, reason="in-court")
    refused.leaving(stage=Stage.NOT_ACCEPTED, closed_at=TEN)


def test_not_accepting_needs_a_reason_of_the_rules() -> None:
    given(placed()).when(not_accept(reason="no-time")).then_rejected(UnknownReason, known="in-court")


def test_not_accepted_twice_is_once() -> None:
    given(placed(), not_accepted()).when(not_accept()).then_nothing()


def test_a_duplicate_joins_the_other_order() -> None:
    joined = given(placed()).beside(OTHER, placed()).when(mark_duplicate(of=OTHER))
    joined.then(OrderMarkedDuplicate, of=OTHER).leaving(
        stage=Stage.DUPLICATE, duplicate_of=OTHER, closed_at=TEN
    )


def test_a_duplicate_may_join_what_is_done() -> None:
    given(placed()).beside(OTHER, *done()).when(mark_duplicate()).then(OrderMarkedDuplicate)


def test_marked_twice_is_marked_once() -> None:
    given(placed(), marked_duplicate(of=OTHER)).when(mark_duplicate(of=OTHER)).then_nothing()


def test_a_duplicate_is_not_moved_to_a_third_order() -> None:
    closed = given(placed(), marked_duplicate(of=ORDER)).beside(OTHER, placed())
    closed.when(mark_duplicate(of=OTHER)).then_rejected(ForbiddenStep)


def test_an_order_cannot_be_its_own_duplicate() -> None:
    given(placed()).when(mark_duplicate(of=ORDER)).then_rejected(Itself)


def test_a_duplicate_needs_another_order() -> None:
    given(placed()).when(mark_duplicate(of=OTHER)).then_rejected(UnknownOrder, order=OTHER)


def test_two_orders_cannot_be_duplicates_of_each_other() -> None:
    circle = given(placed()).beside(OTHER, placed(), marked_duplicate(of=ORDER))
    circle.when(mark_duplicate(of=OTHER)).then_rejected(NothingToJoin)


def test_nothing_joins_what_was_given_up() -> None:
    for end in (withdrawn(), not_accepted()):
        given(placed()).beside(OTHER, placed(), end).when(mark_duplicate()).then_rejected(NothingToJoin)


def test_only_the_community_places_what_is_in_arbitration() -> None:
    arbitration = given(*declined_thrice())
    arbitration.when(dispatch().said_by(Role.SYSTEM, "auto-dispatch")).then_rejected(OnlyByCommunity)
    arbitration.when(dispatch().said_by(Role.OPERATOR, "o-1")).then_rejected(OnlyByCommunity)
    arbitration.when(pool()).then_rejected(ForbiddenStep)
    arbitration.when(claim(by=ROADS)).then_rejected(ForbiddenStep)
    arbitration.when(dispatch(to=ROADS)).then(OrderDispatched, accountable=WATER)


def test_what_was_placed_in_arbitration_stays_the_communitys_to_place() -> None:
    back = given(*declined_thrice(), dispatched(to=ROADS), recalled(provider=ROADS))
    back.when(dispatch().said_by(Role.SYSTEM, "auto-dispatch")).then_rejected(OnlyByCommunity)
    back.when(pool()).then_rejected(OnlyByCommunity)
    back.when(dispatch(to=PARKS)).then(OrderDispatched, provider=PARKS)


def test_an_order_imported_in_arbitration_is_the_communitys_to_place() -> None:
    shown = given(imported(Stage.ARBITRATION, provider=WATER))
    shown.when(dispatch().said_by(Role.SYSTEM, "auto-dispatch")).then_rejected(OnlyByCommunity)
    shown.when(dispatch(to=ROADS)).then(OrderDispatched, accountable=WATER)
