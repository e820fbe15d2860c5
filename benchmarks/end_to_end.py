"""Kafka mode whole, command topic → record → events topic → order board, against a bare pipe."""

import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import LiteralString

import psycopg

from adapters.bootstrap import Node
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import Provisioning, Topic, Topics
from adapters.settings import Settings
from benchmarks.bare_pipe import TABLES
from benchmarks.load import PROVIDER, RULES, STEPS, Line, decoded, life, line
from benchmarks.measuring import Row, at_least, in_turn
from tests.support.postgres import fresh_database
from tests.support.processes import environment_of

COMMANDS = 40_000
ROUNDS = 3
LIMIT = 180.0  # seconds for a round


@dataclass
class _Pipe:
    """Something that commands go into and come out of at the other end."""

    sender: Sender
    topic: str
    url: str
    shown: LiteralString  # SQL: how many have come out
    sent: int = 0
    rounds: Iterator[list[Outgoing]] = field(default_factory=lambda: iter(()))

    def make_ready(self, rounds: int) -> None:
        """Make the messages of so many rounds, before the clock starts."""
        self.rounds = iter([_commands(self.topic) for _ in range(rounds)])

    def round(self) -> int:
        """Send a round's commands and wait until the last has come out."""
        self.sender.send(next(self.rounds), timeout=LIMIT)
        self.sent += COMMANDS
        self.wait()
        return COMMANDS

    def wait(self) -> None:
        until = time.monotonic() + LIMIT
        with psycopg.connect(self.url, autocommit=True) as connection:
            while (connection.execute(self.shown).fetchone() or (0,))[0] < self.sent:
                if time.monotonic() > until:
                    raise TimeoutError(f"{self.topic}: not all came out within {LIMIT} s")
                time.sleep(0.02)


def measure(kafka: str, server: str) -> Iterator[Row]:
    """Both pipes run side by side and are filled in turn."""
    with fresh_database(server) as ours, fresh_database(server) as bare:
        stamp = str(time.time_ns())
        with (
            _our_pipe(kafka, ours, f"bench{stamp}") as mine,
            _bare_pipe(kafka, bare, f"bare{stamp}") as theirs,
        ):
            for pipe in (mine, theirs):
                pipe.make_ready(ROUNDS + 1)
            rates = in_turn({"ours": mine.round, "bare": theirs.round}, ROUNDS)
    told, against = f"{rates.rate('ours'):,.0f}/s", f"bare pipe: {rates.rate('bare'):,.0f}/s"
    yield at_least("command topic → order board visible", told, against, rates.ratio("ours", "bare"), 0.4)


@contextmanager
def _our_pipe(kafka: str, url: str, prefix: str) -> Generator[_Pipe]:
    settings = Settings(store=url, kafka=kafka, prefix=prefix)
    topics = Topics(prefix)
    with Provisioning(kafka) as provisioning:
        provisioning.create(topics.all())
    with Node(settings) as node:
        node.create()
        setting_up = [
            line("AdoptRules", "rules", "operator", "bench", b'{"rules":' + RULES + b"}"),
            line("RegisterProvider", "provider/water", "community", "bench", PROVIDER),
        ]
        node.handler.handle(decoded(node.decoder, setting_up, 0))
    roles = (["worker"], ["relay"], ["project", "order_board"])
    commands = [[sys.executable, "-m", "adapters.cli", *role] for role in roles]
    shown = "SELECT coalesce(sum(version), 0) FROM order_board_v2"
    with _running(commands, environment_of(settings)):
        yield _Pipe(Sender(kafka, {}), topics.name("imports"), url, shown)


@contextmanager
def _bare_pipe(kafka: str, url: str, prefix: str) -> Generator[_Pipe]:
    with psycopg.connect(url) as connection:
        connection.execute(TABLES)
    with Provisioning(kafka) as provisioning:
        provisioning.create([Topic(f"{prefix}.{end}", 4, "-1") for end in ("in", "out", "answers")])
    commands = [
        [sys.executable, "-m", "benchmarks.bare_pipe", hop, kafka, url, prefix]
        for hop in ("take", "relay", "show")
    ]
    shown = "SELECT place FROM pipe_places WHERE name = 'shown'"
    with _running(commands, {}):
        yield _Pipe(Sender(kafka, {}), f"{prefix}.in", url, shown)


@contextmanager
def _running(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> Generator[None]:
    """Processes of their own, ended by their ids."""
    processes = [
        subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _commands(topic: str) -> list[Outgoing]:
    """Whole lives side by side: all are placed, then all dispatched …"""
    lives = [life() for _ in range(COMMANDS // STEPS)]
    steps = chain.from_iterable([one[step] for one in lives] for step in range(STEPS))
    return [_outgoing(topic, one) for one in steps]


def _outgoing(topic: str, one: Line) -> Outgoing:
    headers = [(f"ce_{name}", value.encode()) for name, value in one.attributes.items()]
    return Outgoing(topic, one.subject.encode(), one.data, headers)
