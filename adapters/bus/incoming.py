"""What a message that came in says of itself, read so that no bytes of a stranger can stop us."""

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Final

from confluent_kafka import Message

CE: Final = "ce_"

Partition = tuple[str, int]

# Python's own call to it, once it runs often, would miss the error that comes with a broken list.
_ask_for_headers: Final[Callable[[Message], list[tuple[str, bytes | None]] | None]] = methodcaller("headers")


def partition_of(message: Message) -> Partition:
    """The topic and partition a message came from."""
    topic, number = message.topic(), message.partition()
    assert topic is not None
    assert number is not None
    return topic, number


def offset_of(message: Message) -> int:
    """Its place in its partition."""
    offset = message.offset()
    assert offset is not None
    return offset


def place_of(message: Message) -> str:
    """Where it lies, for people: `topic[partition]@offset`."""
    topic, number = partition_of(message)
    return f"{topic}[{number}]@{offset_of(message)}"


def partitions_of(messages: Sequence[Message]) -> list[Partition]:
    """The partitions of a batch, each once."""
    return sorted({partition_of(message) for message in messages})


def headers_of(message: Message) -> list[tuple[str, bytes | None]]:
    """The headers as they came.

    A header whose very name is no text makes the client refuse to read any: then there are none. It must
    be asked for them only once: the second time it would hand over a broken list that ends the process.
    """
    try:
        return _ask_for_headers(message) or []
    except SystemError:
        message.set_headers([])
        return []


def attributes_of(message: Message) -> dict[str, str]:
    """The CloudEvents attributes of binary mode, the last of each name.

    Bytes that are no text are shown, not trusted.
    """
    found = headers_of(message)
    try:
        return {name[3:]: value.decode() for name, value in found if value is not None and name[:3] == CE}
    except UnicodeDecodeError:
        return {
            name[3:]: value.decode("utf-8", "backslashreplace")
            for name, value in found
            if value is not None and name[:3] == CE
        }
