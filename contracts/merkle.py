"""Merkle trees as RFC 6962 (section 2.1) hashes them: leaves and nodes apart, the left half the largest power of two."""

from collections.abc import Sequence
from hashlib import sha256

Peaks = tuple[tuple[int, str], ...]
"""A tree that still grows: whole trees from left to right, each with its number of leaves; logarithmically many."""


def leaf(content: bytes) -> str:
    """The hash of a leaf, in hexadecimal."""
    return sha256(b"\x00" + content).hexdigest()


def node(left: str, right: str) -> str:
    return sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def grown(peaks: Peaks, new: str) -> Peaks:
    """The tree with one leaf more."""
    size, rest = 1, list(peaks)
    while rest and rest[-1][0] == size:
        _, left = rest.pop()
        size, new = 2 * size, node(left, new)
    return (*rest, (size, new))


def root(peaks: Peaks) -> str:
    """The root of the tree; of one without leaves the hash of nothing."""
    if not peaks:
        return sha256(b"").hexdigest()
    found = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        found = node(left, found)
    return found


def path(leaves: Sequence[str], at: int) -> tuple[str, ...]:
    """What leaf number ``at`` needs to reach the root, from below."""
    if len(leaves) <= 1:
        return ()
    half = _half(len(leaves))
    near, other = (leaves[:half], leaves[half:]) if at < half else (leaves[half:], leaves[:half])
    return (*path(near, at if at < half else at - half), _root(other))


def climbed(leaf_: str, at: int, size: int, steps: Sequence[str]) -> str:
    """The root that ``leaf_``, number ``at`` of ``size``, reaches by ``steps``. Raises ValueError."""
    if not 0 <= at < size or (size == 1) != (not steps):
        raise ValueError(f"a path of {len(steps)} steps does not fit leaf {at} of {size}")
    if size == 1:
        return leaf_
    half, last = _half(size), steps[-1]
    if at < half:
        return node(climbed(leaf_, at, half, steps[:-1]), last)
    return node(last, climbed(leaf_, at - half, size - half, steps[:-1]))


def _root(leaves: Sequence[str]) -> str:
    peaks: Peaks = ()
    for one in leaves:
        peaks = grown(peaks, one)
    return root(peaks)


def _half(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
