"""An order's life in sentences, each under the rules of its day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Depends

from adapters.opening import Unsealed
from adapters.web.api.commands import VIA
from adapters.web.api.models import Out
from adapters.web.api.queries import QUERY_PROBLEMS, Code
from adapters.web.engine import Engine
from adapters.web.personal import Reader, reading_of, right_to_read
from adapters.web.problems import problem
from adapters.web.using import UseCaller, UseEngine, caught_up
from domain.events import RulesAdopted
from domain.facts import Recorded
from domain.ids import RULES_SUBJECT, OrderId, stream_of
from domain.rules import Rules, Words
from domain.scanning import masked
from domain.stages import Role, Stage
from services.story import Names, Step, tell, texts_told

router: Final = APIRouter(tags=["查询 queries"], dependencies=[Depends(caught_up)], responses=QUERY_PROBLEMS)


class StepOut(Out):
    """One step of an order's life, told in both languages."""

    as_it_is = frozenset({"zh", "en"})  # covered below, where no text is opened in them
    position: int
    version: int
    event: str
    at: datetime
    recorded: datetime
    role: Role
    actor: str
    rules: int
    stage: Stage | None
    zh: str
    en: str


@router.get("/orders/{order}/story", summary="一张工单的经过，逐句 · its life in sentences")
def story(engine: UseEngine, who: UseCaller, order: UUID, code: Code = "") -> tuple[StepOut, ...]:
    """Personal texts are told to who has the right to read them."""
    row = engine.queries.board.get(OrderId(order))
    if row is None:
        raise problem("unknown_order")
    facts = list(engine.store.history(stream_of(str(order))))
    reader = Reader(who, VIA, code)
    right = right_to_read(engine, row, reader)
    unseal = engine.opening.open(reading_of(row, reader, right), texts_told(facts)) if right else None
    steps = _steps(engine, facts, unseal)
    if unseal is None:
        steps = [replace(step, zh=masked(step.zh), en=masked(step.en)) for step in steps]
    return tuple(StepOut.model_validate(step) for step in steps)


def _steps(engine: Engine, facts: Sequence[Recorded], unseal: Unsealed | None) -> Sequence[Step]:
    adopted = [one.fact.event for one in engine.store.history(stream_of(RULES_SUBJECT))]
    versions = [event.rules for event in adopted if isinstance(event, RulesAdopted)]
    called = engine.queries.menu.providers()

    def rules(version: int) -> Rules:
        return versions[version - 1] if 0 < version <= len(versions) else Rules()

    providers = {provider: Words(zh=zh, en=en) for provider, (zh, en) in called.items()}
    return tell(facts, Names(rules, providers, unseal))
