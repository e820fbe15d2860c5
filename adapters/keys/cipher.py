"""AES-256-GCM, for texts under a key of their own and for keys under the master key."""

import base64
import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.sealed import Sealed

PREFIX: Final = "s2."
KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID_BYTES: Final = 8
_SEALED: Final = re.compile(r"s2\.([0-9]{1,18})\.([A-Za-z0-9_=-]*)\Z")


class Spoilt(ValueError):
    """These bytes were not closed with this key, or are no longer what they were."""


class TextCipher:
    """Closes and opens texts with the key of one owner.

    The nonce is a keyed digest of the text: the same text under the same key becomes the same bytes, so that
    a decision can see that nothing has changed, and no nonce ever stands before two texts.
    """

    __slots__ = ("_cipher", "_key", "_number")

    def __init__(self, number: int, key: bytes) -> None:
        """`number` is the key's in the key table; it stands before the text."""
        self._number = number
        self._key = key
        self._cipher = AESGCM(key)

    def seal(self, clear: str) -> Sealed:
        text = clear.encode()
        nonce = blake2b(text, digest_size=_NONCE_BYTES, key=self._key, person=b"sidan nonce 2").digest()
        closed = nonce + self._cipher.encrypt(nonce, text, None)
        return Sealed(f"{PREFIX}{self._number}.{base64.urlsafe_b64encode(closed).decode()}")

    def open(self, closed: bytes) -> str:
        """The text behind nonce and ciphertext. Raises Spoilt."""
        return _decrypted(self._cipher, closed, None).decode()


class KeyCipher:
    """Wraps keys with a master key. What is wrapped opens for its own label only."""

    def __init__(self, master: bytes, random: Callable[[int], bytes]) -> None:
        self._cipher = AESGCM(master)
        self._random = random

    def wrap(self, key: bytes, label: str) -> bytes:
        nonce = self._random(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, label.encode())

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """The key. Raises Spoilt."""
        return _decrypted(self._cipher, wrapped, label.encode())


def id_of(master: bytes) -> str:
    """What a master key is called where the key itself must not lie."""
    return blake2b(master, digest_size=_ID_BYTES, person=b"sidan master 2").hexdigest()


def parts_of(sealed: str) -> tuple[int, bytes] | None:
    """The number of the key, and nonce with ciphertext; None: no `TextCipher` has closed it."""
    read = _SEALED.match(sealed)
    if read is None:
        return None
    try:
        return int(read[1]), base64.urlsafe_b64decode(read[2])
    except ValueError:
        return None


def _decrypted(cipher: AESGCM, closed: bytes, label: bytes | None) -> bytes:
    try:
        return cipher.decrypt(closed[:_NONCE_BYTES], closed[_NONCE_BYTES:], label)
    except (InvalidTag, ValueError) as error:
        raise Spoilt from error
