"""Tries rules on the record (试算): asks about every order again, just before it was decided."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from adapters.matcher import Matcher
from adapters.places import holds
from adapters.rematching import MODELS
from domain import events as e
from domain import town as towns
from domain.evidence import Learnt
from domain.facts import Recorded
from domain.ids import OrderId
from domain.matching import Demand, Ranking
from domain.rules import Rules
from domain.town import Town
from domain.trying import Case, How, Tried, outcome
from projections.engine import Log, open_reads
from projections.engine.comparing import Told
from projections.engine.earlier import Earlier
from projections.engine.projector import REPLAY
from projections.evidence import About, EvidenceQueries
from projections.matching import MatchingQueries
from projections.rating import RatingQueries

_NO_LONGER: Final = (
    e.OrderWithdrawn,
    e.OrderAnswered,
    e.OrderNotAccepted,
    e.OrderMarkedDuplicate,
    e.OrderPooled,
    e.OrderReopened,
)
"""What is proposed holds no longer, as after a change of the order's category or area."""


def facts_of(log: Log) -> Iterator[Recorded]:
    """Every fact of a log."""
    after = 0
    while batch := log.read(after, REPLAY):
        after = batch[-1].position
        yield from batch


def cases(facts: Iterable[Recorded], since: datetime) -> list[Case]:
    """Every order that was dispatched, claimed, proposed or imported since then, in log order.

    One that was proposed and then sent is one case, at the place where it was proposed.
    """
    found: dict[int, Case] = {}
    proposed: dict[OrderId, Case] = {}
    for recorded in facts:
        event, order = recorded.fact.event, OrderId(recorded.fact.stream)
        if isinstance(event, e.DispatchProposed) and recorded.fact.meta.at >= since:
            proposed[order] = found[recorded.position] = _case(recorded, event, How.PROPOSED)
        elif isinstance(event, e.OrderDispatched | e.OrderClaimed):
            how = How.CLAIMED if isinstance(event, e.OrderClaimed) else How.DISPATCHED
            case = proposed.pop(order, None)
            if case is None and recorded.fact.meta.at >= since:
                case = _case(recorded, event, how)
            if case is not None:
                found[case.position] = _sent(case, how, event)
        elif isinstance(event, e.OrderImported) and event.provider and recorded.fact.meta.at >= since:
            found[recorded.position] = _sent(_case(recorded, event, How.IMPORTED), How.IMPORTED, event)
        elif isinstance(event, _NO_LONGER) or _moved(event):
            proposed.pop(order, None)
    return [found[position] for position in sorted(found)]


def _case(recorded: Recorded, event: e.OrderEvent, how: How) -> Case:
    order = OrderId(recorded.fact.stream)
    return Case(order, recorded.position, recorded.fact.meta.at, event.category, event.area, how, None)


def _sent(case: Case, how: How, event: e.OrderDispatched | e.OrderClaimed | e.OrderImported) -> Case:
    return replace(case, how=how, sent=event.provider, channel=event.channel)


def _moved(event: object) -> bool:
    if not isinstance(event, e.OrderAmended):
        return False
    return (event.category, event.area) != (event.old_category, event.old_area)


class _SameMoment(EvidenceQueries):
    """What was learnt is asked once for both sets of rules, since it does not depend on them."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._known: dict[tuple[About, ...], list[Learnt]] = {}

    def about_many(self, orders: Sequence[About]) -> list[Learnt]:
        key = tuple(orders)
        if key not in self._known:
            self._known[key] = super().about_many(orders)
        return self._known[key]

    def move_on(self) -> None:
        """Something more was learnt."""
        self._known.clear()


class Trial:
    """The read models of matching once more, in memory, led through the record from decision to decision."""

    def __init__(self, log: Log, rules: Rules) -> None:
        self._log = log
        self._file = Town(rules)
        self._then = towns.NO_TOWN
        self._engine = open_reads("sqlite://")
        self._models = [Earlier(model(), self._engine, log, holds) for model in MODELS]
        self.missed: list[Case] = []
        """Orders of which this release cannot read enough to try them."""
        self._evidence = _SameMoment(self._engine)
        self._matchers = [self._matcher(lambda: self._then), self._matcher(lambda: self._file)]

    def _matcher(self, town: Callable[[], Town]) -> Matcher:
        engine = self._engine
        return Matcher(MatchingQueries(engine), RatingQueries(engine), self._evidence, town)

    def close(self) -> None:
        """Let go of what lies in memory."""
        self._engine.dispose()

    def run(self, asked: Sequence[Case], told: Told = lambda _: None) -> Iterator[Tried]:
        """Try them one after the other, in log order. `told` hears how far in the log it has come."""
        coming = iter(asked)
        case = next(coming, None)
        after = 0
        while case is not None and (batch := self._log.read(after, REPLAY)):
            after = batch[-1].position
            begun = 0
            for number, recorded in enumerate(batch):
                if case is not None and recorded.position == case.position:
                    self._take(batch[begun:number])
                    begun = number
                    tried = self._tried(case)
                    if tried is None:
                        self.missed.append(case)
                    else:
                        yield tried
                    told(case.position)
                    case = next(coming, None)
            if case is not None:
                self._take(batch[begun:])
            told(after)

    def _take(self, facts: Sequence[Recorded]) -> None:
        if not facts:
            return
        for model in self._models:
            model.take(facts)
        self._evidence.move_on()
        for recorded in facts:
            if isinstance(recorded.fact.event, e.RulesAdopted):
                self._then = towns.evolve(self._then, recorded.fact.event, recorded.fact.meta.at)

    def _tried(self, case: Case) -> Tried | None:
        then, file = (_ranked(matcher, case) for matcher in self._matchers)
        if then is None or file is None:
            return None
        return Tried(case, outcome(*then, self._then.rules), outcome(*file, self._file.rules))


def _ranked(matcher: Matcher, case: Case) -> tuple[Demand, Ranking] | None:
    """Just before it was imported nobody knew of an order, so it is asked about as one that may come."""
    if case.how is How.IMPORTED:
        return matcher.ranked_new(Demand(case.category, case.area, case.channel), case.at)
    return matcher.ranked(case.order, case.at)
