"""The master key: from the environment, or a file in the town's folder of keys."""

import re
from collections.abc import Callable
from contextlib import suppress
from secrets import token_bytes
from typing import Final

from adapters.keys.cipher import KEY_BYTES, id_of
from adapters.keys.files import KeyFiles

FILE: Final = "master.key"
NEXT: Final = "master.next"  # while it is being changed
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")


class OtherMasterKey(RuntimeError):
    """Here is another master key than the one that the town's keys are wrapped with."""

    code = "other_master_key"
    reason_zh = "主密钥与记录所用的不同，请把现用的主密钥放入密钥目录（SIDAN_KEYS）或设为 SIDAN_MASTER_KEY。"
    reason_en = (
        "The master key is not the one that the record was written with; put the present one into the folder"
        " of keys (SIDAN_KEYS) or set it as SIDAN_MASTER_KEY."
    )

    def __init__(self) -> None:
        super().__init__(f"{self.reason_zh} {self.reason_en}")


class BadMasterKey(ValueError):
    """What was given as a master key is none."""

    code = "bad_master_key"
    reason_zh = "主密钥应为64位十六进制数字，可用 openssl rand -hex 32 生成。"
    reason_en = "A master key is 64 hexadecimal digits; openssl rand -hex 32 makes one."

    def __init__(self) -> None:
        super().__init__(f"{self.reason_zh} {self.reason_en}")


class MasterKey:
    """The master key of one town, as this process finds it."""

    def __init__(
        self, files: KeyFiles, given: str = "", random: Callable[[int], bytes] = token_bytes
    ) -> None:
        """`given` is that of the environment, in hex; empty: the file, made when first needed."""
        self._files = files
        self._given = read_hex(given) if given else None
        self._random = random

    @property
    def from_environment(self) -> bool:
        return self._given is not None

    def first(self) -> bytes:
        """The one to begin with. Raises BadMasterKey, OSError."""
        if self._given is not None:
            return self._given
        return read_hex(self._files.read_or_make(FILE, lambda: self._random(KEY_BYTES).hex().encode()))

    def called(self, master: str) -> bytes:
        """The one of this id, also when a change of keys was broken off.

        Raises:
            OtherMasterKey, BadMasterKey: none at hand is it, or what is at hand is none.
        """
        for key in self._at_hand():
            if id_of(key) == master:
                return key
        raise OtherMasterKey

    def prepare(self, following: bytes) -> None:
        """Keep the next one beside the present one. Raises OSError."""
        with suppress(FileNotFoundError):
            self._files.path(NEXT).unlink()
        self._files.read_or_make(NEXT, lambda: following.hex().encode())

    def settle(self, present: str) -> None:
        """Where the next one has become the present one it takes the old one's place, which is gone with it.

        One that came from the environment stays until the environment says the next one.
        """
        following = self._files.path(NEXT)
        if self._given is None and following.exists() and id_of(read_hex(following.read_bytes())) == present:
            following.replace(self._files.path(FILE))

    def _at_hand(self) -> list[bytes]:
        found = [] if self._given is None else [self._given]
        for name in (FILE, NEXT):
            with suppress(FileNotFoundError):
                found.append(read_hex(self._files.path(name).read_bytes()))
        return found


def read_hex(text: str | bytes) -> bytes:
    """A master key from its hex digits. Raises BadMasterKey."""
    digits = (text if isinstance(text, str) else text.decode("ascii", "replace")).strip()
    if _HEX.fullmatch(digits) is None:
        raise BadMasterKey
    return bytes.fromhex(digits)
