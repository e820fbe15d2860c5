"""How it lies in the outbox which keys an erasure destroys."""

from services.erasing import read, written


def test_what_is_written_is_read_back() -> None:
    assert read(written([3, 1 << 55])) == [3, 1 << 55]
    assert read(written([])) == []
