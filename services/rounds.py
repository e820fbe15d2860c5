"""A round of dispatch (一轮派单): all who wait and all who have room, looked at together and paired best.

A round is worth the scores of its pairs and, for each order that is served at all, what the caller says that
is worth. No order waits while someone who could take it is free. Of rounds that are worth the same, the one
that serves those who have waited longer is taken; what is equal then too is decided alike each time.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from msgspec.structs import replace

from domain.ids import OrderId, ProviderId
from domain.model import Plain

LARGEST: Final = 2**60  # what a solver has to be able to count up to


class Left(StrEnum):
    """Why an order is left waiting; a stable code."""

    NO_CANDIDATES = "no-candidates"
    NO_ROOM = "no-room"
    SHARES_TAKEN = "shares-taken"


LEFT_WORDS: Final[Mapping[Left, tuple[str, str]]] = {
    Left.NO_CANDIDATES: ("没有能承办的单位", "nobody can take it"),
    Left.NO_ROOM: ("能承办的单位都已满", "all who can take it have their hands full"),
    Left.SHARES_TAKEN: (
        "尚有余力的单位本轮已派满份额，下一轮再派",
        "those with room left have had their share of this round; it waits for the next",
    ),
}
"""What people read for a code: Chinese, English."""


class Waiting(Plain, frozen=True):
    """An order that waits, and how well each eligible provider suits it: 0 or more, higher is better."""

    order: OrderId
    since: datetime
    scores: Mapping[ProviderId, int]


class Round(Plain, frozen=True):
    """What is decided at once. A provider that `room` does not name has none."""

    waiting: Sequence[Waiting]
    room: Mapping[ProviderId, int]  # orders that each can still take in hand
    served: int  # points that it is worth, at least 1, that an order is served by whomever
    most: Mapping[ProviderId, int] = {}  # new orders in this round; who is not named has no such limit


class Assignment(Plain, frozen=True):
    """Who gets what, the longest waiting first, and why the others get nothing."""

    chosen: Mapping[OrderId, ProviderId]
    left: Mapping[OrderId, Left]
    total: int  # scores
    worth: int  # scores, and for each order served what that is worth
    prices: Mapping[ProviderId, int] = {}  # of `best` only; see `prices`


class Arcs(Plain, frozen=True):
    """Who could get which order and what that is worth (above 0), place by place; orders ascend."""

    orders: Sequence[int]
    providers: Sequence[int]
    worths: Sequence[int]


class Solver(Protocol):
    """Chooses arcs: at most one of each order, at most `room[i]` of provider i, worth the most together.

    Returns their places, for the same arcs the same. Exact while worths times the number of orders and
    providers stay within `LARGEST`; OverflowError where they are too large for it.
    """

    def __call__(self, arcs: Arcs, room: Sequence[int], /) -> Sequence[int]: ...


def best(asked: Round, solve: Solver) -> Assignment:
    """The round that is worth the most. The order in which things are given makes no difference."""
    queue, free = _queue(asked), _free(asked)
    providers = sorted(provider for provider, most in free.items() if most)
    arcs = _arcs(queue, providers, asked.served)
    places = solve(arcs, [free[provider] for provider in providers]) if arcs.orders else ()
    chosen = {arcs.orders[place]: providers[arcs.providers[place]] for place in places}
    made = _settled(asked, queue, chosen)
    return replace(made, prices=prices(asked, made))


def prices(asked: Round, made: Assignment) -> dict[ProviderId, int]:
    """What a place at each provider is worth to the others of a best round; 0 while there is room.

    Score less price makes the best assignment the best for each order by itself, so one dispatch can be
    explained without the others. Prices times places and what remains to each order add up to the worth of
    the round, which proves that none is worth more (the dual of its linear relaxation).
    """
    scores = {one.order: one.scores for one in asked.waiting}
    holders: defaultdict[ProviderId, list[OrderId]] = defaultdict(list)
    for order, provider in made.chosen.items():
        holders[provider].append(order)
    found: dict[ProviderId, int] = {}
    waiting = OrderedDict.fromkeys(scores)  # a queue in which each is once
    while waiting:
        order, _ = waiting.popitem(last=False)
        mine = made.chosen.get(order)
        # What it has now, net; where it has nothing any place it could take is worth its all.
        now = scores[order][mine] - found.get(mine, 0) if mine else -asked.served
        for provider, score in scores[order].items():
            if provider != mine and score - now > found.get(provider, 0):
                found[provider] = score - now
                waiting.update(dict.fromkeys(holders[provider]))
    return found


def greedy(asked: Round) -> Assignment:
    """First come, first served: each order takes the best that has room. What `best` is held against."""
    queue, free = _queue(asked), _free(asked)
    chosen: dict[int, ProviderId] = {}
    for number, one in enumerate(queue):
        able = [provider for provider in one.scores if free.get(provider)]
        if able:
            chosen[number] = min(able, key=_best_first(one.scores))
            free[chosen[number]] -= 1
    return _settled(asked, queue, chosen)


def _best_first(scores: Mapping[ProviderId, int]) -> Callable[[ProviderId], tuple[int, ProviderId]]:
    return lambda provider: (-scores[provider], provider)


def _queue(asked: Round) -> list[Waiting]:
    """The longest waiting first."""
    if len({one.order for one in asked.waiting}) < len(asked.waiting):
        raise ValueError("an order waits twice in one round")
    if asked.served < 1:
        raise ValueError("that an order is served has to be worth a point")
    if any(score < 0 for one in asked.waiting for score in one.scores.values()):
        raise ValueError("a score is below 0")
    return sorted(asked.waiting, key=lambda one: (one.since, one.order))


def _free(asked: Round) -> dict[ProviderId, int]:
    """How many new orders each may get."""
    return {
        provider: max(0, min(room, asked.most.get(provider, room))) for provider, room in asked.room.items()
    }


def _arcs(queue: Sequence[Waiting], providers: Sequence[ProviderId], served: int) -> Arcs:
    """All pairs in one canonical order, so that a solver sees the same round alike however it was given."""
    places = {provider: place for place, provider in enumerate(providers)}
    orders: list[int] = []
    of: list[int] = []
    worths: list[int] = []
    top = served + max((score for one in queue for score in one.scores.values()), default=0)
    steps = _steps(len(queue), len(providers), top)
    # Two rounds differ by chains of moves, each of which brings in one order at most and puts out one at
    # most; so a point needs to outweigh one age only, for ages to decide between equals and no more.
    point = steps + 1
    for number, one in enumerate(queue):
        age = -(-(len(queue) - number) * steps // len(queue))  # rounded up, so halves are halves
        for provider in sorted(one.scores.keys() & places.keys()):
            orders.append(number)
            of.append(places[provider])
            worths.append((served + one.scores[provider]) * point + age)
    return Arcs(orders, of, worths)


def _steps(orders: int, providers: int, top: int) -> int:
    """In how many steps ages are told apart: one for each order, or as many as a solver's integers hold."""
    return max(0, min(orders, LARGEST // ((top + 1) * (orders + providers + 1)) - 1))


def _settled(asked: Round, queue: Sequence[Waiting], chosen: Mapping[int, ProviderId]) -> Assignment:
    taken = Counter(chosen.values())
    total = sum(queue[number].scores[provider] for number, provider in chosen.items())
    return Assignment(
        chosen={queue[number].order: chosen[number] for number in sorted(chosen)},
        left={
            one.order: _why(one, asked.room, taken)
            for number, one in enumerate(queue)
            if number not in chosen
        },
        total=total,
        worth=total + asked.served * len(chosen),
    )


def _why(one: Waiting, room: Mapping[ProviderId, int], taken: Mapping[ProviderId, int]) -> Left:
    if not one.scores:
        return Left.NO_CANDIDATES
    spare = any(room.get(provider, 0) > taken.get(provider, 0) for provider in one.scores)
    return Left.SHARES_TAKEN if spare else Left.NO_ROOM
