"""A personal value is closed with the town's key, the same each time, and opened with no other."""

import pytest

from adapters.keys.town_key import TownSealer
from domain.sealed import Sealed

SEALER = TownSealer(b"lake-town")


@pytest.mark.parametrize("text", ["李", "13800138000", "人民路 1 号\n二楼", "s1.AAAA", "🏠" * 4000, ""])
def test_it_opens_as_it_was_closed(text: str) -> None:
    sealed = SEALER.seal(text)
    assert isinstance(sealed, Sealed)
    assert SEALER.open(sealed) == text
    assert not text or text not in str(sealed)


def test_the_same_text_is_sealed_to_the_same_bytes() -> None:
    assert str(SEALER.seal("李")) == str(TownSealer(b"lake-town").seal("李"))
    assert str(SEALER.seal("李")) != str(SEALER.seal("王"))


def test_another_town_seals_otherwise_and_opens_nothing() -> None:
    other = TownSealer(b"hill-town")
    assert str(other.seal("李")) != str(SEALER.seal("李"))
    assert "李" not in other.open(SEALER.seal("李"))


@pytest.mark.parametrize("spoilt", ["", "s1.", "s1.AAAA", "s1.!!!", "clear text", "s1." + "A" * 64, "s1.é"])
def test_what_does_not_open_is_marked_and_raises_nothing(spoilt: str) -> None:
    assert "cannot be opened" in SEALER.open(spoilt)


def test_nothing_opens_as_nothing() -> None:
    assert SEALER.open(None) == ""


def test_a_sealed_value_shows_nothing_by_accident() -> None:
    assert repr(SEALER.seal("李")) == "Sealed(…)"
