"""Bad input at the command line: each kind has its code, is recorded, is answered, and stops nobody else."""

import io
import json

import pytest

from adapters.cli.submitting import lines_of
from tests.adapters.cli.a_terminal import CHEN, LI, POTHOLE, WATER, Sidan

NO_SUCH = "019cac2e-f380-7000-8000-000000000009"
WHERE = ("--category", "roads/pothole", "--area", "lake/east")

PLACINGS: dict[str, tuple[str, ...]] = {
    "invalid_field": ("--category", "Roads & Pits", "--area", "lake/east", "--details", "x", *LI),
    "unknown_category": ("--category", "roads/nothing", "--area", "lake/east", "--details", "x", *LI),
    "unknown_area": ("--category", "roads/pothole", "--area", "lake/north", "--details", "x", *LI),
    "wrong_role": (*POTHOLE, *WATER),
    "not_yours": (*POTHOLE, *LI, "--for", "r-wang"),
    "date_absurd": (*POTHOLE, *LI, "--wanted-at", "1066-10-14"),
}


def test_each_kind_of_bad_placing_has_its_code(sidan: Sidan) -> None:
    for code, words in PLACINGS.items():
        assert sidan.refused("place", *words) == code
    assert sidan.placed()  # and nobody else is stopped


def test_a_wish_for_the_far_future_is_absurd(sidan: Sidan) -> None:
    assert sidan.refused("place", *POTHOLE, *LI, "--wanted-at", "9999-01-01") == "date_absurd"


def test_ten_megabytes_of_text_are_kept_as_digest_length_and_beginning(sidan: Sidan) -> None:
    assert sidan.refused("place", *WHERE, "--details", "-", *LI, typed=b"x" * 10_000_000) == "too_large"
    (letter,) = sidan.json("dead-letters", "list")["dead_letters"]
    assert letter["size"] > 10_000_000
    assert (
        len(sidan.json("dead-letters", "show", str(letter["position"]), "--open", "--why", "x")["body"])
        == 64 * 1024
    )


def test_a_line_without_end_is_read_so_far_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.cli.submitting.MAX_READ", 4)
    file = io.BytesIO(b"abcdefghijkl\nxy\nabc\nabcd\nz")
    assert list(lines_of(file)) == [b"abcd", b"xy\n", b"abc\n", b"abcd", b"z"]


def test_a_file_of_commands_nobody_can_read_has_a_code_for_each(sidan: Sidan) -> None:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "test",
        "type": "Conjure",
        "actor": "r-li",
        "data": {},
    }
    typed = "不是JSON\n".encode() + json.dumps(event).encode() + b"\n" + b'{"specversion":"1.0"}\n'
    told = sidan.json("submit", "-", typed=typed)
    assert told["codes"] == {"not_cloudevent": 1, "unknown_type": 1, "unreadable": 1}
    assert told["parked"] == told["lines"] == 3


def test_a_text_longer_than_a_person_writes_is_no_field(sidan: Sidan) -> None:
    assert sidan.refused("place", *WHERE, "--details", "-", *LI, typed=b"x" * 4_001) == "invalid_field"


def test_an_id_used_again_for_something_else_is_refused(sidan: Sidan) -> None:
    sidan.json("place", *POTHOLE, *LI, "--id", "call-1")
    words = (*WHERE, "--details", "别的事", *LI, "--id", "call-1")
    assert sidan.refused("place", *words) == "id_reused"


def test_an_order_that_is_not_there_is_unknown(sidan: Sidan) -> None:
    assert sidan.refused("dispatch", NO_SUCH, "--provider", "water", *CHEN) == "unknown_order"


def test_a_step_out_of_turn_is_forbidden(sidan: Sidan) -> None:
    assert sidan.refused("complete", sidan.placed(), "--result", "x", *WATER) == "forbidden_step"


def test_what_people_wrote_is_not_told_in_an_error(sidan: Sidan) -> None:
    said = sidan("place", *WHERE, "--details", "-", "--contact", "13800138000", *LI, typed=b"x" * 4_001)
    assert "138001" not in said.out + said.err


def test_dates_in_files_are_checked_too(sidan: Sidan) -> None:
    def line(number: int, time: str) -> bytes:
        data = {"category": "roads/pothole", "area": "lake/east", "details": "x"}
        said = {"specversion": "1.0", "id": str(number), "source": "test", "type": "PlaceOrder", "data": data}
        return json.dumps({**said, "role": "resident", "actor": "r-li", "time": time}).encode() + b"\n"

    lines = (
        line(1, "2999-01-01T00:00:00Z") + line(2, "1066-10-14T00:00:00Z") + line(3, "2026-03-02T00:00:00Z")
    )
    told = sidan.json("submit", "-", typed=lines)
    assert (told["recorded"], told["codes"]) == (1, {"date_absurd": 1, "date_in_future": 1})
