"""What a resident at an address can order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, select

from domain.ids import AreaPath, CategoryPath, ProviderId, lineage
from domain.provider import Standing
from domain.stages import Duty, ProviderKind
from projections.menu.tables import areas, items, offers, providers


@dataclass(frozen=True, slots=True)
class MenuOffer:
    """A provider that takes this item here."""

    provider: ProviderId
    name_zh: str
    name_en: str
    kind: ProviderKind
    contact: str
    duty: Duty
    area: AreaPath  # the smallest of its areas that holds the address


@dataclass(frozen=True, slots=True)
class MenuItem:
    """Something that can be ordered. Without offers the community takes it and finds somebody."""

    category: CategoryPath
    name_zh: str
    name_en: str
    kind: str  # service or complaint
    accept_hours: int  # until somebody has accepted it
    finish_hours: int  # until it is done
    offers: tuple[MenuOffer, ...]  # must before can, the closest first


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A group of the catalogue with what lies directly in it."""

    category: CategoryPath | None  # None: items that lie in no group
    name_zh: str
    name_en: str
    items: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class AreaMenu:
    """The menu of one area."""

    area: AreaPath
    name_zh: str
    name_en: str
    groups: tuple[MenuGroup, ...]

    @property
    def items(self) -> tuple[MenuItem, ...]:
        """All of it, without the groups."""
        return tuple(item for group in self.groups for item in group.items)


class MenuQueries:
    """Questions to the menu in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def menu(self, area: AreaPath) -> AreaMenu | None:
        """What can be ordered in an area; None if the town has no such area."""
        with self._engine.connect() as connection:
            name = connection.execute(select(areas).where(areas.c.area == area)).one_or_none()
            if name is None:
                return None
            offered = _offered(connection, area)
            catalogue = connection.execute(select(items).order_by(items.c.category)).all()
        return AreaMenu(area, name.name_zh, name.name_en, tuple(_groups(catalogue, offered)))

    def areas(self) -> dict[AreaPath, tuple[str, str]]:
        """Every area of the town with its Chinese and English name, in the order of the paths."""
        return self._names(select(areas.c.area, areas.c.name_zh, areas.c.name_en).order_by(areas.c.area))

    def categories(self) -> dict[CategoryPath, tuple[str, str]]:
        """Every category and group with its Chinese and English name, in the order of the paths."""
        return self._names(
            select(items.c.category, items.c.name_zh, items.c.name_en).order_by(items.c.category)
        )

    def providers(self) -> dict[ProviderId, tuple[str, str]]:
        """Every provider ever registered with its Chinese and English name."""
        return self._names(
            select(providers.c.provider, providers.c.name_zh, providers.c.name_en).order_by(
                providers.c.provider
            )
        )

    def _names(self, statement: Select[str, str, str]) -> dict[Any, tuple[str, str]]:
        with self._engine.connect() as connection:
            return {key: (zh, en) for key, zh, en in connection.execute(statement)}


def _offered(connection: Connection, area: AreaPath) -> Mapping[str, list[MenuOffer]]:
    """The offers that hold in an area, by the category or group they are made for."""
    statement = (
        select(offers, providers.c.name_zh, providers.c.name_en, providers.c.kind, providers.c.contact)
        .join(providers, providers.c.provider == offers.c.provider)
        .where(offers.c.area.in_(lineage(area)[:-1]), providers.c.standing == Standing.ACTIVE.value)
    )
    found: defaultdict[str, list[MenuOffer]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.category].append(
            MenuOffer(
                row.provider,
                row.name_zh,
                row.name_en,
                ProviderKind(row.kind),
                row.contact,
                Duty(row.duty),
                row.area,
            )
        )
    return found


def _groups(catalogue: Iterable[Row[Any]], offered: Mapping[str, list[MenuOffer]]) -> Iterable[MenuGroup]:
    rows = list(catalogue)
    names = {row.category: row for row in rows}
    inside: defaultdict[str, list[MenuItem]] = defaultdict(list)
    for row in rows:
        if row.kind != "group":
            inside[row.category.rpartition("/")[0]].append(_item(row, offered))
    for group in sorted(inside):
        named = names.get(group)
        yield MenuGroup(
            CategoryPath(group) if group else None,
            named.name_zh if named else "其他",
            named.name_en if named else "Others",
            tuple(inside[group]),
        )


def _item(row: Row[Any], offered: Mapping[str, list[MenuOffer]]) -> MenuItem:
    best: dict[ProviderId, MenuOffer] = {}
    for category in lineage(row.category)[:-1]:
        for offer in offered.get(category, ()):
            known = best.get(offer.provider)
            if known is None or _rank(offer) < _rank(known):
                best[offer.provider] = offer
    return MenuItem(
        row.category,
        row.name_zh,
        row.name_en,
        row.kind,
        row.accept_hours,
        row.finish_hours,
        tuple(sorted(best.values(), key=_rank)),
    )


def _rank(offer: MenuOffer) -> tuple[bool, int, ProviderId]:
    return offer.duty is not Duty.MUST, -offer.area.count("/"), offer.provider
