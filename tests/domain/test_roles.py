"""Who may ask what: a role that is not listed is refused before anything else is looked at."""

from typing import get_args

import pytest

from domain.commands import COMMANDS, AdoptRules, AnyCommand
from domain.rejections import NotYours, WrongRole
from domain.stages import Role
from domain.transitions import MAY_ASK, TRANSITIONS
from tests.domain.every_command import ASKED, EVERY_COMMAND
from tests.support.a_town import UNCLE_WANG, WATER
from tests.support.an_order import accept, dispatched, placed
from tests.support.given import Ask, given


@pytest.mark.parametrize(
    ("ask", "role"),
    [(ask, role) for kind, ask in ASKED.items() for role in sorted(set(Role) - MAY_ASK[kind])],
    ids=lambda value: value.command.wire if isinstance(value, Ask) else value,
)
def test_a_role_that_may_not_ask_is_refused(ask: Ask, role: Role) -> None:
    given().when(ask.said_by(role, "somebody")).then_rejected(WrongRole, command=ask.command.wire)


def test_every_role_is_said_in_chinese() -> None:
    refusal = given().when(accept().said_by(Role.RESIDENT, "r-li")).refusal
    assert refusal is not None
    assert refusal.reason_zh == "居民无权接单，请由有权的一方提出。"
    assert refusal.reason_en == "The role resident may not ask for AcceptOrder; have one who may ask for it."


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.SYSTEM, Role.RESIDENT])
def test_only_staff_ask_in_somebody_elses_name(role: Role) -> None:
    for kind, ask in ASKED.items():
        if role in MAY_ASK[kind]:
            given().when(ask.said_by(role, WATER).said_for(UNCLE_WANG)).then_rejected(NotYours)


def test_the_tables_name_every_command() -> None:
    assert set(MAY_ASK) == set(get_args(AnyCommand)) == set(COMMANDS.values()) == set(EVERY_COMMAND)
    assert set(TRANSITIONS) | {AdoptRules} <= set(MAY_ASK)


def test_residents_do_not_dispatch_and_the_public_is_not_rated_by_providers() -> None:
    asked = {role: {kind.wire for kind, roles in MAY_ASK.items() if role in roles} for role in Role}
    assert asked[Role.RESIDENT] == {
        "PlaceOrder",
        "AmendOrder",
        "WithdrawOrder",
        "SecondOrder",
        "RateOrder",
        "ReopenOrder",
    }
    assert asked[Role.PROVIDER] == {
        "AcceptOrder",
        "DeclineOrder",
        "ClaimOrder",
        "ReportProgress",
        "CompleteOrder",
        "AmendProvider",
        "ChangeOffers",
        "ChangeCapacity",
        "EnrolVolunteer",
        "ChangeVolunteer",
        "ReleaseVolunteer",
        "StateNeed",
        "AmendNeed",
        "TakeUpNeed",
        "LetGoOfNeed",
        "CloseNeed",
    }
    assert asked[Role.SYSTEM] == {
        "DispatchOrder",
        "ProposeDispatch",
        "RecallOrder",
        "FinishRetirement",
        "EraseOrder",
        "FinishErasure",
        "FinishOrderErasure",
        "LetGoOfNeed",
        "CloseNeed",
    }


def test_a_role_is_looked_at_before_the_order_is() -> None:
    given(placed(), dispatched()).when(accept().said_by(Role.COMMUNITY, "d-chen")).then_rejected(WrongRole)
