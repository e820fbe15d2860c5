"""Who may come in, and as whom: the token, the guard against other sites, role and actor."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Final
from urllib.parse import quote, unquote, urlsplit

import structlog
from fastapi import Header, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.envelope import ANONYMOUS
from adapters.settings import LOOPBACK
from adapters.tokens import BadToken, Identity, IssuerAway, Keyring
from adapters.web.problems import Problem, problem
from domain.facts import Proof
from domain.ids import ProviderId
from domain.stages import Role

SESSION_COOKIE: Final = "sidan_session"
LOGIN: Final = "/web/login"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN: Final = ("/health", "/readyz", LOGIN)
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
_CHALLENGE_AGAIN: Final = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
UNPROVEN: Final = 401
LONGEST_PURPOSE: Final = 500  # characters

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class TokenMissing(ValueError):
    """It would listen to others without asking who they are."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"在{host}上监听需要口令，请设置SIDAN_TOKEN或SIDAN_OIDC_ISSUER，"
            "或用 sidan tokens add 建一个，或只监听127.0.0.1。"
            f" Listening on {host} needs a token; set SIDAN_TOKEN or SIDAN_OIDC_ISSUER,"
            " or make one with sidan tokens add, or listen on 127.0.0.1 only."
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: proven by a token of their own, else as stated (to the operator's token, or on loopback)."""

    role: Role
    actor: str
    stated: bool = True  # False: nothing was said, a resident nobody knows
    proof: Proof | None = None
    claimed: tuple[str | None, str | None] = (None, None)  # what the headers said besides
    purpose: str | None = None  # what they say they read personal texts for
    correlation: str = ""  # the request's

    @property
    def provider(self) -> ProviderId:
        """For whom provider staff speak."""
        proven = self.proof.provider if self.proof else None
        return proven or ProviderId(self.actor)


def proven(connection: HTTPConnection) -> Identity | None:
    """Who the guard has seen to it that this is; None: nobody in particular."""
    return connection.scope.get("state", {}).get("identity")


def as_caller(identity: Identity, role: str | None = None, actor: str | None = None) -> Caller:
    """A proven person; what the headers claim beside it is for the decoder to refuse, on the record."""
    return Caller(identity.role, identity.actor, proof=identity.proof, claimed=(role, actor))


def caller(
    request: Request,
    x_role: Annotated[
        str | None, Header(description="角色 · resident, community, provider, auditor or operator")
    ] = None,
    x_actor: Annotated[str | None, Header(description="人员、接单方或居民的代码 · who in that role")] = None,
    x_purpose: Annotated[
        str | None,
        Header(
            description="查阅个人内容的目的，百分号编码的UTF-8 · why texts are read, percent-encoded UTF-8"
        ),
    ] = None,
) -> Caller:
    """Role and actor from the headers. The machine's own role cannot be taken."""
    who = _stated(request, x_role, x_actor)
    return replace(who, purpose=_purpose(x_purpose), correlation=request.state.correlation)


def _stated(request: Request, x_role: str | None, x_actor: str | None) -> Caller:
    if (identity := proven(request)) is not None:
        return as_caller(identity, x_role, x_actor)
    if x_role is None:
        return Caller(Role.RESIDENT, x_actor or ANONYMOUS, stated=False)
    try:
        role = Role(x_role)
    except ValueError:
        role = Role.SYSTEM
    if role is Role.SYSTEM:
        raise problem("unknown_role", x_role[:40])
    return Caller(role, x_actor or ANONYMOUS)


def _purpose(said: str | None) -> str | None:
    """Headers are Latin-1 on the way: UTF-8 comes percent-encoded, or in bytes of its own."""
    if not said:
        return None
    with suppress(UnicodeError):  # else it is Latin-1 as it stands
        said = said.encode("latin-1").decode()
    return unquote(said)[:LONGEST_PURPOSE]


class Guard:
    """ASGI middleware: lets in whom it should, before anything is read."""

    def __init__(self, app: ASGIApp, host: str, keyring: Keyring) -> None:
        if host not in LOOPBACK and not keyring.needed:
            raise TokenMissing(host)
        self._app = app
        self._keyring = keyring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            free = connection.url.path in _OPEN or connection.url.path.startswith("/static/")
            needed = free or await run_in_threadpool(lambda: self._keyring.needed)
            _not_foreign(connection.headers, str(scope["method"]), bound=needed)
            if needed and not free:
                identity = await run_in_threadpool(self._who, connection)
                scope.setdefault("state", {})["identity"] = identity
        except Problem as refused:
            await _refusal(connection, refused)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _who(self, connection: HTTPConnection) -> Identity | None:
        """Who shows a token, or has signed in. Raises Problem."""
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        session = connection.cookies.get(SESSION_COOKIE, "")
        try:
            if scheme.lower() == "bearer":
                return self._keyring.proved(given.strip())
            if session:
                return self._keyring.signed_in(session)
        except BadToken as bad:
            log.info("token.refused", why=str(bad))
            raise problem("token_refused", headers=_CHALLENGE_AGAIN) from bad
        except IssuerAway as away:
            raise problem("issuer_away", headers={"Retry-After": "30"}) from away
        raise problem("token_needed", headers=_CHALLENGE)


def _refusal(connection: HTTPConnection, refused: Problem) -> Response:
    """A browser that has to prove who it is is sent to where it can."""
    path = connection.url.path
    page = path == "/" or path.startswith("/web/")
    if refused.status == UNPROVEN and connection.scope["method"] == "GET" and page:
        return RedirectResponse(f"{LOGIN}?to={quote(path)}", 303)
    return refused.response()


def _not_foreign(headers: Headers, method: str, *, bound: bool) -> None:
    """A browser on this machine may be made to ask by another site (CSRF, DNS rebinding). Raises Problem."""
    host = headers.get("host", "")
    if not bound and _host_name(host) not in LOOPBACK:
        raise problem("foreign_host")
    if method in _SAFE:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        same = site in ("same-origin", "none")
    else:  # an older browser, or no browser at all
        same = origin is None or origin.partition("://")[2] == host
    if not same:
        raise problem("foreign_origin")


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def is_secure(request: Request) -> bool:
    """Whether cookies should be kept to HTTPS."""
    return request.url.scheme == "https"
