"""A town on a bad morning, made by seed: thousands wait, in some streets more than there is room for."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final
from uuid import UUID

from domain import scoring
from domain.ids import OrderId, ProviderId
from domain.proposal import Part
from domain.rules import Weights
from domain.scoring import HOP, WHOLE
from services.rounds import Round, Waiting

SEVEN: Final = datetime(2026, 6, 1, 7, tzinfo=UTC)
WEIGHTS: Final = Weights()
SERVED: Final = WHOLE * sum(WEIGHTS.model_dump().values())  # as much as the best score there can be
STREETS: Final = 10
COMMUNITIES: Final = 8  # of a street
GROUPS: Final = 20  # of the catalogue
DEPARTMENTS: Final = 30  # of a thousand providers: must, in the whole town
SECTIONS: Final = 200  # of a thousand: must, in one street
PRESSURE: Final = (1.1, 0.9, 1.1, 0.7, 1.0, 1.1, 0.8, 0.9, 1.1, 0.75)
"""Orders for each place there is, street by street."""
WIDE: Final = 0.5  # of the teams work in two streets
CLOSE: Final = 0.3  # in one community of each only
SHARE: Final = 20  # new orders in a round for who may decline, so that no team gets all of a street


@dataclass(frozen=True, slots=True)
class Unit:
    """A provider as the generator sees it: its duty by group, where it works, how well it did so far."""

    id: ProviderId
    streets: tuple[int, ...]
    community: int | None  # None: the whole street
    groups: frozenset[int]
    must: bool
    evidence: int
    rating: int
    weight: float


def bad_morning(orders: int, providers: int, seed: int, offers: float = 0.3) -> Round:
    """A round of that size; the orders came one a second.

    Args:
        offers: how much of the catalogue a team offers; with 0.3 an order has 10 to 60 who could take it.
    """
    chance = Random(seed)
    units = [a_unit(number, providers, offers, chance) for number in range(providers)]
    by_street = [[unit for unit in units if street in unit.streets] for street in range(STREETS)]
    asked = list(accumulate(1 / rank**0.8 for rank in range(1, GROUPS + 1)))
    people = list(accumulate(1 + chance.random() for _ in range(STREETS)))
    queue: list[Waiting] = []
    demand: Counter[int] = Counter()
    for number in range(orders):
        (street,) = chance.choices(range(STREETS), cum_weights=people)
        (group,) = chance.choices(range(GROUPS), cum_weights=asked)
        community = chance.randrange(COMMUNITIES)
        demand[street] += 1
        scores = {
            unit.id: _score(unit, community, chance)
            for unit in by_street[street]
            if group in unit.groups and unit.community in (None, community)
        }
        queue.append(Waiting(_order(number), SEVEN + timedelta(seconds=number), scores))
    share = {unit.id: SHARE for unit in units if not unit.must}
    return Round(queue, _room(by_street, demand), SERVED, share)


def _order(number: int) -> OrderId:
    """A UUIDv7 of that second."""
    milliseconds = int((SEVEN + timedelta(seconds=number)).timestamp() * 1000)
    return OrderId(UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number))


def a_unit(number: int, of: int, offers: float, chance: Random) -> Unit:
    """Departments first, then the sections of the streets, then teams, which can and need not."""
    place = number * 1000 // of
    town, must = place < DEPARTMENTS, place < DEPARTMENTS + SECTIONS
    groups = {number % GROUPS} if must else {g for g in range(GROUPS) if chance.random() < offers}
    home = number // GROUPS % STREETS if must else chance.randrange(STREETS)
    near = (home, (home + 1) % STREETS) if not must and chance.random() < WIDE else (home,)
    return Unit(
        id=ProviderId(f"unit-{number:05d}"),
        streets=tuple(range(STREETS)) if town else near,
        community=chance.randrange(COMMUNITIES) if not must and chance.random() < CLOSE else None,
        groups=frozenset(groups),
        must=must,
        evidence=int(WHOLE * chance.betavariate(1, 3)),
        rating=int(WHOLE * chance.betavariate(6, 2)),
        weight=chance.lognormvariate(0, 0.6) * (3 if must else 1),
    )


def _score(unit: Unit, community: int, chance: Random) -> int:
    """Of the parts that matching has, as the town's rules weigh them; evidence differs order by order."""
    parts = {
        Part.DUTY: WHOLE if unit.must else 0,
        Part.EVIDENCE: unit.evidence * chance.randrange(50, 101) // 100,
        Part.NEAR: WHOLE
        - HOP * (0 if unit.community == community else 1 if len(unit.streets) < STREETS else 2),
        Part.ROOM: chance.randrange(WHOLE + 1),
        Part.RATING: unit.rating,
        Part.TURN: chance.randrange(WHOLE + 1),
    }
    return sum(scoring.points(parts, WEIGHTS).values())


def _room(by_street: list[list[Unit]], demand: Counter[int]) -> dict[ProviderId, int]:
    """Each street has as much room as its pressure leaves; who works in several has a part of each."""
    parts: dict[ProviderId, float] = {}
    for street, units in enumerate(by_street):
        whole = sum(unit.weight / len(unit.streets) for unit in units)
        for unit in units:
            part = demand[street] / PRESSURE[street] * unit.weight / len(unit.streets) / whole
            parts[unit.id] = parts.get(unit.id, 0.0) + part
    return {provider: round(part) for provider, part in parts.items()}
