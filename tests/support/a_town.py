"""A town small enough to keep in mind: one street, two communities, two kinds of matters, a fixed Monday."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.hours import Shift
from domain.ids import AreaPath, CategoryPath, ProviderId, ResidentId
from domain.rules import Area, Category, Person, Rules, Words
from domain.sealed import Sealed
from domain.stages import Role

MONDAY: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine in the morning in the town

STREET: Final = AreaPath("lake")
EAST: Final = AreaPath("lake/east")
WEST: Final = AreaPath("lake/west")

POTHOLE: Final = CategoryPath("roads/pothole")
LAMP: Final = CategoryPath("roads/lamp")
MEALS: Final = CategoryPath("care/meals")

WATER: Final = ProviderId("water")
ROADS: Final = ProviderId("roads")
PARKS: Final = ProviderId("parks")
LEAVING: Final = ProviderId("leaving")  # on its way out
STRANGER: Final = ProviderId("stranger")  # nobody registered it

AUNT_LI: Final = ResidentId("r-li")
UNCLE_WANG: Final = ResidentId("r-wang")
DISPATCHER: Final = "d-chen"


OFFICE_HOURS: Final = Shift(weekdays=(1, 2, 3, 4, 5), start="09:00", end="18:00")
FRIDAYS: Final = Shift(weekdays=(5,), start="14:00", end="17:00")
NIGHTS: Final = Shift(weekdays=(5, 7), start="22:00", end="06:00")


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


RULES: Final = Rules(
    town="lake-town",
    name=words("湖镇", "Lake Town"),
    levels=(words("街道", "street"), words("社区", "community")),
    areas=(
        Area(path=STREET, name=words("湖街道", "Lake"), responsible="d-chen"),
        Area(path=EAST, name=words("东社区", "East")),
        Area(path=WEST, name=words("西社区", "West")),
    ),
    catalogue=(
        Category(path=CategoryPath("roads"), name=words("道路", "roads"), kind="group", accept_hours=4),
        Category(path=POTHOLE, name=words("坑洼", "pothole"), kind="complaint", finish_hours=48),
        Category(path=LAMP, name=words("路灯", "lamp"), kind="complaint", accept_hours=2, finish_hours=24),
        Category(path=CategoryPath("care"), name=words("养老", "care"), kind="group"),
        Category(path=MEALS, name=words("助餐", "meals"), kind="service"),
    ),
    people=(Person(id="d-chen", name=Sealed("sealed-name"), roles=(Role.COMMUNITY,), area=STREET),),
    accept_hours=24,
    finish_hours=120,
    rate_days=30,
    reopen_days=15,
    declines_to_arbitration=3,
    decline_reasons={"not-ours": words("不属本单位职责", "not our duty")},
    legal_reasons={"in-court": words("已进入诉讼", "before the court")},
    skills={"electrician": words("电工", "electrician"), "first-aid": words("急救", "first aid")},
)


def rules_with(**changes: Any) -> Rules:
    """The town's rules with something else in them."""
    return Rules.model_validate({**{name: getattr(RULES, name) for name in Rules.model_fields}, **changes})
