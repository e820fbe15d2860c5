"""What looks for a text in bytes finds it however it lies there."""

import base64
import json
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import pytest

from tests.support.spellings import spellings

TEXT: Final = "紫藤巷7号 konjac"
AROUND: Final = [(before, behind) for before in ("", "a", "bc", "def") for behind in ("", "z", "yx")]
LYING: Final[dict[str, Callable[[str], bytes]]] = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16"),
    "json": lambda text: json.dumps(text).encode(),
    "json in json": lambda text: json.dumps(json.dumps(text)).encode(),
    "address": lambda text: quote(text).encode(),
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 of utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()),
}


@pytest.mark.parametrize("lying", LYING.values(), ids=LYING)
def test_a_text_is_found_whatever_stands_around_it(lying: Callable[[str], bytes]) -> None:
    for before, behind in AROUND:
        held = lying(f"{before}{TEXT}{behind}")
        assert [one for one in spellings(TEXT) if one in held], (before, behind)


@pytest.mark.parametrize("lying", LYING.values(), ids=LYING)
def test_another_text_is_not(lying: Callable[[str], bytes]) -> None:
    assert not [one for one in spellings(TEXT) if one in lying("紫藤巷8号 konjac")]
