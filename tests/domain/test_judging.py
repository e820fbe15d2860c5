"""Whatever a judge has looked at before, an order is ranked as if it were the only one."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from domain.ids import AreaPath, CategoryPath, ProviderId
from domain.judging import Judge, rank
from domain.matching import Demand, Done, Ranking, Reason, Supplier
from domain.on_duty import Crew, Hand, Window, lack
from domain.proposal import Part
from domain.provider import Standing
from domain.provider_events import Offer
from domain.rules import Weights
from domain.scoring import WHOLE, lower_bound, near, points, room, turns
from domain.stages import Duty, Urgency
from tests.support.a_town import FRIDAYS, MONDAY, OFFICE_HOURS

AREAS = [AreaPath(path) for path in ("lake", "lake/east", "lake/east/one", "lake/west")]
CATEGORIES = [CategoryPath(path) for path in ("roads", "roads/pothole", "roads/lamp", "meals")]
NAMES = [ProviderId(f"p-{number}") for number in range(6)]
SKILLS = ["wiring", "first-aid"]
WINDOWS = [Window(at, at, "Asia/Shanghai") for at in (MONDAY, MONDAY + timedelta(days=6))]

names = some.sampled_from(NAMES)
skills = some.lists(some.sampled_from(SKILLS), unique=True).map(tuple)
shifts = some.sampled_from([(), (OFFICE_HOURS,), (FRIDAYS,)])
willing = some.sampled_from([(), (CATEGORIES[1],)])
crews = some.builds(
    Crew,
    shifts,
    skills,
    some.lists(some.builds(Hand, skills, shifts, willing), max_size=2).map(tuple),
)
offers = some.builds(Offer, category=some.sampled_from(CATEGORIES), duty=some.sampled_from(Duty))
small = some.integers(0, 4)


def suppliers_named(name: ProviderId) -> some.SearchStrategy[Supplier]:
    return some.builds(
        Supplier,
        some.just(name),
        some.sampled_from([Standing.ACTIVE, Standing.ACTIVE, *Standing]),
        some.lists(some.sampled_from(AREAS), max_size=2).map(tuple),
        some.lists(offers, max_size=3).map(tuple),
        small,
        small,
        small,
        crews,
    )


demands = some.builds(
    Demand,
    category=some.sampled_from(CATEGORIES),
    area=some.sampled_from(AREAS),
    wanted=some.none() | names,
    declined_by=some.frozensets(names, max_size=2),
    urgency=some.sampled_from(Urgency),
    needs=skills,
    window=some.sampled_from([None, *WINDOWS]),
)
records = some.dictionaries(names, some.builds(Done, some.just(4), small, small, small))
chances = some.dictionaries(names, some.integers(0, 1000))
weights = some.builds(Weights, **{part: some.integers(0, 5) for part in Weights.model_fields})


def plainly(
    demand: Demand, supplier: Supplier, weights: Weights, chance: int, done: Done, *, turn: int
) -> dict[str, Any]:
    """A candidate as the town's rules tell it, everything looked at anew."""
    area, duty = supplier.closest(demand.area), supplier.duty(demand.category)
    assert area is not None
    wanted = supplier.provider == demand.wanted
    parts = {
        Part.WANTED: WHOLE if wanted else 0,
        Part.DUTY: WHOLE if duty is Duty.MUST else 0,
        Part.EVIDENCE: chance,
        Part.NEAR: near(demand.area, area),
        Part.ROOM: room(supplier.load, supplier.capacity),
        Part.RATING: lower_bound(done.rated - done.bad, done.rated),
        Part.TIMELY: lower_bound(done.in_time, done.in_time + done.late),
        Part.TURN: turn,
    }
    reasons = [Reason.WANTED] if wanted else []
    reasons.append(Reason.MUST if duty is Duty.MUST else Reason.CAN)
    reasons.append(Reason.SAME_AREA if area == demand.area else Reason.WIDER_AREA)
    reasons.append(Reason.ROOM if supplier.load else Reason.IDLE)
    return {
        "parts": list(points(parts, weights.when(demand.urgency)).items()),
        "reasons": tuple(reasons),
        "area": area,
    }


def can(demand: Demand, supplier: Supplier) -> bool:
    return (
        supplier.standing is Standing.ACTIVE
        and supplier.closest(demand.area) is not None
        and supplier.duty(demand.category) is not None
        and supplier.provider not in demand.declined_by
        and supplier.load < supplier.capacity
        and lack(supplier.crew, demand.needs, demand.category, demand.window) is None
    )


@given(
    some.tuples(*map(suppliers_named, NAMES)),
    some.lists(demands, min_size=1, max_size=6),
    weights,
    chances,
    records,
)
def test_each_order_is_ranked_as_if_it_were_alone_and_as_told_plainly(
    suppliers: tuple[Supplier, ...],
    demands: list[Demand],
    weights: Weights,
    chances: dict[ProviderId, int],
    records: dict[ProviderId, Done],
) -> None:
    judge = Judge(weights, records)
    for demand in demands:
        found = judge.rank(demand, suppliers, chances)
        assert found == rank(demand, suppliers, weights, chances, records)
        assert judge.anybody(demand, suppliers) is bool(found.candidates)
        is_told_plainly(found, demand, suppliers, weights, chances=chances, records=records)


def is_told_plainly(
    found: Ranking,
    demand: Demand,
    suppliers: tuple[Supplier, ...],
    weights: Weights,
    *,
    chances: dict[ProviderId, int],
    records: dict[ProviderId, Done],
) -> None:
    able = [one for one in suppliers if can(demand, one)]
    turn = dict(zip(able, turns([one.last_given for one in able]), strict=True))
    told = {
        one.provider: plainly(
            demand,
            one,
            weights,
            chances.get(one.provider, 0),
            records.get(one.provider, Done()),
            turn=turn[one],
        )
        for one in able
    }
    assert {
        one.provider: {"parts": list(one.parts.items()), "reasons": one.reasons, "area": one.area}
        for one in found.candidates
    } == told
    assert all(one.score == sum(one.parts.values()) for one in found.candidates)
    order = [(-one.score, one.provider) for one in found.candidates]
    assert order == sorted(order)
    assert len(found.candidates) + len(found.excluded) == len(suppliers)
