"""One town's versioned rules (实施细则): areas, catalogue, time limits, windows, codes and people."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import FailFast, Field, StringConstraints, model_validator

from domain.ids import AreaPath, AreaRef, CategoryPath, CategoryRef, lineage, within
from domain.model import A_CODE, CODE, Value, Words
from domain.routes import Route, RouteLookup
from domain.sealed import Sealed
from domain.stages import BAD, LEVEL_NAMES, AutoDispatch, Level, Role, Urgency

Code = Annotated[str, StringConstraints(pattern=CODE)]
Skills = Annotated[tuple[Code, ...], Field(max_length=50, fail_fast=True)]
Hours = Annotated[int, Field(gt=0, le=24 * 365)]
Minutes = Annotated[int, Field(gt=0, le=24 * 60)]
Days = Annotated[int, Field(gt=0, le=3650)]
MAX_KEPT: Final = 36_500
KeptDays = Annotated[int, Field(gt=0, le=MAX_KEPT)]
LETTER_DAYS: Final = 180  # that the bytes of dead letters are kept where the rules say nothing

MAX_WEIGHT: Final = 10_000
Weight = Annotated[int, Field(ge=0, le=MAX_WEIGHT)]
LEVELS: Final = range(2, 7)  # how deep a town's area tree may be


class Person(Value):
    """Someone on duty: a dispatcher, a responsible person (包片责任人), provider staff."""

    id: Code
    name: Sealed
    roles: Annotated[tuple[Role, ...], FailFast()] = ()
    area: AreaRef | None = None


class Area(Value):
    """A node of the area tree; its depth is its level."""

    path: AreaRef
    name: Words
    kind: Code | None = None  # the town's word, such as compound, village or industrial-park
    responsible: Code | None = None  # a person's id: gets what nobody takes
    population: Annotated[int, Field(ge=0)] | None = None


class Category(Value):
    """An item of the catalogue (事项清单). Limits and skills it has not are those of what it lies in."""

    path: CategoryRef
    name: Words
    kind: Annotated[str, StringConstraints(pattern="^(service|complaint|group)$")]
    accept_hours: Hours | None = None
    finish_hours: Hours | None = None
    skills: Skills | None = None  # what whoever does it must be able to; empty: nothing, whatever is above


class DispatchSetting(Value):
    """How far auto-dispatch goes for a category in an area; the deepest setting that fits wins."""

    category: CategoryRef | None = None
    area: AreaRef | None = None
    mode: AutoDispatch


class Retention(Value):
    """How long the texts of closed orders are kept (保存期限); the deepest category that fits wins."""

    category: CategoryRef | None = None  # None: of all
    days: KeptDays  # after the order was closed, or last rated


class Weights(Value):
    """How much each part of a score counts (评分权重): a part goes from 0 to 1000, times its weight.

    For a call (一键呼叫) nearness counts `call_near`: by default a hop outweighs all other parts together.
    """

    routed: Weight = 400
    wanted: Weight = 200
    duty: Weight = 50
    evidence: Weight = 40
    near: Weight = 6
    room: Weight = 5
    rating: Weight = 4
    timely: Weight = 2
    turn: Weight = 1
    call_near: Weight = 2000

    def when(self, urgency: Urgency) -> Self:
        """Those that count for an order of this urgency."""
        return self.model_copy(update={"near": self.call_near}) if urgency is Urgency.CALL else self


class Rules(Value):
    """The whole of a town's rules. Version 0 is a town that has none yet."""

    town: Code = "unnamed"
    name: Words = Words(zh="未命名", en="Unnamed")
    zone: Annotated[str, A_CODE] = "Asia/Shanghai"
    levels: Annotated[tuple[Words, ...], FailFast()] = ()
    areas: Annotated[tuple[Area, ...], FailFast()] = ()
    catalogue: Annotated[tuple[Category, ...], FailFast()] = ()
    people: Annotated[tuple[Person, ...], FailFast()] = ()
    accept_hours: Hours = 24
    finish_hours: Hours = 120
    call_minutes: Minutes = 10  # to accept a call, before the next one is called
    rate_days: Days = 30
    reopen_days: Days = 15
    declines_to_arbitration: Annotated[int, Field(ge=1)] = 3
    decline_reasons: Mapping[Code, Words] = {}
    legal_reasons: Mapping[Code, Words] = {}
    ratings: Mapping[Level, Words] = {}
    bad_ratings: Annotated[tuple[Level, ...], FailFast()] = BAD
    skills: Mapping[Code, Words] = {}
    team_members: Annotated[int, Field(ge=1, le=100_000)] = 3
    team_full_time: Annotated[int, Field(ge=0, le=100_000)] = 1  # of the members
    dispatch: Annotated[tuple[DispatchSetting, ...], FailFast()] = ()
    routes: Annotated[tuple[Route, ...], FailFast()] = ()
    weights: Weights = Weights()
    retention: Annotated[tuple[Retention, ...], FailFast()] = ()
    letter_days: Days | None = None  # that the bytes of dead letters are kept
    most_per_round: Annotated[int, Field(ge=1)] | None = None  # new orders for one that only can

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        areas = _tree("area", [area.path for area in self.areas])
        categories = _tree("category", [category.path for category in self.catalogue])
        people = _once("person", [person.id for person in self.people])
        if self.areas and len(self.levels) not in LEVELS:
            raise ValueError(f"the area tree has {len(self.levels)} levels, a town has 2 to 6")
        for area in self.areas:
            if area.responsible and area.responsible not in people:
                raise ValueError(f"area {area.path} names {area.responsible}, who is not among the people")
            if area.path.count("/") >= len(self.levels):
                raise ValueError(f"area {area.path} is deeper than the {len(self.levels)} levels of the town")
        for person in self.people:
            _listed("area", person.area, areas, f"person {person.id}")
        for item in self.catalogue:
            for skill in item.skills or ():
                _listed("skill", skill, set(self.skills), f"category {item.path}")
        self._refer(areas, categories)
        return self

    def _refer(self, areas: set[str], categories: set[str]) -> None:
        """What is set for an area or a category names one that is listed."""
        for setting in self.dispatch:
            _listed("area", setting.area, areas, "a dispatch setting")
            _listed("category", setting.category, categories, "a dispatch setting")
        _once("a retention rule for", [kept.category or "everything" for kept in self.retention])
        for kept in self.retention:
            _listed("category", kept.category, categories, "a retention rule")
        for route in self.routes:
            _listed("area", route.area, areas, f"the route to {route.provider}")
            _listed("category", route.category, categories, f"the route to {route.provider}")

    @cached_property
    def area_by_path(self) -> Mapping[AreaPath, Area]:
        return {area.path: area for area in self.areas}

    @cached_property
    def category_by_path(self) -> Mapping[CategoryPath, Category]:
        return {category.path: category for category in self.catalogue}

    @cached_property
    def _dispatcher_areas(self) -> Mapping[str, AreaPath]:
        listed = (person for person in self.people if Role.COMMUNITY in person.roles)
        return {person.id: person.area or AreaPath("") for person in listed}

    def dispatcher_area(self, person: str) -> AreaPath | None:
        """The area that someone of the community answers for; all of it is empty, None: not listed."""
        return self._dispatcher_areas.get(person)

    @cached_property
    def _limits(self) -> dict[CategoryPath, tuple[int, int]]:
        return {}

    def limits(self, category: CategoryPath) -> tuple[int, int]:
        """Hours to accept and hours to finish, inherited from the group where the item has none."""
        known = self._limits.get(category)
        if known is None:
            known = self._limits[category] = self._inherited(category)
        return known

    def _inherited(self, path: str) -> tuple[int, int]:
        accept: int | None = None
        finish: int | None = None
        while path:
            item = self.category_by_path.get(CategoryPath(path))
            if item is not None:
                accept = accept or item.accept_hours
                finish = finish or item.finish_hours
            path = path.rpartition("/")[0]
        return accept or self.accept_hours, finish or self.finish_hours

    def skills_for(self, category: CategoryPath) -> tuple[str, ...]:
        """What an order of it needs, said by the item or the nearest group around it that says so."""
        for path in lineage(category):
            item = self.category_by_path.get(CategoryPath(path))
            if item is not None and item.skills is not None:
                return item.skills
        return ()

    def auto_dispatch(self, category: CategoryPath, area: AreaPath) -> AutoDispatch:
        """The setting that fits most closely: the category counts before the area."""
        fitting = [
            setting
            for setting in self.dispatch
            if within(category, setting.category or "") and within(area, setting.area or "")
        ]
        if not fitting:
            return AutoDispatch.OFF
        return max(fitting, key=lambda setting: (len(setting.category or ""), len(setting.area or ""))).mode

    @cached_property
    def _retention(self) -> Mapping[str, int]:
        return {kept.category or "": kept.days for kept in self.retention}

    def retention_days(self, category: CategoryPath) -> int | None:
        """Days that the texts of a closed order are kept, by the nearest rule around it; None: for ever."""
        for path in lineage(category):
            if path in self._retention:
                return self._retention[path]
        return None

    @property
    def letters_for(self) -> timedelta:
        """How long the bytes of dead letters (死信) are kept."""
        return timedelta(days=self.letter_days or LETTER_DAYS)

    @cached_property
    def _route_lookup(self) -> RouteLookup:
        return RouteLookup(self.routes)

    def route(self, category: CategoryPath, area: AreaPath, channel: str | None) -> Route | None:
        """The first route that fits an order."""
        return self._route_lookup.first(category, area, channel)

    def level_name(self, level: Level) -> Words:
        """What the town calls a level of satisfaction."""
        zh, en = LEVEL_NAMES[level]
        return self.ratings.get(level) or Words(zh=zh, en=en)


def _once(what: str, names: Sequence[str]) -> set[str]:
    """The names, each given once."""
    known: set[str] = set()
    for name in names:
        if name in known:
            raise ValueError(f"{what} {name} is listed twice")
        known.add(name)
    return known


def _tree(what: str, paths: Sequence[str]) -> set[str]:
    """The paths, each once and below one that is listed too."""
    known = _once(what, paths)
    for path in paths:
        if "/" in path and path.rpartition("/")[0] not in known:
            raise ValueError(f"{what} {path} lies in one that is not listed")
    return known


def _listed(what: str, path: str | None, known: set[str], where: str) -> None:
    if path is not None and path not in known:
        raise ValueError(f"{where} names {what} {path}, which is not listed")
