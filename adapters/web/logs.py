"""The log of requests: what was asked, of which order, how it went; nothing that is personal."""

import re
from time import perf_counter
from traceback import format_tb
from typing import Any, Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.metrics import count_request
from adapters.web.problems import problem

CORRELATION: Final = "X-Correlation-ID"
_USABLE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

log: structlog.stdlib.BoundLogger = structlog.get_logger()

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class RequestLog:
    """ASGI middleware: one line a request, one correlation id through all of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation = _correlation(Headers(scope=scope))
        scope.setdefault("state", {})["correlation"] = correlation
        answer = _Answer(send, correlation)
        begun = perf_counter()
        with structlog.contextvars.bound_contextvars(correlation=correlation):
            try:
                await self._app(scope, receive, answer)
            except Exception as error:
                log.error("http.failed", **_about(scope), **_failure(error))  # noqa: TRY400 - see _failure
                if answer.status:
                    raise
                await problem("internal", correlation).response()(scope, receive, answer)
            milliseconds = round((perf_counter() - begun) * 1000, 1)
            about = _about(scope)
            log.info("http.request", status=answer.status, milliseconds=milliseconds, **about)
            count_request(about["method"], about["route"], answer.status)


class _Answer:
    """Passes the answer on, with headers of our own, and remembers its status."""

    def __init__(self, send: Send, correlation: str) -> None:
        self._send = send
        self._correlation = correlation
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = MutableHeaders(scope=message)
            headers[CORRELATION] = self._correlation
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _correlation(headers: Headers) -> str:
    given = headers.get(CORRELATION, "")
    return given if _USABLE.fullmatch(given) else uuid4().hex


def _failure(error: Exception) -> dict[str, Any]:
    """What failed and where; not its message nor any values: they may hold what people wrote."""
    return {"error": type(error).__name__, "where": "".join(format_tb(error.__traceback__))}


def _about(scope: Scope) -> dict[str, Any]:
    """The route, not the address: that may hold a query code."""
    route = scope.get("route")
    said = {"method": scope["method"], "route": getattr(route, "path", "-")}
    order = scope.get("path_params", {}).get("order")
    return said | ({"order": str(order)} if order else {})
