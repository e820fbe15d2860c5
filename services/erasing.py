"""What an erasure reaches: at which subjects whose keys are destroyed; and its receipt, line by line."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from domain import events as e
from domain.facts import Recorded
from domain.ids import RULES_SUBJECT, OrderId, ResidentId, StreamId, stream_of
from domain.model import Event, Plain
from domain.provider_events import ProviderEvent, VolunteerEvent
from domain.reached import How, Place, Reached
from domain.rules import Rules
from domain.sealed import Sealed

CLEAR_FOR: Final = timedelta(days=8)  # that command topics hold what they took, at most
DESTROY: Final = "DestroyKeys"  # the type of a message that names keys
STAFF: Final = ""  # as whom staff write
LETTER: Final = "letter/"
_LISTS: Final = (RULES_SUBJECT, "provider/")

History = Callable[[StreamId], Iterable[Recorded]]
"""One stream from its beginning."""
Reach = Mapping[str, frozenset[str] | None]
"""Subject → whose texts about it are forgotten; None: everybody's."""


class Keys(Protocol):
    """The keys that texts are closed with, one for each person and subject."""

    def subjects_of(self, person: str) -> Sequence[str]:
        """Subjects on which keys of this person are alive."""
        ...

    def keys_of(self, reach: "Reach") -> Sequence[int]:
        """The keys of these people about these subjects that are alive, by number."""
        ...

    def destroy_all(self, numbers: Collection[int]) -> int:
        """How many were alive; none is no fault, so it can be begun again. Durable when it returns.

        By number: who has written again by then has another key, which a repeat must not take.
        """
        ...


class OrdersOf(Protocol):
    """Who placed which order, and who wrote about one of somebody else's."""

    def note(self, person: ResidentId, order: OrderId, *, own: bool) -> None: ...

    def of(self, person: ResidentId) -> Sequence[tuple[OrderId, bool]]:
        """The orders, and whether each is this person's own."""
        ...


class Around(Plain, frozen=True):
    """What lies around the record, where no key is of help."""

    bus: bool  # whether commands come in over Kafka, in clear
    with_town_key: Callable[[Sealed], bool]  # whether a text was closed with the one key of the whole town
    rules: Callable[[], Rules]  # those in force


def of_person(orders: OrdersOf, keys: Keys, person: ResidentId, listed: str | None) -> Reach:
    """All that a person wrote, and what staff wrote about this person's own orders.

    `listed`: of who is on a list, only what that list says; else whoever has that name there is let be.
    """
    if listed is not None:
        return {listed: frozenset({person})}
    mine: frozenset[str] = frozenset({person})
    own = mine | {STAFF}
    named = [one for one in keys.subjects_of(person) if not one.startswith(_LISTS)]
    reach = dict.fromkeys(named, mine)
    for order, is_own in orders.of(person):
        if is_own or str(order) not in reach:
            reach[str(order)] = own if is_own else mine
    return reach


def of_order(order: OrderId) -> Reach:
    """All that anybody wrote about it."""
    return {str(order): None}


def written(keys: Sequence[int]) -> bytes:
    """As it lies in the outbox."""
    return to_json(keys)


def read(data: bytes) -> Sequence[int]:
    """As it was written."""
    found: list[int] = from_json(data)
    return found


def receipt(reach: Reach, history: History, around: Around, at: datetime, head: int) -> tuple[Reached, ...]:
    """Every place where texts lie or could, with what becomes of them; counted in the log up to `head`."""
    texts = [text for subject, whose in reach.items() for text in _texts(subject, whose, history, head)]
    letters = sum(subject.startswith(LETTER) for subject in reach)
    old = sum(map(around.with_town_key, texts))
    over_bus = How.KEY_DESTROYED if around.bus else How.NONE
    letters_end = at + around.rules().letters_for
    expiring = (How.EXPIRES, at + CLEAR_FOR) if around.bus else (How.NONE, None)
    return (
        _counted(Place.LOG, How.KEY_DESTROYED, len(texts) - old),
        _counted(Place.SNAPSHOTS, How.NONE, 0),
        Reached(place=Place.READ_MODELS, how=How.KEY_DESTROYED),
        _counted(Place.DEAD_LETTERS, How.KEY_DESTROYED, letters),
        Reached(place=Place.NAMELESS_LETTERS, how=How.EXPIRES, until=letters_end),
        Reached(place=Place.NOTES, how=How.KEY_DESTROYED),
        Reached(place=Place.TOPICS, how=over_bus),
        Reached(place=Place.COMMAND_TOPICS, how=expiring[0], until=expiring[1]),
        _counted(Place.NOTICES, How.NONE, 0),
        _counted(Place.TOWN_KEY, How.NOT_REACHED, old),
        Reached(place=Place.BACKUPS, how=How.NOT_REACHED),
    )


def _counted(place: Place, how: How, count: int) -> Reached:
    return Reached(place=place, how=how if count else How.NONE, count=count)


def _texts(subject: str, whose: frozenset[str] | None, history: History, head: int) -> Iterator[Sealed]:
    if subject.startswith(LETTER):
        return
    for recorded in history(stream_of(subject)):
        if recorded.position <= head:
            yield from _of_whom(recorded.fact.event, whose)


def _of_whom(event: Event, whose: frozenset[str] | None) -> Iterator[Sealed]:
    """The texts of an event, as far as they are those people's: a comment is of who rates."""
    match event:
        case e.OrderTextsErased():
            return  # why something was erased is kept
        case e.OrderRated() if whose is not None and event.resident not in whose:
            return
        case e.OrderEvent() if (
            whose is not None and STAFF not in whose and not isinstance(event, e.OrderRated)
        ):
            return
        case VolunteerEvent() if whose is not None and event.volunteer not in whose:
            return
        case e.RulesAdopted() if whose is not None:
            yield from (one.name for one in event.rules.people if one.id in whose)
        case ProviderEvent() if whose is not None and not isinstance(event, VolunteerEvent):
            return
        case _:
            yield from _sealed(event)


def _sealed(value: object) -> Iterator[Sealed]:
    if isinstance(value, Sealed):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _sealed(getattr(value, name))
    elif isinstance(value, tuple | list):
        for one in cast("Sequence[Any]", value):
            yield from _sealed(one)
