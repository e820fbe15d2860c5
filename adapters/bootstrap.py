"""The composition root: joins record, handler, read models and reactors into one node of the engine."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Final, Self, cast
from uuid import uuid4

from eventsourcing.persistence import MapperDeserialisationError
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from adapters.broken_routes import BrokenRoutes
from adapters.dead_letters import DeadLetters
from adapters.derived import Derived, Tell
from adapters.desk import Desk
from adapters.envelope import Arrived, Decoder, Door
from adapters.forgetting import Forgetting, carrying_out, readable
from adapters.keys.files import KeyFiles
from adapters.keys.keyring import Keyring
from adapters.keys.master import MasterKey
from adapters.keys.town_key import TownSealer, with_town_key
from adapters.matcher import Matcher
from adapters.open_orders import OpenOrders
from adapters.opening import TextOpening
from adapters.proposed import placing_of
from adapters.reactors.calls import CalledOrders, calls_due
from adapters.reactors.forgetting import OrdersOf, letters, letters_due, retention, retention_due
from adapters.reactors.looks import look_due
from adapters.reactors.memory import Holdings, Subscribers, Ties, WaitingOrders
from adapters.reactors.runner import MakeReactor, ReactorRunner, Send
from adapters.sealed_log import Notary, Proofs, Publish, SealedLog, WitnessFile, signing_key
from adapters.settings import Settings
from adapters.standing import Standing
from adapters.store.event_store import EventStore
from adapters.store.readable import ReadableLog
from adapters.surveying import Survey
from adapters.tokens import Tokens
from domain import town as towns
from domain.commands import DispatchOrder
from domain.events import RulesAdopted
from domain.facts import Fact, Recorded
from domain.ids import RULES_SUBJECT, OrderId, ProviderId, stream_of
from domain.proposal import Proposal
from domain.rules import Rules
from domain.stages import Role
from projections.engine import Projector, ReadModel, catch_up, open_reads
from projections.engine.projector import REPLAY
from projections.evidence import EvidenceModel, EvidenceQueries
from projections.matching import Matching, MatchingQueries
from projections.menu import Menu, MenuQueries
from projections.needs import Needs, NeedsQueries
from projections.order_board import OrderBoard, OrderBoardQueries
from projections.rating import Rating, RatingQueries
from services.call_process import CallProcess
from services.dispatch_process import DispatchProcess
from services.erasing import Around
from services.erasure_process import ErasureProcess
from services.handling import Handler
from services.letters_process import LettersProcess
from services.needs_process import NeedsProcess
from services.reactions import SYSTEM, Message, NotYet, Reactor
from services.requests import Outcome, Request, Unreadable
from services.retention_process import RetentionProcess
from services.retirement_process import RetirementProcess
from services.work_process import WorkProcess

READ_MODELS: Final[tuple[type[ReadModel], ...]] = (OrderBoard, Menu, Matching, Rating, Needs, EvidenceModel)
ON_THE_BUS: Final = tuple(model for model in READ_MODELS if not model.in_log_order)
"""Those that Kafka can feed."""
SYSTEM_DOOR: Final = Door("system", Role.SYSTEM, trusted_time=True)
RULES_STREAM: Final = stream_of(RULES_SUBJECT)

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Queries:
    """What can be asked of the read models."""

    board: OrderBoardQueries
    menu: MenuQueries
    matching: MatchingQueries
    rating: RatingQueries
    evidence: EvidenceQueries
    needs: NeedsQueries


class Node:
    """One process's share of the engine, over one record and one database of read models."""

    def __init__(
        self, settings: Settings, clock: Clock = wall_clock, store: EventStore | None = None
    ) -> None:
        """`store`: the record, where another one than the settings say is to be read."""
        self.settings = settings
        self.clock = clock
        self.store = store or EventStore(settings.store)
        secret = bytes.fromhex(settings.secret) if settings.secret else self.store.town_secret()
        self.master_key = MasterKey(KeyFiles(settings.keys_folder), settings.master_key)
        self.keys = Keyring(settings.store, self.master_key, TownSealer(secret))
        self.decoder = Decoder(self.keys, secret)
        self.handler = Handler(self.store)
        self.desk = Desk(self.handler, most=settings.waiting)
        self.opening = TextOpening(self.keys, self.desk, clock)
        self.reads: Engine = open_reads(settings.reads_url)
        self.log = ReadableLog(self.store)
        self.projectors = [Projector(model(), self.reads) for model in READ_MODELS]
        self.queries = Queries(
            board=OrderBoardQueries(self.reads),
            menu=MenuQueries(self.reads),
            matching=MatchingQueries(self.reads),
            rating=RatingQueries(self.reads),
            evidence=EvidenceQueries(self.reads),
            needs=NeedsQueries(self.reads),
        )
        self.open_orders = OpenOrders(self.queries.board, settings.open_orders)
        self.dead_letters = DeadLetters(
            self.store,
            self.desk,
            self.decoder,
            self.keys,
            clock,
            opening=self.opening,
            open_orders=self.open_orders,
        )
        self.secret = secret
        self.tokens = Tokens(settings.store)
        self.sealed_log = SealedLog(settings.store)
        self.proofs = Proofs(self.store, self.sealed_log)
        self._survey = Survey(settings, self.store, self.projectors, self.sealed_log)
        self._town = towns.NO_TOWN
        ask = self.queries
        broken = BrokenRoutes().tell
        self.around = Around(not settings.embedded, with_town_key, lambda: self.rules)
        self.forgetting = Forgetting(self.store, self.reads, self.keys, self.around, clock)
        self.matcher = Matcher(ask.matching, ask.rating, ask.evidence, lambda: self.town, broken)
        self._reactors = self.reactors()
        self.derived = Derived(self.reads, self.projectors, self._reactors, self.log)
        self._following = Lock()
        self._surveying = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the databases."""
        self.store.close()
        self.reads.dispose()
        self.tokens.close()
        self.sealed_log.close()
        self.keys.close()

    def create(self, tell: Tell = lambda _zh, _en: None) -> None:
        """Create the tables that are missing; those of another release are made again, which `tell` hears."""
        self.derived.create(tell)
        self.sealed_log.create()
        self.keys.create()

    def take_over(self, told: Callable[[int], None] = lambda _: None) -> None:
        """After an import: read models are filled, process managers know what was and say nothing of it.

        `told` hears the position reached.
        """
        catch_up(self.projectors, self.log, limit=REPLAY, told=told)
        self._reactors.remember(self.store.head())

    @property
    def on_the_bus(self) -> Sequence[Projector]:
        """The read models that Kafka can feed."""
        return [projector for projector in self.projectors if not projector.model.in_log_order]

    @property
    def in_log_order(self) -> Sequence[Projector]:
        """Those that only the log can feed, with Kafka too."""
        return [projector for projector in self.projectors if projector.model.in_log_order]

    @property
    def rules(self) -> Rules:
        """The town's rules in force."""
        return self.town.rules

    @property
    def town(self) -> towns.Town:
        """The rules in force with their version; only what is new of them is read."""
        for fact in cast("Iterable[Fact]", self.store.events.get(RULES_STREAM, gt=self._town.version)):
            self._town = towns.evolve(self._town, fact.event, fact.meta.at)
        return self._town

    def ask(self, message: Request | Unreadable) -> Outcome:
        """Answer one request; durable when it returns."""
        (message,) = self.open_orders.kept_to([message])
        return self.desk.ask(self._with_what_was_found(message))

    def _with_what_was_found(self, message: Request | Unreadable) -> Request | Unreadable:
        """Who places an order is held against what the engine would have proposed at that moment."""
        if not isinstance(message, Request) or not isinstance(message.command, DispatchOrder):
            return message
        found = self.matcher.proposal(OrderId(message.command.order), message.asked.recorded)
        if found is None:
            return message  # the read model is behind, or there is no such order
        return replace(message, asked=replace(message.asked, found=found))

    def proposed(self, order: OrderId, at: datetime) -> Proposal | None:
        """What a dispatch at that moment is held against: what its record has, else what is found now."""
        waiting = placing_of(self.store.history(stream_of(str(order)))).waiting
        return waiting or self.matcher.proposal(order, at)

    def decode(self, body: bytes, attributes: Mapping[str, str], door: Door) -> Request | Unreadable:
        """Read what came in at a door of this process, now."""
        (message,) = self.decode_all([(body, attributes)], door)
        return message

    def decode_all(
        self, messages: Sequence[tuple[bytes, Mapping[str, str]]], door: Door
    ) -> list[Request | Unreadable]:
        """Read what came in together, now: bodies, each with its attributes."""
        now = self.clock()
        return self.decoder.decode_all(
            [Arrived(body, said, door, now, f"{door.via}/{uuid4()}") for body, said in messages]
        )

    def reactors(self, send: Send | None = None) -> ReactorRunner:
        """The process managers; embedded, what they send goes straight to the handler."""
        return ReactorRunner(
            self.reads,
            self.log,
            {
                DispatchProcess.name: auto_dispatch(self._rules_now, self.queries.matching, self.matcher),
                CallProcess.name: calls,
                RetirementProcess.name: _retirement,
                WorkProcess.name: _work,
                NeedsProcess.name: _needs,
                ErasureProcess.name: self._erasure,
                RetentionProcess.name: retention(self._rules_now),
                LettersProcess.name: letters(self.keys, self._rules_of),
            },
            carrying_out(self.keys, send or self._send_within),
            clock=self.clock,
            due={
                CallProcess.name: calls_due,
                DispatchProcess.name: look_due,
                RetentionProcess.name: retention_due,
                LettersProcess.name: letters_due,
            },
        )

    def notary(self, publish: Publish | None = None) -> Notary:
        """Who seals this record, with the town's key; made where there is none.

        Raises:
            OSError: the folder of keys cannot be read or written.
        """
        settings = self.settings
        self.sealed_log.create()
        return Notary(
            self.store,
            self.sealed_log,
            signing_key(KeyFiles(settings.keys_folder), self.log_origin),
            WitnessFile(settings.checkpoints_file),
            self.clock,
            events=settings.seal_events,
            seconds=settings.seal_seconds,
            publish=publish,
        )

    @property
    def log_origin(self) -> str:
        """What the log is called: as it was when it was first sealed."""
        last = self.sealed_log.last()
        return last.origin if last else f"sidan/{self.rules.town}"

    def taking_by_bus(self) -> Sequence[ProviderId]:
        """The providers that take their work from a topic of their own, as far as the reactors have read."""
        with self.reads.connect() as connection:
            return list(Subscribers(connection))

    def follow(self) -> int:
        """Embedded: bring read models and reactors to the end of the log. Returns how much that was."""
        done = 0
        with self._following:  # two at once would send what the reactors said twice
            while True:
                read = catch_up(self.projectors, self.log)
                reacted = self._reactors.run_once()
                done += read + reacted
                if not read and not reacted:
                    return done

    def standing(self) -> Standing:
        """How the engine stands: what each role has still to take in, and who has stalled.

        Raises:
            KafkaAway: the broker does not answer. What the databases raise.
        """
        with self._surveying:
            return self._survey.look(self._reactors.positions(), self.clock())

    def _send_within(self, messages: Sequence[Message]) -> None:
        said = [(message.data, _attributes(message)) for message in messages if message.topic == SYSTEM]
        if said:
            self.desk.ask_all(self.decode_all(said, SYSTEM_DOOR))

    @contextmanager
    def _erasure(self, connection: Connection, _batch: Sequence[Recorded]) -> Generator[Reactor]:
        orders = OrdersOf(connection)
        around = replace(self.around, rules=self._rules_now)
        yield ErasureProcess(orders, self.keys, readable(self.store), around)
        orders.write()

    def _rules_of(self, version: int) -> Rules:
        """For a reactor, the rules of a version; nearly always they are still those in force."""
        now = self._rules_now()
        if version >= self._town.version:
            return now
        adopted = readable(self.store)(RULES_STREAM)
        events = (one.fact.event for one in adopted if one.fact.version == version)
        return next((event.rules for event in events if isinstance(event, RulesAdopted)), Rules())

    def _rules_now(self) -> Rules:
        """For a reactor, which waits when they are of a later release."""
        try:
            return self.rules
        except MapperDeserialisationError as error:
            raise NotYet(str(error)) from error


def _attributes(message: Message) -> Mapping[str, str]:
    return {
        "id": message.id,
        "source": message.source,
        "type": message.type,
        "subject": message.subject,
        "time": message.time.isoformat(),
        "actor": message.source,
        "correlationid": message.correlation,
    }


def auto_dispatch(rules: Callable[[], Rules], matching: MatchingQueries, matcher: Matcher) -> MakeReactor:
    """Auto-dispatch, with what it remembers, for one batch after the other."""

    @contextmanager
    def made(connection: Connection, batch: Sequence[Recorded]) -> Generator[Reactor]:
        waiting = WaitingOrders(connection, batch)
        yield DispatchProcess(rules, waiting, matching, matcher.hold_round)
        waiting.write()

    return made


@contextmanager
def calls(connection: Connection, batch: Sequence[Recorded]) -> Generator[Reactor]:
    """The watch over calls, with what it remembers, for one batch or one look at the clock."""
    called = CalledOrders(connection, batch)
    yield CallProcess(called)
    called.write()


def _work(connection: Connection, _batch: Sequence[Recorded]) -> AbstractContextManager[Reactor]:
    return nullcontext(WorkProcess(Subscribers(connection)))


def _needs(connection: Connection, _batch: Sequence[Recorded]) -> AbstractContextManager[Reactor]:
    return nullcontext(NeedsProcess(Ties(connection)))


@contextmanager
def _retirement(connection: Connection, batch: Sequence[Recorded]) -> Generator[Reactor]:
    holdings = Holdings(connection, batch)
    yield RetirementProcess(holdings)
    holdings.write()
