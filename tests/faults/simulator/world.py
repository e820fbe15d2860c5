"""One town in memory with every role of Sidan at work on it; what is durable outlives the roles."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from random import Random
from sqlite3 import Connection as Image
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine

from adapters.bootstrap import ON_THE_BUS, _retirement, _work, auto_dispatch, calls
from adapters.bus.feed import Follower
from adapters.bus.producing import Sender
from adapters.bus.projecting import Projecting
from adapters.bus.relay import POSITION, Relay
from adapters.bus.saying import outgoing
from adapters.bus.topics import IN_ONE_LINE, Topics, tracked_as
from adapters.bus.worker import Worker
from adapters.desk import Desk
from adapters.envelope import Decoder, Door
from adapters.forgetting import carrying_out, readable
from adapters.keys.town_key import with_town_key
from adapters.matcher import Matcher
from adapters.open_orders import OpenOrders
from adapters.reactors.calls import calls_due
from adapters.reactors.forgetting import OrdersOf, letters, letters_due, retention, retention_due
from adapters.reactors.runner import MakeReactor, ReactorRunner
from adapters.store.event_store import EventStore
from domain.facts import Recorded
from domain.rules import DispatchSetting, Retention
from domain.stages import AutoDispatch
from domain.town import Town
from projections.engine import Projector, catch_up
from projections.evidence import EvidenceModel, EvidenceQueries
from projections.matching import MatchingQueries
from projections.order_board import OrderBoardQueries
from projections.rating import RatingQueries
from services.audit.checkpoints import BadCheckpoint, parse
from services.call_process import CallProcess
from services.dispatch_process import DispatchProcess
from services.erasing import Around
from services.erasure_process import ErasureProcess
from services.handling import Batch, Handler
from services.letters_process import LettersProcess
from services.reactions import Message, Reactor
from services.requests import Outcome, Request, Unreadable
from services.retention_process import RetentionProcess
from tests.faults.simulator.broker import Broker, Watermarks
from tests.faults.simulator.clients import DESK, Said
from tests.faults.simulator.consuming import Group, Member, Steps
from tests.faults.simulator.faults import Database, Faults, Record
from tests.faults.simulator.keys import SECRET, Keys
from tests.faults.simulator.sealing import Meanwhile, Paper, Thinking, published, sealed_log, sealing
from tests.support.a_bus import command, register
from tests.support.a_town import LAMP, MONDAY, ROADS, WATER, rules_with
from tests.support.one_key import OneKey

TOPICS: Final = Topics("sidan")
NARROW: Final = [TOPICS.name(short) for short in (*IN_ONE_LINE, f"work.{WATER}", "checkpoints")]
TOPIC_ID: Final = "1"
HTTP: Final = Door("http", None)
KEPT: Final = timedelta(days=1)  # texts of closed orders about lamps; all others for ever
RULES: Final = rules_with(
    dispatch=(DispatchSetting(category=LAMP, mode=AutoDispatch.ON),),
    call_minutes=1,
    retention=(Retention(category=LAMP, days=KEPT.days),),
)
LETTERS_KEPT: Final = RULES.letters_for
REACTORS: Final = (
    DispatchProcess.name,
    CallProcess.name,
    "retirement",
    "work",
    ErasureProcess.name,
    RetentionProcess.name,
    LettersProcess.name,
)
DECODER: Final = Decoder(OneKey(SECRET), SECRET)  # that of the roles has keys of their own
AROUND: Final = Around(True, with_town_key, lambda: RULES)


class World:
    """What is durable, and how each role is started anew on it."""

    def __init__(self, chance: Random, faults: Faults, *, filled: bool) -> None:
        """`filled`: whether the read models have followed the bus from the beginning."""
        self.chance = chance
        self.faults = faults
        self.broker = Broker(chance, faults, NARROW)
        self.store = EventStore("sqlite:///:memory:")
        found(self.store)
        reads, notes = databases()["reads"], databases()["notes"]
        reads.become(images()["filled" if filled else "empty"])
        notes.become(images()["notes"])
        reads.connection.at = notes.connection.at = faults.at
        self.reads, self.notes = reads.engine, notes.engine
        self.sealed = databases()["seal"]
        self.sealed.become(images()["seal"])
        databases()["keys"].become(images()["keys"])
        self.keys = Keys(databases()["keys"], Random(chance.random()), self.store.head, self.broker.now)
        databases()["keys"].connection.at = self.sealed.connection.at = faults.at
        self.paper = Paper(faults)
        self.seal_at: Final = chance.choice([2, 10, 30])  # events that wait unsealed
        self.meanwhile: Meanwhile = lambda: None  # what happens while a process thinks
        self.decoder: Final = Decoder(self.keys, SECRET)
        self.projectors = projectors(self.reads)
        self.workers = Group(self.broker.partitions(TOPICS.commands))
        self.readers = Group(self.broker.partitions([TOPICS.events]))
        self.asked: dict[str, Request | Unreadable] = {}  # at the desk, by arrival
        self.answered: dict[str, Outcome] = {}
        self.waiting: list[Said] = []  # at the desk, until they are told an answer

    def close(self) -> None:
        self.store.close()

    def record(self) -> Any:
        """The record as a new process sees it."""
        return Record(self.store, self.faults)

    def say(self, said: Said) -> None:
        """Send it to its topic, or go to the desk with it."""
        if said.door == DESK:
            self.waiting.append(said)
        else:
            self.broker.append(self.broker.place_for(TOPICS.name(said.door), said.key), said.key, said.body)

    # the roles, each as `adapters.roles` starts it

    def worker(self) -> Steps:
        record = self.record()
        topic_ids = dict.fromkeys(TOPICS.commands, TOPIC_ID)
        any_number = OpenOrders(OrderBoardQueries(self.reads), 0)
        worker = Worker(record, Handler(record), self.decoder, TOPICS, topic_ids, open_orders=any_number)
        return self._following(self.workers, worker)

    def project(self) -> Steps:
        own = projectors(self.reads)
        follower = Projecting(own, TOPICS.events, TOPIC_ID)
        numbers = list(range(len(self.broker.topic(TOPICS.events))))
        follower.fill_new_ones(self.record(), cast("Any", Watermarks(self.broker)), numbers)
        yield
        yield from self._following(self.readers, follower)

    def _following(self, group: Group, follower: Follower) -> Steps:
        member = Member(self.broker, follower, self.chance, self.faults)
        group.join(member)
        try:
            yield from member.run()
        finally:
            group.leave(member)

    def relay(self) -> Steps:
        relay = Relay(self.record(), Sender("in memory", {}), TOPICS, RULES.town)
        while True:
            relay.run_once()
            yield

    def process(self) -> Steps:
        sender, record = Sender("in memory", {}), self.record()
        runner = ReactorRunner(
            self.notes,
            record,
            {
                DispatchProcess.name: self._auto_dispatch(),
                CallProcess.name: calls,
                "retirement": _retirement,
                "work": _work,
                ErasureProcess.name: self._erasure,
                RetentionProcess.name: retention(lambda: RULES),
                LettersProcess.name: letters(self.keys, lambda _: RULES),
            },
            carrying_out(self.keys, lambda messages: self._send(sender, messages)),
            clock=self.broker.now,
            due={
                CallProcess.name: calls_due,
                RetentionProcess.name: retention_due,
                LettersProcess.name: letters_due,
            },
        )
        learning = Projector(EvidenceModel(), self.reads)
        while True:
            catch_up([learning], record)  # as the role does: only the log can feed it
            runner.run_once()
            yield

    def seal(self) -> Steps:
        record = Thinking(self.record(), self.meanwhile)
        return sealing(record, self.sealed, self.paper, self.broker, self.seal_at)

    def desk(self) -> Steps:
        """Answers in its own process; who is told nothing asks again under the same id."""
        desk = Desk(Handler(self.record()))
        while True:
            if self.waiting:
                said = self.waiting.pop(0)
                try:
                    self._ask(desk, said)
                except BaseException:
                    self.waiting.append(said)
                    raise
            yield

    def _ask(self, desk: Desk, said: Said) -> None:
        intake = f"http/{len(self.asked)}"
        request = self.decoder.decode(said.body, {}, HTTP, self.broker.now(), intake)
        self.asked[intake] = request
        self.answered[intake] = desk.ask(request)

    def _auto_dispatch(self) -> MakeReactor:
        matching = MatchingQueries(self.reads)
        matcher = Matcher(
            matching, RatingQueries(self.reads), EvidenceQueries(self.reads), lambda: Town(RULES, 1)
        )
        return auto_dispatch(lambda: RULES, matching, matcher)

    @contextmanager
    def _erasure(self, connection: Connection, _batch: Sequence[Recorded]) -> Generator[Reactor]:
        orders = OrdersOf(connection)
        yield ErasureProcess(orders, self.keys, readable(self.store), AROUND)
        orders.write()

    def _send(self, sender: Sender, messages: Sequence[Message]) -> None:
        self.meanwhile()
        sender.send([outgoing(TOPICS, message) for message in messages])
        self.meanwhile()

    # whether all is done

    def unsettled(self) -> str:
        """What is not done yet; empty when all is."""
        positions = self.store.positions()
        for topic, number in self.broker.partitions(TOPICS.commands):
            end = len(self.broker.lying_in((topic, number))) - 1
            if positions.get(tracked_as(topic, TOPIC_ID, number), -1) < end:
                return f"the worker has not taken all of {topic}[{number}]"
        if positions.get(POSITION, 0) < self.store.head():
            return "the relay has not sent all"
        return self._behind() or self._reacting() or self._sealing()

    def _behind(self) -> str:
        for projector in self.projectors:
            places = projector.positions()
            for topic, number in self.broker.partitions([TOPICS.events]):
                end = len(self.broker.lying_in((topic, number))) - 1
                place = places.get(tracked_as(topic, TOPIC_ID, number))
                if end >= 0 and (place is None or (place.offset or 0) < end):
                    return f"{projector.model.name} has not read all of {topic}[{number}]"
        return "the desk has not answered all" if self.waiting else ""

    def _reacting(self) -> str:
        with self.notes.connect() as connection:
            read = dict(connection.exec_driver_sql("SELECT reactor, position FROM reactor_positions").all())
            left = connection.exec_driver_sql("SELECT count(*) FROM reactor_outbox").scalar()
            called = connection.exec_driver_sql("SELECT count(*) FROM reactor_called_orders").scalar()
            now = self.broker.now()
            over = retention_due(connection, now) or letters_due(connection, now)
        head = self.store.head()
        behind = [name for name in REACTORS if read.get(name, 0) < head]
        if behind:
            return f"{behind} have not read all"
        if left:
            return "reactors have not sent all"
        if called:
            return "calls are not answered"
        return "texts are kept longer than they may be" if over else ""

    def _sealing(self) -> str:
        last = sealed_log(self.sealed).last()
        if last is None or last.position < self.store.head():
            return "not all is sealed"
        handed_out = self.paper.notes(), published(self.broker, TOPICS)
        try:
            told = all(notes and parse(notes[-1]).size == last.size for notes in handed_out)
        except BadCheckpoint as bad:
            return f"what was handed out cannot be read: {bad}"
        return "" if told else "checkpoints have not gone out"


def projectors(reads: Engine) -> list[Projector]:
    return [Projector(model(), reads) for model in ON_THE_BUS]


def found(store: EventStore) -> None:
    """The rules and two providers, of which one takes its work by the bus."""
    rules = RULES.model_dump(mode="json", exclude_defaults=True)
    bodies = [
        command("AdoptRules", "rules", "operator", "op", id_="founding-0", rules=rules),
        register(WATER, takes_by_bus=True, id_="founding-1"),
        register(ROADS, id_="founding-2"),
    ]
    places = [f"founding/{number}" for number, _ in enumerate(bodies)]
    intake = [DECODER.decode(body, {}, HTTP, MONDAY, at) for body, at in zip(bodies, places, strict=True)]
    outcomes = Handler(store).handle(Batch(intake))
    assert [one.status for one in outcomes] == ["recorded"] * len(bodies), outcomes


@cache
def databases() -> Mapping[str, Database]:
    """Those of this process: read models, what reactors note, read models to compare with, keys, the seal."""
    found = {name: Database() for name in ("reads", "notes", "expected")}
    found |= {name: Database(name) for name in ("keys", "seal")}
    found["seal"].fail_between_statements()
    return found


@cache
def images() -> Mapping[str, Image]:
    """Of each database before anything happens; of read models empty ones and ones that follow a topic."""
    store = EventStore("sqlite:///:memory:")
    found(store)
    empty, filled, notes = Database(), Database(), Database()
    for projector in (*projectors(empty.engine), Projector(EvidenceModel(), empty.engine)):
        projector.create()
    filled.become(empty.connection)
    broker = Broker(Random(0), Faults(Random(0), 0.0), ())
    numbers = range(len(broker.topic(TOPICS.events)))
    follower = Projecting(projectors(filled.engine), TOPICS.events, TOPIC_ID)
    follower.fill_new_ones(store, cast("Any", Watermarks(broker)), numbers)
    ReactorRunner(notes.engine, store, {}, lambda _: None, clock=broker.now).create()
    store.close()
    keys, seal = Database(), Database()
    Keys(keys, Random(0), lambda: 0, broker.now)
    sealed_log(seal).create()
    named = {"empty": empty, "filled": filled, "notes": notes, "keys": keys, "seal": seal}
    return {name: database.connection for name, database in named.items()}
