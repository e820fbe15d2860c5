"""Whose keys they are in these tests, and what lies in their table."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import psycopg

from adapters.keys.keyring import Keyring
from adapters.keys.owner import Owner
from adapters.keys.town_key import TownSealer
from services.erasing import Reach

LI, WANG = Owner("order-1", "r-li"), Owner("order-1", "r-wang")
STAFF, ELSEWHERE = Owner("order-1"), Owner("order-2", "r-li")
BEFORE = TownSealer(b"lake-town")
OF_LI: Final[Reach] = {"order-1": frozenset({"r-li"}), "order-2": frozenset({"r-li"})}

OpenKeys = Callable[..., Keyring]


def wrapped_in(url: str, person: str = "") -> list[bytes]:
    """The living keys as they lie there; of one person, where one is named."""
    rows = execute(url, "SELECT wrapped, person FROM sealing_keys WHERE wrapped IS NOT NULL")
    return [bytes(wrapped) for wrapped, whose in rows if person in ("", whose)]


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(statement.encode())
        return found.fetchall() if found.description else []
