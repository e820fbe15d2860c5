"""A personal value that everything carries and only the edges open, by right."""

from typing import Any, Final, Protocol

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

MAX_TEXT: Final = 4_000  # characters a person may write in one field


class Sealer(Protocol):
    """Closes a value as it comes in; opening is a matter of the edges."""

    def seal(self, clear: str) -> "Sealed": ...


class Sealed(str):
    """A name, phone, exact address or free text, closed from the moment a command is decoded.

    Where input comes in, pass a Sealer as pydantic's validation context. Without one a value is
    taken to be sealed already, as it lies in the record.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Sealed(…)"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            cls._read,
            json_schema_input_schema=core_schema.str_schema(min_length=1, max_length=MAX_TEXT),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def _read(cls, value: object, info: ValidationInfo) -> "Sealed":
        if isinstance(value, Sealed):
            return value
        if not isinstance(value, str) or not value.strip():
            raise ValueError("needs some text")
        sealer: Sealer | None = info.context
        if sealer is None:
            return cls(value)
        if len(value) > MAX_TEXT:
            raise ValueError(f"longer than {MAX_TEXT} characters")
        return sealer.seal(value)
