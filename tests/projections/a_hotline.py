"""The log of a made-up town's hotline: who was sent with which orders, as events."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from domain.events import (
    OrderClaimed,
    OrderDeclined,
    OrderDispatched,
    OrderImported,
    ProviderAmended,
    ProviderRegistered,
    RulesAdopted,
)
from domain.evidence.contexts import Precedent
from domain.facts import Actor, CommandKey, Fact, Meta, Recorded
from domain.ids import AreaPath, CategoryPath, OrderNumber, Position, ProviderId, StreamId, stream_of
from domain.model import Event
from domain.rules import Area, Category, Rules, Words
from domain.stages import ProviderKind, Role, Stage
from tests.domain.evidence.a_history import COMMUNITIES, ITEMS, STREETS
from tests.support.a_town import MONDAY

LEVELS: Final = (Words(zh="街道", en="street"), Words(zh="社区", en="community"))


class Names:
    """A path for every name, the same for the same names."""

    def __init__(self) -> None:
        self.areas: dict[tuple[str, ...], str] = {}
        self.categories: dict[tuple[str, ...], str] = {}
        self.providers: dict[str, str] = {}

    def area(self, *names: str) -> AreaPath:
        return AreaPath(_path(self.areas, names))

    def category(self, *names: str) -> CategoryPath:
        return CategoryPath(_path(self.categories, names))

    def provider(self, name: str) -> ProviderId:
        return ProviderId(self.providers.setdefault(name, f"u-{len(self.providers)}"))


def _path(known: dict[tuple[str, ...], str], names: tuple[str, ...]) -> str:
    if not names:
        return ""
    if names not in known:
        above = _path(known, names[:-1])
        known[names] = f"{above}/n{len(known)}".lstrip("/")
    return known[names]


class Hotline:
    """Facts one after the other. It is a log."""

    def __init__(self) -> None:
        self.names = Names()
        self.facts: list[Recorded] = []
        for street in STREETS:
            for community in COMMUNITIES:
                self.names.area(street, f"{street[0]}{community}社区")
        for category, subcategory, item, _ in ITEMS:
            self.names.category(category, subcategory, item)

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        start = bisect_right(self.facts, after, key=lambda one: one.position)
        return self.facts[start : start + limit]

    def head(self) -> int:
        return self.facts[-1].position

    def rules(self, **renamed: str) -> Rules:
        areas = [(path, names[-1]) for names, path in self.names.areas.items()]
        items = [(path, names[-1]) for names, path in self.names.categories.items()]
        return Rules(
            levels=LEVELS,
            areas=tuple(Area(path=AreaPath(path), name=_words(name, renamed)) for path, name in areas),
            catalogue=tuple(
                Category(path=CategoryPath(path), name=_words(name, renamed), kind="complaint")
                for path, name in items
            ),
        )

    def adopt(self, **renamed: str) -> None:
        self.record("rules", RulesAdopted(version=1, rules=self.rules(**renamed)))

    def register(self, name: str) -> ProviderId:
        provider = self.names.provider(name)
        self.record(
            f"provider/{provider}",
            ProviderRegistered(**_who(provider, name), capacity=9, areas=(), offers=()),
        )
        return provider

    def rename(self, provider: ProviderId, name: str) -> None:
        self.record(f"provider/{provider}", ProviderAmended(**_who(provider, name)))

    def teach(self, history: Iterable[Precedent]) -> None:
        """Orders that another system dispatched, each provider registered when it is first sent."""
        for one in history:
            if one.called not in self.names.providers:
                self.register(one.called)
            self.sent(one, OrderImported)

    def sent(self, one: Precedent, kind: type[Any] = OrderDispatched, order: int | None = None) -> int:
        """Returns the number of the order, for `declined`."""
        number = len(self.facts) if order is None else order
        provider = self.names.provider(one.called)
        self.record(str(UUID(int=number + 1, version=4)), _event(kind, self.about(one), provider))
        return number

    def declined(self, one: Precedent, order: int) -> None:
        self.sent(one, OrderDeclined, order)

    def about(self, one: Precedent) -> dict[str, Any]:
        said = one.features
        return {
            "category": self.names.category(said.category, said.subcategory, said.item),
            "area": self.names.area(said.street, said.community),
            "channel": said.channel,
        }

    def record(self, subject: str, event: Event) -> None:
        place = 3 * len(self.facts) + 1  # positions have gaps
        stream = stream_of(subject)
        version = 1 + sum(one.fact.stream == stream for one in self.facts[-50:])
        fact = Fact(StreamId(stream), version, _meta(subject, place), event)
        self.facts.append(Recorded(Position(place), fact))


def _event(kind: type[Any], about: dict[str, Any], provider: ProviderId) -> Event:
    more: dict[str, Any] = {"due_at": MONDAY}
    if kind is OrderDispatched:
        more |= {"accountable": provider, "accept_by": MONDAY}
    elif kind is OrderDeclined:
        more = {"reason": "not-ours", "declines": 1}
    elif kind is OrderImported:
        more = {"number": OrderNumber("0"), "stage": Stage.DISPATCHED, "source": "x"}
    else:
        assert kind is OrderClaimed
    return kind(provider=provider, **about, **more)


def _who(provider: ProviderId, name: str) -> dict[str, Any]:
    kind = ProviderKind.DEPARTMENT
    return {"provider": provider, "name_zh": name, "name_en": name, "kind": kind, "contact": "12345"}


def _words(name: str, renamed: dict[str, str]) -> Words:
    return Words(zh=renamed.get(name, name), en=name)


def _meta(subject: str, place: int) -> Meta:
    moment = MONDAY + timedelta(seconds=place)
    return Meta(
        subject=subject,
        actor=Actor(role=Role.SYSTEM, id="test"),
        via="test",
        command="Test",
        cause=CommandKey(source="test", id=str(place)),
        correlation=str(place),
        recorded=moment,
        at=moment,
        rules=1,
        intake=f"test[0]@{place}",
    )
