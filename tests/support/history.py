"""A log made by really asking: the domain decides, the facts are as they would be recorded, with gaps."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import uuid5

import domain.commands as c
from domain.events import CommandRejected
from domain.facts import Actor, CommandKey, Fact, Meta, Read, Recorded
from domain.ids import (
    RULES_SUBJECT,
    AreaPath,
    CategoryPath,
    OrderId,
    Position,
    ProviderId,
    ResidentId,
    StreamId,
    stream_of,
    time_ordered_id,
)
from domain.lifecycle import decide, evolve, initial
from domain.model import Event
from domain.order import Order
from domain.provider_events import Offer
from domain.rejections import Refused
from domain.rules import Rules
from domain.sealed import Sealed
from domain.situation import Asked, Situation, State
from domain.stages import Channel, Duty, Level, ProviderKind, Role
from domain.town import Town
from tests.support.a_town import (
    AUNT_LI,
    DISPATCHER,
    EAST,
    MONDAY,
    POTHOLE,
    RULES,
    STREET,
    UNCLE_WANG,
    WATER,
)

CLERK: Final = Actor(role=Role.COMMUNITY, id=DISPATCHER)
OPERATOR: Final = Actor(role=Role.OPERATOR, id="importer")
MACHINE: Final = Actor(role=Role.SYSTEM, id="auto-dispatch")
THE_ROADS: Final = CategoryPath("roads")
CARE: Final = CategoryPath("care")
TEXT: Final = Sealed("sealed")
RESIDENTS: Final = (AUNT_LI, UNCLE_WANG, ResidentId("r-zhao"))


def resident(person: ResidentId) -> Actor:
    return Actor(role=Role.RESIDENT, id=person)


def staff(provider: ProviderId) -> Actor:
    return Actor(role=Role.PROVIDER, id=provider)


def changed_rules(**fields: Any) -> Rules:
    """The town's rules with some of it changed."""
    same = {name: getattr(RULES, name) for name in Rules.model_fields}
    return Rules(**{**same, **fields})


class History:
    """Asks one command after the other and keeps what came of it. It is a `Log`."""

    def __init__(self, *, seed: int = 1, rules: Rules = RULES, start: datetime = MONDAY) -> None:
        self.chance = Random(seed)  # noqa: S311 - the same story each time, not a secret
        self.now = start
        self.facts: list[Recorded] = []
        self.states: dict[str, State] = {}
        self._asked = 0
        self._orders = 0
        self._place = 0
        self.ask(c.AdoptRules(rules=rules), OPERATOR)

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        start = bisect_right(self.facts, after, key=lambda recorded: recorded.position)
        return self.facts[start : start + limit]

    def new_order(self) -> OrderId:
        self._orders += 1
        return OrderId(time_ordered_id(self.now, f"order {self._orders}".encode()))

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def state(self, subject: str) -> Any:
        return self.states.get(subject) or initial(subject)

    def order(self, order: OrderId) -> Order:
        return self.state(str(order))

    def ask(
        self,
        command: c.AnyCommand,
        actor: Actor,
        *,
        on_behalf_of: ResidentId | None = None,
        channel: Channel | None = None,
    ) -> list[Event]:
        """What happened; nothing if it was so already. Raises Refused."""
        asked = self._envelope(actor, on_behalf_of, channel)
        subject = command.subject
        others = {other: self.state(other) for other in command.also_reads()}
        town: Town = self.state(RULES_SUBJECT)
        situation = Situation(asked=asked, at=self.now, rules=town.rules, others=others)
        events = list(decide(command, self.state(subject), situation))
        reads = tuple(Read(other, state.version) for other, state in others.items())
        for part, event in enumerate(events, start=1):
            self.states[subject] = evolve(self.state(subject), event, self.now)
            meta = _meta(asked, command, town.version, (part, len(events)), reads)
            self._record(stream_of(subject), self.states[subject].version, meta, event)
        return events

    def try_to(self, command: c.AnyCommand, actor: Actor, **more: Any) -> list[Event]:
        """Ask, and keep a refusal as the record would: in a stream of its own."""
        try:
            return self.ask(command, actor, **more)
        except Refused as refusal:
            asked = self._envelope(actor)
            event = CommandRejected(
                subject=command.subject,
                command=command.wire,
                code=refusal.code,
                reason_zh=refusal.reason_zh,
                reason_en=refusal.reason_en,
                asked=command.model_dump_json(exclude_none=True),
            )
            stream = StreamId(uuid5(stream_of(command.subject), str(self._asked)))
            town: Town = self.state(RULES_SUBJECT)
            looked_at = (command.subject, *command.also_reads())
            reads = tuple(Read(subject, self.state(subject).version) for subject in looked_at)
            self._record(stream, 1, _meta(asked, command, town.version, (1, 1), reads), event)
            return []

    def register(
        self,
        provider: ProviderId,
        *,
        areas: Sequence[AreaPath] = (STREET,),
        must: Sequence[CategoryPath] = (),
        can: Sequence[CategoryPath] = (),
        capacity: int = 10,
    ) -> None:
        offers = [Offer(category=category, duty=Duty.MUST) for category in must]
        offers += [Offer(category=category, duty=Duty.CAN) for category in can]
        self.ask(
            c.RegisterProvider(
                provider=provider,
                name_zh=f"{provider}单位",
                name_en=provider.title(),
                kind=ProviderKind.DEPARTMENT,
                contact="0755-12345",
                capacity=capacity,
                areas=tuple(areas),
                offers=tuple(offers),
            ),
            CLERK,
        )

    def place(self, category: CategoryPath = POTHOLE, area: AreaPath = EAST, **more: Any) -> OrderId:
        order = self.new_order()
        person = more.pop("resident", AUNT_LI)
        placing = c.PlaceOrder(order=order, category=category, area=area, details=TEXT, **more)
        self.ask(placing, resident(person), channel=Channel.APP)
        return order

    def dispatch(self, order: OrderId, provider: ProviderId = WATER) -> None:
        self.ask(c.DispatchOrder(order=order, provider=provider), CLERK)

    def accept(self, order: OrderId, provider: ProviderId = WATER) -> None:
        self.ask(c.AcceptOrder(order=order, provider=provider), staff(provider))

    def decline(self, order: OrderId, provider: ProviderId = WATER) -> None:
        self.ask(c.DeclineOrder(order=order, provider=provider, reason="not-ours"), staff(provider))

    def complete(self, order: OrderId, provider: ProviderId = WATER, *, resolved: bool = True) -> None:
        command = c.CompleteOrder(order=order, provider=provider, result=TEXT, resolved=resolved)
        self.ask(command, staff(provider))

    def completed(
        self, provider: ProviderId = WATER, category: CategoryPath = POTHOLE, area: AreaPath = EAST
    ) -> OrderId:
        """An order that went straight through."""
        order = self.place(category, area)
        self.dispatch(order, provider)
        self.accept(order, provider)
        self.complete(order, provider)
        return order

    def rate(self, order: OrderId, level: Level, person: ResidentId = AUNT_LI) -> None:
        self.ask(c.RateOrder(order=order, level=level), resident(person))

    def reopen(self, order: OrderId) -> None:
        self.ask(c.ReopenOrder(order=order, reason=TEXT), resident(AUNT_LI))

    def _envelope(
        self, actor: Actor, on_behalf_of: ResidentId | None = None, channel: Channel | None = None
    ) -> Asked:
        self._asked += 1
        return Asked(
            key=CommandKey(source="test", id=str(self._asked)),
            actor=actor,
            via="test",
            recorded=self.now,
            correlation=str(self._asked),
            on_behalf_of=on_behalf_of,
            channel=channel,
            intake=f"test[0]@{self._asked}",
            trusted_time=actor.role in (Role.OPERATOR, Role.SYSTEM),
        )

    def _record(self, stream: StreamId, version: int, meta: Meta, event: Event) -> None:
        self._place += self.chance.choice((1, 1, 1, 2, 5))
        self.facts.append(Recorded(Position(self._place), Fact(stream, version, meta, event)))


def _meta(
    asked: Asked, command: c.AnyCommand, rules: int, part: tuple[int, int], reads: tuple[Read, ...]
) -> Meta:
    return Meta(
        subject=command.subject,
        actor=asked.actor,
        on_behalf_of=asked.on_behalf_of,
        channel=asked.channel,
        via=asked.via,
        command=command.wire,
        cause=asked.key,
        correlation=asked.correlation,
        recorded=asked.recorded,
        at=asked.recorded,
        rules=rules,
        reads=reads,
        part=part[0],
        parts=part[1],
        intake=asked.intake,
        proof=asked.proof,
        trusted_time=asked.trusted_time,
    )
