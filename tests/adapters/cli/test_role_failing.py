"""A role that stops on a fault says so, without what the fault was about."""

from threading import Event

import psycopg
import pytest

from adapters.bootstrap import Node
from adapters.roles import ROLES
from tests.adapters.cli.a_terminal import Sidan

PHONE = "13800138000"


def test_a_role_that_fails_says_so_without_the_rows_that_it_failed_on(
    sidan: Sidan, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def worker(_node: Node, _stop: Event) -> None:
        raise psycopg.errors.NotNullViolation(f"null value\nDETAIL: Failing row contains ({PHONE})")

    monkeypatch.setitem(ROLES, "worker", worker)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr("adapters.roles.signal.signal", lambda *_: None)  # those of the tests stay
    said = sidan("worker", "--kafka", "127.0.0.1:9")
    assert said.code == 1
    assert "[role_failed]" in said.err
    assert "NotNullViolation 23502: " in said.err  # the log
    assert PHONE not in said.err + said.out + "".join(capfd.readouterr())


def test_what_keeps_it_from_starting_is_said_as_before(sidan: Sidan) -> None:
    said = sidan("worker")
    assert (said.code, "[no_kafka]" in said.err) == (2, True)
