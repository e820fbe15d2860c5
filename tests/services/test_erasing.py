"""What several erasures reach together, and how it lies in the outbox."""

from services.erasing import read, together, written


def test_what_is_written_is_read_back() -> None:
    reach = {"a": frozenset({"r-li", ""}), "b": None, "letter/x": frozenset({"r-li"})}
    assert read(written(reach)) == reach


def test_together_they_reach_what_each_reaches_and_everybody_is_more_than_some() -> None:
    mine, ours = {"a": frozenset({"r-li"}), "b": frozenset({""})}, {"a": frozenset({"r-wang"})}
    assert together([mine, ours]) == {"a": frozenset({"r-li", "r-wang"}), "b": frozenset({""})}
    everybody = {"a": None}
    assert together([mine, everybody]) == together([everybody, mine]) == {"a": None, "b": frozenset({""})}
