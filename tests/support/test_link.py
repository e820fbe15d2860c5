"""The network of the tests: whole it passes everything on, cut it holds back and tells nobody."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.link import Link, link_to
from tests.support.processes import HOST


class Ends:
    """A client and its service with a link between them."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.service = stack.enter_context(socket.create_server((HOST, 0)))
        self.link: Link = stack.enter_context(link_to(self.service.getsockname()[1]))
        self.near, self.far = self.connected()

    def connected(self) -> tuple[socket.socket, socket.socket]:
        near = self._stack.enter_context(socket.create_connection((HOST, self.link.port), timeout=5))
        far, _ = self.service.accept()
        far.settimeout(5)
        return near, self._stack.enter_context(far)


@pytest.fixture
def ends() -> Iterator[Ends]:
    with ExitStack() as stack:
        yield Ends(stack)


def silent(end: socket.socket) -> bool:
    end.settimeout(0.2)
    try:
        end.recv(1)
    except TimeoutError:
        return True
    finally:
        end.settimeout(5)
    return False


def lost(end: socket.socket) -> bool:
    try:
        return end.recv(1) == b""
    except ConnectionError:
        return True


def test_it_passes_on_what_is_said_at_both_ends(ends: Ends) -> None:
    ends.near.sendall(b"asked")
    assert ends.far.recv(9) == b"asked"
    ends.far.sendall(b"answered")
    assert ends.near.recv(9) == b"answered"


def test_cut_it_tells_nobody_and_mended_it_loses_nothing(ends: Ends) -> None:
    ends.link.cut()
    ends.near.sendall(b"asked")
    assert silent(ends.far)
    assert silent(ends.near)
    ends.link.mend()
    assert ends.far.recv(9) == b"asked"


def test_who_comes_while_it_is_cut_is_let_through_when_it_is_mended(ends: Ends) -> None:
    ends.link.cut()
    with socket.create_connection((HOST, ends.link.port), timeout=5) as near:
        near.sendall(b"late")
        assert silent(near)
        ends.link.mend()
        far, _ = ends.service.accept()
        with far:
            assert far.recv(9) == b"late"


def test_a_connection_that_is_dropped_is_lost_at_both_ends(ends: Ends) -> None:
    ends.link.cut()
    ends.link.drop()
    assert lost(ends.near)
    assert lost(ends.far)
    ends.link.mend()
    near, far = ends.connected()
    near.sendall(b"again")
    assert far.recv(9) == b"again"


def test_one_end_that_closes_closes_the_other(ends: Ends) -> None:
    ends.near.close()
    assert ends.far.recv(1) == b""
