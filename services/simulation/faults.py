"""Bad messages among the good: one for each hundred good lines, each kind in turn."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

Message = dict[str, Any]
Make = Callable[[Message, Message], bytes | Message]

EVERY: Final = 100  # good lines to one bad
FAR: Final = "2099-01-01T00:00:00.000Z"
LONG_AGO: Final = "1899-12-31T00:00:00.000Z"
_PLACING: Final = b'"type":"PlaceOrder"'


def _anew(fresh: Message, **changes: Any) -> Message:
    """A placing of its own, so that what is wrong with it touches no good order."""
    return {**fresh, "subject": fresh["id"], **changes}


def _asked_by_nobody(fresh: Message, wire: str, **more: Any) -> Message:
    """A step of a provider that nobody registered."""
    said = {"type": wire, "role": "provider", "actor": "nobody", "data": {"provider": "nobody", **more}}
    return {key: value for key, value in {**fresh, **said}.items() if key != "onbehalfof"}


def _missing_field(_: Message, fresh: Message) -> Message:
    data = {key: value for key, value in fresh["data"].items() if key != "category"}
    return _anew(fresh, data=data)


def _not_an_event(_: Message, fresh: Message) -> Message:
    return {key: value for key, value in _anew(fresh).items() if key != "source"}


def _id_reused(said: Message, _: Message) -> Message:
    return {**said, "data": {**said["data"], "details": "同一编号，内容不同。"}}


KINDS: Final[dict[str, Make]] = {
    "unreadable_bytes": lambda _, fresh: b"\xff\xfe\x9d" + fresh["id"].encode() + b"\xff\n",
    "broken_json": lambda _, fresh: _line(_anew(fresh))[:-30] + b"\n",
    "not_an_event": _not_an_event,
    "unknown_type": lambda _, fresh: _anew(fresh, type="PlaceEverything"),
    "missing_field": _missing_field,
    "unknown_category": lambda _, fresh: _anew(fresh, data={**fresh["data"], "category": "no/such-item"}),
    "wrong_role": lambda _, fresh: _asked_by_nobody(fresh, "DispatchOrder"),
    "unknown_order": lambda _, fresh: _anew(_asked_by_nobody(fresh, "AcceptOrder")),
    "forbidden_step": lambda _, fresh: _asked_by_nobody(fresh, "CompleteOrder", result="已办结。"),
    "future_date": lambda _, fresh: _anew(fresh, time=FAR),
    "absurd_date": lambda _, fresh: _anew(fresh, time=LONG_AGO),
    "repeated": lambda said, _: _line(said),
    "id_reused": _id_reused,
}
"""Each makes a bad line of an order just placed, whose stage is known: as said, and with a fresh id."""


class Faults:
    """Hands out the bad lines."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._good = 0
        self._made = 0

    def after(self, line: bytes) -> Iterator[bytes]:
        """The bad line that follows this good one, if one is due."""
        self._good += 1
        if self._good < EVERY * (self._made + 1) or _PLACING not in line:
            return
        make = list(KINDS.values())[self._made % len(KINDS)]
        self._made += 1
        said = json.loads(line)
        made = make(said, {**said, "id": self._new_id(said["time"])})
        yield made if isinstance(made, bytes) else _line(made)


def _line(message: Message) -> bytes:
    """The bytes that the writer would have made."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
