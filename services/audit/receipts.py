"""Receipts: one event, and the proof that a signed checkpoint covers it; and proofs that a log only grew.

Both are JSON that stands by itself: with the log's public key nothing else is needed to check it.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final

from services.audit.verifying import Stored

RECEIPT: Final = "sidan-receipt/1"
CONSISTENCY: Final = "sidan-consistency/1"


def receipt(event: Stored, index: int, path: Sequence[bytes], checkpoint: bytes) -> dict[str, Any]:
    """The leaf's fields, where it is in the tree, the audit path and the checkpoint.

    Raises:
        UnicodeDecodeError: the event's bytes are spoilt.
    """
    return {
        "format": RECEIPT,
        "event": {
            "stream": str(event.originator_id),
            "version": event.originator_version,
            "topic": event.topic,
            "state": event.state.decode(),
        },
        "index": index,
        "proof": _texts(path),
        "checkpoint": checkpoint.decode(),
    }


def growth(old: bytes, new: bytes, path: Sequence[bytes]) -> dict[str, Any]:
    """Two checkpoints, and that the first is the beginning of the second."""
    return {"format": CONSISTENCY, "from": old.decode(), "to": new.decode(), "proof": _texts(path)}


def _texts(path: Sequence[bytes]) -> list[str]:
    return [b64encode(step).decode() for step in path]
