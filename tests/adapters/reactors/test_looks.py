"""What was left waiting is looked at again as time passes: hours begin without a fact in the log."""

from typing import Any, Final

from adapters.reactors.looks import EVERY
from domain.stages import AutoDispatch
from services.dispatch_process import DispatchProcess
from tests.adapters.reactors.test_calls import MINUTE, ORDER, Town, town
from tests.support.a_bus import command, place
from tests.support.a_town import EAST, MONDAY, OFFICE_HOURS, POTHOLE, ROADS, RULES, WATER, hours

__all__ = ["town"]
IN_THE_NIGHT: Final = MONDAY + hours(14)
IN_THE_MORNING: Final = MONDAY + hours(24)


def by_night(town: Town, mode: AutoDispatch = AutoDispatch.ON) -> None:
    """Both offices are closed until morning, and what is placed has to be accepted within four hours."""
    rules = RULES.model_dump(mode="json", exclude_defaults=True)
    rules["dispatch"] = [{"category": POTHOLE, "mode": mode}]
    town.ask(command("AdoptRules", "rules", "operator", "op", rules=rules))
    shift: dict[str, Any] = OFFICE_HOURS.model_dump(mode="json")
    for provider in (WATER, ROADS):
        subject = f"provider/{provider}"
        town.ask(command("AmendProvider", subject, "community", "d-chen", provider=provider, hours=[shift]))
    town.at(IN_THE_NIGHT)
    town.ask(place(ORDER, area=EAST))


def test_what_came_in_the_night_is_dispatched_when_somebody_is_there(town: Town) -> None:
    by_night(town)
    assert town.told(ORDER) == []
    town.at(IN_THE_MORNING)
    assert town.told(ORDER) == [("OrderDispatched", WATER)]
    sent = list(town.node.store.read(0, 999))[-1].fact
    assert (sent.meta.at, sent.meta.actor.id) == (IN_THE_MORNING, f"sidan/{DispatchProcess.name}")


def test_in_between_it_looks_now_and_then_and_finds_nobody(town: Town) -> None:
    by_night(town)
    head = town.node.store.head()
    for quarters in range(1, 5):
        town.at(IN_THE_NIGHT + quarters * EVERY)
    assert town.node.store.head() == head
    looked: list[Any] = []
    town.node.matcher.hold_round = lambda *asked: looked.append(asked) or {}  # type: ignore[method-assign]
    town.at(IN_THE_NIGHT + 4 * EVERY + MINUTE)
    assert looked == []
    town.at(IN_THE_NIGHT + 5 * EVERY)
    assert len(looked) == 1


def test_where_it_may_not_decide_morning_changes_nothing(town: Town) -> None:
    by_night(town, AutoDispatch.OFF)
    town.at(IN_THE_MORNING)
    assert town.told(ORDER) == []
