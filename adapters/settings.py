"""What an installation may set, each by environment or by the same-named option."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_PROTOCOL: Final = "security.protocol"
_SQLITE: Final = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation of one town."""

    store: str = "sqlite:///sidan.db"  # SIDAN_STORE
    reads: str = ""  # SIDAN_READS; empty: beside the store
    kafka: str = ""  # SIDAN_KAFKA, host:port,…; empty: embedded, no broker
    prefix: str = "sidan"  # SIDAN_PREFIX, first part of every topic
    kafka_options: str = ""  # SIDAN_KAFKA_OPTIONS, librdkafka settings as name=value,…
    host: str = "127.0.0.1"  # SIDAN_HOST
    port: int = 8000  # SIDAN_PORT
    metrics_port: int = 0  # SIDAN_METRICS_PORT, on loopback, of any role; 0: none
    token: str = ""  # SIDAN_TOKEN, needed as soon as host is not loopback
    oidc_issuer: str = ""  # SIDAN_OIDC_ISSUER, whose JSON web tokens are taken; empty: nobody's
    oidc_audience: str = "sidan"  # SIDAN_OIDC_AUDIENCE, which they must name
    oidc_keys: str = ""  # SIDAN_OIDC_KEYS, a JWKS or PEM file; empty: asked of the issuer
    oidc_claims: str = ""  # SIDAN_OIDC_CLAIMS, where they say role, id, area and provider, as name=claim,…
    departments: str = ""  # SIDAN_DEPARTMENTS, providers with a command topic of their own, name,…
    secret: str = ""  # SIDAN_SECRET, hex; empty: made with the record and kept beside it
    master_key: str = ""  # SIDAN_MASTER_KEY, 64 hex digits; empty: master.key in the folder of keys
    keys: str = ""  # SIDAN_KEYS, folder of the town's keys; empty: beside the SQLite file, else sidan.keys
    stalled: float = 30.0  # SIDAN_STALLED, seconds that a follower may stand still before work
    waiting: int = 500  # SIDAN_WAITING, HTTP requests in hand at once; further ones are told to come again
    rate: float = 50.0  # SIDAN_RATE, requests a second of one token or address that change something; 0: any
    open_orders: int = 100  # SIDAN_OPEN_ORDERS, of one resident, but for imports; 0: any number
    log: str = "info"  # SIDAN_LOG, debug says what became of every command

    @property
    def reads_url(self) -> str:
        """Where the read models live."""
        return self.reads or self.store

    @property
    def keys_folder(self) -> Path:
        """Where the town's keys lie."""
        file = self.store.removeprefix(_SQLITE) if self.store.startswith(_SQLITE) else "sidan"
        return Path(self.keys or f"{file}.keys")

    @property
    def librdkafka(self) -> dict[str, str]:
        """The settings for librdkafka, such as security.protocol."""
        found = _pairs(self.kafka_options)
        if _PROTOCOL in found:  # librdkafka takes SASL_SSL in either case, FastStream in this one only
            found[_PROTOCOL] = found[_PROTOCOL].lower()
        return found

    @property
    def claims(self) -> dict[str, str]:
        """Which claim of a JSON web token says what."""
        return _pairs(self.oidc_claims)

    @property
    def own_topics(self) -> list[str]:
        """The providers that have a command topic of their own."""
        return [name.strip() for name in self.departments.split(",") if name.strip()]

    @property
    def embedded(self) -> bool:
        return not self.kafka

    @staticmethod
    def from_environment(environment: Mapping[str, str]) -> "Settings":
        """Read SIDAN_… variables; what is not set keeps its default."""
        default = Settings()
        return Settings(
            store=environment.get("SIDAN_STORE", default.store),
            reads=environment.get("SIDAN_READS", default.reads),
            kafka=environment.get("SIDAN_KAFKA", default.kafka),
            prefix=environment.get("SIDAN_PREFIX", default.prefix),
            kafka_options=environment.get("SIDAN_KAFKA_OPTIONS", default.kafka_options),
            host=environment.get("SIDAN_HOST", default.host),
            port=int(environment.get("SIDAN_PORT", default.port)),
            metrics_port=int(environment.get("SIDAN_METRICS_PORT", default.metrics_port)),
            token=environment.get("SIDAN_TOKEN", default.token),
            oidc_issuer=environment.get("SIDAN_OIDC_ISSUER", default.oidc_issuer),
            oidc_audience=environment.get("SIDAN_OIDC_AUDIENCE", default.oidc_audience),
            oidc_keys=environment.get("SIDAN_OIDC_KEYS", default.oidc_keys),
            oidc_claims=environment.get("SIDAN_OIDC_CLAIMS", default.oidc_claims),
            departments=environment.get("SIDAN_DEPARTMENTS", default.departments),
            secret=environment.get("SIDAN_SECRET", default.secret),
            master_key=environment.get("SIDAN_MASTER_KEY", default.master_key),
            keys=environment.get("SIDAN_KEYS", default.keys),
            stalled=float(environment.get("SIDAN_STALLED", default.stalled)),
            waiting=int(environment.get("SIDAN_WAITING", default.waiting)),
            rate=float(environment.get("SIDAN_RATE", default.rate)),
            open_orders=int(environment.get("SIDAN_OPEN_ORDERS", default.open_orders)),
            log=environment.get("SIDAN_LOG", default.log),
        )


def _pairs(text: str) -> dict[str, str]:
    found = (pair.partition("=") for pair in text.split(",") if pair)
    return {name.strip(): value.strip() for name, _, value in found}
