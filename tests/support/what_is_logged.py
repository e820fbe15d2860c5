"""Watches all that is logged while something runs, and knows what must not be in it."""

import io
import logging
import re
import subprocess
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.keys.cipher import TextCipher
from adapters.logs import configure
from adapters.tokens.local import Tokens
from tests.support.log_as_it_was import log_as_it_was

OTHERS: Final = ("httpx", "httpcore", "asyncio", "faker")  # clients of the tests themselves
MOBILE: Final = re.compile(r"(?<![\w.:-])1[3-9]\d{9}(?![\w-])")
"""A telephone number: what programs of their own sealed is not known to us, this much of it can be told."""
SHORTEST: Final = 4  # characters; what is shorter is found by chance


@dataclass
class Watch:
    """What was logged, and what is personal or secret: all that was sealed, and every token."""

    logged: io.StringIO = field(default_factory=io.StringIO)
    secrets: set[str] = field(default_factory=set[str])
    folder: Path | None = None

    def leaks(self) -> set[str]:
        """What is in the logs of this process or of its children and must not be."""
        told = [self.logged.getvalue(), *_of_children(self.folder)]
        known = {one for one in self.secrets if len(one) >= SHORTEST and any(one in text for text in told)}
        return known | {number for text in told for number in MOBILE.findall(text)}

    def forget(self) -> None:
        """What was planted here is not to be found again."""
        self.secrets.clear()
        self.logged.truncate(0)
        self.folder = None

    def keep(self, *secrets: str) -> None:
        self.secrets |= set(secrets)


def _of_children(folder: Path | None) -> Iterable[str]:
    for file in folder.rglob("*.log") if folder else ():
        yield file.read_text(encoding="utf-8", errors="replace")


@contextmanager
def watching_logs(monkeypatch: pytest.MonkeyPatch, level: int = logging.DEBUG) -> Generator[Watch]:
    """All that any logger says meanwhile, at the most talkative level."""
    watch = Watch()
    _remember_what_is_sealed(monkeypatch, watch)
    _hear_programs(monkeypatch, watch)

    def configured(*_: Any, **__: Any) -> None:
        configure(level, watch.logged)

    monkeypatch.setattr("adapters.logs.configure", configured)
    quiet = {name: logging.getLogger(name).level for name in OTHERS}
    for name in OTHERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        with log_as_it_was():
            configured()
            yield watch
    finally:
        for name, was in quiet.items():
            logging.getLogger(name).setLevel(was)


def _hear_programs(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """What a program that runs to its end says on stderr is its log; its answer, on stdout, is not."""
    run = subprocess.run

    def heard(*args: Any, **options: Any) -> subprocess.CompletedProcess[Any]:
        done = run(*args, **options)
        said = done.stderr or ""
        watch.logged.write(said if isinstance(said, str) else said.decode(errors="replace"))
        return done

    monkeypatch.setattr(subprocess, "run", heard)


def _remember_what_is_sealed(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    seal, add = TextCipher.seal, Tokens.add

    def sealed(self: TextCipher, clear: str) -> Any:
        watch.keep(clear)
        return seal(self, clear)

    def added(self: Tokens, *args: Any) -> str:
        token = add(self, *args)
        watch.keep(token, token.split("_", 2)[2])
        return token

    monkeypatch.setattr(TextCipher, "seal", sealed)
    monkeypatch.setattr(Tokens, "add", added)
