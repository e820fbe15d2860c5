"""What events teach of who is sent with which orders, and what may be asked of it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.pool import StaticPool

from domain.events import OrderClaimed, OrderDispatched, OrderImported, OrderPooled, RulesAdopted
from domain.evidence.contexts import Features, Precedent
from domain.evidence.ranking import Evidence
from domain.ids import AreaPath, CategoryPath, OrderNumber, ProviderId
from domain.stages import Stage
from projections.engine import Projector, open_reads, verify
from projections.evidence import About, EvidenceModel, EvidenceQueries, tables
from tests.domain.evidence.a_history import history, lamp, sent, taught
from tests.projections.a_hotline import Hotline
from tests.projections.conftest import Start
from tests.support.a_town import MONDAY

LAMPS, ROADS = "湖区灯务所", "东湖街道市政服务中心"


def hotline(*providers: str) -> Hotline:
    log = Hotline()
    log.adopt()
    for name in providers:
        log.register(name)
    return log


def learnt(log: Hotline, engine: Engine, **said: Any) -> Mapping[str, int]:
    """The chances of an order, by the names of the providers."""
    about = log.about(sent("", lamp(**said)))
    chances = EvidenceQueries(engine).about(**about).chances
    names: dict[str, str] = {id_: name for name, id_ in log.names.providers.items()}
    return {names[provider]: chance for provider, chance in chances.items()}


def caught_up(log: Hotline, engine: Engine, limit: int = 500) -> Projector:
    projector = Projector(EvidenceModel(), engine)
    projector.create()
    projector.fill_from(log, limit=limit)
    return projector


def without_property(orders: list[Precedent]) -> list[Precedent]:
    """Our events do not say whether it is a complaint or a wish."""
    return [
        Precedent(Features(**{**_fields(one.features), "property": ""}), one.provider, one.called)
        for one in orders
    ]


def _fields(features: Features) -> dict[str, str]:
    return {name: getattr(features, name) for name in features.__struct_fields__}


def test_what_events_teach_ranks_as_the_same_history_in_memory(reads: Engine) -> None:
    told = without_property(history(600))
    log = Hotline()
    log.adopt()
    log.teach(told)
    caught_up(log, reads)
    ids = log.names.provider
    evidence = taught(*(Precedent(one.features, ids(one.called), one.called) for one in told))
    asked = without_property(history(60, seed=2))
    found = EvidenceQueries(reads).about_many([About(**log.about(one)) for one in asked])
    for one, answer in zip(asked, found, strict=True):
        chances = evidence.chances(one.features)
        assert answer.chances == {who: int(p * 1000 + 0.5) for who, p in chances.items() if p >= 0.0005}
        for provider in chances:
            assert answer.why(ProviderId(provider)) == evidence.explain(one.features, provider)


@pytest.mark.parametrize("size", [1, 13])
def test_no_fact_of_batches_is_in_the_rows(size: int, small_reads: Engine, tmp_path: Any) -> None:
    log = busy()
    one = caught_up(log, small_reads, limit=size)
    before = one.digest()
    one.reset()
    one.fill_from(log, limit=10_000)
    assert one.digest() == before
    assert verify(one, log).ok


def busy() -> Hotline:
    """Names that change midway, claims, declines, new providers, a place that nobody named."""
    log = Hotline()
    told = history(240)
    log.teach(told[:40])  # before there are any rules
    log.adopt()
    log.teach(told[40:120])
    for one in told[120:160]:
        log.declined(one, log.sent(one, OrderDispatched))
        log.sent(one, OrderClaimed)
    log.adopt(路灯不亮="路灯熄灭", 东湖街道="东湖新城街道")
    log.rename(log.names.provider(told[0].called), "市政服务中心（东湖新城街道办事处）")
    log.teach([*told[160:], sent("气象台", lamp(street="", community="", item="暴雨"))])
    return log


def test_all_three_ways_of_being_sent_teach_and_a_decline_takes_back(reads: Engine) -> None:
    log = hotline(LAMPS)
    log.sent(sent(LAMPS), OrderDispatched)
    log.sent(sent(LAMPS), OrderClaimed)
    log.teach([sent(LAMPS)])
    projector = caught_up(log, reads)
    told = why(log, reads, LAMPS)
    assert told == (3, 3)
    log.declined(sent(LAMPS), log.sent(sent(LAMPS)))
    projector.fill_from(log)
    assert why(log, reads, LAMPS) == told


def why(log: Hotline, engine: Engine, name: str) -> tuple[int, int] | None:
    found = EvidenceQueries(engine).about(**log.about(sent(""))).why(log.names.provider(name))
    return found and (found.hits, found.orders)


def test_who_declined_is_no_longer_expected(reads: Engine) -> None:
    log = hotline(LAMPS, ROADS)
    log.sent(sent(ROADS, lamp(item="路面坑洼", subcategory="道路")))
    order = log.sent(sent(LAMPS))
    projector = caught_up(log, reads)
    assert set(learnt(log, reads)) == {LAMPS, ROADS}
    log.declined(sent(LAMPS), order)
    projector.fill_from(log)
    assert set(learnt(log, reads)) == {ROADS}
    assert why(log, reads, LAMPS) is None


def test_events_that_say_nobody_teach_nothing(reads: Engine) -> None:
    log = hotline()
    one = log.about(sent(""))
    projector = caught_up(log, reads)
    before = projector.digest()
    log.record("6f1c52f0-5a2e-4d0e-9d5b-0f9b1f6f8a51", OrderPooled(due_at=MONDAY, **_where(one)))
    log.record(
        "6f1c52f0-5a2e-4d0e-9d5b-0f9b1f6f8a52",
        OrderImported(number=OrderNumber("0"), stage=Stage.PLACED, source="x", **one),
    )
    projector.fill_from(log)
    assert projector.digest() == before


def _where(about: dict[str, Any]) -> dict[str, Any]:
    return {name: about[name] for name in ("category", "area")}


def test_a_duty_that_moves_is_followed(reads: Engine) -> None:
    log = hotline(LAMPS, ROADS)
    for _ in range(30):
        log.sent(sent(LAMPS))
    projector = caught_up(log, reads)
    assert top(learnt(log, reads)) == LAMPS
    for _ in range(5):
        log.sent(sent(ROADS))
        projector.fill_from(log)
    assert top(learnt(log, reads)) == ROADS


def top(chances: Mapping[str, int]) -> str:
    return max(chances, key=chances.__getitem__)


def test_a_place_a_matter_and_a_unit_that_nobody_named_go_by_what_they_are_called_by(reads: Engine) -> None:
    log = Hotline()  # no rules, nobody registered
    for _ in range(3):
        log.sent(sent(LAMPS))
    caught_up(log, reads)
    assert top(learnt(log, reads)) == LAMPS
    unit = log.names.provider(LAMPS)
    told = EvidenceQueries(reads).about(**log.about(sent(""))).why(unit)
    assert told is not None
    assert (told.called, told.hits) == (unit, 3)


def test_an_order_nobody_knows_anything_of_has_no_chances(reads: Engine) -> None:
    log = hotline()
    projector = caught_up(log, reads)
    found = EvidenceQueries(reads).about(CategoryPath("x"), AreaPath("y"))
    assert (dict(found.chances), found.position) == ({}, projector.position())
    assert found.why(ProviderId("nobody")) is None


def test_before_anything_was_read_nothing_is_known(reads: Engine) -> None:
    Projector(EvidenceModel(), reads).create()
    assert EvidenceQueries(reads).about(CategoryPath("x"), AreaPath("y")).position == 0


def test_a_provider_renamed_is_of_another_kind_from_its_next_order_on(reads: Engine) -> None:
    """The kind comes of the name: the west's squad learns for the east's, once that is called a squad."""
    stall = lamp(street="西湖街道", community="西柳社区", item="乱摆卖", subcategory="占道")
    log = hotline("西湖街道执法队", "东湖街道便民队")
    for _ in range(10):
        log.sent(sent("西湖街道执法队", stall))
    unit = log.names.provider("东湖街道便民队")
    log.sent(sent("东湖街道便民队"))
    projector = caught_up(log, reads)
    before = learnt(log, reads, item="乱摆卖", subcategory="占道")
    log.rename(unit, "东湖街道执法队")
    projector.fill_from(log)
    assert learnt(log, reads, item="乱摆卖", subcategory="占道") == before
    log.sent(sent("东湖街道便民队"))
    projector.fill_from(log)
    assert top(learnt(log, reads, item="乱摆卖", subcategory="占道")) == "东湖街道便民队"


def test_rules_changed_midway_hold_from_there_on(reads: Engine) -> None:
    """What was learnt under a name stays under it; a name that comes back finds it again."""
    log = hotline(LAMPS, ROADS)
    for _ in range(5):
        log.sent(sent(LAMPS))
    projector = caught_up(log, reads)
    assert why(log, reads, LAMPS) == (5, 5)
    log.adopt(路灯不亮="路灯熄灭")
    log.sent(sent(ROADS))
    projector.fill_from(log)
    assert why(log, reads, ROADS) == (1, 1)
    log.adopt()
    projector.fill_from(log)
    assert why(log, reads, LAMPS) == (5, 5)


def test_a_place_that_the_rules_no_longer_have_goes_by_its_path(reads: Engine) -> None:
    log = hotline(LAMPS)
    projector = caught_up(log, reads)
    small = log.rules().model_copy(update={"areas": (), "catalogue": ()})
    log.record("rules", RulesAdopted(version=2, rules=small))
    log.sent(sent(LAMPS))
    projector.fill_from(log)
    path = log.about(sent(""))["area"]
    with reads.connect() as connection:
        labels = connection.execute(select(tables.objects.c.label)).scalars().all()
        assert connection.execute(select(tables.town.c.place)).scalars().all() == ["level/community"]
    assert f'context [3,"{path}"]' in labels


def test_the_position_is_the_one_that_the_rows_hold(reads: Engine) -> None:
    log = busy()
    projector = caught_up(log, reads)
    assert EvidenceQueries(reads).about(**log.about(sent(""))).position == projector.position() == log.head()


def test_an_answer_touches_as_many_rows_however_many_providers_there_are(small_reads: Engine) -> None:
    log = hotline()
    log.teach(history(300))
    projector = caught_up(log, small_reads)
    before = looked_at(small_reads, log)
    many = Hotline()
    many.names = log.names
    many.facts = list(log.facts)
    for number in range(2_000):
        many.register(f"第{number}服务队")
    for number in range(200):
        matter = {"category": "服务", "subcategory": f"服务{number % 20}", "item": f"服务{number}"}
        there = lamp(street="南湖街道", community="南柳社区", **matter)
        many.sent(sent(f"第{number}服务队", there))
    projector.fill_from(many)
    after = looked_at(small_reads, log)
    assert after[1] <= before[1] < 100
    assert after[0] == before[0] <= 10


def looked_at(engine: Engine, log: Hotline) -> tuple[int, int]:
    """How many statements one answer takes, and how many rows they may touch."""
    statements: list[Any] = []

    def noted(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", noted)
    EvidenceQueries(engine).about(**log.about(sent("")))
    event.remove(engine, "before_cursor_execute", noted)
    keys = [json.loads(parameters[0]) for said, parameters in statements if "json_each" in said]
    return len(statements), sum(map(len, keys))


def test_like_orders_of_a_round_share_their_answer(small_reads: Engine) -> None:
    log = busy()
    caught_up(log, small_reads)
    asked = [About(**log.about(one)) for one in history(50, seed=3)]
    queries = EvidenceQueries(small_reads)
    found = queries.about_many([*asked, *asked])
    assert found[:50] == found[50:]
    assert [dict(one.chances) for one in found[:50]] == [dict(queries.about(*one).chances) for one in asked]
    assert queries.about_many([]) == []


def test_a_model_in_memory_answers_the_same(start: Start, reads: Engine) -> None:
    """As for a replay without tables: SQLite in memory, one connection."""
    log = busy()
    start(EvidenceModel).fill_from(log)
    memory = open_reads("sqlite:///:memory:", poolclass=StaticPool)
    caught_up(log, memory)
    about = log.about(sent(""))
    one, other = (EvidenceQueries(engine).about(**about) for engine in (reads, memory))
    assert (one.chances, one.position) == (other.chances, other.position)
    memory.dispose()


def test_evidence_that_nobody_taught_has_no_chances() -> None:
    assert Evidence().chances(lamp()) == {}
