"""The Merkle tree of RFC 6962 and RFC 9162 over leaves that are hashes already: root, proofs, and their verification.

A complete subtree of ``2**level`` leaves is named by (``level``, ``position``): it covers the leaves from ``position << level`` on. Once complete it
never changes, so storing all of them lets any proof be put together from O(log n) of them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "Node",
    "Span",
    "complete_subtrees",
    "consistency_ranges",
    "fold",
    "inclusion_ranges",
    "interior_nodes",
    "leaf_hash",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class Span(NamedTuple):
    """A complete subtree: leaves ``position << level`` up to, not including, ``(position + 1) << level``."""

    level: int
    position: int

    @property
    def number(self) -> int:
        """Return how many interior subtrees are complete before this one, which is of ``level`` 1 or more: they come one after another."""
        last = ((self.position + 1) << self.level) - 1
        return interior_nodes(last) + self.level - 1


class Node(NamedTuple):
    """A complete subtree and its hash."""

    span: Span
    hash: bytes


def interior_nodes(size: int) -> int:
    """Return how many complete subtrees of two leaves or more a tree of ``size`` leaves has."""
    return size - size.bit_count()


def leaf_hash(body: bytes, salt: bytes) -> bytes:
    """Return the hash of a leaf; the salt keeps a short entry from being guessed out of its hash."""
    return sha256(b"\x00" + body + salt).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees given from left (largest) to right (smallest)."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def complete_subtrees(start: int, end: int) -> list[Span]:
    """Return the complete subtrees, from left to right, that make up the leaves from ``start`` to before ``end``.

    ``start`` is where a subtree of the RFC's recursion begins, so that it is a multiple of every size that occurs.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(Span(level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose roots prove that leaf ``index`` is in a tree of ``size``: PATH of RFC 9162, from the leaf up."""
    start, end = 0, size
    found = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(earlier: int, later: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose roots prove that a tree of ``earlier`` leaves grew to ``later``: PROOF of RFC 9162, from below."""
    if not 0 < earlier < later:
        return []
    start, end = 0, later
    found = []
    while end != earlier:
        middle = start + _split(end - start)
        if earlier <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:
        found.append((start, end))
    return found[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether ``path`` proves that ``leaf`` stands at ``index`` of the tree of ``size`` with this ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(step, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, step)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(earlier: int, later: int, path: Sequence[bytes], earlier_root: bytes, later_root: bytes) -> bool:
    """Say whether ``path`` proves that the tree of ``later`` leaves begins with all of the one of ``earlier`` (RFC 9162, 2.1.4.2).

    Two trees of equal size need equal roots and no path; an empty tree is the beginning of every tree.
    """
    if not 0 <= earlier <= later:
        return False
    if earlier in (0, later):
        return not path and earlier_root == (later_root if earlier == later else EMPTY_ROOT)
    steps = list(path) if earlier & (earlier - 1) else [earlier_root, *path]
    if not steps:
        return False
    position, last = earlier - 1, later - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    return _climb(steps, position, last) == (earlier_root, later_root)


def _climb(steps: Sequence[bytes], position: int, last: int) -> tuple[bytes, bytes] | None:
    """Return both roots that the steps of a consistency proof lead to, or None where their number is wrong."""
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, step)
        position, last = position >> 1, last >> 1
    return (before, after) if last == 0 else None


def _split(width: int) -> int:
    """Return the largest power of two below ``width``."""
    return 1 << (width - 1).bit_length() - 1


class Frontier:
    """The right edge of a growing tree: the hashes of its complete subtrees, from left to right."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Stand at the edge of a tree of ``size`` leaves, whose complete subtrees have these ``hashes``."""
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Return the edge that ``to_bytes`` wrote."""
        return cls(size, (data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)))

    def to_bytes(self) -> bytes:
        """Return the hashes in one row."""
        return b"".join(self.hashes)

    @property
    def root(self) -> bytes:
        """Return the root of the tree."""
        return fold(self.hashes)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf and return the subtrees above it that are complete now, from below."""
        completed = []
        found, position, level = leaf, self.size, 0
        while position & 1:
            found = node_hash(self.hashes.pop(), found)
            position, level = position >> 1, level + 1
            completed.append(Node(Span(level, position), found))
        self.hashes.append(found)
        self.size += 1
        return completed
