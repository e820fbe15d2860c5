"""核验四单的回执 · Check a receipt of Sidan's offline: standard library and cryptography, nothing of Sidan's.

    python verify_receipt.py FILE.json signing.pub

FILE.json is a receipt (`sidan audit prove`, GET /orders/{order}/receipt), a proof of growth (`--from --to`)
or an export's manifest, the export beside it. signing.pub is the line that `sidan audit key` shows: get it
from somebody you trust, not from where the receipt came. 0: it holds, 1: not, 2: no two files.
"""

import json
import sys
from base64 import b64decode
from collections.abc import Iterator
from functools import reduce
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(ValueError):
    """It proves nothing."""


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def leaf_of(stream: str, version: int, topic: str, state: bytes) -> bytes:
    """SHA-256 over 0x00 and four fields, each behind its length in four bytes."""
    fields = (UUID(stream).bytes, version.to_bytes(8, "big"), topic.encode(), state)
    return sha256(b"\x00" + b"".join(len(one).to_bytes(4, "big") + one for one in fields)).digest()


def checkpoint(note: str, key_line: str) -> tuple[int, bytes]:
    """Size and root of a signed checkpoint."""
    name, key_id, key = key_line.strip().split("+", 2)
    public = b64decode(key, validate=True)
    expected = sha256(name.encode() + b"\n" + public).digest()[:4]
    body, _, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if public[:1] != b"\x01" or expected.hex() != key_id or lines[0] != name:
        raise Wrong("检查点不是这个公钥的日志 the checkpoint is of another log or key")
    for line in signatures.splitlines():
        signature = b64decode(line.rpartition(" ")[2])
        if line.startswith(f"\u2014 {name} ") and signature[:4] == expected:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], f"{body}\n".encode())
            except InvalidSignature:
                continue
            return int(lines[1]), b64decode(lines[2], validate=True)
    raise Wrong("检查点的签名不对 the checkpoint is not signed by this key")


def climb(number: int, last: int, path: list[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each step of a path, and whether it is the left sibling (RFC 9162, 2.1.3.2)."""
    for step in path:
        if not last:
            raise Wrong("路径太长 the path is too long")
        left = bool(number & 1) or number == last
        yield step, left
        while left and number and not number & 1:
            number, last = number >> 1, last >> 1
        number, last = number >> 1, last >> 1
    if last:
        raise Wrong("路径太短 the path is too short")


def included(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an audit path leads to."""
    if not 0 <= index < size:
        raise Wrong("序号超出检查点 the index is beyond the checkpoint")
    for step, left in climb(index, size - 1, path):
        leaf = node(step, leaf) if left else node(leaf, step)
    return leaf


def grown(old: int, old_root: bytes, new: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Both roots that a consistency proof leads to (RFC 9162, 2.1.4.2)."""
    if old == new and not path:
        return old_root, old_root
    first, *steps = [old_root, *path] if not old & (old - 1) else path
    if not 0 < old < new:
        raise Wrong("检查点先后颠倒 the checkpoints are in the wrong order")
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = first
    for step, left in climb(number, last, steps):
        before = node(step, before) if left else before
        after = node(step, after) if left else node(after, step)
    return before, after


def exported(manifest: dict, folder: Path) -> tuple[int, bytes]:
    """Size and root of the tree that an exported file goes on to, from the subtrees before it."""
    size, tree = manifest["before"]["size"], [b64decode(one) for one in manifest["before"]["subtrees"]]
    with (folder / Path(manifest["file"]).name).open("rb") as file:
        for one in map(json.loads, file):
            text = f"{one.get('meta', '')}\n{one.get('data', '')}"
            state = b64decode(one["state"]) if one.get("state") else text.encode()
            leaf, left = leaf_of(one["id"], one["version"], one["topic"], state), size
            while left & 1:
                leaf, left = node(tree.pop(), leaf), left >> 1
            tree.append(leaf)
            size += 1
    return size, reduce(lambda right, left: node(left, right), reversed(tree))


def check(document: dict, key_line: str, folder: Path = Path()) -> str:
    """One sentence of what it proves."""
    kind, steps = document["format"], document.get("consistency", document.get("proof"))
    path = [b64decode(one, validate=True) for one in steps]
    new, new_root = checkpoint(document["to" if kind == "sidan-consistency/1" else "checkpoint"], key_line)
    if kind == "sidan-receipt/1":
        event, index = document["event"], document["index"]
        leaf = leaf_of(event["stream"], event["version"], event["topic"], event["state"].encode())
        if included(leaf, index, new, path) != new_root:
            raise Wrong("事件不在封存的记录中 the event is not in the sealed record")
        return f"{event['topic']} {event['stream']} 已封存 is sealed: {index} / {new}"
    if kind == "sidan-consistency/1":
        old, old_root = checkpoint(document["from"], key_line)
    elif kind == "sidan-export-1":
        old, old_root = exported(document, folder)
    else:
        raise Wrong("不认识的格式 an unknown format")
    if grown(old, old_root, new, path) != (old_root, new_root):
        raise Wrong(f"前{old}条不是签过名的 the first {old} events are not those that were signed")
    return f"前{old}条与签名一致，共{new}条 the first {old} events are those that were signed, of {new}"


def main() -> int:
    """Read both files and say whether it holds."""
    if sys.argv[3:] or not sys.argv[2:]:
        sys.stderr.write("请给出两个文件 Give two files: python verify_receipt.py FILE.json signing.pub\n")
        return 2
    try:
        document, key_line = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
        said = f"✓ {check(json.loads(document), key_line, Path(sys.argv[1]).parent)}"
    except (OSError, LookupError, ValueError, TypeError, AttributeError, OverflowError, RuntimeError) as bad:
        said = f"✗ {bad if isinstance(bad, Wrong) else f'读不懂，请核对文件 unreadable, check both: {bad}'}"
    sys.stdout.write(f"{said}\n")
    return int(said.startswith("✗"))


if __name__ == "__main__":
    sys.exit(main())
