"""Providers accept (接单): accept, decline, claim."""

from domain.events import OrderAccepted, OrderClaimed, OrderDeclined, OrderSentToArbitration
from domain.rejections import (
    ClaimedByAnother,
    ForbiddenStep,
    NotOffered,
    NotYours,
    PlacementFinal,
    ProviderGone,
    UnknownProvider,
    UnknownReason,
)
from domain.stages import Role, Stage
from tests.support.a_town import LEAVING, PARKS, ROADS, STRANGER, WATER, hours, rules_with
from tests.support.an_order import (
    DUE,
    accept,
    accepted,
    claim,
    claimed,
    decline,
    declined,
    declined_thrice,
    dispatched,
    imported,
    placed,
    pooled,
    recalled,
    reopened,
)
from tests.support.given import TEN, given


def test_a_provider_accepts_what_it_was_offered() -> None:
    taken = given(placed(), dispatched(to=WATER)).when(accept(by=WATER)).then(OrderAccepted, provider=WATER)
    taken.leaving(stage=Stage.ACCEPTED, provider=WATER, accountable=WATER, due_at=DUE)


def test_another_department_cannot_accept_it() -> None:
    given(placed(), dispatched(to=WATER)).when(accept(by=ROADS)).then_rejected(NotOffered)
    given(placed(), dispatched(to=WATER), accepted(by=WATER)).when(accept(by=ROADS)).then_rejected(NotOffered)


def test_accepted_twice_is_accepted_once() -> None:
    given(placed(), dispatched(to=WATER), accepted(by=WATER)).when(accept(by=WATER)).then_nothing()


def test_a_recalled_order_cannot_be_accepted() -> None:
    given(placed(), dispatched(), recalled()).when(accept()).then_rejected(ForbiddenStep)


def test_a_provider_acts_for_itself_only() -> None:
    as_water = accept(by=WATER).said_by(Role.PROVIDER, ROADS)
    given(placed(), dispatched(to=WATER)).when(as_water).then_rejected(NotYours)


def test_an_operator_acts_for_a_provider() -> None:
    by_operator = accept(by=WATER).said_by(Role.OPERATOR, "o-1")
    given(placed(), dispatched(to=WATER)).when(by_operator).then(OrderAccepted, provider=WATER)


def test_a_provider_declines_with_a_reason() -> None:
    back = given(placed(), dispatched(to=WATER)).when(decline(by=WATER, reason="not-ours"))
    back.then(OrderDeclined, provider=WATER, reason="not-ours", declines=1)
    back.leaving(stage=Stage.PLACED, provider=None, accountable=WATER, due_at=None)


def test_a_reason_is_one_of_the_rules() -> None:
    given(placed(), dispatched()).when(decline(reason="no-time")).then_rejected(
        UnknownReason, known="not-ours"
    )


def test_only_the_one_it_was_offered_declines() -> None:
    given(placed(), dispatched(to=WATER)).when(decline(by=ROADS)).then_rejected(NotOffered)
    given(placed()).when(decline(by=ROADS)).then_rejected(NotOffered)


def test_declined_twice_is_declined_once() -> None:
    given(placed(), dispatched(), declined()).when(decline()).then_nothing()
    given(*declined_thrice()).when(decline()).then_nothing()


def test_a_decline_that_comes_after_a_recall_is_told_so() -> None:
    history = (placed(), dispatched(to=WATER), declined(), dispatched(to=ROADS), recalled(provider=ROADS))
    given(*history).when(decline(by=WATER)).then_rejected(NotOffered)


def test_what_was_accepted_is_not_declined() -> None:
    given(placed(), dispatched(), accepted()).when(decline()).then_rejected(ForbiddenStep)


def test_the_second_decline_goes_back_to_the_community() -> None:
    history = (placed(), dispatched(to=WATER), declined(by=WATER), dispatched(to=ROADS))
    given(*history).when(decline(by=ROADS)).then(OrderDeclined, declines=2).leaving(stage=Stage.PLACED)


def test_the_third_decline_goes_to_arbitration_in_one_answer() -> None:
    history = declined_thrice()[:-2]
    sent = given(*history).when(decline()).then(OrderDeclined, OrderSentToArbitration, declines=3)
    sent.leaving(stage=Stage.ARBITRATION, arbitrated=True, accountable=WATER)


def test_recalls_between_declines_do_not_count_them_anew() -> None:
    history = (placed(), dispatched(), declined(declines=1), dispatched(), recalled(), dispatched())
    given(*history).when(decline()).then(OrderDeclined, declines=2)


def test_the_town_says_how_many_declines_are_enough() -> None:
    strict = rules_with(declines_to_arbitration=1)
    given(placed(), dispatched()).under(strict).when(decline()).then(OrderDeclined, OrderSentToArbitration)


def test_what_arbitration_has_placed_is_not_declined() -> None:
    placed_by_arbitration = given(*declined_thrice(), dispatched(to=ROADS))
    placed_by_arbitration.when(decline(by=ROADS)).then_rejected(PlacementFinal)
    again = given(*declined_thrice(), dispatched(to=ROADS), recalled(provider=ROADS), dispatched(to=PARKS))
    again.when(decline(by=PARKS)).then_rejected(PlacementFinal)


def test_a_new_round_can_be_declined_again() -> None:
    arbitrated = (*declined_thrice(), dispatched(to=ROADS), accepted(by=ROADS))
    given(*arbitrated, reopened(), dispatched(to=ROADS)).when(decline(by=ROADS)).then(
        OrderDeclined, declines=1
    )


def test_a_provider_claims_a_pooled_order() -> None:
    won = given(placed(), pooled()).when(claim(by=ROADS)).then(OrderClaimed, provider=ROADS, due_at=DUE)
    won.leaving(stage=Stage.ACCEPTED, provider=ROADS, accountable=ROADS)


def test_of_many_who_claim_exactly_one_wins() -> None:
    providers = (ROADS, WATER, PARKS)
    history = [placed(), pooled()]
    answers = []
    for provider in providers:
        answers.append(given(*history).when(claim(by=provider)))
        history += answers[-1].events
    answers[0].then(OrderClaimed, provider=ROADS)
    for loser in answers[1:]:
        loser.then_rejected(ClaimedByAnother, provider=ROADS)


def test_claimed_twice_is_claimed_once() -> None:
    given(placed(), pooled(), claimed(by=ROADS)).when(claim(by=ROADS)).then_nothing()


def test_what_is_not_in_the_pool_cannot_be_claimed() -> None:
    given(placed()).when(claim()).then_rejected(ForbiddenStep)
    given(placed(), dispatched(to=WATER)).when(claim(by=ROADS)).then_rejected(ForbiddenStep)


def test_only_registered_providers_that_stay_claim() -> None:
    given(placed(), pooled()).when(claim(by=STRANGER)).then_rejected(UnknownProvider)
    given(placed(), pooled()).when(claim(by=LEAVING)).then_rejected(ProviderGone)


def test_the_hours_of_an_order_imported_into_the_pool_start_with_the_claim() -> None:
    won = given(imported(Stage.POOLED)).when(claim()).then(OrderClaimed, due_at=TEN + hours(48))
    won.leaving(due_at=TEN + hours(48))
