"""An OIDC issuer of a test's own: its keys, its tokens, and the addresses it answers at."""

from datetime import UTC, datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

ISSUER: Final = "https://login.example"
NOW: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECONDS: Final = int(NOW.timestamp())


class AnIssuer:
    """Signs with one key at a time; `asked` counts how often its keys were looked at."""

    def __init__(self) -> None:
        self.key: Any = ECKey.generate_key("P-256", {"kid": "one"})
        self.asked = 0
        self.away = False

    def rotate(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "two"})

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([self.key]).as_dict(private=False))

    def fetch(self, url: str) -> Any:
        if self.away:
            raise OSError(url)
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        assert url == f"{ISSUER}/keys"
        self.asked += 1
        return self.keys()

    def token(self, key: Any = None, algorithm: str = "", **claims: Any) -> str:
        said = {"iss": ISSUER, "aud": "sidan", "sub": "u-7", "exp": SECONDS + 600, **claims}
        used = key or self.key
        alg = algorithm or {"EC": "ES256", "RSA": "RS256", "oct": "HS256"}[used.key_type]
        head = {"alg": alg, "kid": used.kid or "one"}
        return jwt.encode(head, {k: v for k, v in said.items() if v is not None}, used, algorithms=[alg])


def shared_key(public: str) -> OctKey:
    """What everybody knows, taken for a secret."""
    return OctKey.import_key(public, {"kid": "one"})
