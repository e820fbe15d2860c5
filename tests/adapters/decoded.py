"""Messages as they come in at a door, and what the decoder makes of them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from adapters.envelope import Decoder, Door
from domain.stages import Role
from services.requests import Request, Unreadable
from tests.support.a_town import EAST, MONDAY, POTHOLE
from tests.support.an_order import ORDER
from tests.support.one_key import OneKey

KEYS: Final = OneKey(b"lake-town")
SEALER: Final = KEYS.sealer
DECODER: Final = Decoder(KEYS, b"lake-town")
RESIDENTS: Final = Door("sidan.residents", Role.RESIDENT)
IMPORTS: Final = Door("sidan.imports", None, trusted_time=True)
PLACING: Final[dict[str, Any]] = {
    "category": POTHOLE,
    "area": EAST,
    "details": "路面有坑，李阿姨 13800138000",
}
ENVELOPE: Final = {
    "specversion": "1.0",
    "id": "a-1",
    "source": "app/li",
    "type": "PlaceOrder",
    "subject": str(ORDER),
    "actor": "r-li",
    "time": "2026-03-02T09:00:00+08:00",
}


def decode(body: object, headers: Mapping[str, Any] = {}, *, door: Door = RESIDENTS) -> Request | Unreadable:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DECODER.decode(raw, headers, door, MONDAY, "sidan.residents[0]@7")


def binary(data: object = PLACING, *, door: Door = RESIDENTS, **attributes: Any) -> Request | Unreadable:
    """The attributes as headers; None leaves one out."""
    said = {**ENVELOPE, **attributes}
    return decode(data, {name: value for name, value in said.items() if value is not None}, door=door)


def structured(data: object = PLACING, *, door: Door = RESIDENTS, **attributes: Any) -> Request | Unreadable:
    return decode({**ENVELOPE, **attributes, "data": data}, door=door)


def read(answer: Request | Unreadable) -> Request:
    assert isinstance(answer, Request), answer
    return answer


def parked(answer: Request | Unreadable, code: str) -> Unreadable:
    assert isinstance(answer, Unreadable), answer
    assert answer.code == code, answer.reason_en
    assert answer.reason_zh.endswith("。")
    assert answer.reason_en.endswith(".")
    return answer
