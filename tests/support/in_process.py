"""Talks HTTP to an app in this process, without a socket."""

from contextlib import ExitStack
from typing import Any

import httpx
from anyio.from_thread import start_blocking_portal


class InProcess(httpx.BaseTransport):
    """An httpx transport that hands each request to an ASGI app and waits for its answer."""

    def __init__(self, app: Any) -> None:
        self._stack = ExitStack()
        self._loop = self._stack.enter_context(start_blocking_portal())
        self._asgi = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.call(self._ask, request, request.read())

    async def _ask(self, request: httpx.Request, body: bytes) -> httpx.Response:
        said = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await self._asgi.handle_async_request(said)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self) -> None:
        self._stack.close()
