"""Files of commands and tables: every line is answered, and the counts add up to the lines read."""

import json
from pathlib import Path

from tests.adapters.cli.a_terminal import LAKE, Sidan

ANSWERS = ("recorded", "rejected", "parked", "repeated")
LAKE_TOWN = ("--town", str(LAKE))


def simulated(sidan: Sidan, *words: str) -> bytes:
    said = sidan("simulate", *LAKE_TOWN, "--orders", "40", *words)
    assert said.code == 0, said.err
    return said.bytes


def summed(told: dict[str, int]) -> int:
    return sum(told[answer] for answer in ANSWERS)


def test_a_simulated_week_goes_in_whole(sidan: Sidan) -> None:
    lines = simulated(sidan, "--seed", "5")
    told = sidan.json("submit", "-", typed=lines)
    assert summed(told) == told["lines"] == len(lines.splitlines())
    assert (told["parked"], told["repeated"]) == (0, 0)
    assert sum(1 for one in sidan.log() if one.fact.event.wire == "OrderPlaced") == 40
    assert sidan.json("status")["roles"][0]["events"] == 0


def test_bad_lines_stop_nobody_and_each_is_counted(sidan: Sidan) -> None:
    good, bad = (simulated(sidan, "--seed", "5", *more) for more in ((), ("--faults",)))
    told = sidan.json("submit", "-", typed=bad)
    assert summed(told) == told["lines"] == len(bad.splitlines())
    assert told["parked"] > 0
    assert sum(told["codes"].values()) == told["rejected"] + told["parked"] + told["repeated"]
    recorded = sidan.json("submit", "-", typed=good)
    assert recorded["repeated"] == recorded["lines"]  # all the good ones had come through


def test_the_same_file_again_records_nothing_new(sidan: Sidan, tmp_path: Path) -> None:
    file = tmp_path / "week.jsonl"
    file.write_bytes(simulated(sidan, "--seed", "6"))
    first = sidan.json("submit", str(file))
    digests = sidan.json("projections", "verify")
    second = sidan.json("submit", str(file))
    assert (second["recorded"], second["repeated"]) == (0, first["lines"])
    assert sidan.json("projections", "verify") | {"projections": []} == digests | {"projections": []}


def test_blank_lines_are_no_lines(sidan: Sidan) -> None:
    lines = simulated(sidan, "--seed", "7").splitlines()[:5]
    told = sidan.json("submit", "-", typed=b"\n\n" + b"\n  \n".join(lines) + b"\n\r\n")
    assert (told["lines"], summed(told)) == (5, 5)


def test_a_line_nobody_can_read_is_parked_with_its_bytes(sidan: Sidan) -> None:
    told = sidan.json("submit", "-", typed=b"\xff\xfe nonsense\n{}\n[1]\n")
    assert (told["parked"], told["lines"]) == (3, 3)
    (first, *_) = sidan.json("dead-letters", "list")["dead_letters"]
    shown = sidan.json("dead-letters", "show", str(first["position"]), "--open", "--why", "x")
    assert "nonsense" in shown["body"]


def test_time_in_a_file_counts_as_it_says(sidan: Sidan) -> None:
    sidan.json("submit", "-", typed=simulated(sidan, "--seed", "8", "--from", "2026-01-05", "--days", "2"))
    days = {str(one["placed_at"])[:10] for one in sidan.json("orders", "list")["orders"]}
    assert days <= {"2026-01-04", "2026-01-05", "2026-01-06"}  # in UTC
    assert all(one.fact.meta.via == "imports" for one in sidan.log()[3:])


def test_the_same_seed_makes_the_same_bytes(nowhere: Sidan) -> None:
    assert simulated(nowhere, "--seed", "5") == simulated(nowhere, "--seed", "5")
    assert simulated(nowhere, "--seed", "5") != simulated(nowhere, "--seed", "6")


def test_a_file_that_is_not_there_is_a_usage_error(sidan: Sidan) -> None:
    said = sidan("submit", "nowhere.jsonl", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "no_such_file")


def test_a_count_is_told_to_people_too(sidan: Sidan) -> None:
    said = sidan("submit", "-", typed=b"{}\n")
    assert "共1行" in said.out
    assert "1 parked" in said.out


def test_a_table_that_does_not_say_when_says_what_is_missing(sidan: Sidan, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    said = sidan("submit", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "missing_column")
    assert json.loads(said.out)["error"]["reason_zh"].endswith("。")
