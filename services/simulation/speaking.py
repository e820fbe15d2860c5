"""Who speaks in an order's life, and how it waits: residents, the community's desk, providers."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from domain.ids import AreaPath, ProviderId
from domain.rules import Category
from domain.stages import Role
from services.simulation.neighbourhood import Neighbourhood
from services.simulation.rhythm import CHANNELS
from services.simulation.writing import Writer

OPENS, CLOSES = 8, 20  # when the community's desk is staffed
LONGEST: Final = 20  # times the usual wait


class Cast:
    """What all lives share."""

    def __init__(self, town: Neighbourhood, writer: Writer, chance: Random) -> None:
        self.town = town
        self.writer = writer
        self.chance = chance
        self.channels = [name for name, _ in CHANNELS]
        self.shares = [share for _, share in CHANNELS]
        self.declines = list(town.rules.decline_reasons)
        self.legal = list(town.rules.legal_reasons)
        self.in_hand: dict[
            tuple[str, str], str
        ] = {}  # of a category and surroundings, the last somebody took on


class Speaker:
    """An order, the moment it has come to, and those who say something about it then."""

    __slots__ = ("area", "at", "cast", "category", "due", "id", "provider", "resident", "seconders")

    def __init__(self, cast: Cast, number: int, at: datetime) -> None:
        self.cast = cast
        self.at: datetime = at
        self.due: datetime = at
        self.id = cast.writer.new_id(at, f"order/{number}")
        self.category: Category = cast.town.category()
        self.area: AreaPath = cast.town.area()
        self.resident = cast.town.resident()
        self.provider: ProviderId | None = None
        self.seconders: tuple[str, ...] = ()

    def chance(self, share: float) -> bool:
        return self.cast.chance.random() < share

    def text(self, choices: tuple[str, ...]) -> str:
        return self.cast.chance.choice(choices)

    def resident_says(self, wire: str, data: str = "", resident: str = "", extras: str = "") -> None:
        by = (Role.RESIDENT, resident or self.resident)
        self.cast.writer.say(self.at, wire, self.id, by, data, extras=extras)

    def community_says(self, wire: str, data: str = "", extras: str = "") -> None:
        by = (Role.COMMUNITY, self.cast.town.dispatcher(self.area))
        self.cast.writer.say(self.at, wire, self.id, by, data, extras=extras)

    def provider_says(self, wire: str, more: str = "", provider: ProviderId | None = None) -> None:
        provider = provider or self.provider
        self.cast.writer.say(
            self.at, wire, self.id, (Role.PROVIDER, str(provider)), f'"provider":"{provider}"{more}'
        )

    def later(self, median_minutes: float, spread: float = 0.8) -> datetime:
        """Moves on by a while that is mostly short and now and then long."""
        factor = min(self.cast.chance.lognormvariate(0, spread), LONGEST)
        self.at += timedelta(minutes=median_minutes * factor)
        return self.at

    def at_the_desk(self) -> datetime:
        """What falls into the night waits for the morning."""
        if self.at.hour < OPENS or self.at.hour >= CLOSES:
            morning = self.at.replace(hour=OPENS, minute=0, second=0) + timedelta(days=self.at.hour >= CLOSES)
            self.at = morning + timedelta(minutes=self.cast.chance.random() * 60)
        return self.at
