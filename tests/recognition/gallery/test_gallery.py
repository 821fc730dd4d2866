"""The gallery names what an exact search names, sees every change at once, and keeps nothing of a removed row."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consentry.platform.errors import ConflictError, ConsentryError, InputError, NotFoundError
from consentry.recognition.gallery import Gallery, index, rows
from consentry.recognition.gallery.rows import Rows
from tests.recognition.vault.vectors import mates, strangers

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

SMALL_BLOCK = 8


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make blocks so small that a few rows fill several of them."""
    monkeypatch.setattr(index, "BLOCK_ROWS", SMALL_BLOCK)
    monkeypatch.setattr(index, "Rows", lambda dimension: Rows(dimension, SMALL_BLOCK))


def filled(dimension: int, count: int, *, seed: int = 1, threads: int = 1) -> tuple[Gallery, NDArray[np.float32]]:
    """Return a gallery of strangers, ids from 1000 on, and their vectors."""
    gallery, vectors = Gallery(dimension, count, threads=threads), strangers(np.random.default_rng(seed), count, dimension)
    gallery.add_many(range(1000, 1000 + count), vectors)
    return gallery, vectors


def exact(vectors: NDArray[np.float32], probes: NDArray[np.float32], k: int, floor: float) -> list[list[int]]:
    """Return, for each probe, the ids of the nearest rows by every cosine of the vectors as they are kept."""
    cosines = probes @ vectors.astype(np.float16).astype(np.float32).T
    nearest = np.argpartition(-cosines, min(k, len(vectors) - 1), axis=1)[:, :k]
    return [
        sorted((1000 + int(row) for row in rows if line[row] >= floor), key=lambda row: -line[row - 1000]) for rows, line in zip(nearest, cosines, strict=True)
    ]


@pytest.mark.parametrize("dimension", [64, 96, 128, 320, 512])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.usefixtures("small_blocks")
def test_without_a_floor_the_order_is_that_of_an_exact_search(dimension: int, threads: int) -> None:
    gallery, vectors = filled(dimension, 61, threads=threads)
    probes = strangers(np.random.default_rng(2), 20, dimension)
    ids, cosines = gallery.search(probes, 61, floor=-1)
    assert ids.tolist() == exact(vectors, probes, 61, -1)
    for probe, cosine in zip(probes, cosines, strict=True):
        assert np.abs(cosine - np.sort(vectors.astype(np.float16).astype(np.float64) @ probe)[::-1]).max() < 1e-6


@pytest.mark.parametrize(("dimension", "cosine"), [(512, 0.4), (512, 0.3), (128, 0.5), (128, 0.4), (64, 0.6)])
def test_the_mate_of_a_probe_is_found_among_many_strangers(dimension: int, cosine: float) -> None:
    gallery, vectors = filled(dimension, 70_000)
    chance = np.random.default_rng(3)
    chosen = chance.choice(len(vectors), 200, replace=False)
    probes = mates(chance, vectors[chosen], cosine)
    ids, cosines = gallery.search(probes, 2, floor=cosine - 0.01)
    assert [[found for found in row if found >= 0] for row in ids.tolist()] == exact(vectors, probes, 2, cosine - 0.01)
    assert (cosines[:, 0] >= cosines[:, 1]).all()


def test_rows_below_the_floor_are_not_named() -> None:
    gallery, vectors = filled(128, 3000)
    probe = mates(np.random.default_rng(4), vectors[:1], 0.5)
    assert gallery.best_two(probe[0], floor=0.52) == ()
    assert [row for row, _ in gallery.best_two(probe[0], floor=0.49)] == [1000]
    ids, cosines = gallery.search(probe, 3, floor=0.49)
    assert ids.tolist() == [[1000, -1, -1]]
    assert cosines[0, 1:].tolist() == [-np.inf, -np.inf]


@pytest.mark.usefixtures("small_blocks")
def test_an_added_row_is_seen_and_a_removed_one_is_not_by_the_next_search() -> None:
    gallery, vectors = filled(64, 40)
    newcomer = strangers(np.random.default_rng(5), 1, 64)[0]
    gallery.remove(1003)
    gallery.add(7, newcomer)
    assert gallery.best_two(newcomer, floor=0.4)[0] == (7, pytest.approx(1, abs=1e-3))
    assert 7 in gallery
    gallery.remove(7)
    assert 7 not in gallery
    assert gallery.best_two(newcomer, floor=0.9) == ()
    assert gallery.best_two(vectors[3], floor=0.9) == ()
    assert [gallery.best_two(vector, floor=0.9)[0][0] for vector in np.delete(vectors, 3, axis=0)] == [1000 + row for row in range(40) if row != 3]


def everything(gallery: Gallery) -> bytes:
    """Return all memory of the rows and of the scanners."""
    parts = [array for block in gallery._rows._blocks for array in (block.vectors, block.codes)]  # noqa: SLF001 - memory that nobody can ask for
    parts += [getattr(scanner, name) for scanner in gallery._scanners for name in ("_codes", "_halves", "_vectors")]  # noqa: SLF001
    return b"".join(part.tobytes() for part in parts)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("place", [0, 5, 23])
def test_the_memory_of_a_removed_row_holds_nothing_of_it(place: int) -> None:
    gallery, vectors = filled(128, 24)
    kept = vectors[place].astype(np.float16).tobytes()
    gallery.search(vectors[place : place + 1], 3, floor=-1)
    assert kept in everything(gallery)
    gallery.remove(1000 + place)
    memory = everything(gallery)
    assert not any(kept[at : at + 16] in memory for at in range(len(kept) - 15))
    assert np.packbits(vectors[place] > 0).tobytes() not in memory


@pytest.mark.usefixtures("small_blocks")
def test_wiping_leaves_zeros_and_an_empty_gallery_that_can_be_used() -> None:
    gallery, vectors = filled(128, 24)
    blocks = list(gallery._rows._blocks)  # noqa: SLF001 - they are gone afterwards
    gallery.search(vectors, 3, floor=-1)
    gallery.wipe()
    assert len(gallery) == 0
    assert not any(array.any() for block in blocks for array in (block.vectors, block.codes, block.ids))
    assert not any(everything(gallery))
    assert gallery.best_two(vectors[0]) == ()
    gallery.add(1, vectors[0])
    assert gallery.best_two(vectors[0])[0][0] == 1


def unit(dimension: int = 64, dtype: type[np.floating[Any]] = np.float32, length: float = 1) -> NDArray[Any]:
    vector = np.zeros(dimension, dtype)
    vector[0] = length
    return vector


@pytest.mark.parametrize(
    ("act", "error", "code"),
    [
        (lambda gallery: gallery.add(1, unit(65)), InputError, "gallery.vector"),
        (lambda gallery: gallery.add(1, unit()[None]), InputError, "gallery.vector"),
        (lambda gallery: gallery.add(1, unit(dtype=np.float64)), InputError, "gallery.vector"),
        (lambda gallery: gallery.add(1, unit(length=0.9)), InputError, "gallery.vector"),
        (lambda gallery: gallery.add(1, unit(length=0)), InputError, "gallery.vector"),
        (lambda gallery: gallery.add(1, unit(length=np.nan)), InputError, "gallery.vector"),
        (lambda gallery: gallery.add(1, unit(length=np.inf)), InputError, "gallery.vector"),
        (lambda gallery: gallery.add(-1, unit()), InputError, "gallery.row-id"),
        (lambda gallery: gallery.add(2**63, unit()), InputError, "gallery.row-id"),
        (lambda gallery: gallery.add_many([1, 2], unit()[None]), InputError, "gallery.row-id"),
        (lambda gallery: gallery.add_many([4, 4], np.stack([unit(), unit()])), ConflictError, "gallery.duplicate"),
        (lambda gallery: gallery.add(9, unit()), ConflictError, "gallery.duplicate"),
        (lambda gallery: gallery.add_many([1, 2, 3], np.stack([unit()] * 3)), ConflictError, "gallery.full"),
        (lambda gallery: gallery.remove(8), NotFoundError, "gallery.unknown-row"),
        (lambda gallery: gallery.search(unit(63)[None], 1), InputError, "gallery.vector"),
        (lambda gallery: gallery.search(unit()[None], 0), InputError, "gallery.k"),
        (lambda gallery: gallery.search(unit()[None], 1, floor=1.1), InputError, "gallery.floor"),
        (lambda gallery: gallery.search(unit()[None], 1, floor=float("nan")), InputError, "gallery.floor"),
        (lambda gallery: gallery.best_two(unit(length=2)), InputError, "gallery.vector"),
        (lambda _: Gallery(63, 1), InputError, "gallery.dimension"),
        (lambda _: Gallery(513, 1), InputError, "gallery.dimension"),
        (lambda _: Gallery(128, 0), InputError, "gallery.capacity"),
    ],
)
def test_what_cannot_be_kept_or_asked_is_refused_by_code_and_changes_nothing(act: Callable[[Gallery], object], error: type[ConsentryError], code: str) -> None:
    gallery = Gallery(64, 3)
    gallery.add(9, unit())
    with pytest.raises(error) as refused:
        act(gallery)
    assert refused.value.code == code
    assert len(gallery) == 1
    assert gallery.best_two(unit()) == ((9, 1.0),)


def test_a_gallery_that_is_full_takes_a_row_again_after_a_removal() -> None:
    gallery, _ = filled(64, 3)
    gallery.remove(1001)
    gallery.add(5, unit())
    with pytest.raises(ConflictError):
        gallery.add(6, unit())
    assert len(gallery) == 3


def test_searches_beside_a_writer_never_name_a_removed_row_nor_miss_one_that_stays() -> None:
    gallery, vectors = filled(64, 2000)
    gone: set[int] = set()
    wrong: list[str] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            for row in range(1500, 1510):
                before = set(gone)
                named = {found for found in gallery.search(vectors[row - 1000][None], 2000, floor=-1)[0][0].tolist() if found >= 0}
                if row not in named or named & before:
                    wrong.append(f"{row}: {sorted(named & before)}")

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for row in range(1000, 1500):
        gallery.remove(row)
        gone.add(row)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_rows_in_memory_take_little_more_than_their_numbers() -> None:
    block = rows.Block.empty(10, 512)
    assert block.vectors.nbytes + block.codes.nbytes + block.ids.nbytes == 10 * (2 * 512 + 64 + 8)


class GalleryMachine(RuleBasedStateMachine):
    """Adds and removes in any order; a dictionary is the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows(64, 3)
        self.kept: dict[int, NDArray[np.float32]] = {}
        self.chance = np.random.default_rng(1)
        self.next = 0

    @rule(count=st.integers(1, 8))
    def add(self, count: int) -> None:
        vectors = strangers(self.chance, count, 64)
        ids = list(range(self.next, self.next + count))
        self.rows.add(ids, vectors)
        self.kept |= dict(zip(ids, vectors, strict=True))
        self.next += count

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from(sorted(self.kept)))
        self.rows.remove(row)
        del self.kept[row]

    @invariant()
    def rows_are_those_of_the_oracle(self) -> None:
        held = {int(row): (vector, code) for block in self.rows.blocks() for row, vector, code in zip(block.ids, block.vectors, block.codes, strict=True)}
        assert held.keys() == self.kept.keys()
        assert len(self.rows) == len(self.kept)
        for row, vector in self.kept.items():
            assert row in self.rows
            assert np.array_equal(held[row][0], vector.astype(np.float16))
            assert held[row][1][:8].tobytes() == np.packbits(vector > 0).tobytes()

    @invariant()
    def memory_beyond_the_rows_is_zero(self) -> None:
        for block, used in zip(self.rows._blocks, self.rows.blocks(), strict=True):  # noqa: SLF001 - what lies beyond them
            assert not any(array[len(used.ids) :].any() for array in (block.vectors, block.codes, block.ids))


GalleryMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TestRows = GalleryMachine.TestCase
