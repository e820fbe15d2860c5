"""Closes personal values with the town's key, and opens them for who may see them.

One key for the town for now, AES-SIV: the same text of the same town is sealed to the same bytes,
so that a repeated command is recognised and a replay makes the same record.
"""

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.sealed import Sealed

_PREFIX = "s1."


class TownSealer:
    """Seals and opens with a key derived from the town's secret."""

    def __init__(self, town_secret: bytes) -> None:
        key = HKDF(SHA256(), length=64, salt=None, info=b"sidan sealing 1").derive(town_secret)
        self._cipher = AESSIV(key)

    def seal(self, clear: str) -> Sealed:
        closed = self._cipher.encrypt(clear.encode(), None)
        return Sealed(_PREFIX + base64.urlsafe_b64encode(closed).decode())

    def open(self, sealed: str | None) -> str:
        """The clear text; a mark in its place where the key does not fit."""
        if sealed is None:
            return ""
        try:
            return self._cipher.decrypt(base64.urlsafe_b64decode(sealed.removeprefix(_PREFIX)), None).decode()
        except (InvalidTag, ValueError):
            return "〔无法打开 cannot be opened〕"
