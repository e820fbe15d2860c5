"""Four orders make one life: read here what can be asked and which rule answers it.

Residents order (点单), the community dispatches (派单), providers accept and do (接单),
the public rates (评单).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from domain import accepting, completing, dispatching, importing, placing, providing, rating, transitions
from domain import commands as c
from domain import order as orders
from domain import provider as providers
from domain import town as towns
from domain.ids import RULES_SUBJECT
from domain.model import Event
from domain.order import NO_ORDER, Order
from domain.placing import forbidden
from domain.provider import NO_PROVIDER, Provider
from domain.rejections import NotYours, OrderExists, UnknownOrder, WrongRole
from domain.situation import Situation, State
from domain.stages import ROLE_NAMES, Role, Stage
from domain.town import NO_TOWN, Town

_STAFF: Final = frozenset({Role.COMMUNITY, Role.OPERATOR})


def decide(command: c.AnyCommand, state: State, now: Situation) -> Sequence[Event]:
    """What happens when this is asked; an empty answer means it was so already. Raises Refused."""
    _may_ask(command, now)
    if isinstance(state, Order) and isinstance(command, c.OrderCommand):
        _at_this_stage(command, state)
        return decide_order(command, state, now)
    if isinstance(state, Provider) and isinstance(command, c.ProviderCommand):
        return decide_provider(command, state, now)
    if isinstance(state, Town) and isinstance(command, c.AdoptRules):
        return providing.adopt(command, state, now)
    raise TypeError(f"{command.wire} is not asked of a {type(state).__name__}")


def decide_order(  # noqa: C901, PLR0912 - one case for each command
    command: c.AnyOrderCommand, order: Order, now: Situation
) -> Sequence[Event]:
    """The rule that answers each command of an order."""
    match command:
        # 点单
        case c.PlaceOrder():
            return placing.place(command, order, now)
        case c.AmendOrder():
            return placing.amend(command, order, now)
        case c.WithdrawOrder():
            return placing.withdraw(command, order, now)
        case c.SecondOrder():
            return placing.second(command, order, now)
        # 派单
        case c.DispatchOrder():
            return dispatching.dispatch(command, order, now)
        case c.ProposeDispatch():
            return dispatching.propose(command, order, now)
        case c.PoolOrder():
            return dispatching.pool(command, order, now)
        case c.RecallOrder():
            return dispatching.recall(command, order, now)
        case c.AnswerOrder():
            return dispatching.answer(command, order, now)
        case c.NotAcceptOrder():
            return dispatching.not_accept(command, order, now)
        case c.MarkDuplicate():
            return dispatching.mark_duplicate(command, order, now)
        # 接单
        case c.AcceptOrder():
            return accepting.accept(command, order, now)
        case c.DeclineOrder():
            return accepting.decline(command, order, now)
        case c.ClaimOrder():
            return accepting.claim(command, order, now)
        case c.ReportProgress():
            return completing.report_progress(command, order, now)
        case c.CompleteOrder():
            return completing.complete(command, order, now)
        # 评单
        case c.RateOrder():
            return rating.rate(command, order, now)
        case c.ReopenOrder():
            return rating.reopen(command, order, now)
        # 导入
        case c.ImportOrder():
            return importing.import_order(command, order, now)
    assert_never(command)


def decide_provider(command: c.AnyProviderCommand, provider: Provider, now: Situation) -> Sequence[Event]:
    """The rule that answers each command of a provider."""
    match command:
        case c.RegisterProvider():
            return providing.register(command, provider, now)
        case c.AmendProvider():
            return providing.amend(command, provider, now)
        case c.ChangeOffers():
            return providing.change_offers(command, provider, now)
        case c.ChangeCapacity():
            return providing.change_capacity(command, provider, now)
        case c.RetireProvider():
            return providing.retire(command, provider, now)
        case c.FinishRetirement():
            return providing.finish_retirement(command, provider, now)
    assert_never(command)


def evolve(state: State, event: Event, at: datetime) -> State:
    """The state after one more event."""
    match state:
        case Order():
            return orders.evolve(state, event, at)
        case Provider():
            return providers.evolve(state, event, at)
        case Town():
            return towns.evolve(state, event, at)
    assert_never(state)


def initial(subject: str) -> State:
    """The state of a subject of which nothing is recorded."""
    if subject == RULES_SUBJECT:
        return NO_TOWN
    return NO_PROVIDER if subject.startswith("provider/") else NO_ORDER


def _may_ask(command: c.AnyCommand, now: Situation) -> None:
    """The role may ask this at all; a provider asks for itself, and only staff for somebody else (代点单)."""
    actor = now.asked.actor
    if actor.role not in transitions.MAY_ASK[type(command)]:
        role_zh, role = ROLE_NAMES[actor.role]
        raise WrongRole(role_zh=role_zh, role=role, command_zh=command.zh, command=command.wire)
    if actor.role is Role.PROVIDER and getattr(command, "provider", None) != actor.id:
        raise NotYours
    if actor.role not in _STAFF and now.asked.on_behalf_of not in (None, actor.id):
        raise NotYours


def _at_this_stage(command: c.AnyOrderCommand, order: Order) -> None:
    if order.stage in transitions.TRANSITIONS[type(command)]:
        return
    if order.stage is Stage.NONE:
        raise UnknownOrder(order=command.order)
    if isinstance(command, c.PlaceOrder | c.ImportOrder):
        raise OrderExists(order=command.order)
    raise forbidden(order, command.zh, command.wire)
