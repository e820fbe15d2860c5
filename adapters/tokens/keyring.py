"""What opens the door: the operator's token, local ones, an issuer's, a signed-in browser's cookie."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import ValidationError

from adapters.settings import Settings
from adapters.tokens.identity import BadToken, Identity
from adapters.tokens.issuer import Issuer
from adapters.tokens.local import Tokens, looks_local

_SESSION: Final = "HS256"


class Holder(Protocol):
    """What a keyring needs of the engine."""

    @property
    def settings(self) -> Settings: ...
    @property
    def secret(self) -> bytes: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def tokens(self) -> Tokens: ...


class Keyring:
    """Tells whom a token or a cookie proves. None: the operator's token, which may speak for anybody."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        settings = holder.settings
        self._token = settings.token
        self._issuer = Issuer(settings) if settings.oidc_issuer else None

    @property
    def needed(self) -> bool:
        """Whether anybody has to prove anything: as soon as there is a way to."""
        return bool(self._token or self._issuer) or self._holder.tokens.exist()

    def proved(self, token: str) -> Identity | None:
        """Who shows this token.

        Raises:
            BadToken: nobody.
            IssuerAway: that cannot be told now.
        """
        if self._token and hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        now = self._holder.clock()
        if looks_local(token):
            return self._holder.tokens.identity(token, now)
        if self._issuer is None:
            raise BadToken("nobody issues such tokens")
        return self._issuer.identity(token, now)

    def session_of(self, identity: Identity | None) -> str:
        """What the cookie of a signed-in browser holds: not the token itself."""
        if identity is None:
            return hmac.new(self._token.encode(), b"sidan pages 1", "sha256").hexdigest()
        claims = identity.model_dump(mode="json", exclude_none=True)
        return jwt.encode({"alg": _SESSION}, claims, self._key())

    def signed_in(self, session: str) -> Identity | None:
        """Who has signed in with this browser. Raises BadToken: nobody, or the token is good no longer."""
        if self._token and hmac.compare_digest(session.encode(), self.session_of(None).encode()):
            return None
        try:
            identity = Identity(**jwt.decode(session, self._key(), algorithms=[_SESSION]).claims)
        except (JoseError, ValidationError, ValueError, TypeError) as error:
            raise BadToken(f"session: {type(error).__name__}") from error
        now = self._holder.clock()
        if identity.token:
            return self._holder.tokens.still(identity.token, now)
        if identity.expires <= now:
            raise BadToken("the session has expired")
        return identity

    def _key(self) -> OctKey:
        """Of the town's secret: known to every process, kept nowhere else."""
        return OctKey.import_key(hashlib.blake2b(self._holder.secret, person=b"sidan session 1").digest())
