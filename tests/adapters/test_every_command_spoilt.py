"""Each command, right but for one thing, in both modes: read, refused or parked, and never an error."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.envelope import Door
from adapters.store.wire import encode
from domain.commands import COMMANDS
from domain.stages import Role
from services.deciding import Deciding
from services.requests import Request
from tests.adapters.decoded import DECODER, ENVELOPE, IMPORTS, RESIDENTS
from tests.adapters.test_envelope_hostile import ANYTHING
from tests.domain.every_command import ASKED, EVERY_COMMAND

DOORS = (RESIDENTS, IMPORTS, Door("http", Role.COMMUNITY), Door("page", Role.PROVIDER, structured=False))


def good(wire: str) -> dict[str, Any]:
    """A well-meant example, as it is sent."""
    return json.loads(ASKED[COMMANDS[wire]].command.model_dump_json(exclude_none=True))


def envelope(wire: str) -> dict[str, Any]:
    return {**ENVELOPE, "type": wire, "subject": ASKED[COMMANDS[wire]].command.subject}


def taken(body: bytes, headers: dict[str, Any], door: Door) -> Any:
    """Decoded, decided and written."""
    answer = DECODER.decode(body, headers, door, datetime.now(UTC), "x[0]@1")
    deciding = Deciding({}, {})
    deciding.take(answer)
    for fact in deciding.drafts[0].facts:
        assert b"\n" in encode(fact)
    return answer


def both_modes(data: Any, attributes: dict[str, Any], door: Door) -> list[Any]:
    binary = taken(json.dumps(data).encode("utf-8", "surrogatepass"), attributes, door)
    if not door.structured:
        return [binary]
    event = json.dumps({**attributes, "data": data}).encode("utf-8", "surrogatepass")
    return [binary, taken(event, {}, door)]


def test_every_command_is_gone_through() -> None:
    assert {command.wire for command in EVERY_COMMAND} == set(COMMANDS)


@pytest.mark.parametrize("wire", sorted(COMMANDS))
def test_the_example_itself_is_read_in_both_modes(wire: str) -> None:
    for door in DOORS:
        assert {type(one) for one in both_modes(good(wire), envelope(wire), door)} == {Request}


@pytest.mark.parametrize("wire", sorted(COMMANDS))
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_one_thing_spoilt_raises_nothing(wire: str, data: st.DataObject) -> None:
    payload, attributes = good(wire), envelope(wire)
    spoilt = payload if data.draw(st.booleans()) and payload else attributes
    spoilt[data.draw(st.sampled_from(sorted(spoilt)))] = data.draw(ANYTHING)
    for door in DOORS:
        both_modes(payload, attributes, door)
