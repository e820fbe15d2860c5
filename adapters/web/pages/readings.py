"""Tells residents plainly who has read what they wrote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.readings import Reading, of_subject
from adapters.web.pages.naming import Names
from domain.stages import ROLE_NAMES, Right
from services.ports import Store

SHOWN: Final = 20  # the newest


@dataclass(frozen=True, slots=True)
class Seen:
    """Who else has read an order's texts, the newest first, and how often it was read with its query code."""

    others: tuple[tuple[str, datetime], ...]
    more: int  # others that are not shown
    own: int


def seen_by(store: Store, order: str, names: Names) -> Seen:
    """Role, and provider or community; never a member of staff by name or id."""
    found = of_subject(store, order)
    others = [(_who(one, names), one.recorded) for one in found if one.right is not Right.QUERY_CODE]
    newest = tuple(reversed(others))[:SHOWN]
    return Seen(newest, len(others) - len(newest), len(found) - len(others))


def _who(one: Reading, names: Names) -> str:
    role = names.pick(*ROLE_NAMES[one.actor.role])
    if one.provider:
        return f"{role} {names.provider(one.provider)}"
    return f"{role} {names.area(one.area)}" if one.area else role
