"""A server with its pages, for tests with a browser."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn

from adapters.bootstrap import Node
from adapters.web.app import make_app
from tests.support.waiting import eventually


@contextmanager
def served(node: Node) -> Generator[str]:
    """The address of a server whose read models follow by themselves, as `sidan serve` runs it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make_app(node), log_config=None, access_log=False))
        serving = Thread(target=server.run, kwargs={"sockets": [listening]})
        stop = Event()
        following = Thread(target=_follow, args=(node, stop))
        serving.start()
        following.start()
        try:
            eventually(lambda: server.started, what="the server")
            yield address
        finally:
            stop.set()
            server.should_exit = True
            serving.join()
            following.join()


def _follow(node: Node, stop: Event) -> None:
    while not stop.wait(0.05):
        node.follow()
