"""Hours, skills and volunteers at the command line."""

from datetime import timedelta

import pytest

from domain.events import ProviderAmended, VolunteerChanged, VolunteerEnrolled
from domain.hours import Shift
from tests.adapters.cli.a_terminal import CHEN, LI, POTHOLE, WATER, Sidan

FRIDAYS = Shift(weekdays=(5,), start="14:00", end="17:00")
MEI = ("water", "mei")
ENROL = ("provider", "volunteer", "enrol", *MEI, "--name", "梅姨", "--hours", "周五 14:00-17:00")


def test_a_provider_says_when_it_is_open(sidan: Sidan) -> None:
    hours = ("--hours", "Mon-Fri 9:00-18:00", "--hours", "Sat 9:00-12:00")
    assert sidan.json("provider", "amend", "water", *hours)["events"] == ["ProviderAmended"]
    event = sidan.log()[-1].fact.event
    assert isinstance(event, ProviderAmended)
    assert [shift.weekdays for shift in event.hours] == [(1, 2, 3, 4, 5), (6,)]
    assert sidan.json("provider", "amend", "water", "--contact", "12345")["status"] == "repeated"
    sidan.json("provider", "amend", "water", "--hours", "")
    event = sidan.log()[-1].fact.event
    assert isinstance(event, ProviderAmended)
    assert event.hours == ()


def test_hours_nobody_can_read_are_a_usage_error(sidan: Sidan) -> None:
    said = sidan("provider", "amend", "water", "--hours", "nine to five", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "bad_shift")


def test_a_skill_the_rules_do_not_list_is_refused(sidan: Sidan) -> None:
    assert sidan.refused("provider", "amend", "water", "--skill", "flying") == "unknown_skill"


def test_a_volunteer_is_enrolled_changed_and_released(sidan: Sidan) -> None:
    health = ("--health", "不能登高", "--willing", "roads")
    assert sidan.json(*ENROL, *health)["events"] == ["VolunteerEnrolled"]
    enrolled = sidan.log()[-1].fact.event
    assert isinstance(enrolled, VolunteerEnrolled)
    assert (enrolled.hours, enrolled.willing) == ((FRIDAYS,), ("roads",))
    assert "梅姨" not in enrolled.model_dump_json()
    assert "登高" not in enrolled.model_dump_json()
    changed = ("provider", "volunteer", "change", *MEI, "--willing", "", "--forget-health")
    assert sidan.json(*changed, *CHEN)["events"] == ["VolunteerChanged"]
    after = sidan.log()[-1].fact.event
    assert isinstance(after, VolunteerChanged)
    assert (after.hours, after.willing, after.health) == ((FRIDAYS,), (), None)
    assert sidan.json("provider", "volunteer", "release", *MEI, *WATER)["events"] == ["VolunteerReleased"]
    assert sidan.refused(*changed, *CHEN) == "unknown_volunteer"


def test_who_says_the_same_twice_is_told_so(sidan: Sidan) -> None:
    sidan.json(*ENROL)
    assert sidan.json(*ENROL)["status"] == "repeated"
    assert sidan.refused("provider", "volunteer", "enrol", *MEI, "--name", "老周") == "volunteer_exists"


def test_volunteers_are_listed_without_their_names(sidan: Sidan) -> None:
    sidan.json(*ENROL)
    (one,) = sidan.json("provider", "volunteer", "list", "water")["volunteers"]
    assert (one["volunteer"], one["hours_zh"], one["hours_en"]) == (
        "mei",
        "周五 14:00-17:00",
        "Fri 14:00-17:00",
    )
    people = sidan("provider", "volunteer", "list", "water").out
    assert "周五 14:00-17:00" in people
    assert "梅姨" not in people


@pytest.mark.parametrize(("urgency", "shown"), [("call", "一键呼叫 one-key call"), ("normal", "一般 normal")])
def test_an_order_says_how_soon_somebody_has_to_come(sidan: Sidan, urgency: str, shown: str) -> None:
    order = sidan.json("place", *POTHOLE, *LI, "--urgency", urgency)["order"]
    assert sidan.json("orders", "show", order)["urgency"] == urgency
    assert f"缓急 urgency：{shown}" in sidan("orders", "show", order).out


def test_who_is_closed_is_named_with_the_reason(sidan: Sidan) -> None:
    order = sidan.placed()
    nobody = ("provider", "volunteer", "enrol", *MEI, "--name", "梅姨", "--willing", "care")
    sidan.json(*nobody)
    left_out = sidan.json("match", order)["excluded"]
    assert left_out == [{"provider": "water", "why": ["unskilled"]}]
    assert "没有会办且愿办的人" in sidan("match", order).out


def test_nobody_has_no_volunteers_to_list(sidan: Sidan) -> None:
    said = sidan("provider", "volunteer", "list", "nobody", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unknown_provider")


def test_an_order_wanted_on_a_sunday_finds_offices_closed(sidan: Sidan) -> None:
    sidan.json("provider", "amend", "water", "--hours", "Mon-Fri 9:00-18:00")
    today = sidan.log()[-1].fact.meta.recorded.date()
    sunday = today + timedelta(days=14 - today.isoweekday())
    order = sidan.json("place", *POTHOLE, *LI, "--wanted-at", f"{sunday}T10:00")["order"]
    found = sidan.json("match", order)
    assert [one["provider"] for one in found["candidates"]] == ["roads"]
    assert found["excluded"] == [{"provider": "water", "why": ["closed"]}]
