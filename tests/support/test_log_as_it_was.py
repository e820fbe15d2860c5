"""A test that sets up the log, or runs a command that does, leaves nothing of it to the next."""

import logging
from io import StringIO

import pytest
import structlog

from adapters.logs import configure
from tests.support.log_as_it_was import log_as_it_was


def say(what: str) -> None:
    structlog.get_logger("test").warning(what)


@log_as_it_was()
def sets_it_up_and_fails(stream: StringIO) -> None:
    configure(logging.DEBUG, stream)
    raise ZeroDivisionError


def test_it_goes_where_it_went_before() -> None:
    before, meanwhile = StringIO(), StringIO()
    configure(logging.DEBUG, before)
    with log_as_it_was():
        configure(logging.ERROR, meanwhile)
    say("afterwards")
    assert "afterwards" in before.getvalue()
    assert meanwhile.getvalue() == ""


def test_it_is_not_set_up_if_it_was_not(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    with log_as_it_was():
        configure(stream=StringIO())
    assert not structlog.is_configured()
    say("afterwards")
    assert capsys.readouterr().out.count("afterwards") == 1


def test_a_test_that_fails_leaves_nothing_either() -> None:
    level, meanwhile = logging.getLogger().level, StringIO()
    with pytest.raises(ZeroDivisionError):
        sets_it_up_and_fails(meanwhile)
    assert logging.getLogger().level == level
    say("afterwards")
    assert meanwhile.getvalue() == ""


def test_every_test_has_it(request: pytest.FixtureRequest) -> None:
    assert "_log_of_this_test_alone" in request.fixturenames
