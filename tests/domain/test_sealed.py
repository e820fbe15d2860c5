"""People's words are sealed as they come in and shown by nothing."""

import pytest
from pydantic import ValidationError

from domain.commands import PlaceOrder
from domain.sealed import MAX_TEXT, Sealed
from tests.support.an_order import ORDER

SECRET = "13800138000"


class Reversing:
    """Not a cipher; enough to see that it was used once."""

    def __init__(self) -> None:
        self.times = 0

    def seal(self, clear: str) -> Sealed:
        self.times += 1
        return Sealed(clear[::-1])


def read(details: object, sealer: Reversing | None) -> PlaceOrder:
    message = {"order": str(ORDER), "category": "roads", "area": "lake", "details": details}
    return PlaceOrder.model_validate(message, context=sealer)


def test_what_comes_in_is_sealed_once() -> None:
    sealer = Reversing()
    command = read(SECRET, sealer)
    assert command.details == SECRET[::-1]
    assert PlaceOrder.model_validate(command.model_dump(), context=sealer).details == command.details
    assert sealer.times == 1


def test_what_lies_in_the_record_is_taken_as_it_is() -> None:
    sealed = read(SECRET, Reversing())
    told = sealed.model_dump_json()
    assert PlaceOrder.model_validate_json(told) == sealed
    assert type(PlaceOrder.model_validate_json(told).details) is Sealed


def test_nothing_shows_it() -> None:
    command = read(SECRET, None)
    assert SECRET not in repr(command)
    assert SECRET not in str(command)
    assert repr(command.details) == "Sealed(…)"
    assert SECRET not in f"{[command.details]}"


@pytest.mark.parametrize("details", ["", "  ", None, 5, ["text"]])
def test_it_needs_some_text(details: object) -> None:
    with pytest.raises(ValidationError, match="needs some text"):
        read(details, Reversing())


def test_too_long_a_text_is_refused() -> None:
    assert read("x" * MAX_TEXT, Reversing())
    with pytest.raises(ValidationError, match=f"longer than {MAX_TEXT}"):
        read("x" * (MAX_TEXT + 1), Reversing())


def test_a_sealed_text_may_be_longer_than_its_words() -> None:
    assert len(read("x" * (2 * MAX_TEXT), None).details) == 2 * MAX_TEXT


def test_an_error_does_not_repeat_what_was_written() -> None:
    with pytest.raises(ValidationError) as error:
        read({"phone": SECRET}, Reversing())
    assert SECRET not in str(error.value)
