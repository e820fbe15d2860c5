"""How much may be asked at once, and by one sender: refused at once, before anything is read or kept."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.opening import Unrecorded
from adapters.settings import Settings
from adapters.web.access import proven
from adapters.web.problems import Problem, problem

AGAIN: Final = 1  # seconds after which a crowd has mostly gone
BURST: Final = 10.0  # seconds of the rate that may come at once
SENDERS: Final = (
    10_000  # remembered; who has not asked for longest is forgotten, and begins with a full bucket
)
ONE_SITE: Final = 64  # bits of an IPv6 address that tell one site from another
_FREE: Final = (
    "/health",
    "/readyz",
    "/metrics",
    "/static/",
)  # a supervisor must see in, above all in a crowd
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Buckets:
    """A bucket of tokens for each sender, filled at a steady rate."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        """`rate` in tokens a second; `clock` in seconds, from anywhere."""
        self._rate = rate
        self._size = max(1.0, rate * BURST)
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()  # sender: tokens, when

    def take(self, sender: str) -> float:
        """One token. Returns 0, or the seconds until there will be one."""
        now = self._clock()
        tokens, then = self._held.pop(sender, (self._size, now))
        tokens = min(self._size, tokens + (now - then) * self._rate)
        granted = tokens >= 1
        self._held[sender] = (tokens - 1 if granted else tokens), now
        if len(self._held) > SENDERS:
            self._held.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._rate


class Limits:
    """ASGI middleware, for one event loop."""

    def __init__(self, app: ASGIApp, settings: Settings, clock: Callable[[], float]) -> None:
        self._app = app
        self._most = settings.waiting
        self._buckets = Buckets(settings.rate, clock) if settings.rate else None
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope), scope["method"])
        if refusal is not None:
            await refusal.response()(scope, receive, send)
            return
        self._in_hand += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_hand -= 1

    def _refusal(self, connection: HTTPConnection, method: str) -> Problem | None:
        if self._in_hand >= self._most:
            return overloaded()
        if self._buckets is None or method in _READING:
            return None
        wait = self._buckets.take(sender_of(connection))
        return _again("too_many_requests", ceil(wait)) if wait else None


def overloaded() -> Problem:
    """Too much is in hand; nothing was taken in."""
    return _again("overloaded", AGAIN)


def store_away() -> Problem:
    """A database does not answer."""
    return _again("store_away", AGAIN)


def unrecorded() -> Problem:
    """A reading is not on record."""
    return _again(Unrecorded.code, AGAIN)


def sender_of(connection: HTTPConnection) -> str:
    """Whom a request counts for: the person that a token proved, else the address it comes from.

    What a request states of itself does not count: it costs nothing to state another name, or somebody's.
    """
    identity = proven(connection)
    if identity is not None:
        return f"{identity.role}:{identity.provider or ''}:{identity.actor}"
    return _network(connection.client.host) if connection.client else ""


def _network(host: str) -> str:
    """The address; of IPv6 the network, since whoever has one address there has all of them."""
    try:
        address = ip_address(host)
    except ValueError:
        return host  # a Unix socket's
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, ONE_SITE), strict=False))


def _again(code: str, seconds: int) -> Problem:
    return problem(code, str(seconds), headers={"Retry-After": str(seconds)})
