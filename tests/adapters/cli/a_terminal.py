"""Somebody at a command line: what they type, and what comes back."""

import io
import json
import logging
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.app import run
from adapters.store.event_store import EventStore
from domain.facts import Recorded

LAKE = Path(__file__).with_name("lake.yaml")
POTHOLE = ("--category", "roads/pothole", "--area", "lake/east", "--details", "路面有坑")
LI = ("--as", "resident:r-li")
CHEN = ("--as", "community:d-chen")
WATER = ("--as", "provider:water")
OPERATOR = ("--as", "operator:op-1")


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    bytes: bytes
    err: str

    @property
    def out(self) -> str:
        return self.bytes.decode()

    @property
    def json(self) -> dict[str, Any]:
        """The last line, which with --json is always one object."""
        found = json.loads(self.out.strip().splitlines()[-1])
        assert isinstance(found, dict)
        return found


class Sidan:
    """The program, over a store of this test alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "lake.db"
        self.store = f"sqlite:///{self.file}"

    def __call__(self, *words: str, typed: bytes = b"") -> Said:
        """Run `sidan WORDS` to its end."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with _in_place_of_the_terminal(out, err, typed):
            code = run([*words, "--store", self.store])
            out.flush()
        assert isinstance(out.buffer, io.BytesIO)
        return Said(code, out.buffer.getvalue(), err.getvalue())

    def json(self, *words: str, typed: bytes = b"") -> dict[str, Any]:
        """The answer of a command that must succeed."""
        said = self(*words, "--json", typed=typed)
        assert said.code == 0, said.out + said.err
        return said.json

    def refused(self, *words: str, typed: bytes = b"") -> str:
        """The code of a refusal, which must be recorded."""
        said = self(*words, "--json", typed=typed)
        assert said.code == 1, said.out + said.err
        assert said.json["reason_zh"].endswith("。")
        assert said.json["reason_en"].endswith(".")
        last = self.log()[-1]
        assert last.position == said.json["position"]
        assert getattr(last.fact.event, "code", "") == said.json["code"]
        return said.json["code"]

    def log(self) -> Sequence[Recorded]:
        """Everything on record."""
        store = EventStore(self.store)
        try:
            return store.read(0, 100_000)
        finally:
            store.close()

    def placed(self) -> str:
        """A new order of Aunt Li's."""
        return self.json("place", *POTHOLE, *LI)["order"]

    def dispatched(self) -> str:
        order = self.placed()
        self.json("dispatch", order, "--provider", "water", *CHEN)
        return order

    def accepted(self) -> str:
        order = self.dispatched()
        self.json("accept", order, *WATER)
        return order

    def completed(self) -> str:
        order = self.accepted()
        self.json("complete", order, "--result", "补好了", *WATER)
        return order


@contextmanager
def _in_place_of_the_terminal(out: io.TextIOWrapper, err: io.StringIO, typed: bytes) -> Generator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), "utf-8"))
        try:
            yield
        finally:
            root.handlers = handlers
            root.setLevel(level)
