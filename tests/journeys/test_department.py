"""A department's own system takes every order it is offered to the end once, however often it is killed."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.roles import process, run, worker
from tests.support.a_bus import BusTown, a_bus_town, dispatch, place
from tests.support.a_town import WATER
from tests.support.compose import ROOT
from tests.support.processes import Child
from tests.support.waiting import eventually, running

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres]
LIFE = ["OrderPlaced", "OrderDispatched", "OrderAccepted", "OrderCompleted"]


@pytest.fixture
def town(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url) as town:
        town.found(by_bus=[WATER])
        yield town


def department(town: BusTown, log: Path) -> Child:
    program = [sys.executable, str(ROOT / "examples" / "department.py")]
    environment = {"DEPARTMENT": WATER, "SIDAN_KAFKA": town.kafka, "SIDAN_PREFIX": town.settings.prefix}
    return Child(program, log=log, environment={**os.environ, **environment})


def test_a_department_that_is_killed_mid_way_leaves_nothing_out_and_does_nothing_twice(
    town: BusTown, tmp_path: Path
) -> None:
    orders = [town.new_order() for _ in range(60)]
    for order in orders:
        town.ask(place(order))
        town.ask(dispatch(order))
    child = department(town, tmp_path / "department.log")
    with running(lambda stop: run(town.node, [worker, process], stop)):
        child.start(lambda: town.told().count("OrderAccepted") >= 10)
        child.kill()
        child.start(lambda: town.told().count("OrderCompleted") >= len(orders))
        eventually(lambda: all(town.events_of(order) == LIFE for order in orders))
        child.stop()
    assert town.told().count("OrderAccepted") == town.told().count("OrderCompleted") == len(orders)
    assert set(town.told()) <= {*LIFE, "RulesAdopted", "ProviderRegistered", "repeated"}


def test_it_is_short_enough_to_copy() -> None:
    assert len((ROOT / "examples" / "department.py").read_text(encoding="utf-8").splitlines()) < 60
