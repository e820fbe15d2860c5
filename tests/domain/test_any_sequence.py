"""Whatever is asked in whatever order, no order comes to a stage that the table does not list."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.commands import AdoptRules, AnyCommand, OrderCommand
from domain.events import OrderClaimed, OrderDispatched, RulesAdopted
from domain.ids import RULES_SUBJECT, OrderId, provider_subject
from domain.lifecycle import decide, evolve, initial
from domain.model import Event
from domain.order import Order
from domain.rejections import Refused
from domain.situation import Situation, State, settle_time
from domain.stages import WITH_COMMUNITY, Level, Role, Stage
from domain.town import Town
from domain.transitions import allowed
from tests.domain.every_command import EXAMPLES
from tests.support.a_provider import registered
from tests.support.a_town import (
    AUNT_LI,
    DISPATCHER,
    MONDAY,
    PARKS,
    ROADS,
    RULES,
    UNCLE_WANG,
    WATER,
    hours,
    rules_with,
)
from tests.support.an_order import (
    OPERATOR,
    ORDER,
    OTHER,
    accept,
    claim,
    complete,
    decline,
    dispatch,
    import_order,
    mark_duplicate,
    placed,
    rate,
    recall,
    second,
)
from tests.support.given import Ask

STRICT: Final = rules_with(declines_to_arbitration=1, reopen_days=1)

ASKS: Final = (
    *EXAMPLES,
    *(way(by=who) for way in (accept, claim, decline, complete) for who in (WATER, ROADS, PARKS)),
    *(dispatch(to=who) for who in (WATER, ROADS, PARKS)),
    dispatch().said_by(Role.SYSTEM, "auto-dispatch"),
    recall(only_from=WATER).said_by(Role.SYSTEM, "retirement"),
    second(by=UNCLE_WANG),
    rate(Level.VERY_DISSATISFIED, by=UNCLE_WANG),
    rate().said_by(Role.COMMUNITY, DISPATCHER).said_for(AUNT_LI),
    accept(by=WATER).said_by(Role.PROVIDER, ROADS),
    *(import_order(stage=stage, provider=WATER) for stage in Stage),
    Ask(AdoptRules(rules=STRICT), OPERATOR),
)
"""What anybody may come up with, sensible or not."""


def of(ask: Ask, order: OrderId) -> Ask:
    """The same, asked of another order."""
    if not isinstance(ask.command, OrderCommand):
        return ask
    command = ask.command.model_copy(update={"order": order})
    duplicates = isinstance(command, type(mark_duplicate().command))
    return replace(ask, command=command.model_copy(update={"of": ORDER}) if duplicates else command)


ORDERS: Final = (ORDER, OTHER, *(OrderId(UUID(int=ORDER.int + count)) for count in (8, 9)))
EVERY_ASK: Final = [of(ask, order) for ask in ASKS for order in ORDERS]


def anything(_: "World", number: int) -> Ask:
    return EVERY_ASK[number % len(EVERY_ASK)]


def something_possible(world: "World", number: int) -> Ask:
    """Of what the table allows for the order; else most sequences would soon be refusals only."""
    which, number = ORDERS[number % len(ORDERS)], number // len(ORDERS)
    order = world.state(str(which))
    assert isinstance(order, Order)
    fitting = [ask for ask in ASKS if is_allowed(ask, order.stage)]
    return of(fitting[number % len(fitting)], which)


def is_allowed(ask: Ask, stage: Stage) -> bool:
    return isinstance(ask.command, OrderCommand) and bool(allowed(stage, type(ask.command)))


Choice = Callable[["World", int], Ask]
CHOICES: Final = st.sampled_from([anything, something_possible, something_possible])
NUMBERS: Final = st.integers(min_value=0, max_value=9_999)
PAUSES: Final = st.sampled_from([0, 0, 0, 1, 30, 400])  # hours
STEPS: Final = st.lists(st.tuples(CHOICES, NUMBERS, PAUSES), min_size=20, max_size=100)


@dataclass
class World:
    """A town with three providers and whatever has happened in it since Monday."""

    states: dict[str, State] = field(default_factory=dict)
    log: list[tuple[str, Event, datetime]] = field(default_factory=list)
    clock: datetime = MONDAY
    had: set[str] = field(default_factory=set)  # orders that a provider has had

    def state(self, subject: str) -> State:
        return self.states.get(subject, initial(subject))

    def record(self, subject: str, event: Event, at: datetime) -> None:
        self.states[subject] = evolve(self.state(subject), event, at)
        self.log.append((subject, event, at))
        if isinstance(event, OrderDispatched | OrderClaimed):
            self.had.add(subject)

    def take(self, ask: Ask) -> bool:
        """Ask, and record what it leads to; False if it was refused."""
        command, asked = ask.command, ask.asked(self.clock)
        state = self.state(command.subject)
        town = self.state(RULES_SUBJECT)
        assert isinstance(town, Town)
        others = {other: self.state(other) for other in command.also_reads()}
        try:
            at = settle_time(asked, state.last_at)
            events = decide(command, state, Situation(asked, at, town.rules, others))
        except Refused:
            return False
        for event in events:
            self.record(command.subject, event, at)
        return True


def a_town() -> World:
    """Three providers, and orders but one, so that not every sequence starts from nothing."""
    world = World()
    world.record(RULES_SUBJECT, RulesAdopted(version=1, rules=RULES), MONDAY)
    for provider in (WATER, ROADS, PARKS):
        world.record(provider_subject(provider), registered(provider), MONDAY)
    for order in ORDERS[1:]:
        world.record(str(order), placed(), MONDAY)
    return world


@given(STEPS)
@settings(max_examples=150, deadline=None, database=None)
def test_no_sequence_of_commands_leads_off_the_table(steps: list[tuple[Choice, int, int]]) -> None:
    world = a_town()
    for choose, number, pause in steps:
        ask = choose(world, number)
        world.clock += hours(pause)
        before = world.state(ask.command.subject)
        recorded = len(world.log)
        if not world.take(ask):
            assert len(world.log) == recorded
            assert world.state(ask.command.subject) is before
        elif isinstance(before, Order):
            after = world.state(ask.command.subject)
            assert isinstance(after, Order)
            stays_on_the_table(ask.command, before, after)
            makes_sense(after, had=ask.command.subject in world.had)
    assert replayed(world) == world.states


def stays_on_the_table(command: AnyCommand, before: Order, after: Order) -> None:
    assert isinstance(command, OrderCommand)
    assert after.stage in allowed(before.stage, type(command))
    assert after is before or after.version > before.version
    assert before.last_at is None or (after.last_at is not None and after.last_at >= before.last_at)


def makes_sense(order: Order, *, had: bool) -> None:
    """What holds of every order at every moment."""
    assert not had or order.accountable is not None  # 首接负责
    assert (order.provider is None) or order.stage not in WITH_COMMUNITY
    assert (order.provider is not None) or order.stage not in (Stage.DISPATCHED, Stage.ACCEPTED)
    assert order.stage is not Stage.ARBITRATION or order.arbitrated
    assert order.stage is not Stage.PLACED or order.closed_at is None


def replayed(world: World) -> dict[str, State]:
    """The same town, told once more from what was recorded."""
    states: dict[str, State] = {}
    for subject, event, at in world.log:
        states[subject] = evolve(states.get(subject, initial(subject)), event, at)
    return states
