"""A batch is decided in memory: later requests see what earlier ones did, and nobody else does."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from domain.events import CommandRejected, CommandRepeated, MessageParked
from domain.facts import CommandKey
from domain.ids import RULES_SUBJECT, Position
from domain.provider import Provider, Standing
from domain.rejections import WrongRole
from domain.situation import State
from domain.stages import Role
from domain.town import Town
from services.deciding import Deciding, Draft
from services.ports import Answered
from services.requests import Request, Status, Unreadable
from tests.support.a_town import ROADS, RULES, WATER, hours
from tests.support.an_order import ORDER, accept, decline, declined_thrice, dispatch, place, rate, withdraw
from tests.support.at_the_door import request, unreadable
from tests.support.given import TEN, lived

STATES: Final[Mapping[str, State]] = {
    RULES_SUBJECT: Town(rules=RULES, version=7),
    **{f"provider/{one}": Provider(Standing.ACTIVE, 2) for one in (WATER, ROADS)},
}
KEY: Final = CommandKey("test", "a")


def decided(*intake: Request | Unreadable, known: Mapping[CommandKey, Answered] | None = None) -> list[Draft]:
    deciding = Deciding(STATES, known or {})
    for one in intake:
        deciding.take(one)
    return deciding.drafts


def test_later_requests_see_what_earlier_ones_did() -> None:
    drafts = decided(request(place()), request(dispatch()), request(accept()))
    assert [draft.status for draft in drafts] == [Status.RECORDED] * 3
    facts = [fact for draft in drafts for fact in draft.facts]
    assert [(fact.stream, fact.version) for fact in facts] == [(ORDER, 1), (ORDER, 2), (ORDER, 3)]


def test_the_states_it_started_from_stay_as_they_were() -> None:
    states = dict(STATES)
    deciding = Deciding(states, {})
    deciding.take(request(place()))
    assert states == STATES
    assert str(ORDER) in deciding.states


def test_a_refusal_leaves_the_state_alone() -> None:
    deciding = Deciding(STATES, {})
    deciding.take(request(place()))
    before = dict(deciding.states)
    deciding.take(request(accept()))
    assert deciding.drafts[-1].status is Status.REJECTED
    assert deciding.states == before


def test_a_last_decline_has_two_parts() -> None:
    deciding = Deciding({**STATES, str(ORDER): lived(str(ORDER), declined_thrice()[:-2])}, {})
    deciding.take(request(decline()))
    facts = deciding.drafts[0].facts
    assert [(fact.event.wire, fact.meta.part, fact.meta.parts) for fact in facts] == [
        ("OrderDeclined", 1, 2),
        ("OrderSentToArbitration", 2, 2),
    ]


def test_every_fact_says_who_when_and_under_which_rules() -> None:
    asked = request(dispatch(), at=TEN + hours(1), correlation="talk", claimed=TEN)
    meta = decided(request(place()), asked)[1].facts[0].meta
    assert (meta.subject, meta.actor, meta.command) == (str(ORDER), asked.asked.actor, "DispatchOrder")
    assert (meta.cause, meta.correlation, meta.intake) == (asked.asked.key, "talk", asked.asked.intake)
    assert (meta.recorded, meta.at, meta.rules) == (TEN + hours(1), TEN + hours(1), 7)
    assert [(read.subject, read.version) for read in meta.reads] == [(f"provider/{WATER}", 2)]


def test_time_never_goes_back_on_an_order() -> None:
    drafts = decided(request(place(), at=TEN + hours(1)), request(dispatch(), at=TEN))
    assert drafts[1].facts[0].meta.at == TEN + hours(1)
    assert drafts[1].facts[0].meta.recorded == TEN


def test_a_refusal_is_kept_whole() -> None:
    (draft,) = decided(request(accept()))
    event = draft.facts[0].event
    assert isinstance(event, CommandRejected)
    assert (event.code, event.command, event.subject) == ("unknown_order", "AcceptOrder", str(ORDER))
    assert event.reason_zh
    assert event.reason_en
    assert accept().command.model_validate_json(event.asked) == accept().command


def test_what_the_door_refuses_is_refused_with_that() -> None:
    refusal = WrongRole(role_zh="居民", role="resident", command_zh="派单", command="DispatchOrder")
    (draft,) = decided(replace(request(place()), refusal=refusal))
    assert getattr(draft.facts[0].event, "code", "") == "wrong_role"
    assert draft.claims_key


def test_a_date_that_cannot_be_meant_is_refused_like_anything_else() -> None:
    (draft,) = decided(request(place(), claimed=TEN + timedelta(days=400)))
    assert getattr(draft.facts[0].event, "code", "") == "date_in_future"


def test_what_was_answered_before_is_not_decided_again() -> None:
    first = request(place(), "a")
    known = {KEY: Answered(first.digest, Position(3))}
    again, other = decided(first, request(place(), "a", said="else"), known=known)
    event = again.facts[0].event
    assert isinstance(event, CommandRepeated)
    assert (event.code, event.first) == ("repeated", 3)
    assert (getattr(other.facts[0].event, "code", ""), other.claims_key) == ("id_reused", None)


def test_what_claims_a_key_and_what_does_not() -> None:
    drafts = decided(
        request(place()), request(withdraw()), request(withdraw()), request(rate()), unreadable(key=KEY)
    )
    assert [draft.status for draft in drafts] == [
        Status.RECORDED,
        Status.RECORDED,
        Status.REPEATED,  # it was so already: an answer, and the first to its key
        Status.REJECTED,
        Status.PARKED,
    ]
    assert [draft.claims_key is not None for draft in drafts] == [True, True, True, True, False]


def test_the_unreadable_is_parked_as_it_came() -> None:
    (draft,) = decided(unreadable())
    event = draft.facts[0].event
    assert isinstance(event, MessageParked)
    assert (event.code, event.size, event.digest) == ("unreadable", 3, "00")
    assert draft.facts[0].meta.actor.role is Role.RESIDENT


def test_the_same_batch_is_decided_the_same_again() -> None:
    batch = [request(place(), "a"), request(accept()), request(place(), "a"), unreadable()]
    assert decided(*batch) == decided(*batch)
