"""One standing need, in words: what happened to it and what may be asked of it."""

from typing import Any, Final

import domain.commands as c
import domain.need_events as n
from domain.facts import Actor
from domain.ids import NeedId, ProviderId
from domain.stages import Role
from tests.support.a_town import EAST, MEALS, PARKS, ROADS
from tests.support.an_order import COMMUNITY, TEXT
from tests.support.given import Ask

HALL: Final = NeedId("dance-hall")
_IT: Final[dict[str, Any]] = {
    "need": HALL,
    "title_zh": "每周三晚借用一间排练室",
    "title_en": "A room to rehearse in on Wednesday evenings",
    "category": MEALS,
    "area": EAST,
}
_HERE: Final[dict[str, Any]] = {"need": HALL, "category": MEALS, "area": EAST}


def stated(by: ProviderId | None = None, **fields: Any) -> n.NeedStated:
    return n.NeedStated(**_with(_IT, owner=by, **fields))


def need_amended(**fields: Any) -> n.NeedAmended:
    return n.NeedAmended(**_with(_IT, old_area=EAST, **fields))


def taken_up(by: ProviderId | None = ROADS, takers: int = 1, **fields: Any) -> n.NeedTakenUp:
    return n.NeedTakenUp(**_with(_HERE, provider=by, takers=takers, **fields))


def let_go(by: ProviderId | None = ROADS, takers: int = 0, **fields: Any) -> n.NeedLetGo:
    return n.NeedLetGo(**_with(_HERE, provider=by, takers=takers, **fields))


def closed(**fields: Any) -> n.NeedClosed:
    return n.NeedClosed(**_with(_HERE, **fields))


def state_need(by: ProviderId | None = None, **fields: Any) -> Ask:
    return Ask(c.StateNeed(**_with(_IT, provider=by, **fields)), _asker(by))


def amend_need(by: ProviderId | None = None, **fields: Any) -> Ask:
    return Ask(c.AmendNeed(need=HALL, **fields), _asker(by))


def take_up(by: ProviderId | None = ROADS, **fields: Any) -> Ask:
    return Ask(c.TakeUpNeed(need=HALL, provider=by, **fields), _asker(by))


def step_back(by: ProviderId | None = ROADS) -> Ask:
    return Ask(c.LetGoOfNeed(need=HALL, provider=by), _asker(by))


def close_need(by: ProviderId | None = None) -> Ask:
    return Ask(c.CloseNeed(need=HALL, reason=TEXT), _asker(by))


def _with(told: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**told, **fields}


def _asker(provider: ProviderId | None) -> Actor:
    return Actor(role=Role.PROVIDER, id=provider) if provider else COMMUNITY


SCHOOL: Final = PARKS  # in these tests the institution with a need of its own
