"""What a stored row says of itself: which command key has to point to it."""

from typing import Final

import msgspec

from domain.dead_letters import SUBJECT_PREFIX
from domain.events import (
    CommandRejected,
    CommandRepeated,
    MessageDiscarded,
    MessageParked,
    MessageRequeued,
    TextsOpened,
)
from domain.facts import CommandKey
from domain.rejections import IdReused

_NOT_ASKED: Final = frozenset(
    {MessageParked.wire, MessageRequeued.wire, MessageDiscarded.wire, TextsOpened.wire}
)
_ANSWERED_BEFORE: Final = frozenset(
    {(CommandRepeated.wire, "repeated"), (CommandRejected.wire, IdReused.code)}
)


class _Meta(msgspec.Struct):
    cause: CommandKey
    subject: str
    part: int = 1


class _Data(msgspec.Struct):
    code: str = ""


_read_meta: Final = msgspec.json.Decoder(_Meta).decode
_read_data: Final = msgspec.json.Decoder(_Data).decode


def claimed(topic: str, state: bytes) -> CommandKey | None:
    """The key that points here; None where none does. Raises MsgspecError: the bytes are no fact."""
    if topic in _NOT_ASKED:
        return None
    head, _, data = state.partition(b"\n")
    meta = _read_meta(head)
    if meta.part != 1 or meta.subject.startswith(SUBJECT_PREFIX):
        return None
    if topic in (CommandRejected.wire, CommandRepeated.wire):
        return None if (topic, _read_data(data).code) in _ANSWERED_BEFORE else meta.cause
    return meta.cause


def claimed_if_any(topic: str, state: bytes) -> CommandKey | None:
    """The same, where bytes that are no fact claim none."""
    try:
        return claimed(topic, state)
    except msgspec.MsgspecError:
        return None
