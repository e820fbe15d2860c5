"""Checkpoints as standard witnesses read them: signed notes of C2SP."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit.checkpoints import (
    BadCheckpoint,
    Checkpoint,
    VerifierKey,
    each,
    opened,
    parse,
    signed,
)
from services.audit.merkle import hash_of

MINE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
NOON: Final = datetime(2026, 3, 2, 12, 0, 0, 250_000, UTC)
AT_FIVE: Final = Checkpoint("sidan/lake", 5, hash_of(b"root"), 9, NOON)


def key_of(private: Ed25519PrivateKey, name: str = "sidan/lake") -> VerifierKey:
    return VerifierKey(name, private.public_key().public_bytes_raw())


def proves(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


NOTE: Final = signed(AT_FIVE, key_of(MINE), MINE.sign)


def test_a_checkpoint_says_origin_size_root_position_and_time() -> None:
    assert NOTE.decode().splitlines()[:6] == [
        "sidan/lake",
        "5",
        b64encode(hash_of(b"root")).decode(),
        "position 9",
        "time 2026-03-02T12:00:00.250000Z",
        "",
    ]
    assert opened(NOTE, key_of(MINE), proves) == AT_FIVE


def test_the_key_is_written_as_the_notes_of_go_write_it() -> None:
    """The example of golang.org/x/mod/sumdb/note: the key of PeterNeumann."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert VerifierKey.parse(text).text == text


def test_a_note_of_go_is_proven_by_its_key() -> None:
    text = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    said = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    signature = b64decode(said)
    assert signature[:4] == key.key_id
    assert proves(key.public, signature[4:], text)


def test_the_same_moment_in_another_zone_is_the_same_checkpoint() -> None:
    abroad = Checkpoint("sidan/lake", 5, hash_of(b"root"), 9, NOON.astimezone(timezone(timedelta(hours=8))))
    assert abroad.body == AT_FIVE.body


def test_a_witness_may_sign_beside_us() -> None:
    beside = signed(AT_FIVE, key_of(OTHER, "witness"), OTHER.sign)
    both = NOTE + beside.partition(b"\n\n")[2]
    assert opened(both, key_of(MINE), proves) == AT_FIVE


def test_every_byte_above_the_signature_counts() -> None:
    body = NOTE.index(b"\n\n")
    for place in range(body):
        spoilt = NOTE[:place] + bytes([NOTE[place] ^ 1]) + NOTE[place + 1 :]
        with pytest.raises(BadCheckpoint):
            opened(spoilt, key_of(MINE), proves)


def test_another_key_proves_nothing() -> None:
    with pytest.raises(BadCheckpoint, match="not signed by this key"):
        opened(NOTE, key_of(OTHER), proves)
    forged = signed(AT_FIVE, key_of(MINE), OTHER.sign)
    with pytest.raises(BadCheckpoint, match="not signed by this key"):
        opened(forged, key_of(MINE), proves)


def test_a_signature_under_another_key_id_is_not_ours() -> None:
    body, _, line = NOTE.partition(b"\n\n")
    signature = b64decode(line.decode().split()[-1])
    other = b64encode(b"\0\0\0\0" + signature[4:])
    with pytest.raises(BadCheckpoint, match="not signed by this key"):
        opened(body + "\n\n— sidan/lake ".encode() + other + b"\n", key_of(MINE), proves)


def test_another_log_of_the_same_key_is_another_log() -> None:
    with pytest.raises(BadCheckpoint, match="of the log sidan/lake, not of sidan/hill"):
        opened(NOTE, key_of(MINE, "sidan/hill"), proves)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"sidan/lake\n5\n",
        NOTE[:-1],
        NOTE.replace(b"\n5\n", b"\n05\n"),
        NOTE.replace(b"\n5\n", b"\n-5\n"),
        NOTE.replace(b"position ", b""),
        NOTE.replace(b"\n\n", b"\n\nnonsense\n"),
        NOTE.replace("—".encode(), b"-"),
        b"\xff" + NOTE,
    ],
)
def test_what_is_written_otherwise_is_no_checkpoint(note: bytes) -> None:
    with pytest.raises(BadCheckpoint):
        parse(note)


@pytest.mark.parametrize(
    "text", ["", "lake", "lake+00+AA==", "la ke+00+AA==", key_of(MINE).text.replace("+", "+0", 1)]
)
def test_what_is_written_otherwise_is_no_key(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        VerifierKey.parse(text)


def test_a_file_of_notes_comes_apart_and_a_torn_one_comes_last() -> None:
    beside = NOTE + signed(AT_FIVE, key_of(OTHER, "witness"), OTHER.sign).partition(b"\n\n")[2]
    assert list(each(NOTE + beside + NOTE)) == [NOTE, beside, NOTE]
    assert list(each(NOTE + NOTE[:20])) == [NOTE, NOTE[:20]]
    assert list(each(b"")) == []
