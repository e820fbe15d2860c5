"""Requests as a door hands them in, and a small town that stands ready to answer them."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Any, Final, Self, cast
from uuid import UUID

from msgspec import structs

from domain.commands import AdoptRules
from domain.facts import Actor, CommandKey
from domain.ids import OrderId
from domain.sealed import Sealed
from domain.situation import Asked
from domain.stages import Role
from services.handling import Batch, Handler
from services.ports import Store, Writing
from services.requests import Outcome, Request, Unreadable
from tests.support import a_provider as unit
from tests.support import an_order as order
from tests.support.a_town import PARKS, ROADS, RULES
from tests.support.given import TEN, Ask

_arrivals = (f"{os.getpid()}-{number}" for number in count(1))


def request(ask: Ask, key: str = "", *, at: datetime = TEN, said: str = "", **envelope: Any) -> Request:
    """A request with an arrival of its own; the same key and `said` make it the same request again."""
    number = next(_arrivals)
    asked = Asked(
        key=CommandKey("test", key or f"key-{number}"),
        actor=ask.actor,
        via="test",
        recorded=at,
        correlation=key or f"key-{number}",
        on_behalf_of=ask.on_behalf_of,
        trusted_time=ask.from_imports,
        intake=f"test[0]@{number}",
    )
    content = f"{ask!r} {ask.command!r} {said}".encode()
    digest = hashlib.sha256(content).digest()[:16]
    command = ask.command
    return Request(structs.replace(asked, **envelope), command, command.subject, command.stream, digest)


def unreadable(**envelope: Any) -> Unreadable:
    number = next(_arrivals)
    asked = Asked(
        key=CommandKey("test", f"key-{number}"),
        actor=Actor(role=Role.RESIDENT, id="r-li"),
        via="test",
        recorded=TEN,
        correlation="",
        intake=f"test[0]@{number}",
    )
    return Unreadable(
        asked=structs.replace(asked, **envelope),
        code="unreadable",
        reason_zh="读不懂。",
        reason_en="Not readable.",
        body=Sealed("sealed"),
        size=3,
        digest="00",
    )


def order_id(number: int) -> OrderId:
    return OrderId(UUID(f"019cac2e-f380-7000-8000-0000000{number:05x}"))


def of(number: int, ask: Ask) -> Ask:
    """The same, asked of another order."""
    return replace(ask, command=ask.command.model_copy(update={"order": order_id(number)}))


FOUNDING: Final = (
    Ask(AdoptRules(rules=RULES), order.OPERATOR),
    unit.register(),
    unit.register(provider=ROADS),
    unit.register(provider=PARKS),
)


def found_town(store: Store) -> Handler:
    """A handler on a record in which the rules are adopted and three providers registered."""
    handler = Handler(store)
    assert codes(say(handler, *FOUNDING)) == ["recorded"] * len(FOUNDING)
    return handler


def say(handler: Handler, *asks: Ask) -> list[Outcome]:
    """Ask in one batch."""
    return handler.handle(Batch([request(ask) for ask in asks]))


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    """The code of each, or its status where it has none."""
    return [outcome.code or str(outcome.status) for outcome in outcomes]


class Passing:
    """A transaction that passes everything on; tests overlay what they watch or break."""

    def __init__(self, passed: Writing) -> None:
        self._passed = passed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._passed, name)

    def __enter__(self) -> Self:
        self._passed.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._passed.__exit__(kind, error, trace)


class LostAck(Exception):
    """The commit went through, the word of it did not."""


class Unreliable:
    """A store whose next commit loses its acknowledgement."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.losing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def writing(self, *looking: Any) -> Writing:
        return cast("Writing", _LosingTheWord(self._store.writing(*looking), self))


class _LosingTheWord(Passing):
    def __init__(self, writing: Writing, store: Unreliable) -> None:
        super().__init__(writing)
        self._store = store

    def wait(self) -> None:
        self._passed.wait()
        if self._store.losing:
            raise LostAck
