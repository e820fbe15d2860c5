"""Four orders make one life: read here what can be asked and which rule answers it.

Residents order (点单), the community dispatches (派单), providers accept and do (接单),
the public rates (评单).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, assert_never

from domain import (
    accepting,
    completing,
    dispatching,
    erasing,
    importing,
    needing,
    placing,
    providing,
    rating,
    transitions,
    volunteering,
)
from domain import commands as c
from domain import need as needs
from domain import order as orders
from domain import person as persons
from domain import provider as providers
from domain import town as towns
from domain.authority import may_ask
from domain.ids import RULES_SUBJECT
from domain.model import Event
from domain.need import NO_NEED, Need
from domain.order import NO_ORDER, Order
from domain.person import NO_PERSON, Person
from domain.placing import forbidden
from domain.provider import NO_PROVIDER, Provider
from domain.rejections import OrderExists, UnknownOrder
from domain.situation import Situation, State
from domain.stages import Stage
from domain.town import NO_TOWN, Town

Rule = Callable[[Any, Any, Situation], Sequence[Event]]
"""(command, state of its subject, everything else it may look at) → what happens."""

RULES: Final[Mapping[type[State], Mapping[type[c.Command], Rule]]] = {
    Order: {
        # 点单
        c.PlaceOrder: placing.place,
        c.AmendOrder: placing.amend,
        c.WithdrawOrder: placing.withdraw,
        c.SecondOrder: placing.second,
        # 派单
        c.DispatchOrder: dispatching.dispatch,
        c.ProposeDispatch: dispatching.propose,
        c.PoolOrder: dispatching.pool,
        c.RecallOrder: dispatching.recall,
        c.AnswerOrder: dispatching.answer,
        c.NotAcceptOrder: dispatching.not_accept,
        c.MarkDuplicate: dispatching.mark_duplicate,
        # 接单
        c.AcceptOrder: accepting.accept,
        c.DeclineOrder: accepting.decline,
        c.ClaimOrder: accepting.claim,
        c.ReportProgress: completing.report_progress,
        c.CompleteOrder: completing.complete,
        # 评单
        c.RateOrder: rating.rate,
        c.ReopenOrder: rating.reopen,
        # 删除
        c.EraseOrder: erasing.erase_order,
        c.FinishOrderErasure: erasing.finish_order,
        # 导入
        c.ImportOrder: importing.import_order,
    },
    Provider: {
        c.RegisterProvider: providing.register,
        c.AmendProvider: providing.amend,
        c.ChangeOffers: providing.change_offers,
        c.ChangeCapacity: providing.change_capacity,
        c.EnrolVolunteer: volunteering.enrol,
        c.ChangeVolunteer: volunteering.change,
        c.ReleaseVolunteer: volunteering.release,
        c.RetireProvider: providing.retire,
        c.FinishRetirement: providing.finish_retirement,
    },
    Need: {
        c.StateNeed: needing.state,
        c.AmendNeed: needing.amend,
        c.TakeUpNeed: needing.take_up,
        c.LetGoOfNeed: needing.let_go,
        c.CloseNeed: needing.close,
    },
    Person: {
        c.ErasePerson: erasing.erase_person,
        c.FinishErasure: erasing.finish_person,
    },
    Town: {c.AdoptRules: providing.adopt},
}
"""The rule that answers each command, by what it is asked of. A test sees to it that none is missing."""


def decide(command: c.AnyCommand, state: State, now: Situation) -> Sequence[Event]:
    """What happens when this is asked; an empty answer means it was so already. Raises Refused."""
    may_ask(command, state, now)
    rule = rule_of(command, state)
    if isinstance(state, Order):
        _at_this_stage(command, state)
    return rule(command, state, now)


def rule_of(command: c.Command, state: State) -> Rule:
    """The one that answers it; TypeError where such a command is not asked of such a subject."""
    rule = RULES[type(state)].get(type(command))
    if rule is None:
        raise TypeError(f"{command.wire} is not asked of a {type(state).__name__}")
    return rule


def evolve(state: State, event: Event, at: datetime) -> State:
    """The state after one more event."""
    match state:
        case Order():
            return orders.evolve(state, event, at)
        case Provider():
            return providers.evolve(state, event, at)
        case Need():
            return needs.evolve(state, event, at)
        case Person():
            return persons.evolve(state, event, at)
        case Town():
            return towns.evolve(state, event, at)
    assert_never(state)


def initial(subject: str) -> State:
    """The state of a subject of which nothing is recorded."""
    if subject == RULES_SUBJECT:
        return NO_TOWN
    if subject.startswith("need/"):
        return NO_NEED
    if subject.startswith("person/"):
        return NO_PERSON
    return NO_PROVIDER if subject.startswith("provider/") else NO_ORDER


def _at_this_stage(command: c.Command, order: Order) -> None:
    if order.stage in transitions.TRANSITIONS[type(command)]:
        return
    if order.stage is Stage.NONE:
        raise UnknownOrder(order=command.subject)
    if isinstance(command, c.PlaceOrder | c.ImportOrder):
        raise OrderExists(order=command.order)
    raise forbidden(order, command.zh, command.wire)
