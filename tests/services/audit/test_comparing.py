"""Two states of a subject, field by field."""

import domain.commands as c
from domain.ids import NeedId, provider_subject
from domain.lifecycle import initial
from domain.model import Words
from services.audit.comparing import How, changes
from tests.support.a_town import EAST, RULES, WATER
from tests.support.history import CLERK, OPERATOR, TEXT, THE_ROADS, History, changed_rules, staff


def test_only_what_differs_is_named() -> None:
    history = History()
    history.register(WATER, can=[THE_ROADS])
    before = history.state(provider_subject(WATER))
    history.ask(c.ChangeCapacity(provider=WATER, capacity=3), CLERK)
    (capacity, version) = [
        one
        for one in changes(before, history.state(provider_subject(WATER)))
        if one.field in ("capacity", "version")
    ]
    assert {(one.field, one.how, one.before, one.after) for one in (capacity, version)} == {
        ("capacity", How.CHANGED, 10, 3),
        ("version", How.CHANGED, 1, 2),
    }


def test_the_same_differs_in_nothing() -> None:
    history = History()
    assert changes(history.state("rules"), history.state("rules")) == []


def test_an_entry_is_known_by_its_name_not_by_its_place() -> None:
    history = History()
    before = history.state("rules")
    first = RULES.catalogue[1].model_copy(update={"name": Words(zh="新", en="New")})
    catalogue = (RULES.catalogue[0], first, *RULES.catalogue[2:])
    history.ask(c.AdoptRules(rules=changed_rules(catalogue=catalogue)), OPERATOR)
    found = {one.field for one in changes(before, history.state("rules")) if one.field.startswith("rules")}
    assert found == {f"rules.catalogue.{first.path}.name.zh", f"rules.catalogue.{first.path}.name.en"}


def test_members_of_a_set_come_and_go() -> None:
    history = History()
    history.register(WATER)
    need = NeedId("shade")
    history.ask(c.StateNeed(need=need, area=EAST, title_zh="荫", title_en="Shade"), CLERK)
    before = history.state("need/shade")
    history.ask(c.TakeUpNeed(need=need, provider=WATER), staff(WATER))
    after = history.state("need/shade")
    (taken,) = [one for one in changes(before, after) if one.field.startswith("takers")]
    assert (taken.field, taken.how) == ("takers.water", How.ADDED)
    (left,) = [one for one in changes(after, before) if one.field.startswith("takers")]
    assert left.how is How.GONE


def test_personal_texts_stay_closed() -> None:
    history = History()
    history.register(WATER)
    before = history.state(provider_subject(WATER))
    enrol = c.EnrolVolunteer(provider=WATER, volunteer="mei", name=TEXT)  # type: ignore[arg-type]
    history.ask(enrol, CLERK)
    found = {one.field: one.after for one in changes(before, history.state(provider_subject(WATER)))}
    assert found["volunteers.mei.name"] == "〔密封 sealed〕"


def test_all_of_what_was_not_there_is_new() -> None:
    history = History()
    found = changes(initial("rules"), history.state("rules"))
    assert {one.how for one in found} == {How.ADDED}
    assert {one.how for one in changes(history.state("rules"), initial("rules"))} == {How.GONE}
