"""The lives of providers, needs and the rules in plain sentences."""

import domain.commands as c
from domain.events import EVENTS, RulesAdopted
from domain.ids import NeedId, stream_of
from domain.need_events import NEED_EVENTS
from domain.provider_events import ProviderEvent
from domain.rules import Rules, Words
from domain.sealed import Sealed
from services.story import Names, Step, tell
from services.story_of_lists import TOLD_OF_LISTS
from tests.support.a_town import EAST, RULES, WATER
from tests.support.history import CLERK, TEXT, History, staff
from tests.support.random_history import random_history

NAMES = Names(
    rules=lambda version: RULES if version else Rules(),
    providers={WATER: Words(zh="自来水公司", en="Waterworks")},
)


def told(history: History, subject: str, names: Names = NAMES) -> list[Step]:
    return tell([one for one in history.facts if one.fact.stream == stream_of(subject)], names)


def test_every_event_of_the_lists_has_a_sentence_in_both_languages() -> None:
    wanted = {one for one in EVENTS.values() if issubclass(one, ProviderEvent)} | set(NEED_EVENTS)
    assert set(TOLD_OF_LISTS) == wanted | {RulesAdopted}


def test_a_providers_life_reads_like_a_story() -> None:
    history = random_history(orders=10)
    zh = [one.zh for one in told(history, "provider/water")]
    en = [one.en for one in told(history, "provider/water")]
    assert zh[0] == (
        "2026-03-02 09:00 社区 d-chen 登记接单方water单位（Water），承办单位，联系0755-12345，容量5，"
        "区域" + RULES.areas[0].name.zh + "，服务道路（必办）、养老。依据细则第1版。"
    )
    assert "changed its capacity to 7" in en[1]
    assert "amended it, now Waterworks" in en[2]
    assert any("enrolled volunteer mei, name [sealed], on duty Fri" in one for one in en)
    assert "志愿者old-zhou退出" in zh[-1]


def test_who_is_a_volunteer_is_told_only_to_who_may_open_it() -> None:
    history = History()
    history.register(WATER)
    enrol = c.EnrolVolunteer(provider=WATER, volunteer="mei", name=TEXT, health=TEXT)  # type: ignore[arg-type]
    history.ask(enrol, CLERK)
    assert TEXT not in told(history, "provider/water")[-1].zh

    def opened(_: Sealed) -> str:
        return "小梅"

    names = Names(NAMES.rules, NAMES.providers, opened)
    assert "姓名“小梅”，健康“小梅”" in told(history, "provider/water", names)[-1].zh


def test_a_needs_life_names_who_took_it_up() -> None:
    history = History()
    history.register(WATER)
    need = NeedId("shade")
    history.ask(c.StateNeed(need=need, area=EAST, title_zh="树荫", title_en="Shade", takers_wanted=2), CLERK)
    history.ask(c.TakeUpNeed(need=need, provider=WATER), staff(WATER))
    history.ask(c.CloseNeed(need=need), CLERK)
    stated, taken, closed = told(history, "need/shade")
    assert "提出需求：树荫，东社区，需2方" in stated.zh
    assert "took it up for Waterworks, 1 in all" in taken.en
    assert "关闭需求。" in closed.zh


def test_the_rules_life_counts_what_each_version_holds() -> None:
    (adopted,) = told(History(), "rules")
    assert f"adopted version 1 of the rules: {RULES.name.en}, {len(RULES.areas)} areas" in adopted.en
