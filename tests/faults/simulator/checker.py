"""Compares what was asked with record, topics and read models: nothing lost, doubled or overtaken."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from msgspec.structs import replace

from adapters.bus.incoming import Partition
from adapters.bus.relay import ASIDE
from domain.events import (
    CommandRejected,
    MessageParked,
    OrderPlaced,
    ProviderRetiring,
)
from domain.facts import CommandKey, Fact, Recorded
from domain.ids import OrderId, ProviderId
from domain.lifecycle import evolve, initial
from domain.situation import State
from services.deciding import Deciding
from services.dispatch_process import ASK_AGAIN, ENDS, DispatchProcess, comes_to_wait
from services.ports import Answered
from services.reactions import Reactor
from services.requests import Request, Unreadable
from services.retirement_process import RetirementProcess
from services.work_process import WorkProcess
from tests.faults.simulator.broker import Message
from tests.faults.simulator.calling import calls
from tests.faults.simulator.forgetting import forgotten
from tests.faults.simulator.proving import proven
from tests.faults.simulator.world import DECODER, TOPICS, World, databases, images, projectors
from tests.support.a_town import LAMP, WATER

FOUNDED = "founding/"
Intake = Request | Unreadable


def violations(world: World) -> list[str]:
    """What should not be; empty when all holds."""
    log = world.store.read(0, 100_000)
    return [
        *_answers(world, log),
        *_one_after_the_other(world, log),
        *_in_order(world, log),
        *_relayed(world, log),
        *_rows(world),
        *_reactions(world, log),
        *forgotten(world, log),
        *proven(world, log),
    ]


def _taken_in(world: World) -> dict[str, Message]:
    """All messages of the command topics, by arrival."""
    partitions = world.broker.partitions(TOPICS.commands)
    return {one.intake: one for partition in partitions for one in world.broker.lying_in(partition)}


def _answers(world: World, log: Sequence[Recorded]) -> Iterator[str]:
    """Every command is answered once; what a door was told is what is recorded."""
    groups = Counter(intake for intake, _ in _groups(log))
    due = _taken_in(world).keys() | world.answered.keys()
    for intake in sorted(due - groups.keys()):
        yield f"lost: {intake} has no answer"
    for intake, count in sorted(groups.items()):
        if intake not in due and intake not in world.asked and not intake.startswith(FOUNDED):
            yield f"invented: nobody asked {intake}"
        if count > 1:
            yield f"doubled: {intake} has {count} answers"
    where = {one.position: one.fact.meta.intake for one in log}
    for intake, outcome in world.answered.items():
        if {where.get(position) for position in outcome.positions} != {intake}:
            yield f"the desk was told another answer to {intake} than was recorded"


def _groups(log: Sequence[Recorded]) -> Iterator[tuple[str, list[Recorded]]]:
    """The answers in log order: each with the arrival it belongs to and its facts."""
    for intake, facts in groupby(log, key=lambda one: one.fact.meta.intake):
        whole: list[Recorded] = []
        for one in facts:
            whole.append(one)
            if one.fact.meta.part == one.fact.meta.parts:
                yield intake, whole
                whole = []
        if whole:
            yield intake, whole


def _one_after_the_other(world: World, log: Sequence[Recorded]) -> Iterator[str]:
    """Decided anew, one at a time in log order, each command has the very same facts."""
    messages = _taken_in(world)
    states: dict[str, State] = {}
    known: dict[CommandKey, Answered] = {}
    for intake, facts in _groups(log):
        if intake.startswith(FOUNDED):
            ((subject, event, at),) = [
                (one.fact.meta.subject, one.fact.event, one.fact.meta.at) for one in facts
            ]
            states[subject] = evolve(initial(subject), event, at)
            continue
        asked = world.asked.get(intake) or (_decoded(messages[intake]) if intake in messages else None)
        if asked is None:
            continue
        deciding = Deciding(states, known)
        deciding.take(asked)
        (draft,) = deciding.drafts
        states = deciding.states
        if draft.claims_key is not None:
            known[draft.key] = Answered(draft.claims_key, facts[0].position)
        if not _same(world, draft.facts, [one.fact for one in facts]):
            yield f"{intake} does not hold at its place: {_told(facts)}, and should be {_words(draft.facts)}"


def _decoded(message: Message) -> Intake:
    door = TOPICS.door(message.topic())
    headers = {name[3:]: value.decode() for name, value in message.headers() if name.startswith("ce_")}
    return DECODER.decode(message.value(), headers, door, message.at, message.intake)


def _same(world: World, ours: Sequence[Fact], theirs: Sequence[Fact]) -> bool:
    """Whether they say the same; texts were closed with other keys."""
    return [_in_clear(world, one) for one in ours] == [_in_clear(world, one) for one in theirs]


def _in_clear(world: World, fact: Fact) -> tuple[Fact, str]:
    event = fact.event
    return replace(fact, event=None), f"{event.wire} {world.keys.in_clear(event.model_dump_json())}"


def _told(facts: Sequence[Recorded]) -> str:
    return f"{_words([one.fact for one in facts])} at {facts[0].position}"


def _words(facts: Sequence[Fact]) -> str:
    return " ".join(f"{one.event.wire} {getattr(one.event, 'code', '')} v{one.version}" for one in facts)


def _in_order(world: World, log: Sequence[Recorded]) -> Iterator[str]:
    """What came over one partition for one subject happened in that order."""
    messages = _taken_in(world)
    last: dict[tuple[str, int, str], int] = {}
    for intake, facts in _groups(log):
        message = messages.get(intake)
        if message is None or facts[0].fact.event.wire in ASIDE:
            continue
        line = message.topic(), message.partition(), facts[0].fact.meta.subject
        if message.offset() < last.get(line, -1):
            yield f"overtaken: {intake}"
        last[line] = message.offset()


def _relayed(world: World, log: Sequence[Recorded]) -> Iterator[str]:
    """A reader that keeps its high-water mark sees each fact and each answer once, a subject's in order."""
    public: list[int] = [one.position for one in log if one.fact.event.wire not in ASIDE]
    letters: list[int] = [one.position for one in log if isinstance(one.fact.event, MessageParked)]
    answers: list[int] = [facts[-1].position for _, facts in _groups(log)]
    for name, wanted in ((TOPICS.events, public), (TOPICS.dead_letters, letters), (TOPICS.outcomes, answers)):
        seen = [
            position for partition in world.broker.partitions([name]) for position in _read(world, partition)
        ]
        if sorted(seen) != wanted:
            missing, more = set(wanted) - set(seen), Counter(seen) - Counter(wanted)
            yield f"{name}: missing {sorted(missing)}, too many {sorted(more.elements())}"
    yield from _keyed(world)


def _read(world: World, partition: Partition) -> Iterator[int]:
    mark = 0
    for message in world.broker.lying_in(partition):
        if message.position > mark:
            mark = message.position
            yield mark


def _keyed(world: World) -> Iterator[str]:
    """All of one subject lies in one partition."""
    found: defaultdict[bytes | None, set[int]] = defaultdict(set)
    for partition in world.broker.partitions([TOPICS.events]):
        for message in world.broker.lying_in(partition):
            found[message.key()].add(partition[1])
    for key, numbers in found.items():
        if key is None or len(numbers) > 1:
            yield f"{key} lies in partitions {sorted(numbers)}"


def _rows(world: World) -> Iterator[str]:
    """Each read model says what one says that is filled from the record alone."""
    expected = databases()["expected"]
    expected.become(images()["empty"])
    for live, afresh in zip(world.projectors, projectors(expected.engine), strict=True):
        afresh.fill_from(world.store)
        if live.digest() != afresh.digest():
            yield f"{live.model.name} does not say what the record says"


class _Holdings:
    """Who has which order, from the facts alone."""

    def __init__(self) -> None:
        self._held: dict[OrderId, ProviderId] = {}
        self._leaving: dict[ProviderId, int] = {}

    def hold(self, order: OrderId, provider: ProviderId) -> None:
        self._held[order] = provider

    def release(self, order: OrderId) -> ProviderId | None:
        return self._held.pop(order, None)

    def held_by(self, provider: ProviderId) -> Sequence[OrderId]:
        return sorted(order for order, holder in self._held.items() if holder == provider)

    def set_leaving(self, provider: ProviderId, returning: int) -> None:
        self._leaving[provider] = returning

    def leaving(self, provider: ProviderId) -> int | None:
        return self._leaving.get(provider)


def _reactions(world: World, log: Sequence[Recorded]) -> Iterator[str]:
    """What process managers say is there, the same however often, in the order of its causes."""
    system = _by_id(world, TOPICS.name("system"))
    retiring = [name for name in system if name.startswith(RetirementProcess.name)]
    yield from _said(WorkProcess(set()), log, list(_by_id(world, TOPICS.name(f"work.{WATER}"))))
    yield from _said(RetirementProcess(_Holdings()), log, retiring)
    for name, bodies in system.items():
        if len(bodies) > 1:
            yield f"{name} was sent with {len(bodies)} different contents"
    yield from _dispatches(system, log)
    yield from calls(system, log)


def _dispatches(system: Mapping[str, set[bytes]], log: Sequence[Recorded]) -> Iterator[str]:
    """Each time an order comes to wait it is decided once, and none is forgotten that nobody else took."""
    decided = Counter(
        str(json.loads(body)["order"])
        for name, bodies in system.items()
        if name.startswith(DispatchProcess.name)
        for body in bodies
    )
    waits = Counter(one.fact.meta.subject for one in log if comes_to_wait(one))
    again = Counter(
        one.fact.event.subject
        for one in log
        if isinstance(one.fact.event, CommandRejected) and one.fact.event.code in ASK_AGAIN
    )
    for order, times in decided.items():
        if times > waits[order] + again[order]:
            yield f"{order} was decided {times} times, and came to wait {waits[order]} times"
    if any(isinstance(one.fact.event, ProviderRetiring) for one in log):
        return  # there may have been nobody to dispatch to
    ended = {one.fact.meta.subject for one in log if isinstance(one.fact.event, ENDS)}
    for one in log:
        event, order = one.fact.event, one.fact.meta.subject
        placed = isinstance(event, OrderPlaced) and event.category == LAMP
        if placed and order not in decided and order not in ended:
            yield f"nobody dispatched the order placed at {one.position}"


def _said(reactor: Reactor, log: Sequence[Recorded], sent: Sequence[str]) -> Iterator[str]:
    wanted = [message.id for one in log for message in reactor.react(one)]
    if list(sent) != wanted:
        yield f"{reactor.name} said {list(sent)}, and should have said {wanted}"


def _by_id(world: World, topic: str) -> Mapping[str, set[bytes]]:
    """What lies in a topic, by its id in the order of first coming."""
    found: dict[str, set[bytes]] = {}
    for partition in world.broker.partitions([topic]):
        for message in world.broker.lying_in(partition):
            name = dict(message.headers())["ce_id"].decode()
            found.setdefault(name, set()).add(message.value())
    return found
