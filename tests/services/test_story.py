"""An order's life in plain sentences: when, who, for whom, what, under which rules."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

import domain.commands as c
from domain.events import EVENTS, OrderEvent
from domain.ids import OrderId, ProviderId, StreamId
from domain.rules import Rules, Words
from domain.stages import Channel, Level, Stage, Urgency
from services.story import TOLD, Names, Step, tell
from tests.support.a_town import ROADS, RULES, UNCLE_WANG, WATER
from tests.support.an_order import a_proposal
from tests.support.history import CLERK, MACHINE, OPERATOR, TEXT, History
from tests.support.random_history import random_history

NAMES = Names(
    rules=lambda version: RULES if version else Rules(),
    providers={WATER: Words(zh="自来水公司", en="Waterworks")},
)


def told(history: History, order: OrderId, names: Names = NAMES) -> list[Step]:
    return tell([one for one in history.facts if one.fact.stream == StreamId(order)], names)


def test_a_life_reads_like_a_story() -> None:
    history = History()
    history.register(WATER)
    order = history.place()
    history.later(hours=1)
    history.dispatch(order)
    history.later(hours=1)
    history.accept(order)
    history.later(hours=60)
    history.complete(order)
    history.rate(order, Level.DISSATISFIED)
    number = getattr(history.facts[2].fact.event, "number", "")
    assert [step.zh for step in told(history, order)] == [
        f"2026-03-02 09:00 居民 r-li（线上） 点单：坑洼，东社区，单号{number}，内容〔密封〕。依据细则第1版。",
        (
            "2026-03-02 10:00 社区 d-chen 派给自来水公司，按时限4小时内接单（2026-03-02 14:00前）、"
            "48小时内办结（2026-03-04 10:00前），自来水公司负首接责任。依据细则第1版。"
        ),
        "2026-03-02 11:00 接单方 自来水公司 water 接单。依据细则第1版。",
        (
            "2026-03-04 23:00 接单方 自来水公司 water 办结，超期（时限2026-03-04 10:00），"
            "已解决，结果〔密封〕。依据细则第1版。"
        ),
        "2026-03-04 23:00 居民 r-li 评单：不满意（差评）。依据细则第1版。",
    ]
    assert told(history, order)[1].en == (
        "2026-03-02 10:00 Community d-chen dispatched it to Waterworks: 4 hours to accept "
        "(by 2026-03-02 14:00), 48 to finish (by 2026-03-04 10:00); Waterworks is accountable."
        " Under version 1 of the rules."
    )
    assert told(history, order)[-1].stage is Stage.RATED


def test_a_call_is_told_with_its_minutes_and_that_it_was_passed_on() -> None:
    history = History()
    history.register(WATER)
    order = history.place(urgency=Urgency.CALL)
    history.dispatch(order)
    history.later(minutes=10)
    by = history.order(order).accept_by
    history.ask(c.RecallOrder(order=order, reason=TEXT, provider=WATER, accept_by=by), MACHINE)
    _, sent, back = told(history, order)
    assert "按时限10分钟内接单（2026-03-02 09:10前）" in sent.zh
    assert "10 minutes to accept (by 2026-03-02 09:10)" in sent.en
    assert "收回（原在自来水公司），呼叫逾时未接，理由" in back.zh
    assert "recalled it from Waterworks; the call was not accepted in time:" in back.en


def test_who_entered_it_for_whom_is_told() -> None:
    history = History()
    placing = c.PlaceOrder(
        order=history.new_order(), category=RULES.catalogue[1].path, area=RULES.areas[1].path, details=TEXT
    )
    history.ask(placing, CLERK, on_behalf_of=UNCLE_WANG, channel=Channel.PHONE)
    (step,) = told(history, OrderId(placing.order))
    assert "社区 d-chen代居民 r-wang（电话）" in step.zh
    assert "Community d-chen on behalf of resident r-wang by phone" in step.en


def test_a_reason_code_is_told_in_words() -> None:
    history = History()
    history.register(WATER)
    order = history.place()
    history.dispatch(order)
    history.decline(order)
    assert "理由：不属本单位职责，第1次" in told(history, order)[-1].zh
    assert "not our duty, decline number 1" in told(history, order)[-1].en


def test_an_operator_who_acts_for_a_provider_does_not_hide_it() -> None:
    history = History()
    history.register(WATER)
    order = history.place()
    history.dispatch(order)
    history.ask(c.AcceptOrder(order=order, provider=WATER), OPERATOR)
    assert "运维 importer 接单：自来水公司" in told(history, order)[-1].zh


@pytest.mark.parametrize(
    ("sent", "zh", "en"),
    [
        (WATER, "，按系统建议。", "; as the engine proposed."),
        (
            ROADS,
            "，未按系统建议（建议派给自来水公司）。",
            "; not as the engine proposed, which was Waterworks.",
        ),
    ],
)
def test_a_dispatch_says_whether_it_was_as_proposed(sent: ProviderId, zh: str, en: str) -> None:
    history = History()
    for provider in (WATER, ROADS):
        history.register(provider)
    order = history.place()
    history.ask(c.ProposeDispatch(order=order, proposal=a_proposal(WATER, ROADS)), MACHINE)
    history.ask(c.DispatchOrder(order=order, provider=sent), CLERK)
    _, proposing, sending = told(history, order)
    assert "建议派单给自来水公司，候选：自来水公司、roads。" in proposing.zh
    assert "proposed to dispatch it to Waterworks; candidates: Waterworks, roads." in proposing.en
    assert zh in sending.zh
    assert en in sending.en


def test_the_engine_that_dispatches_by_itself_does_not_praise_its_proposal() -> None:
    history = History()
    history.register(WATER)
    order = history.place()
    history.ask(c.DispatchOrder(order=order, provider=WATER, proposal=a_proposal(WATER)), MACHINE)
    assert "系统建议" not in told(history, order)[-1].zh


def test_a_late_entry_says_when_it_was_recorded() -> None:
    history = History()
    order = history.place()
    last = history.facts[-1]
    late = replace(last.fact.meta, recorded=last.fact.meta.at + timedelta(days=1))
    history.facts[-1] = replace(last, fact=replace(last.fact, meta=late))
    (step,) = told(history, order)
    assert step.zh.startswith("2026-03-02 09:00 ")
    assert step.zh.endswith("依据细则第1版，2026-03-03 09:00入库。")
    assert step.en.endswith("Under version 1 of the rules, recorded 2026-03-03 09:00.")


def test_sealed_texts_stay_closed_unless_someone_may_open_them() -> None:
    history = History()
    order = history.place()
    opener = Names(NAMES.rules, NAMES.providers, unseal=lambda sealed: f"灯不亮（{len(sealed)}）")
    assert "〔密封〕" in told(history, order)[0].zh
    assert "“灯不亮（6）”" in told(history, order, opener)[0].zh


def test_every_event_of_an_order_has_a_sentence() -> None:
    assert set(TOLD) == {event for event in EVENTS.values() if issubclass(event, OrderEvent)}


@pytest.mark.parametrize("seed", [1, 2])
def test_whole_towns_can_be_told(seed: int) -> None:
    history = random_history(seed=seed)
    for order in {one.fact.stream for one in history.facts if isinstance(one.fact.event, OrderEvent)}:
        for step in told(history, OrderId(order)):
            assert "{" not in step.zh + step.en
            assert "None" not in step.zh + step.en
            assert step.zh.endswith("。")
            assert step.en.endswith(".")


def test_nothing_recorded_is_no_story() -> None:
    assert tell([], NAMES) == []
