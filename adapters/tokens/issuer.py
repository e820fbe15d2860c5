"""JSON web tokens of an OIDC issuer: its keys, kept for a while, and its claims in our words."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key
from pydantic import ValidationError

from adapters.settings import LOOPBACK, Settings
from adapters.tokens.identity import DISPATCHER, BadToken, Identity, IssuerAway
from domain.stages import Role

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures only: with a shared key, or none, whoever knows the public one could write tokens."""
CLAIMS: Final[Mapping[str, str]] = {
    "role": "sidan_role",
    "id": "sub",
    "area": "sidan_area",
    "provider": "sidan_provider",
}
"""What we want to know → the claim that says it, unless SIDAN_OIDC_CLAIMS names another."""
KEPT: Final = timedelta(hours=1)
AGAIN: Final = timedelta(seconds=30)  # between two looks for a key that was not there
LEEWAY: Final = 30  # seconds that clocks may differ
_ROLES: Final = frozenset({*Role, DISPATCHER}) - {Role.SYSTEM}

Fetch = Callable[[str], Any]

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def fetch(url: str) -> Any:
    """The JSON at an address. Raises what httpx raises."""
    answer = httpx.get(url, timeout=5.0, follow_redirects=False)
    answer.raise_for_status()
    return answer.json()


@dataclass(frozen=True, slots=True)
class _Kept:
    keys: KeySet | Key
    read: datetime


class Issuer:
    """One issuer; thread-safe."""

    def __init__(self, settings: Settings, fetch: Fetch = fetch) -> None:
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._audience = settings.oidc_audience
        self._file = settings.oidc_keys
        self._claims = {**CLAIMS, **settings.claims}
        self._fetch = fetch
        self._kept: _Kept | None = None
        self._turn = Lock()
        if unknown := set(self._claims) - set(CLAIMS):
            raise ValueError(f"SIDAN_OIDC_CLAIMS: {', '.join(sorted(unknown))}?")

    def identity(self, token: str, now: datetime) -> Identity:
        """Who it proves.

        Raises:
            BadToken: nobody.
            IssuerAway: that cannot be told now.
        """
        claims = self._read(token, now)
        expected = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            exp={"essential": True},
            iss={"essential": True, "values": [self._issuer, f"{self._issuer}/"]},
            aud={"essential": True, "value": self._audience},
        )
        try:
            expected.validate(claims)
            return self._identity(claims)
        except (JoseError, ValidationError, ValueError, TypeError, OverflowError) as error:
            raise BadToken(f"claims: {type(error).__name__}") from error

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        said = {name: _claim(claims, path) for name, path in self._claims.items()}
        role = _only_role(said["role"])
        return Identity(
            role=cast("Role", role),
            actor=said["id"],
            area=said["area"] if role in (Role.COMMUNITY, DISPATCHER) else None,
            provider=said["provider"] if role == Role.PROVIDER else None,
            expires=datetime.fromtimestamp(claims["exp"], UTC),
        )

    def _read(self, token: str, now: datetime) -> dict[str, Any]:
        """The claims, once the signature fits; a key we do not know may be a new one."""
        kept = self._keys(now, KEPT)
        try:
            return self._signed(token, kept)
        except (JoseError, ValueError, TypeError) as error:
            newer = self._keys(now, AGAIN)
            if newer is kept:
                raise BadToken(f"signature: {type(error).__name__}") from error
        try:
            return self._signed(token, newer)
        except (JoseError, ValueError, TypeError) as error:
            raise BadToken(f"signature: {type(error).__name__}") from error

    def _signed(self, token: str, kept: _Kept) -> dict[str, Any]:
        return jwt.decode(token, kept.keys, algorithms=list(ALGORITHMS)).claims

    def _keys(self, now: datetime, kept_for: timedelta) -> _Kept:
        with self._turn:
            if self._kept is None or now - self._kept.read > kept_for:
                self._kept = self._renewed(now)
            return self._kept

    def _renewed(self, now: datetime) -> _Kept:
        """The keys as they are now; while they cannot be read, those we have go on."""
        try:
            return _Kept(_from_file(self._file) if self._file else self._from_issuer(), now)
        except (OSError, httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("issuer.away", error=type(error).__name__)
            if self._kept is None:
                raise IssuerAway(self._issuer) from error
            return _Kept(self._kept.keys, now)

    def _from_issuer(self) -> KeySet:
        described = self._fetch(_safe(f"{self._issuer}/.well-known/openid-configuration"))
        return KeySet.import_key_set(self._fetch(_safe(described["jwks_uri"])))


def _from_file(path: str) -> KeySet | Key:
    """A PEM key has no name, so a token that names one is tried against it all the same."""
    text = Path(path).read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        return KeySet.import_key_set(json.loads(text))
    for kind in ("RSA", "EC", "OKP"):
        try:
            return import_key(text, kind)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("neither a JWKS nor a PEM key")


def _safe(url: str) -> str:
    """Keys that anybody on the way could change prove nothing."""
    parts = httpx.URL(url)
    if parts.scheme != "https" and parts.host not in LOOPBACK:
        raise ValueError("an issuer is asked over https")
    return url


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by the names on the way to it: realm_access.roles."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    return found


def _only_role(said: Any) -> str:
    """One role; of a list, the only one that is ours."""
    named = cast("list[Any]", said) if isinstance(said, list) else [said]
    ours = {one for one in named if isinstance(one, str) and one in _ROLES}
    if len(ours) != 1:
        raise ValueError("not exactly one role")
    return ours.pop()
