"""What an installation may set, each by environment or by the same-named option."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


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
    token: str = ""  # SIDAN_TOKEN, needed as soon as host is not loopback
    secret: str = ""  # SIDAN_SECRET, hex; empty: made with the record and kept beside it
    stalled: float = 30.0  # SIDAN_STALLED, seconds that a follower may stand still before work
    waiting: int = 500  # SIDAN_WAITING, HTTP requests in hand at once; further ones are told to come again
    rate: float = 50.0  # SIDAN_RATE, requests a second of one sender over HTTP that change something; 0: any
    open_orders: int = 100  # SIDAN_OPEN_ORDERS, of one resident, over HTTP; 0: any number
    log: str = "info"  # SIDAN_LOG, debug says what became of every command

    @property
    def reads_url(self) -> str:
        """Where the read models live."""
        return self.reads or self.store

    @property
    def librdkafka(self) -> dict[str, str]:
        """The settings for librdkafka, such as security.protocol."""
        pairs = (pair.partition("=") for pair in self.kafka_options.split(",") if pair)
        return {name.strip(): value.strip() for name, _, value in pairs}

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
            token=environment.get("SIDAN_TOKEN", default.token),
            secret=environment.get("SIDAN_SECRET", default.secret),
            stalled=float(environment.get("SIDAN_STALLED", default.stalled)),
            waiting=int(environment.get("SIDAN_WAITING", default.waiting)),
            rate=float(environment.get("SIDAN_RATE", default.rate)),
            open_orders=int(environment.get("SIDAN_OPEN_ORDERS", default.open_orders)),
            log=environment.get("SIDAN_LOG", default.log),
        )
