"""A message with a command in it comes out of the decoder as a request: who asks what, when, sealed."""

import json

import pytest

from adapters.envelope import Decoder, Door
from domain.commands import COMMANDS, AcceptOrder, CloseNeed, PlaceOrder, RegisterProvider, WithdrawOrder
from domain.facts import CommandKey
from domain.ids import NeedId, stream_of, time_ordered_id
from domain.rejections import WrongRole
from domain.stages import Channel, Role
from services.deciding import Deciding
from tests.adapters.decoded import (
    ENVELOPE,
    IMPORTS,
    KEYS,
    PLACING,
    RESIDENTS,
    SEALER,
    binary,
    decode,
    parked,
    read,
    structured,
)
from tests.domain.every_command import EXAMPLES
from tests.support.a_town import EAST, MONDAY, WATER
from tests.support.an_order import ORDER, OTHER
from tests.support.one_key import OneKey

# What can be read


@pytest.mark.parametrize("mode", [binary, structured])
def test_both_modes_say_the_same(mode) -> None:
    request = read(mode(onbehalfof="r-wang", channel="phone", correlationid="talk-1"))
    assert isinstance(request.command, PlaceOrder)
    assert request.command.order == ORDER
    asked = request.asked
    assert (asked.key, asked.actor.role, asked.actor.id) == (
        CommandKey("app/li", "a-1"),
        Role.RESIDENT,
        "r-li",
    )
    assert (asked.on_behalf_of, asked.channel, asked.correlation) == ("r-wang", Channel.PHONE, "talk-1")
    assert (asked.claimed, asked.recorded, asked.intake) == (MONDAY, MONDAY, "sidan.residents[0]@7")
    assert request.digest == read(binary(onbehalfof="r-wang")).digest


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.command.wire)
def test_every_command_can_be_sent(example) -> None:
    command = example.command
    data = json.loads(command.model_dump_json(exclude_none=True))
    request = read(
        structured(data, door=IMPORTS, type=command.wire, subject=command.subject, role="operator")
    )
    assert type(request.command) is COMMANDS[command.wire]
    assert request.command.subject == command.subject


def test_what_is_personal_is_sealed_before_anyone_sees_it() -> None:
    request = read(binary({**PLACING, "contact": "13800138000", "address": "人民路 1 号"}))
    said = request.command.model_dump_json()
    assert not any(part in said for part in ("李阿姨", "13800138000", "人民路"))
    assert isinstance(request.command, PlaceOrder)
    assert SEALER.open(request.command.details) == PLACING["details"]


def test_the_subject_alone_may_name_the_order_provider_or_need() -> None:
    withdrawn = read(binary({}, type="WithdrawOrder"))
    assert withdrawn.command == WithdrawOrder(order=ORDER)
    unit = {"name_zh": "水", "name_en": "W", "kind": "squad", "contact": "1", "capacity": 1, "areas": [EAST]}
    registered = read(binary(unit, type="RegisterProvider", subject=f"provider/{WATER}"))
    assert isinstance(registered.command, RegisterProvider)
    assert registered.command.provider == WATER
    closed = read(binary({}, type="CloseNeed", subject="need/hall"))
    assert closed.command == CloseNeed(need=NeedId("hall"))
    assert (closed.subject, closed.stream) == ("need/hall", stream_of("need/hall"))


def test_a_new_order_without_an_id_gets_the_same_one_again() -> None:
    first, again = (read(binary(subject=None)).command for _ in range(2))
    other = read(binary(subject=None, id="a-2")).command
    assert first.subject == again.subject != other.subject
    assert first.stream == time_ordered_id(MONDAY, b"app/li\0a-1")


def test_other_attributes_are_let_be() -> None:
    assert read(binary(traceparent="00-ab-cd", partitionkey="x", datacontenttype="application/json"))
    assert read(decode(PLACING, {name: text for name, text in ENVELOPE.items() if name != "specversion"}))


def test_a_time_without_a_place_in_the_world_is_none() -> None:
    assert read(binary(time="2026-03-02T01:00:00.000000001Z")).asked.claimed == MONDAY
    assert read(binary(time=None)).asked.claimed is None
    for time in ("2026-03-02T09:00:00", "2026-03-02", "yesterday", "2026-02-30T00:00:00Z", ""):
        assert "time" in parked(binary(time=time), "not_cloudevent").reason_en


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "20260302"])
def test_an_absurd_time_is_read_and_left_to_the_rules(time: str) -> None:
    request = read(binary(time=time))
    deciding = Deciding({}, {})
    deciding.take(request)
    assert getattr(deciding.drafts[0].facts[0].event, "code", "") in ("date_absurd", "date_in_future")


# Who asks


def test_the_door_says_the_role() -> None:
    assert read(binary(role=None)).refusal is None
    assert read(binary(role="resident")).refusal is None
    refused = read(binary(role="community"))
    assert refused.asked.actor.role is Role.RESIDENT
    assert isinstance(refused.refusal, WrongRole)
    assert refused.refusal.reason_zh
    assert refused.refusal.reason_en


def test_at_the_imports_door_each_line_says_its_role() -> None:
    assert read(structured(door=IMPORTS, role="community")).asked.actor.role is Role.COMMUNITY
    assert read(structured(door=IMPORTS)).asked.actor.role is Role.OPERATOR
    assert read(structured(door=IMPORTS)).asked.trusted_time
    assert not read(structured()).asked.trusted_time


def test_a_door_that_makes_the_envelope_takes_none_from_the_body() -> None:
    door = Door("http", Role.RESIDENT, structured=False)
    parked(decode({**ENVELOPE, "actor": "r-wang", "data": PLACING}, ENVELOPE, door=door), "invalid_field")


# The same again


def test_a_digest_is_of_what_was_said_by_whom() -> None:
    first = read(binary()).digest
    assert read(structured()).digest == first
    assert read(binary(time=None, correlationid="other")).digest == first  # sent again later
    for other in (
        binary({**PLACING, "details": "别的"}),
        binary(actor="r-wang"),
        binary(onbehalfof="r-wang"),
        binary(subject=str(OTHER)),
        binary(role="community"),
    ):
        assert read(other).digest != first


def test_a_digest_cannot_be_tried_out_without_the_secret() -> None:
    other = Decoder(KEYS, b"hill-town").decode(json.dumps(PLACING).encode(), ENVELOPE, RESIDENTS, MONDAY, "x")
    assert read(other).digest != read(binary()).digest


def test_a_secret_may_be_of_any_length() -> None:
    for secret in (b"x", b"x" * 32, b"x" * 200):
        assert Decoder(OneKey(secret), secret).decode(b"{}", ENVELOPE, RESIDENTS, MONDAY, "x")


def test_an_order_named_in_the_data_alone_is_found() -> None:
    request = read(binary({"order": str(ORDER), "provider": WATER}, type="AcceptOrder", subject=None))
    assert request.command == AcceptOrder(order=ORDER, provider=WATER)
