"""The tree, beside the published vectors of RFC 6962's reference implementations and the independent package pymerkle."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from consentry.ledger.rules.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_subtrees,
    consistency_ranges,
    fold,
    inclusion_ranges,
    interior_nodes,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

# The eight inputs, and the roots of the trees over the first 0 to 8 of them, that the Certificate Transparency projects test with.
INPUTS = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [sha256(b"\x00" + data).digest() for data in INPUTS]
INCLUSION = {  # (index, size): path
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {  # (earlier, later): path
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def leaves(count: int) -> list[bytes]:
    return [sha256(b"\x00" + number.to_bytes(4, "big")).digest() for number in range(count)]


def root_of(hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162, by its definition."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else EMPTY_ROOT
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_of(hashes[:middle]), root_of(hashes[middle:]))


def proof(hashes: list[bytes], ranges: list[tuple[int, int]]) -> list[bytes]:
    return [root_of(hashes[start:end]) for start, end in ranges]


def subproof(hashes: list[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, by its definition."""
    if earlier == len(hashes):
        return [] if whole else [root_of(hashes)]
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    if earlier <= middle:
        return [*subproof(hashes[:middle], earlier, whole=whole), root_of(hashes[middle:])]
    return [*subproof(hashes[middle:], earlier - middle, whole=False), root_of(hashes[:middle])]


def hexadecimal(hashes: list[bytes]) -> list[str]:
    return [one.hex() for one in hashes]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    tree = Frontier()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    assert tree.root.hex() == ROOTS[size] == root_of(LEAVES[:size]).hex()


@pytest.mark.parametrize(("place", "path"), INCLUSION.items())
def test_inclusion_proofs_are_those_of_the_published_vectors(place: tuple[int, int], path: list[str]) -> None:
    index, size = place
    found = proof(LEAVES, inclusion_ranges(index, size))
    assert hexadecimal(found) == path
    assert verify_inclusion(LEAVES[index], index, size, found, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("sizes", "path"), CONSISTENCY.items())
def test_consistency_proofs_are_those_of_the_published_vectors(sizes: tuple[int, int], path: list[str]) -> None:
    earlier, later = sizes
    found = proof(LEAVES, consistency_ranges(earlier, later))
    assert hexadecimal(found) == path
    assert verify_consistency(earlier, later, found, bytes.fromhex(ROOTS[earlier]), bytes.fromhex(ROOTS[later]))


@given(st.integers(1, 200), st.data())
def test_roots_and_proofs_agree_with_pymerkle(size: int, data: st.DataObject) -> None:
    index, earlier = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    peer = InmemoryTree()
    for number in range(size):
        peer.append_entry(number.to_bytes(4, "big"))
    own = leaves(size)
    # pymerkle counts from 1, puts the leaf itself first, and splits consistency proofs in a way of its own.
    assert proof(own, inclusion_ranges(index, size)) == peer.prove_inclusion(index + 1).path[1:]
    path = proof(own, consistency_ranges(earlier, size))
    assert path == subproof(own, earlier, whole=True)
    assert verify_consistency(earlier, size, path, peer.get_root(earlier), peer.get_root())


@given(st.integers(1, 300), st.data())
def test_every_proof_verifies_and_a_wrong_one_does_not(size: int, data: st.DataObject) -> None:
    own = leaves(size)
    root = root_of(own)
    index = data.draw(st.integers(0, size - 1))
    path = proof(own, inclusion_ranges(index, size))
    assert verify_inclusion(own[index], index, size, path, root)
    wrong = data.draw(st.integers(0, size - 1))
    assert verify_inclusion(own[wrong], index, size, path, root) == (wrong == index)
    assert verify_inclusion(own[index], wrong, size, path, root) == (wrong == index)
    assert not verify_inclusion(own[index], index, size, [*path, root], root)
    assert not path or not verify_inclusion(own[index], index, size, path[:-1], root)


@given(st.integers(1, 300), st.data())
def test_consistency_holds_between_any_two_sizes_and_not_with_another_past(size: int, data: st.DataObject) -> None:
    own = leaves(size)
    earlier = data.draw(st.integers(1, size))
    path = proof(own, consistency_ranges(earlier, size))
    before, after = root_of(own[:earlier]), root_of(own)
    assert verify_consistency(earlier, size, path, before, after)
    changed = [*own]
    changed[data.draw(st.integers(0, earlier - 1))] = bytes(32)
    assert not verify_consistency(earlier, size, path, root_of(changed[:earlier]), after)
    assert not verify_consistency(earlier, size, [*path, after], before, after)
    assert earlier == size or not verify_consistency(earlier, size, path[:-1], before, after)


@pytest.mark.parametrize(("earlier", "later"), [(-1, 4), (5, 4), (0, 4)])
def test_sizes_that_are_no_growth_need_no_path(earlier: int, later: int) -> None:
    assert verify_consistency(earlier, later, [], EMPTY_ROOT, root_of(leaves(later))) == (earlier == 0)
    assert not verify_consistency(earlier, later, [bytes(32)], EMPTY_ROOT, root_of(leaves(later)))


@pytest.mark.parametrize("index", [-1, 5, 2**60])
def test_an_index_outside_the_tree_is_not_included(index: int) -> None:
    assert not verify_inclusion(leaves(5)[0], index, 5, [], root_of(leaves(5)))


@given(st.integers(0, 400))
def test_a_growing_tree_completes_each_subtree_once_and_in_the_order_of_its_number(size: int) -> None:
    tree, own = Frontier(), leaves(size)
    nodes = [node for leaf in own for node in tree.append(leaf)]
    assert [node.span.number for node in nodes] == list(range(interior_nodes(size)))
    assert all(node.hash == root_of(own[node.span.position << node.span.level : (node.span.position + 1) << node.span.level]) for node in nodes)
    assert Frontier.from_bytes(size, tree.to_bytes()).root == tree.root == root_of(own)


@given(st.integers(0, 400))
def test_a_tree_is_folded_from_its_complete_subtrees(size: int) -> None:
    own = leaves(size)
    parts = [root_of(own[span.position << span.level : (span.position + 1) << span.level]) for span in complete_subtrees(0, size)]
    assert fold(parts) == root_of(own)


def test_a_proof_for_a_small_tree_is_none_for_a_larger_one() -> None:
    first, second, third = leaves(3)
    assert verify_inclusion(first, 0, 2, [second], node_hash(first, second))
    assert not verify_inclusion(first, 0, 3, [second], node_hash(first, second))
    assert not verify_consistency(2, 5, [third], node_hash(first, second), node_hash(node_hash(first, second), third))


def test_a_leaf_hash_covers_body_and_salt() -> None:
    assert leaf_hash(b"{}", b"salt") == sha256(b"\x00{}salt").digest()
