"""The command line as a whole: settings, help, exit codes, errors of one sentence."""

import io
import json
import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from adapters.cli.app import run, settings_first
from adapters.logs import configure
from adapters.settings import Settings
from tests.adapters.cli.a_terminal import LI, POTHOLE, Sidan

SIDAN = str(Path(sys.executable).with_name("sidan"))
GROUPS = ("点单", "派单", "接单", "评单", "查看", "运行", "审计")


def test_help_is_grouped_by_the_four_orders(nowhere: Sidan) -> None:
    said = nowhere("--help")
    assert said.code == 0
    assert all(f"─ {group} " in said.out for group in GROUPS)


def test_settings_may_stand_before_the_command_or_behind_it() -> None:
    assert settings_first(["orders", "list", "--store", "x", "--json"]) == [
        "--store",
        "x",
        "orders",
        "list",
        "--json",
    ]
    assert settings_first(["status", "--store=x"]) == ["--store=x", "status"]
    assert settings_first(["place", "--", "--store", "x"]) == ["place", "--", "--store", "x"]
    assert settings_first(["status", "--store"]) == ["--store", "status"]


def test_settings_come_from_the_environment_too(
    sidan: Sidan, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIDAN_STORE", sidan.store)
    assert run(["status", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["town"] == "lake-town"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("conjure",), "usage"),
        (("orders", "list", "--colour", "red"), "usage"),
        (("orders", "list", "--limit", "many"), "usage"),
        (("rate", "x", "--level", "splendid"), "usage"),
        (("worker",), "no_kafka"),
        (("relay",), "no_kafka"),
        (("serve", "--host", "192.0.2.1"), "needs_token"),
        (("status", "--secret", "not hex"), "bad_setting"),
    ],
)
def test_wrong_usage_ends_with_two_and_one_sentence(
    nowhere: Sidan, words: tuple[str, ...], code: str
) -> None:
    said = nowhere(*words)
    assert said.code == 2
    assert said.err.endswith(f"[{code}]\n")
    assert len(said.err.strip().splitlines()) == 1


def test_a_store_of_no_kind_we_know_is_a_usage_error(nowhere: Sidan) -> None:
    nowhere.store = "mysql://somewhere"
    said = nowhere("status", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "unknown_store")


def test_a_store_that_is_away_ends_with_three(nowhere: Sidan) -> None:
    nowhere.store = "sqlite:////nowhere/at/all.db"
    said = nowhere("init", "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "store_away")
    nowhere.store = "postgresql://me:s3cret@127.0.0.1:1/db"
    said = nowhere("status", "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "store_away")
    assert "s3cret" not in said.out + said.err
    assert len(said.err.strip().splitlines()) == 1


def test_a_broker_that_is_away_ends_with_three(sidan: Sidan) -> None:
    said = sidan("submit", "-", "--kafka", "127.0.0.1:1", "--json", typed=b"{}\n")
    assert (said.code, said.json["error"]["code"]) == (3, "kafka_away")


def test_a_file_that_is_no_database_is_told_as_such(nowhere: Sidan) -> None:
    nowhere.file.write_bytes(b"this is a shopping list\n" * 100)
    said = nowhere("status", "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "store_away")


@pytest.mark.parametrize(
    "table", ["stored_events RENAME COLUMN state", "command_keys RENAME COLUMN digest", "command_keys ADD"]
)
def test_a_table_of_another_shape_is_told_as_such(sidan: Sidan, table: str) -> None:
    """Not as a store that is away: no waiting helps."""
    rest = "more" if table.endswith("ADD") else "TO other"
    with sqlite3.connect(sidan.file) as rows:
        rows.execute(f"ALTER TABLE {table} {rest}")
    said = sidan("place", *POTHOLE, *LI, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "other_release")
    assert "另一版本" in said.json["error"]["reason_zh"]


def test_the_documents_of_both_interfaces_are_printed(nowhere: Sidan) -> None:
    bus, http = nowhere("docs", "asyncapi").json, nowhere("docs", "openapi").json
    assert bus["asyncapi"].startswith("3.")
    addresses = {channel["address"] for channel in bus["channels"].values()}
    assert {"sidan.residents", "sidan.imports", "sidan.events", "sidan.outcomes"} <= addresses
    assert {"PlaceOrder", "OrderPlaced"} <= set(bus["components"]["schemas"])
    assert http["openapi"].startswith("3.")


def test_the_installed_program_runs_and_ends_as_promised(sidan: Sidan) -> None:
    words = [SIDAN, "place", *POTHOLE, "--as", "resident:r-li", "--store", sidan.store, "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "recorded"
    done = subprocess.run(
        [SIDAN, "place"], capture_output=True, check=False, env={"SIDAN_STORE": sidan.store}
    )
    assert done.returncode == 2


def test_the_log_is_json_when_nobody_watches() -> None:
    out = io.StringIO()
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        configure(stream=out)
        with structlog.contextvars.bound_contextvars(order="o-1", command="PlaceOrder"):
            structlog.get_logger("test").info("recorded", position=7)
        logging.getLogger("library").warning("slow")
    finally:
        root.handlers, level = before
        root.setLevel(level)
    ours, theirs = (json.loads(line) for line in out.getvalue().splitlines())
    assert (ours["event"], ours["order"], ours["command"], ours["position"]) == (
        "recorded",
        "o-1",
        "PlaceOrder",
        7,
    )
    assert (theirs["event"], theirs["logger"]) == ("slow", "library")


def test_every_setting_has_an_option(nowhere: Sidan) -> None:
    said = nowhere("--help").out
    for name in Settings.__dataclass_fields__:
        assert f"--{name.replace('_', '-')}" in said
