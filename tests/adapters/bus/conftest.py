"""A town on the bus, with rules and two providers."""

from collections.abc import Iterator

import pytest

from tests.support.a_bus import BusTown, a_bus_town


@pytest.fixture
def town(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url) as town:
        town.found()
        yield town
