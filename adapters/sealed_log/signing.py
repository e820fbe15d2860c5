"""The town's signing key (Ed25519): a file in its folder of keys, the public half beside it."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.keys.files import KeyFiles
from services.audit.checkpoints import VerifierKey

PRIVATE = "signing.key"
PUBLIC = "signing.pub"


class SigningKey:
    """Signs the checkpoints of one log."""

    def __init__(self, secret: bytes, origin: str) -> None:
        """`secret` is 32 bytes. Raises ValueError."""
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.sign = self._private.sign
        self.verifier = VerifierKey(origin, self._private.public_key().public_bytes_raw())


def signing_key(files: KeyFiles, origin: str) -> SigningKey:
    """The town's; made now where there is none, and its public half written beside it.

    Raises:
        OSError: the folder cannot be read or written.
        ValueError: what lies there is no key.
    """
    secret = files.read_or_make(PRIVATE, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    key = SigningKey(secret, origin)
    text = f"{key.verifier.text}\n".encode()
    public = files.path(PUBLIC)
    if files.read_or_make(PUBLIC, lambda: text) != text:
        public.write_bytes(text)  # of a key that was replaced
    return key


def public_key(files: KeyFiles) -> VerifierKey | None:
    """The public half, where it is at hand; nothing is made. Raises BadCheckpoint."""
    path = files.path(PUBLIC)
    return VerifierKey.parse(path.read_text(encoding="utf-8")) if path.is_file() else None


def proves(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether that key signed this."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
