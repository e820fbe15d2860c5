"""Nothing of the schema may change so that this release cannot read what an earlier one wrote."""

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field, create_model

import domain.commands as c
from adapters.store import wire
from domain.commands import Command
from domain.events import EVENTS, OrderAccepted, OrderEvent
from tests.golden.schema import UPGRADES, Shelf, faults

HERE = Path(__file__).parents[2]
RELEASES = sorted(path.parent.name for path in UPGRADES.glob("*/golden.json"))


@pytest.fixture(scope="module")
def today() -> Shelf:
    return Shelf.of_tree(HERE)


class Renumbered(OrderAccepted):
    class_version: ClassVar[int] = 3


class Unlike(OrderEvent):
    """OrderAccepted, had its provider become a number."""

    wire: ClassVar[str] = "OrderAccepted"
    provider: int


class Forgetful(OrderEvent):
    """OrderAccepted, had its provider got another name and a default."""

    model_config: ClassVar[Any] = {"extra": "ignore"}
    wire: ClassVar[str] = "OrderAccepted"
    unit: str = ""


def test_what_is_written_today_can_be_read(today: Shelf) -> None:
    assert faults(today) == []
    assert {one["topic"] for one in today.facts} == set(EVENTS)
    assert set(today.asked) == set(c.COMMANDS)


@pytest.mark.parametrize("release", RELEASES)
def test_what_an_earlier_release_wrote_can_be_read(release: str) -> None:
    assert faults(Shelf.kept(release)) == []


@pytest.mark.parametrize(
    ("accepted", "steps", "sentence"),
    [
        (None, {}, "OrderAccepted: no event has this wire name any more"),
        (Unlike, {}, "OrderAccepted: cannot be read any more"),
        (Forgetful, {}, "OrderAccepted: what stood in provider is read as something else"),
        (Renumbered, {1: dict}, "OrderAccepted: nothing brings version 2 to 3"),
        (Renumbered, {1: dict, 2: dict}, None),
        (OrderAccepted, {1: dict}, "OrderAccepted: a step from version 1 leads nowhere"),
    ],
)
@pytest.mark.parametrize("release", RELEASES)
def test_a_planted_fault_is_named(
    release: str, accepted: Any, steps: Any, sentence: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = {**EVENTS, "OrderAccepted": accepted}
    if accepted is None:
        del events["OrderAccepted"]
        events["OrderTaken"] = OrderAccepted
    monkeypatch.setattr(wire, "EVENTS", events)
    monkeypatch.setattr(wire, "UPCASTERS", {("OrderAccepted", step): up for step, up in steps.items()})
    found = faults(Shelf.kept(release))
    assert [one[: len(sentence or "")] for one in found][-1:] == ([sentence] if sentence else [])


def changed(command: type[Command], **fields: Any) -> type[Command]:
    """The command as it might look one day."""
    return create_model(command.__name__, __base__=command, **fields)


@pytest.mark.parametrize(
    ("accept", "sentence"),
    [
        (None, "AcceptOrder: no command has this name any more"),
        (
            changed(c.AcceptOrder, by=(str, Field())),
            "AcceptOrder: a stored refusal of it cannot be read",
        ),
        (
            changed(c.AcceptOrder, provider=(int, Field())),
            "AcceptOrder: a stored refusal of it cannot be",
        ),
        (changed(c.AcceptOrder, by=(str | None, None)), None),
    ],
)
@pytest.mark.parametrize("release", RELEASES)
def test_a_refusal_that_could_not_be_read_any_more_is_named(
    release: str, accept: type[Command] | None, sentence: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**c.COMMANDS, "AcceptOrder": accept}
    if accept is None:
        del asked["AcceptOrder"]
    monkeypatch.setattr(c, "COMMANDS", asked)
    found = faults(Shelf.kept(release))
    assert [one[: len(sentence or "")] for one in found] == ([sentence] if sentence else [])


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_kept_says_all_it_knew(release: str) -> None:
    """Its bytes are not thinned out: what its store holds, its shelf has too."""
    store = json.loads((UPGRADES / release / "expected.json").read_text(encoding="utf-8"))
    assert set(store["topics"]) <= {one["topic"] for one in Shelf.kept(release).facts}
