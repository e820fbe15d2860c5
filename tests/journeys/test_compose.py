"""One order through a Sidan that runs elsewhere: SIDAN_TEST_URL names it, SIDAN_TOKEN lets us in.

The workflow runs this after `make up`. Without the address there is nothing to test, so nothing is collected.
"""

import os
from contextlib import closing
from datetime import UTC, datetime

import pytest

from domain.ids import time_ordered_id
from tests.support.one_order import OverHttp, pass_one_order
from tests.support.waiting import eventually

URL = os.environ.get("SIDAN_TEST_URL", "")


@pytest.mark.journey
def one_order_goes_through_the_composed_town() -> None:
    order = str(time_ordered_id(datetime.now(UTC), os.urandom(8)))
    with closing(OverHttp(URL, os.environ.get("SIDAN_TOKEN", ""))) as http:
        eventually(http.ready, 60, "the web role")
        assert pass_one_order(http, order)["stage"] == "rated"


if URL:
    test_one_order_goes_through_the_composed_town = one_order_goes_through_the_composed_town
