"""Every command is asked of its own kind of subject; anything else is a fault of ours, not a refusal."""

import pytest

from domain.commands import COMMANDS
from domain.lifecycle import RULES as ROUTES
from domain.lifecycle import decide, initial
from domain.need import NO_NEED
from domain.order import NO_ORDER
from domain.person import NO_PERSON
from domain.provider import NO_PROVIDER
from domain.situation import Situation, State
from domain.town import NO_TOWN
from tests.domain.every_command import EXAMPLES
from tests.support.a_town import MONDAY, RULES
from tests.support.an_order import ORDER
from tests.support.given import NEIGHBOURS, Ask

SUBJECTS = (NO_ORDER, NO_PROVIDER, NO_NEED, NO_PERSON, NO_TOWN)


def test_of_a_new_subject_nothing_is_known() -> None:
    assert initial(str(ORDER)) is NO_ORDER
    assert initial("provider/water") is NO_PROVIDER
    assert initial("need/hall") is NO_NEED
    assert initial("person/r-li") is NO_PERSON
    assert initial("rules") is NO_TOWN


STRANGE = [
    (ask, state) for ask in EXAMPLES for state in SUBJECTS if initial(ask.command.subject) is not state
]


@pytest.mark.parametrize(("ask", "state"), STRANGE, ids=lambda one: getattr(one, "wire", type(one).__name__))
def test_a_command_asked_of_another_kind_of_subject_is_a_fault(ask: Ask, state: State) -> None:
    now = Situation(ask.asked(MONDAY), MONDAY, RULES, NEIGHBOURS)
    with pytest.raises(TypeError, match="is not asked of a"):
        decide(ask.command, state, now)


def test_every_command_has_its_rule_and_one_kind_of_subject() -> None:
    routed = [command for rules in ROUTES.values() for command in rules]
    assert len(routed) == len(set(routed))
    assert set(routed) == set(COMMANDS.values())
