"""What HTTP and pages need of the engine; the composition root's node is one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from adapters.dead_letters import DeadLetters
from adapters.envelope import Door
from adapters.forgetting import Forgetting
from adapters.matcher import Matcher
from adapters.opening import TextOpening
from adapters.sealed_log import Proofs
from adapters.settings import Settings
from adapters.standing import Standing
from adapters.tokens import Tokens
from domain.rules import Rules
from projections.engine import Projector
from projections.matching import MatchingQueries
from projections.menu import MenuQueries
from projections.needs import NeedsQueries
from projections.order_board import OrderBoardQueries
from projections.rating import RatingQueries
from services.ports import Store
from services.requests import Outcome, Request, Unreadable


class Queries(Protocol):
    """What can be asked of the read models."""

    @property
    def board(self) -> OrderBoardQueries: ...
    @property
    def menu(self) -> MenuQueries: ...
    @property
    def matching(self) -> MatchingQueries: ...
    @property
    def rating(self) -> RatingQueries: ...
    @property
    def needs(self) -> NeedsQueries: ...


class Engine(Protocol):
    """Commands in, queries out."""

    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def opening(self) -> TextOpening: ...
    @property
    def secret(self) -> bytes: ...
    @property
    def forgetting(self) -> Forgetting: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def proofs(self) -> Proofs: ...
    @property
    def matcher(self) -> Matcher: ...
    @property
    def queries(self) -> Queries: ...
    @property
    def projectors(self) -> Sequence[Projector]: ...

    def decode(self, body: bytes, attributes: Mapping[str, str], door: Door) -> Request | Unreadable:
        """Read what came in at a door of this process, now."""
        ...

    def ask(self, message: Request | Unreadable) -> Outcome:
        """Answer one request; durable when it returns."""
        ...

    def follow(self) -> int:
        """Embedded: bring the read models to the end of the log."""
        ...

    def standing(self) -> Standing:
        """How the engine stands: what each role has still to take in, and who has stalled."""
        ...
