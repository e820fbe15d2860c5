"""The needs list: what each side needs, where, until when, who has taken it up, and what is left for whom."""

from datetime import timedelta
from typing import Any

import pytest

import domain.commands as c
from domain.ids import AreaPath, NeedId, ProviderId
from domain.need import NeedStage
from domain.rules import Area
from domain.sealed import Sealed
from projections.engine import BadCursor, Projector
from projections.needs import NeedFilter, NeedRow, Needs, NeedsQueries, Side
from tests.projections.conftest import Start
from tests.support.a_town import (
    EAST,
    LAMP,
    MEALS,
    PARKS,
    POTHOLE,
    ROADS,
    RULES,
    STRANGER,
    STREET,
    WATER,
    WEST,
)
from tests.support.history import CARE, CLERK, TEXT, THE_ROADS, History, changed_rules, staff

HALL, SHADE, RAMP = NeedId("hall"), NeedId("shade"), NeedId("ramp")


@pytest.fixture
def town() -> History:
    history = History()
    history.register(WATER, areas=[EAST], can=[CARE])
    history.register(ROADS, areas=[WEST], must=[THE_ROADS])
    history.register(PARKS, areas=[STREET], can=[MEALS])
    return history


def state(history: History, need: NeedId, by: ProviderId | None = None, **fields: Any) -> None:
    said: dict[str, Any] = {"area": EAST, "title_zh": f"{need}需求", "title_en": f"A {need}", **fields}
    history.later(minutes=1)
    history.ask(c.StateNeed(need=need, provider=by, **said), staff(by) if by else CLERK)


def take_up(history: History, need: NeedId, by: ProviderId | None, note: Sealed | None = None) -> None:
    history.later(minutes=1)
    history.ask(c.TakeUpNeed(need=need, provider=by, note=note), staff(by) if by else CLERK)


def read(start: Start, history: History) -> NeedsQueries:
    projector = start(Needs)
    projector.fill_from(history)
    return NeedsQueries(projector.engine)


def named(rows: tuple[NeedRow, ...]) -> list[NeedId]:
    return [row.need for row in rows]


def test_a_need_is_shown_whole_with_the_names_of_its_takers(start: Start, town: History) -> None:
    until = town.now.replace(year=2027)
    state(town, HALL, by=PARKS, category=MEALS, takers_wanted=3, until=until)
    take_up(town, HALL, WATER, note=TEXT)
    take_up(town, HALL, None)
    row = read(start, town).get(HALL)
    assert row is not None
    assert (row.owner, row.owner_zh, row.owner_en, row.side) == (PARKS, "parks单位", "Parks", Side.PROVIDER)
    assert (row.title_zh, row.area, row.category, row.until) == ("hall需求", EAST, MEALS, until)
    assert [(one.provider, one.name_en) for one in row.takers] == [(WATER, "Water"), (None, "the community")]
    assert [one.note for one in row.takers] == [TEXT, None]
    assert (row.takers_wanted, row.full, row.over(town.now), row.over(until)) == (3, False, False, True)


def test_a_need_nobody_stated_is_not_there(start: Start, town: History) -> None:
    assert read(start, town).get(HALL) is None


def test_needs_are_found_by_area_category_side_owner_and_taker(start: Start, town: History) -> None:
    state(town, HALL, by=WATER, category=MEALS)
    state(town, SHADE, area=WEST, category=POTHOLE)
    state(town, RAMP, area=STREET)
    take_up(town, SHADE, PARKS)
    queries = read(start, town)

    def found(**which: Any) -> list[NeedId]:
        return named(queries.page(NeedFilter(**which)).needs)

    assert found() == [RAMP, SHADE, HALL]
    assert found(area=EAST) == [HALL]
    assert found(area=STREET) == [RAMP, SHADE, HALL]
    assert found(category=THE_ROADS) == [SHADE]
    assert found(side=Side.COMMUNITY) == [RAMP, SHADE]
    assert found(side=Side.PROVIDER) == found(owner=WATER) == [HALL]
    assert found(taker=PARKS) == [SHADE]
    assert found(taker=WATER) == []


def test_open_means_neither_closed_nor_over(start: Start, town: History) -> None:
    state(town, HALL)
    end = town.now.replace(year=2027)
    state(town, SHADE, until=end)
    state(town, RAMP)
    town.ask(c.CloseNeed(need=RAMP), CLERK)
    queries = read(start, town)
    now = town.now
    assert named(queries.page(NeedFilter(open_at=now)).needs) == [SHADE, HALL]
    assert named(queries.page(NeedFilter(open_at=end - timedelta(seconds=1))).needs) == [SHADE, HALL]
    assert named(queries.page(NeedFilter(open_at=end)).needs) == [HALL]
    ramp = queries.get(RAMP)
    assert ramp is not None
    assert (ramp.stage, ramp.closed_at) == (NeedStage.CLOSED, now)


def test_who_steps_back_is_gone_and_may_come_again(start: Start, town: History) -> None:
    state(town, HALL)
    take_up(town, HALL, WATER, note=TEXT)
    projector: Projector = start(Needs)
    projector.fill_from(town)
    queries = NeedsQueries(projector.engine)
    town.ask(c.LetGoOfNeed(need=HALL, provider=WATER), staff(WATER))
    projector.fill_from(town)
    row = queries.get(HALL)
    assert row is not None
    assert row.takers == ()
    take_up(town, HALL, WATER)
    projector.fill_from(town)
    row = queries.get(HALL)
    assert row is not None
    assert [(one.provider, one.note) for one in row.takers] == [(WATER, None)]


def test_what_a_provider_could_take_up_is_open_near_and_not_its_own(start: Start, town: History) -> None:
    state(town, HALL, by=WATER)
    state(town, SHADE, category=LAMP)
    state(town, RAMP, category=MEALS, takers_wanted=1)
    state(town, NeedId("west"), area=WEST)
    state(town, NeedId("street"), area=STREET)
    queries = read(start, town)
    assert named(queries.for_provider(WATER, town.now)) == [
        RAMP,
        "street",
        SHADE,
    ]  # meals are care: it offers
    assert named(queries.for_provider(ROADS, town.now)) == ["street", "west"]
    assert named(queries.for_provider(PARKS, town.now)) == [RAMP, "street", "west", SHADE, HALL]
    assert named(queries.for_provider(PARKS, town.now, limit=1)) == [RAMP]


def test_a_provider_may_work_in_very_many_areas(start: Start) -> None:
    street = RULES.areas[0]
    blocks = [AreaPath(f"{STREET}/block-{number}") for number in range(1_500)]
    rules = changed_rules(areas=(*RULES.areas, *(Area(path=one, name=street.name) for one in blocks)))
    history = History(rules=rules)
    history.register(WATER, areas=blocks)
    state(history, HALL, area=blocks[-1])
    state(history, SHADE)
    state(history, RAMP, area=STREET)
    history.ask(c.ChangeOffers(provider=WATER, areas=(*blocks[:-1],), offers=()), CLERK)
    state(history, NeedId("late"), area=blocks[0])
    assert named(read(start, history).for_provider(WATER, history.now)) == ["late", RAMP]


def test_what_is_full_taken_over_or_closed_is_not_to_be_taken_up(start: Start, town: History) -> None:
    state(town, HALL, takers_wanted=1)
    state(town, SHADE)
    state(town, RAMP, until=town.now.replace(year=2027))
    take_up(town, HALL, PARKS)
    take_up(town, SHADE, WATER)
    queries = read(start, town)
    assert named(queries.for_provider(WATER, town.now)) == [RAMP]
    assert named(queries.for_provider(WATER, town.now.replace(year=2028))) == []
    hall, shade = queries.get(HALL), queries.get(SHADE)
    assert hall is not None
    assert shade is not None
    assert not hall.may_be_taken_by(WATER, town.now)
    assert not shade.may_be_taken_by(WATER, town.now)
    assert not shade.may_be_taken_by(None, town.now)  # it is the community's own
    assert shade.may_be_taken_by(ROADS, town.now)


def test_a_provider_that_leaves_or_is_not_known_has_nothing_to_take_up(start: Start, town: History) -> None:
    state(town, SHADE)
    town.ask(c.RetireProvider(provider=WATER, reason=TEXT), CLERK)
    queries = read(start, town)
    assert queries.for_provider(WATER, town.now) == ()
    assert queries.for_provider(STRANGER, town.now) == ()


def test_pages_stay_whole_while_new_needs_come(start: Start, town: History) -> None:
    for number in range(5):
        state(town, NeedId(f"need-{number}"))
    projector = start(Needs)
    projector.fill_from(town)
    queries = NeedsQueries(projector.engine)
    first = queries.page(limit=2)
    state(town, HALL)
    projector.fill_from(town)
    second = queries.page(limit=2, cursor=first.next)
    third = queries.page(limit=2, cursor=second.next)
    assert named((*first.needs, *second.needs, *third.needs)) == [f"need-{one}" for one in (4, 3, 2, 1, 0)]
    assert third.next is None
    with pytest.raises(BadCursor):
        queries.page(cursor="nonsense")
