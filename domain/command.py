"""What every command is, whatever it is asked of."""

from typing import ClassVar

from pydantic import ConfigDict

from domain.ids import StreamId, stream_of
from domain.model import Value


class Command(Value):
    """Something asked of one subject."""

    # What people wrote stays out of error messages: it may be personal.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    wire: ClassVar[str]
    zh: ClassVar[str]  # what it is called in a sentence

    @property
    def subject(self) -> str:
        """The CloudEvents subject: an order's UUID, provider/<slug>, need/<slug>, person/<id> or rules."""
        raise NotImplementedError

    @property
    def stream(self) -> StreamId:
        """The stream of its subject."""
        return stream_of(self.subject)

    def also_reads(self) -> tuple[str, ...]:
        """Other subjects the decision looks at, besides the rules."""
        return ()
