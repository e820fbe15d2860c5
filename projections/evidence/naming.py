"""The names that orders and providers are learnt under, as they are known at a place in the log."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, delete

from domain.evidence import Features, community_level
from domain.ids import AreaPath, CategoryPath, ProviderId, lineage
from domain.rules import Rules
from projections.engine import Sheet
from projections.evidence import tables

_TOWN: Final = Sheet(tables.town)
_PROVIDERS: Final = Sheet(tables.providers)
_COMMUNITY: Final = "level/community"
_SECOND: Final = 1  # the level of communities where no rules say


class Names:
    """Those that some orders and providers need. A place that nobody named is called by its path."""

    def __init__(
        self,
        connection: Connection,
        orders: Iterable[tuple[CategoryPath, AreaPath]],
        providers: Iterable[ProviderId] = (),
    ) -> None:
        self._connection = connection
        wanted = {_COMMUNITY}
        for category, area in orders:
            wanted |= {_place("category", path) for path in _downwards(category)}
            wanted |= {_place("area", path) for path in _downwards(area)}
        self._town = {key: row["name"] for key, row in _TOWN.load(connection, wanted).items()}
        rows = _PROVIDERS.load(connection, {*providers})
        self._providers: dict[str, str] = {key: row["name"] for key, row in rows.items()}
        self._adopted = False
        self._named: dict[str, str] = {}
        self._features: dict[tuple[CategoryPath, AreaPath, str | None], Features] = {}  # under today's names

    def features(self, category: CategoryPath, area: AreaPath, channel: str | None) -> Features:
        """An order by its names."""
        like = category, area, channel
        known = self._features.get(like)
        if known is None:
            known = self._features[like] = self._named_order(*like)
        return known

    def _named_order(self, category: CategoryPath, area: AreaPath, channel: str | None) -> Features:
        return Features.of_paths(
            [self._town.get(_place("area", path), path) for path in _downwards(area)],
            [self._town.get(_place("category", path), path) for path in _downwards(category)],
            int(self._town.get(_COMMUNITY, _SECOND)),
            channel=channel or "",
        )

    def called(self, provider: ProviderId) -> str:
        """The name of a provider; its id where it has none."""
        return self._providers.get(provider, provider)

    def adopt(self, rules: Rules) -> None:
        """From here on these are the names of places."""
        self._town = {
            **{_place("area", area.path): area.name.zh for area in rules.areas},
            **{_place("category", item.path): item.name.zh for item in rules.catalogue},
        }
        if rules.levels:
            self._town[_COMMUNITY] = str(community_level(rules.levels))
        self._adopted = True
        self._features.clear()

    def call(self, provider: ProviderId, name: str) -> None:
        """From here on this is its name."""
        self._providers[provider] = self._named[provider] = name

    def write(self) -> None:
        """Put what changed into the rows."""
        if self._adopted:
            self._connection.execute(delete(tables.town))
            _TOWN.write(
                self._connection, [{"place": place, "name": name} for place, name in self._town.items()]
            )
        _PROVIDERS.write(
            self._connection, [{"provider": one, "name": name} for one, name in self._named.items()]
        )


def _place(sort: str, path: str) -> str:
    return f"{sort}/{path}"


def _downwards(path: str) -> list[str]:
    """Everything a path lies in, from the top down, and itself."""
    return list(reversed(lineage(path)[:-1]))
