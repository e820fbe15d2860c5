"""Writes the store of a release that was: its own code takes in a week, and says what it then knew.

    python -m tests.upgrades.writing FOLDER VERSION

FOLDER is a checkout of that release. Its store is kept for ever and never written again.
"""

import gzip
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.golden.schema import Shelf
from tests.support.postgres import fresh_database, running_postgres
from tests.support.postgres_wheel import _package, _programs_folder

HERE: Final = Path(__file__).parent
TOWN: Final = HERE / "town.yaml"
ORDERS: Final = 60
CHEN: Final = ("--as", "community:d-chen")
MEALS: Final = ("--as", "provider:meals")
OPERATOR: Final = ("--as", "operator:op-1")
TABLES: Final = "from adapters.bootstrap import Node; from adapters.settings import Settings; import sys; "


@dataclass(frozen=True)
class Release:
    """The program as it was then, over a store of its own."""

    tree: Path
    store: Path

    def __call__(self, *words: str, typed: bytes = b"", fails: bool = False) -> bytes:
        """Run `sidan WORDS`."""
        return self._run(["-m", "adapters.cli", *words], typed, fails=fails)

    def json(self, *words: str, typed: bytes = b"", fails: bool = False) -> dict[str, Any]:
        out = self(*words, "--json", "--store", f"sqlite:///{self.store}", typed=typed, fails=fails)
        return json.loads(out.splitlines()[-1])

    def tables_at(self, url: str) -> None:
        """Create them in an empty PostgreSQL database."""
        self._run(["-c", f"{TABLES} Node(Settings(store=sys.argv[1])).create()", url], b"", fails=False)

    def _run(self, words: Sequence[str], typed: bytes, *, fails: bool) -> bytes:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SIDAN_")}
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.tree,
            env={**clean, "PYTHONPATH": str(self.tree)},
            input=typed,
            stdout=subprocess.PIPE,
            check=False,
        )
        assert done.returncode == (1 if fails else 0), (words, done.returncode, done.stdout.decode())
        return done.stdout


def live_through(sidan: Release) -> None:
    """A week of orders, then whatever else leaves a trace of its own in a store."""
    sidan.json("init", "--town", str(TOWN))
    week = sidan("simulate", "--orders", str(ORDERS), "--seed", "5", "--faults", "--town", str(TOWN))
    sidan.json("submit", "-", typed=week)
    sidan.json("submit", "-", typed=b"".join(week.splitlines(keepends=True)[:5]))  # repeats
    sidan.json("submit", "-", typed=b'{"no":"command"}\nneither\n')
    letters = sidan.json("dead-letters", "list")["dead_letters"]
    sidan.json("dead-letters", "discard", str(letters[-1]["position"]), "--reason", "测试", *OPERATOR)
    _volunteers_and_needs(sidan)
    _new_rules(sidan)
    _what_waits(sidan)


def _volunteers_and_needs(sidan: Release) -> None:
    who = ("meals", "v-2", "--name", "池映雪")
    sidan.json(
        "provider", "volunteer", "enrol", *who, "--health", "膝伤", "--hours", "Fri 14:00-17:00", *MEALS
    )
    sidan.json("provider", "volunteer", "change", "meals", "v-2", "--hours", "Fri 09:00-17:00", *MEALS)
    sidan.json("provider", "volunteer", "release", "meals", "v-1", *MEALS)
    hall = ("--title-zh", "借用排练室", "--title-en", "A room to rehearse in", "--area", "lake/east")
    sidan.json("needs", "state", "hall", *hall, *CHEN)
    sidan.json("needs", "take-up", "hall", "--provider", "meals", "--note", "周三可以", *MEALS)
    sidan.json("needs", "state", "van", "--provider", "meals", *hall, *MEALS)
    sidan.json("needs", "close", "van", "--reason", "已有", *MEALS)


def _new_rules(sidan: Release) -> None:
    changed = TOWN.read_text(encoding="utf-8").replace("hours: [8, 72]", "hours: [6, 48]")
    with TemporaryDirectory() as folder:
        town = Path(folder) / "town.yaml"
        town.write_text(changed, encoding="utf-8")
        sidan.json("town", "apply", str(town), "--yes")


def _what_waits(sidan: Release) -> None:
    """An order that auto-dispatch has nobody for, one proposed, one that nobody has touched."""
    li = ("--as", "resident:r-li", "--details", "请来看看", "--contact", "13800138000")
    for category, area in (
        ("care/visit", "lake/west"),
        ("roads/lamp", "lake/east"),
        ("care/meals", "lake/east"),
    ):
        placed = sidan.json("place", "--category", category, "--area", area, *li)["order"]
    sidan.json("dispatch", placed, "--provider", "meals", *CHEN)
    sidan.json("accept", placed, "--as", "provider:water", fails=True)


def answers(sidan: Release) -> dict[str, Any]:
    """What that release knew of its store."""
    orders = sidan.json("orders", "list", "--limit", "500")["orders"]
    verified = sidan.json("projections", "verify")["projections"]
    models = {one["name"]: one["version"] for one in sidan.json("projections", "status")["projections"]}
    with closing(sqlite3.connect(sidan.store)) as db:
        log = db.execute("SELECT * FROM stored_events ORDER BY notification_id").fetchall()
        topics = db.execute("SELECT topic, count(*) FROM stored_events GROUP BY topic ORDER BY topic")
        keys = db.execute("SELECT * FROM command_keys ORDER BY source, id").fetchall()
        return {
            "head": log[-1][0],
            "facts": len(log),
            "topics": dict(topics.fetchall()),
            "log": digest_of_rows(log),
            "keys": len(keys),
            "keys_digest": digest_of_rows(keys),
            "models": {
                one["name"]: {"version": models[one["name"]], "digest": one["digest"]} for one in verified
            },
            "stages": {one["order_id"]: one["stage"] for one in orders},
        }


def digest_of_rows(rows: Sequence[tuple[object, ...]]) -> str:
    """SHA-256 (hex) over all values, each behind its length."""
    sha = hashlib.sha256()
    for row in rows:
        for value in row:
            told = value if isinstance(value, bytes) else str(value).encode()
            sha.update(len(told).to_bytes(8) + told)
    return sha.hexdigest()


def postgres_tables(sidan: Release) -> str:
    """The statements that make its tables in PostgreSQL."""
    with running_postgres() as server, fresh_database(server) as url:
        sidan.tables_at(url)
        words = [_pg_dump(), "--schema-only", "--no-owner", "--no-privileges", "--no-comments", url]
        said = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout.decode()
    lines = (
        line for line in said.splitlines() if line and not line.startswith(("--", "\\", "SET ", "SELECT "))
    )
    return "\n".join(lines) + "\n"


def _pg_dump() -> str:
    """That of the server's own version, since an older one reads no newer server."""
    return str(_package() / _programs_folder() / "pg_dump")


def main(tree: Path, version: str) -> None:
    kept = HERE / version
    kept.mkdir()
    with TemporaryDirectory() as folder:
        sidan = Release(tree.resolve(), Path(folder) / "sidan.db")
        live_through(sidan)
        told = answers(sidan)
        whole = Path(folder) / "whole.db"
        with closing(sqlite3.connect(sidan.store)) as db:
            db.execute("VACUUM INTO ?", (str(whole),))
        (kept / "sidan.db.gz").write_bytes(gzip.compress(whole.read_bytes(), 9, mtime=0))
        (kept / "postgres.sql").write_text(postgres_tables(sidan), encoding="utf-8")
    _keep(kept / "golden.json", asdict(Shelf.of_tree(tree.resolve())))
    _keep(kept / "expected.json", told)


def _keep(file: Path, told: Any) -> None:
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
