"""What libraries say: told like our own, but for the one that tells passwords."""

import io
import logging

import pytest

from adapters.logs import configure


@pytest.fixture
def told() -> io.StringIO:
    stream = io.StringIO()
    configure(logging.DEBUG, stream)
    return stream


def test_what_a_library_says_is_told(told: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").debug("it listens")
    logging.getLogger("kafka.admin.client").warning("it waits")
    assert "it listens" in told.getvalue()
    assert "it waits" in told.getvalue()


def test_what_holds_a_brokers_password_is_not(told: io.StringIO) -> None:
    configuration = {"sasl_plain_password": "open-sesame"}
    logging.getLogger("kafka.admin.client").debug("Starting with configuration: %s", configuration)
    assert "open-sesame" not in told.getvalue()
