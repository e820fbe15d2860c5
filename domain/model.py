"""The frozen bases: pydantic for what comes in and what is recorded, a struct for what we make ourselves."""

from typing import Annotated, ClassVar, Final

import msgspec
from pydantic import BaseModel, ConfigDict, StringConstraints

Name = StringConstraints(min_length=1, max_length=120, strip_whitespace=True)
Text = Annotated[str, Name]
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
