"""A short storm in every run of the tests; `make storm` is the long one."""

import pytest

from tests.faults.storm.storm import storm
from tests.faults.storm.weather import FAULTS, USUAL, forecast

FEW = 8
SEED = 276  # its few have each service hanging, cut off and killed


@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.journey
@pytest.mark.timeout(300)
def test_nothing_is_lost_doubled_or_disordered_in_a_short_storm() -> None:
    report = storm(FEW, SEED, tell=print)
    assert {"broker frozen", "network to the broker cut", "network to PostgreSQL cut"} <= set(report.faults)
    assert report.tally.unharmed, report.tally
    assert report.tally.arrived > 1_000
    assert max(report.stopping) < 10


def test_a_long_storm_has_every_fault() -> None:
    coming = forecast(USUAL, seed=1)
    assert len(coming) == USUAL > 100
    assert set(coming) == set(FAULTS)
