"""The tree is the one of RFC 6962: against its own definitions, and against the vectors of its field."""

from hashlib import sha256
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.merkle import (
    EMPTY,
    CompactRange,
    Subtree,
    consistency,
    hash_of,
    includes,
    inclusion,
    leaf_hash,
    left_of,
    node_hash,
    only_grew,
    root_at,
    root_of,
    whole,
)

VECTORS: Final = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", bytes(range(96, 112)).hex())
]
ROOTS: Final = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The leaves and roots that implementations of Certificate Transparency are tested with."""
STREAM: Final = UUID("019cac2e-f380-7000-8000-000000000001")


def mth(entries: list[bytes]) -> bytes:
    """MTH as RFC 6962, 2.1 writes it."""
    if not entries:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH as 2.1.1 writes it."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], at_top: bool) -> list[bytes]:
    """SUBPROOF as 2.1.2 writes it."""
    if m == len(entries):
        return [] if at_top else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], at_top), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def entries(count: int) -> list[bytes]:
    return [number.to_bytes(4) for number in range(count)]


def subtrees(of: list[bytes]) -> Subtree:
    return lambda height, number: mth(of[number << height : (number + 1) << height])


sizes = st.integers(1, 300)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(hash_of(one) for one in VECTORS[:size]).hex() == ROOTS[size - 1]


def test_the_paths_are_those_of_certificate_transparency() -> None:
    """For leaf 5 of 8, and from 6 leaves to 8."""
    of = subtrees(VECTORS)
    assert [one.hex()[:8] for one in inclusion(5, 8, of)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [one.hex()[:8] for one in consistency(6, 8, of)] == ["0ebc5d34", "ca854ea1", "d37ee418"]


def test_no_leaves_have_the_hash_of_nothing() -> None:
    assert CompactRange().root == mth([]) == root_at(0, subtrees([]))


def test_a_leaf_is_its_fields_behind_their_lengths() -> None:
    said = (
        b"\x00"
        b"\x00\x00\x00\x10"
        + STREAM.bytes
        + b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x07"
        + b"\x00\x00\x00\x0bOrderPlaced"
        + b"\x00\x00\x00\x05{}\n{}"
    )
    assert leaf_hash(STREAM, 7, "OrderPlaced", b"{}\n{}") == sha256(said).digest()


@given(st.text(max_size=9), st.binary(max_size=9), st.text(max_size=9), st.binary(max_size=9))
def test_two_events_have_one_leaf_only_if_they_are_the_same(a: str, b: bytes, c: str, d: bytes) -> None:
    same = leaf_hash(STREAM, 1, a, b) == leaf_hash(STREAM, 1, c, d)
    assert same == ((a, b) == (c, d))


@given(sizes)
def test_a_range_that_grows_has_the_root_of_the_definition(size: int) -> None:
    assert root_of(hash_of(one) for one in entries(size)) == mth(entries(size))


@given(sizes, st.data())
def test_a_range_goes_on_from_the_subtrees_left_of_an_index(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size))
    tree = CompactRange(index, left_of(index, subtrees(entries(size))))
    tree.extend(hash_of(one) for one in entries(size)[index:])
    assert tree.root == mth(entries(size))


def test_a_range_of_too_few_subtrees_is_refused() -> None:
    with pytest.raises(ValueError, match="7 leaves have 3 subtrees, not 1"):
        CompactRange(7, [EMPTY])


@given(sizes, st.data())
def test_every_leaf_has_the_path_of_the_definition_and_it_proves_it(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    of = entries(size)
    found = inclusion(index, size, subtrees(of))
    assert found == path(index, of)
    assert includes(mth(of), size, index, hash_of(of[index]), found)


@given(sizes, st.data())
def test_a_path_proves_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    of = entries(size)
    root, leaf, found = mth(of), hash_of(of[index]), path(index, of)
    assert not includes(root, size, index, hash_of(b"another"), found)
    assert not includes(hash_of(b"another"), size, index, leaf, found)
    assert not includes(root, size, index, leaf, [*found, root])
    assert not includes(root, size, size, leaf, found)
    assert not includes(root, size, -1, leaf, found)
    if found:
        other = data.draw(st.integers(0, len(found) - 1))
        spoilt = [*found[:other], hash_of(b"another"), *found[other + 1 :]]
        assert not includes(root, size, index, leaf, spoilt)
        assert not includes(root, size, index, leaf, found[:-1])
        assert not includes(root, size, index ^ 1, leaf, found)


@given(sizes, st.data())
def test_two_sizes_have_the_proof_of_the_definition_and_it_proves_it(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    of = entries(size)
    found = consistency(old, size, subtrees(of))
    assert found == subproof(old, of, True)
    assert only_grew(old, mth(of[:old]), size, mth(of), found)


@given(st.integers(2, 300), st.data())
def test_a_history_that_was_rewritten_is_not_proven_to_have_grown(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    of = entries(size)
    rewritten = [b"rewritten", *of[1:]]
    found = consistency(old, size, subtrees(rewritten))
    assert not only_grew(old, mth(of[:old]), size, mth(rewritten), found)
    honest = subproof(old, of, True)
    assert not only_grew(old, mth(of[:old]), size, mth(rewritten), honest)
    assert not only_grew(old, mth(of[:old]), size, mth(of), [*honest, mth(of)])
    assert not only_grew(old, mth(of[:old]), size, mth(of), honest[:-1])
    assert not only_grew(0, mth([]), size, mth(of), [])
    assert not only_grew(size, mth(of), old, mth(of[:old]), honest)


def test_a_path_that_ends_below_the_top_proves_nothing() -> None:
    leaf = hash_of(b"0")
    assert includes(leaf, 1, 0, leaf, [])
    assert not includes(leaf, 5, 0, leaf, [])
    assert not only_grew(1, leaf, 5, leaf, [])


def test_equal_sizes_need_no_steps_and_have_one_root() -> None:
    of = entries(5)
    assert consistency(5, 5, subtrees(of)) == []
    assert only_grew(5, mth(of), 5, mth(of), [])
    assert not only_grew(5, mth(of), 5, hash_of(b""), [])


@pytest.mark.parametrize("index", [-1, 5])
def test_a_leaf_that_is_not_there_has_no_path(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion(index, 5, subtrees(entries(5)))


@pytest.mark.parametrize("old", [0, 6])
def test_sizes_that_are_not_there_have_no_proof(old: int) -> None:
    with pytest.raises(IndexError):
        consistency(old, 5, subtrees(entries(5)))


@given(st.integers(0, 8))
def test_a_complete_subtree_is_the_tree_of_its_leaves(height: int) -> None:
    leaves = [hash_of(one) for one in entries(1 << height)]
    assert whole(leaves) == root_of(leaves)
    assert height == 0 or whole(leaves) == node_hash(
        whole(leaves[: len(leaves) // 2]), whole(leaves[len(leaves) // 2 :])
    )
