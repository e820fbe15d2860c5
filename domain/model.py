"""The frozen bases: pydantic for what comes in and what is recorded, a struct for what we make ourselves."""

from typing import Annotated, ClassVar, Final

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from domain.scanning import Kind, find, masked

PERSONAL_NUMBER: Final = "personal_number"


def _no_number(text: str, info: ValidationInfo) -> str:
    return _without(text, info, frozenset(Kind))


def _no_identity(text: str, info: ValidationInfo) -> str:
    return _without(text, info, frozenset({Kind.IDENTITY}))


def _without(text: str, info: ValidationInfo, kinds: frozenset[Kind]) -> str:
    """Where input comes in, as for `Sealed`: what lies in the record is read whatever it holds."""
    if info.context is not None and any(one.kind in kinds for one in find(text)):
        raise PydanticCustomError(PERSONAL_NUMBER, "no telephone or identity number may stand here")
    return text


def _covered(text: str, info: ValidationInfo) -> str:
    return text if info.context is None else masked(text)


NO_NUMBER: Final = AfterValidator(_no_number)
"""Of a text that everybody can read: refused as it comes in, if it holds a telephone or identity number."""
NO_IDENTITY: Final = AfterValidator(_no_identity)
"""Of a telephone number that is public, which is no identity number."""
COVERED: Final = AfterValidator(_covered)
"""Of a text whose numbers are covered as it comes in, since for them nothing more may be lost."""
A_CODE: Final = "a code that programs make, not a text that people write"

Name = StringConstraints(min_length=1, max_length=120, strip_whitespace=True)
Text = Annotated[str, Name, NO_NUMBER]
PublicContact = Annotated[str, Name, NO_IDENTITY]
CODE: Final = r"^[a-z0-9-]{1,48}$"


class Value(BaseModel):
    """A value inside a command or an event; a field it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class Words(Value):
    """One thing said in both languages."""

    zh: Text
    en: Text


class Plain(msgspec.Struct, frozen=True, gc=False):
    """What the engine makes of values already checked; some are made anew for every command."""

    # gc=False: they hold each other in no circle, so the collector need not look at them.


class Event(BaseModel):
    """Something that happened. The class is named on the wire by `wire`, never by its path."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    wire: ClassVar[str]
    class_version: ClassVar[int] = 1
