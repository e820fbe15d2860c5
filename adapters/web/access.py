"""Who may come in, and as whom: the token, the guard against other sites, role and actor."""

import hmac
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlsplit

from fastapi import Header, Request
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.settings import LOOPBACK, Settings
from adapters.web.problems import Problem, problem
from domain.stages import Role

SESSION_COOKIE: Final = "sidan_session"
LOGIN: Final = "/web/login"
ANONYMOUS: Final = "anonymous"  # whoever does not say who asks
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN: Final = ("/health", "/readyz", LOGIN)


class TokenMissing(ValueError):
    """It would listen to others without asking who they are."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"在{host}上监听需要口令，请设置SIDAN_TOKEN，或只监听127.0.0.1。"
            f" Listening on {host} needs a token; set SIDAN_TOKEN, or listen on 127.0.0.1 only."
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as stated; with a token others than residents may be trusted in it."""

    role: Role
    actor: str
    stated: bool = True  # False: nothing was said, a resident nobody knows


def caller(
    x_role: Annotated[
        str | None, Header(description="角色 · resident, community, provider or operator")
    ] = None,
    x_actor: Annotated[str | None, Header(description="人员、接单方或居民的代码 · who in that role")] = None,
) -> Caller:
    """Role and actor from the headers. The machine's own role cannot be taken."""
    if x_role is None:
        return Caller(Role.RESIDENT, x_actor or ANONYMOUS, stated=False)
    try:
        role = Role(x_role)
    except ValueError:
        role = Role.SYSTEM
    if role is Role.SYSTEM:
        raise problem("unknown_role", x_role[:40])
    return Caller(role, x_actor or ANONYMOUS)


def session_of(token: str) -> str:
    """What the cookie of a signed-in browser holds: not the token itself."""
    return hmac.new(token.encode(), b"sidan pages 1", "sha256").hexdigest()


class Guard:
    """ASGI middleware: lets in whom it should, before anything is read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        if not settings.token and settings.host not in LOOPBACK:
            raise TokenMissing(settings.host)
        self._app = app
        self._token = settings.token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope), str(scope["method"]))
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, connection: HTTPConnection, method: str) -> Response | None:
        found = self._foreign(connection.headers, method)
        if found is not None:
            return found.response()
        path = connection.url.path
        if not self._token or path in _OPEN or path.startswith("/static/") or self._proved(connection):
            return None
        if method == "GET" and (path == "/" or path.startswith("/web/")):
            return RedirectResponse(f"{LOGIN}?to={quote(path)}", 303)
        return problem("token_needed", headers={"WWW-Authenticate": "Bearer"}).response()

    def _foreign(self, headers: Headers, method: str) -> Problem | None:
        """A browser on this machine may be made to ask by another site (CSRF, DNS rebinding)."""
        host = headers.get("host", "")
        if not self._token and _host_name(host) not in LOOPBACK:
            return problem("foreign_host")
        if method in _SAFE:
            return None
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            same = site in ("same-origin", "none")
        else:  # an older browser, or no browser at all
            same = origin is None or origin.partition("://")[2] == host
        return None if same else problem("foreign_origin")

    def _proved(self, connection: HTTPConnection) -> bool:
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token.encode()):
            return True
        cookie = connection.cookies.get(SESSION_COOKIE, "")
        return hmac.compare_digest(cookie.encode(), session_of(self._token).encode())


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def is_secure(request: Request) -> bool:
    """Whether cookies should be kept to HTTPS."""
    return request.url.scheme == "https"
