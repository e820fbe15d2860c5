"""One well-meant example of every command, for the tests that go through them all."""

from typing import Final

from domain.commands import AdoptRules, Command
from tests.support import a_need as need
from tests.support import a_person as person
from tests.support import a_provider as unit
from tests.support import an_order as order
from tests.support.a_town import RULES
from tests.support.given import Ask

EXAMPLES: Final = (
    order.place(),
    order.amend(details=order.TEXT),
    order.withdraw(),
    order.second(),
    order.rate(),
    order.reopen(),
    order.dispatch(),
    order.propose(),
    order.pool(),
    order.recall(),
    order.answer(),
    order.not_accept(),
    order.mark_duplicate(),
    order.accept(),
    order.decline(),
    order.claim(),
    order.report_progress(),
    order.complete(),
    order.import_order(),
    person.erase_order(),
    person.finish_order_erasure(),
    person.erase_person(),
    person.finish_erasure(),
    unit.register(),
    unit.amend(contact="96319"),
    unit.change_offers(),
    unit.change_capacity(9),
    unit.enrol(),
    unit.change_volunteer(willing=()),
    unit.release(),
    unit.retire(),
    unit.finish_retirement(),
    need.state_need(),
    need.amend_need(takers_wanted=3),
    need.take_up(),
    need.step_back(),
    need.close_need(),
    Ask(AdoptRules(rules=RULES), order.OPERATOR),
)

ASKED: Final[dict[type[Command], Ask]] = {type(example.command): example for example in EXAMPLES}
EVERY_COMMAND: Final = tuple(ASKED)
