"""What was once written is read for ever: one file for each event and version, in the bytes of its day."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.store.wire import decode, encode
from domain.events import EVENTS
from domain.facts import Meta
from tests.golden.events import EXAMPLES, FILES, as_fact, file_of
from tests.support.an_order import ORDER

EVERY_FILE = sorted(FILES.glob("*.json"))


def read(path: Path) -> tuple[str, bytes]:
    lying: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return lying["topic"], f"{lying['meta']}\n{lying['data']}".encode()


def test_every_event_of_every_version_has_a_file() -> None:
    wanted = {
        file_of(wire, version)
        for wire, event in EVENTS.items()
        for version in range(1, event.class_version + 1)
    }
    assert wanted == set(EVERY_FILE)


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_it_is_read_and_written_back_the_same(path: Path) -> None:
    topic, state = read(path)
    fact = decode(topic, state, ORDER, 5)
    if fact.meta.class_version == EVENTS[topic].class_version:
        assert encode(fact) == state


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.wire)
def test_it_still_means_the_same(example) -> None:
    topic, state = read(file_of(example.wire, example.class_version))
    assert decode(topic, state, ORDER, 5) == as_fact(example)


def test_the_examples_use_every_field() -> None:
    """A field nobody fills could change its name unnoticed."""
    for example in EXAMPLES:
        spared = {"OrderAmended": {"address"}, "MessageParked": {"envelope"}}.get(example.wire, set())
        assert {name for name in type(example).model_fields if getattr(example, name) is None} == spared
    meta = as_fact(EXAMPLES[0]).meta
    assert all(getattr(meta, name) is not None for name in Meta.__struct_fields__)
