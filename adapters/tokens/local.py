"""Tokens of our own: the record keeps a digest of each, never the token."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from sqlalchemy import Column, DateTime, Engine, MetaData, Row, String, Table, insert, inspect, select, update
from sqlalchemy.types import TypeDecorator

from adapters.tokens.identity import BadToken, Identity
from projections.engine import open_reads
from projections.engine.database import for_writing, lock_tables

FRESH: Final = 1.0  # seconds for which "there are none yet" is taken as true
PREFIX: Final = "sidan"
_TOKEN: Final = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([\w-]{{43}})")


class _Utc(TypeDecorator[datetime]):
    """SQLite forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


_tables: Final = MetaData()
tokens: Final = Table(
    "tokens",
    _tables,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("role", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("area", String),
    Column("provider", String),
    Column("added", _Utc, nullable=False),
    Column("expires", _Utc, nullable=False),
    Column("revoked", _Utc),
)


def looks_local(token: str) -> bool:
    """Whether it is written like one of ours."""
    return _TOKEN.fullmatch(token) is not None


class Tokens:
    """The tokens of one town, beside its record."""

    def __init__(self, store: str) -> None:
        """`store` is the record's URL. Connects when first asked."""
        self._engine: Engine = open_reads(store)
        self._there = False
        self._looked = -FRESH

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add(self, identity: Identity, now: datetime) -> str:
        """Make a token; this is the only time it can be seen."""
        number, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        row = identity.model_dump(exclude={"token"}) | {"id": number, "digest": _digest(secret), "added": now}
        with for_writing(self._engine).begin() as connection:
            lock_tables(connection)
            _tables.create_all(connection)
        with self._engine.begin() as connection:  # not for_writing: that would not wait for the disk
            connection.execute(insert(tokens).values(row))
        self._there = True
        return f"{PREFIX}_{number}_{secret}"

    def all(self) -> Sequence[dict[str, Any]]:
        """Every token there ever was, without its digest, the oldest first."""
        if not self.exist():
            return ()
        with self._engine.begin() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.added, tokens.c.id)).mappings()
            return [{name: value for name, value in row.items() if name != "digest"} for row in rows]

    def revoke(self, number: str, now: datetime) -> bool:
        """From now on it proves nothing. False: there is none of that id."""
        if not self.exist():
            return False
        still = tokens.c.revoked.is_(None)
        with self._engine.begin() as connection:
            connection.execute(update(tokens).where(tokens.c.id == number, still).values(revoked=now))
            return connection.execute(select(tokens.c.id).where(tokens.c.id == number)).first() is not None

    def exist(self) -> bool:
        """Whether any was ever made: revoking the last one opens no door."""
        if not self._there and monotonic() - self._looked > FRESH:
            self._looked = monotonic()
            self._there = inspect(self._engine).has_table(tokens.name)
        return self._there

    def identity(self, token: str, now: datetime) -> Identity:
        """Who it proves. Raises BadToken."""
        parts = _TOKEN.fullmatch(token)
        row = self._row(parts[1]) if parts else None
        if parts is None or row is None or not hmac.compare_digest(_digest(parts[2]), row.digest):
            raise BadToken("not one of ours")
        return _identity(row, now)

    def still(self, number: str, now: datetime) -> Identity:
        """Who the token of this id proves, for who has shown it before. Raises BadToken."""
        row = self._row(number)
        if row is None:
            raise BadToken("not one of ours")
        return _identity(row, now)

    def _row(self, number: str) -> Row[Any] | None:
        if not self.exist():
            return None
        with self._engine.begin() as connection:
            return connection.execute(select(tokens).where(tokens.c.id == number)).first()


def _identity(row: Row[Any], now: datetime) -> Identity:
    if row.revoked is not None:
        raise BadToken(f"{row.id} is revoked")
    if row.expires <= now:
        raise BadToken(f"{row.id} has expired")
    return Identity(
        role=row.role,
        actor=row.actor,
        area=row.area,
        provider=row.provider,
        expires=row.expires,
        token=row.id,
    )


def _digest(secret: str) -> str:
    """256 bits of chance need no slow hash: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
