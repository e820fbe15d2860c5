"""A short storm in every run of the tests; `make storm` is the long one."""

import pytest

from tests.faults.storm.storm import storm
from tests.faults.storm.weather import FAULTS, forecast

FEW = 8


@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.journey
@pytest.mark.timeout(300)
def test_nothing_is_lost_doubled_or_disordered_in_a_short_storm() -> None:
    report = storm(FEW, seed=7, tell=print)
    assert report.tally.unharmed, report.tally
    assert report.tally.arrived > 1_000
    assert max(report.stopping) < 10


def test_a_long_storm_has_every_fault() -> None:
    coming = forecast(105, seed=1)
    assert len(coming) == 105
    assert set(coming) == set(FAULTS)
