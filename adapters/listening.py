"""A port of a role's own, for this machine only: /health says that it lives, /metrics what it has counted."""

import json
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.metrics import counted

HOST: Final = "127.0.0.1"  # nobody proves who they are here
HEALTH: Final = "/health"
METRICS: Final = "/metrics"

log: structlog.stdlib.BoundLogger = structlog.get_logger()

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class PortTaken(OSError):
    """The port cannot be had."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"端口{port}用不了，请给每个进程另设 SIDAN_METRICS_PORT。"
            f" Port {port} cannot be had; give each process another SIDAN_METRICS_PORT."
        )


@contextmanager
def listening(port: int) -> Generator[None]:
    """Answer on this port meanwhile; 0 is none.

    Raises:
        PortTaken: somebody else has it.
    """
    if not port:
        yield
        return
    try:
        server = make_server(HOST, port, _answer, _Server, _Quiet)
    except (OSError, OverflowError) as error:
        raise PortTaken(port) from error
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    log.info("metrics.listening", port=port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    answers: dict[str, Callable[[], tuple[str, bytes]]] = {
        HEALTH: lambda: ("application/json", json.dumps({"status": "ok"}).encode()),
        METRICS: lambda: (CONTENT_TYPE_LATEST, counted()),
    }
    found = answers.get(environ["PATH_INFO"])
    if found is None:
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"只有 {HEALTH} 和 {METRICS}。 There are {HEALTH} and {METRICS}.\n".encode()]
    kind, body = found()
    start_response("200 OK", [("Content-Type", kind)])
    return [body]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 5.0  # seconds for a request to arrive

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """A look every few seconds is no news."""
