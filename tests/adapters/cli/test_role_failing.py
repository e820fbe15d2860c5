"""A role that stops on a fault says so, without what the fault was about."""

from threading import Event

import psycopg
import pytest

from adapters.bootstrap import Node
from adapters.listening import HOST, listening
from adapters.roles import ROLES
from tests.adapters.cli.a_terminal import Sidan
from tests.support.processes import free_port

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


def test_a_port_that_is_taken_is_said_in_one_sentence(sidan: Sidan) -> None:
    port = str(free_port())
    with listening(int(port)):
        said = sidan("worker", "--kafka", f"{HOST}:9", "--metrics-port", port)
    assert (said.code, "[port_taken]" in said.err, port in said.err) == (1, True, True)
    assert sidan("worker", "--metrics-port", "70000").code == 2
