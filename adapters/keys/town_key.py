"""The one key of a town that release 0.1 closed all texts with (AES-SIV); those still have to open."""

import base64
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.sealed import Sealed

PREFIX: Final = "s1."
UNFIT: Final = "〔无法打开 cannot be opened〕"


class TownSealer:
    """Seals and opens with a key derived from the town's secret."""

    def __init__(self, town_secret: bytes) -> None:
        key = HKDF(SHA256(), length=64, salt=None, info=b"sidan sealing 1").derive(town_secret)
        self._cipher = AESSIV(key)

    def seal(self, clear: str) -> Sealed:
        closed = self._cipher.encrypt(clear.encode(), None)
        return Sealed(PREFIX + base64.urlsafe_b64encode(closed).decode())

    def open(self, sealed: str | None) -> str:
        """The clear text; a mark in its place where the key does not fit."""
        if sealed is None:
            return ""
        try:
            return self._cipher.decrypt(base64.urlsafe_b64decode(sealed.removeprefix(PREFIX)), None).decode()
        except (InvalidTag, ValueError):
            return UNFIT
