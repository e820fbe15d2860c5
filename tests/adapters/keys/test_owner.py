"""Whose a text is, as far as a message says it; what nobody can name gets no key."""

import json
from collections.abc import Collection, Mapping
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.envelope import Decoder, Door
from adapters.keys.owner import Owner
from adapters.keys.town_key import TownSealer
from domain.commands import Command
from domain.sealed import Sealed
from domain.stages import Role
from services.requests import Request, Unreadable
from tests.adapters.decoded import ENVELOPE, PLACING
from tests.domain.every_command import ASKED, EVERY_COMMAND
from tests.support.a_town import MONDAY
from tests.support.an_order import ORDER
from tests.support.one_key import OneKey

LI, STAFF = Owner(str(ORDER), "r-li"), Owner(str(ORDER))


class Asked(OneKey):
    """Remembers whose keys were asked for."""

    def __init__(self) -> None:
        super().__init__(b"lake-town")
        self.owners: set[Owner] = set()

    def sealers(self, owners: Collection[Owner]) -> Mapping[Owner, TownSealer]:
        self.owners |= set(owners)
        return super().sealers(owners)


def whose(data: Mapping[str, Any], at_door: Role | None = Role.RESIDENT, **said: Any) -> set[Owner]:
    return decoded(data, at_door, **said)[1]


def decoded(
    data: Mapping[str, Any], at_door: Role | None = Role.RESIDENT, **said: Any
) -> tuple[Request | Unreadable, set[Owner]]:
    keys = Asked()
    attributes = {name: value for name, value in {**ENVELOPE, **said}.items() if value is not None}
    body = json.dumps({**attributes, "data": data}).encode()
    answer = Decoder(keys, b"lake-town").decode(body, {}, Door("test", at_door), MONDAY, "x[0]@7")
    return answer, keys.owners


def test_what_a_resident_writes_is_theirs() -> None:
    assert whose(PLACING) == {LI}
    assert whose({"level": "satisfied", "comment": "好"}, type="RateOrder") == {LI}


def test_what_is_entered_for_a_resident_is_the_residents() -> None:
    assert whose(PLACING, Role.COMMUNITY, actor="d-chen", onbehalfof="r-li") == {LI}


def test_who_places_an_order_is_its_resident_in_whatever_role() -> None:
    assert whose(PLACING, Role.COMMUNITY, actor="d-chen") == {Owner(str(ORDER), "d-chen")}


def test_what_staff_write_about_an_order_belongs_to_the_order() -> None:
    assert whose({"notice": "已处理"}, Role.COMMUNITY, type="AnswerOrder", actor="d-chen") == {STAFF}


def test_an_order_has_one_owner_in_whatever_spelling() -> None:
    for said in (str(ORDER).upper(), ORDER.hex, f"{{{ORDER}}}"):
        assert whose({**PLACING, "order": said}, subject=None) == {LI}


def test_each_on_duty_owns_their_own_name() -> None:
    people = [{"id": "d-chen", "name": "陈"}, {"id": "d-wu", "name": "吴"}]
    answer, owners = decoded({"rules": {"people": people}}, Role.OPERATOR, type="AdoptRules", subject="rules")
    assert owners == {Owner("rules"), Owner("rules", "d-chen"), Owner("rules", "d-wu")}
    assert isinstance(answer, Request)


def test_new_rules_are_told_from_others_by_the_names_in_them() -> None:
    def digest(name: str) -> bytes:
        rules = {"people": [{"id": "d-chen", "name": name}]}
        request, _ = decoded({"rules": rules}, Role.OPERATOR, type="AdoptRules", subject="rules")
        assert isinstance(request, Request)
        return request.digest

    assert digest("陈") == digest("陈") != digest("王")


def test_what_has_no_text_needs_no_key() -> None:
    assert whose({"provider": "water"}, Role.COMMUNITY, type="DispatchOrder", actor="d-chen") == set()
    assert whose({"provider": "water", "why": None}, Role.COMMUNITY, type="DispatchOrder") == set()


def test_parked_bytes_have_a_key_of_their_own_and_whose_they_seem_to_be() -> None:
    letter = {Owner("letter/x[0]@7", "r-li")}
    assert whose({**PLACING, "area": 7}) == {LI, *letter}
    assert whose({}, type="PlantTree") == letter
    assert whose({}, None, type="PlantTree", role="resident") == letter
    assert whose({}, Role.COMMUNITY, type="PlantTree") == {Owner("letter/x[0]@7")}
    assert whose({}, Role.COMMUNITY, type="PlantTree", onbehalfof="r-li") == letter


@pytest.mark.parametrize("provider", ["", "x" * 4000, "Water", "水务", 7, None, ["water"]])
def test_what_can_be_no_id_gets_no_key(provider: Any) -> None:
    data = {"provider": provider, "reason": "撤并"}
    answer, owners = decoded(data, Role.COMMUNITY, type="RetireProvider", subject=None)
    assert isinstance(answer, Unreadable)
    assert owners == {Owner("letter/x[0]@7")}


SUBJECTS = st.sampled_from(["order", "provider", "need", "volunteer", "rules"])


@pytest.mark.parametrize("command", EVERY_COMMAND)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt=st.dictionaries(SUBJECTS, st.text(max_size=60) | st.integers(), max_size=2))
def test_whatever_is_said_no_text_comes_out_in_clear(command: type[Command], spoilt: dict[str, Any]) -> None:
    example = json.loads(ASKED[command].command.model_dump_json(exclude_none=True))
    clear = {name: "明文" for name in example if Sealed in _types(command, name)}
    answer, _ = decoded({**example, **clear, **spoilt}, None, type=command.wire, subject=None)
    if isinstance(answer, Request):
        assert "明文" not in answer.command.model_dump_json()
    if not spoilt and clear:
        assert isinstance(answer, Request)


def _types(command: type[Command], field: str) -> tuple[Any, ...]:
    annotation = command.model_fields[field].annotation
    return (annotation, *get_args(annotation))
