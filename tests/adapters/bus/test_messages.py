"""docs/messages.md shows what really goes over the bus, and all of it."""

import re
from typing import Any

import pytest

from adapters.bus.answering import sent
from adapters.bus.documents import asyncapi
from adapters.bus.examples import SECRET, START, Asked, asked
from adapters.bus.messages import document
from adapters.bus.topics import DOORS
from adapters.envelope import Decoder
from domain.commands import COMMANDS
from domain.events import EVENTS
from domain.stages import Role
from domain.transitions import MAY_ASK
from services.requests import Request
from services.work_process import TYPES
from tests.support.compose import ROOT
from tests.support.one_key import OneKey


def test_the_file_is_what_the_program_writes() -> None:
    written = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    assert written == document(), "run: sidan docs messages > docs/messages.md"


@pytest.mark.parametrize("line", asked(), ids=lambda line: line.event["type"])
def test_each_command_example_can_be_read(line: Asked) -> None:
    decoder = Decoder(OneKey(SECRET), SECRET)
    request = decoder.decode(line.body, {}, DOORS[line.topic], START, "example[0]@0")
    assert isinstance(request, Request), request
    assert request.refusal is None


def test_every_command_event_and_offer_has_an_example() -> None:
    shown = set(re.findall(r"^### (\S+)", document(), re.MULTILINE))
    aside = {"CommandRejected", "CommandRepeated", "TextsOpened"}  # answers, and what goes nowhere
    assert shown >= COMMANDS.keys() | EVENTS.keys() - aside | set(TYPES.values())
    assert shown >= {"recorded", "rejected", "repeated", "parked"}


def test_nothing_personal_of_the_examples_goes_out_in_clear() -> None:
    for message in sent():
        assert b"13900000000" not in message.value
        assert "东区3栋".encode() not in message.value


def test_asyncapi_names_a_providers_own_topic_and_only_what_a_provider_may_ask() -> None:
    document = asyncapi("lake")
    channels = document["channels"].values()
    by_address = {
        one["address"]: payloads(document, one) for one in channels if "departments" in one["address"]
    }
    assert by_address["lake.departments.{provider}"] == by_address["lake.departments"]
    assert by_address["lake.departments.{provider}"] == provider_commands()


def payloads(document: dict[str, Any], channel: dict[str, Any]) -> set[str]:
    """The commands that a channel takes."""
    (message,) = (found(document, one) for one in channel["messages"].values())
    return {last(one) for one in found(document, message["payload"])["anyOf"]}


def found(document: dict[str, Any], reference: dict[str, str]) -> Any:
    inside: Any = document
    for part in reference["$ref"].removeprefix("#/").split("/"):
        inside = inside[part]
    return inside


def last(reference: dict[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def provider_commands() -> set[str]:
    return {wire for wire, command in COMMANDS.items() if Role.PROVIDER in MAY_ASK[command]}


def test_asyncapi_names_our_topics_and_messages() -> None:
    said = str(asyncapi("lake"))
    for name in ("lake.residents", "lake.events", "lake.outcomes", "lake.dead-letters", "lake.work."):
        assert name in said
    for wire in (*COMMANDS, "OrderRated", "CommandAnswered"):
        assert wire in said
