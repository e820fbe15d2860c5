"""What can be asked of what is held of one person: to erase it."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from domain.command import Command
from domain.ids import LISTED, PersonRef, person_subject
from domain.reached import Reached
from domain.sealed import Sealed

Erasure = Annotated[int, Field(ge=1)]
Listed = Annotated[str, StringConstraints(pattern=LISTED)]
Places = Annotated[tuple[Reached, ...], Field(max_length=50, fail_fast=True)]


class PersonCommand(Command):
    person: PersonRef

    @property
    def subject(self) -> str:
        return person_subject(self.person)


class ErasePerson(PersonCommand):
    """删除个人信息: of a resident; with `listed`, of a provider's volunteer or of somebody on duty."""

    wire: ClassVar[str] = "ErasePerson"
    zh: ClassVar[str] = "删除个人信息"
    listed: Listed | None = None  # provider/<slug> or rules
    reason: Sealed


class FinishErasure(PersonCommand):
    """Said by the erasure process once it is carried out."""

    wire: ClassVar[str] = "FinishErasure"
    zh: ClassVar[str] = "完成删除个人信息"
    erasure: Erasure
    reached: Places
