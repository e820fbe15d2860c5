"""Every way in which a text can lie in bytes without being closed."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_TURNS = 3  # base64 puts three bytes into four signs, so a text within another can begin in three ways


def spellings(text: str) -> set[bytes]:
    """A text in UTF-8 and UTF-16, escaped as in JSON and in addresses, in hexadecimal and in base64."""
    plain, wide = text.encode(), (text.encode("utf-16-le"), text.encode("utf-16-be"))
    escaped = json.dumps(text)[1:-1]
    found = {plain, *wide, escaped.encode(), json.dumps(escaped)[1:-1].encode(), escaped.upper().encode()}
    found |= {
        quote(text).encode(),
        quote_plus(text).encode(),
        quote(text).lower().encode(),
        repr(plain)[2:-1].encode(),
    }
    for one in (plain, *wide):
        found |= {one.hex().encode(), one.hex().upper().encode(), *_in_base64(one)}
    return found


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """What of its base64 is the same whatever stands before and behind it."""
    for before in range(_TURNS):
        whole = base64.b64encode(b"\0" * before + plain)
        inner = whole[(before * 8 + 5) // 6 : (before + len(plain)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))
