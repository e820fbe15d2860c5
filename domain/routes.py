"""Routes (指定承办): whom the town itself names for some orders, and what if that one cannot be followed.

Orders of a route that cannot be followed go to a person, and everybody is told why. Nothing is switched off:
to pass over such a route in silence would send its orders somewhere that the town never meant.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, Self

from pydantic import model_validator

from domain.ids import AreaPath, AreaRef, CategoryPath, CategoryRef, ProviderId, ProviderSlug, lineage
from domain.model import Text, Value, Words


class Route(Value):
    """Who is to get such orders (指定承办), whatever else speaks for others; the first that fits counts."""

    category: CategoryRef | None = None
    area: AreaRef | None = None
    channel: Text | None = None  # where the order came in; of imports the other system's word
    provider: ProviderSlug
    note: Words | None = None  # why, or by whose decision

    @model_validator(mode="after")
    def _says_of_which(self) -> Self:
        if self.category is None and self.area is None and self.channel is None:
            raise ValueError(f"the route to {self.provider} names no category, area or channel")
        return self


class RouteLookup:
    """Finds the first route that fits without going through them all: a town may bring hundreds along."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        self._first: dict[tuple[str, str, str | None], int] = {}
        for place, route in enumerate(routes):
            self._first.setdefault((route.category or "", route.area or "", route.channel), place)

    def first(self, category: CategoryPath, area: AreaPath, channel: str | None) -> Route | None:
        """The first that fits an order."""
        if not self._first:
            return None
        places = [
            self._first.get((above, around, way))
            for above in lineage(category)
            for around in lineage(area)
            for way in {channel, None}
        ]
        found = [place for place in places if place is not None]
        return self._routes[min(found)] if found else None


class Broken(StrEnum):
    """Why the provider that a route names cannot take an order that it is for; a stable code."""

    UNKNOWN = "route-provider-unknown"
    RETIRED = "route-provider-retired"
    NOT_IN_AREA = "route-provider-not-in-area"
    NOT_OFFERED = "route-provider-not-offered"
    UNSKILLED = "route-provider-unskilled"


_WHY: Final[Mapping[Broken, tuple[str, str]]] = {
    Broken.UNKNOWN: ("未登记", "is not registered"),
    Broken.RETIRED: ("已退出或正在退出", "has retired or is retiring"),
    Broken.NOT_IN_AREA: ("不服务此区域", "does not work in the area"),
    Broken.NOT_OFFERED: ("不承办此事项", "does not offer the category"),
    Broken.UNSKILLED: ("没有会办且愿办的人", "has nobody who is able and willing"),
}


def in_words(broken: str, provider: ProviderId | None) -> tuple[str, str]:
    """What it means for an order and what to do: Chinese, English."""
    zh, en = _WHY[Broken(broken)]
    return (
        f"细则的 routes 指定 {provider} 承办，而它{zh}：请派单员自行派单，并改正细则。",
        f"A route of the rules names {provider}, which {en}: dispatch it yourself and correct the rules.",
    )
