"""What can have happened to what is held of one person."""

from typing import ClassVar, Final

from domain.ids import ResidentId
from domain.model import Event
from domain.reached import Reached
from domain.sealed import Sealed


class PersonEvent(Event):
    """An event of one person. `listed`: who is on a list, provider/<slug> or rules; None: a resident."""

    person: ResidentId
    listed: str | None = None
    erasure: int  # 1 for the first


class PersonErased(PersonEvent):
    """From here on the keys to this person's texts are being destroyed."""

    wire: ClassVar[str] = "PersonErased"
    reason: Sealed


class ErasureFinished(PersonEvent):
    """The receipt of an erasure."""

    wire: ClassVar[str] = "ErasureFinished"
    reached: tuple[Reached, ...]


PERSON_EVENTS: Final[tuple[type[PersonEvent], ...]] = (PersonErased, ErasureFinished)
