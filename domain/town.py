"""The town itself: which rules are in force."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.events import RulesAdopted
from domain.model import Event
from domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Town:
    """The rules in force after `version` adoptions; version 0 has none."""

    rules: Rules
    version: int = 0
    last_at: datetime | None = None


NO_TOWN: Final = Town(rules=Rules())


def evolve(town: Town, event: Event, at: datetime) -> Town:
    """The town after one more event."""
    rules = event.rules if isinstance(event, RulesAdopted) else town.rules
    return Town(rules=rules, version=town.version + 1, last_at=at)
