"""Templates of one person under two keys tell nothing of each other; a rotation of keys leaves old ones matching nobody; known pairs break a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.unlinkability import linkability, linked, procrustes
from consentry.recognition.gallery import Gallery
from consentry.recognition.transform import KeyedTransform
from tests.recognition.vault.vectors import mates, strangers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

PEOPLE = 1500


def key(number: int) -> KeyedTransform:
    return KeyedTransform(number.to_bytes(32, "big"), 128)


@pytest.fixture(scope="module")
def people() -> tuple[Vectors, Vectors]:
    """Return two vectors of each person at 0.7, all leaning to one side as those of real models do."""
    chance = np.random.default_rng(1)
    first = strangers(chance, PEOPLE, 128)
    first[:, 0] += 0.3
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first, mates(chance, first, 0.7)


def test_linkability_is_one_for_mates_apart_and_near_zero_for_mates_like_strangers() -> None:
    chance = np.random.default_rng(2)
    others = chance.normal(0, 0.1, 200_000).astype(np.float32)
    assert linkability(chance.normal(0.9, 0.01, 5000).astype(np.float32), others) > 0.999
    assert linkability(chance.normal(0, 0.1, 50_000).astype(np.float32), others) < 0.02
    # Of two normal densities one deviation apart, by numerical integration of D(s) p(s | mated).
    points = np.linspace(-1, 1.2, 20_001)
    mated, strange = (np.exp(-(((points - mean) / 0.1) ** 2) / 2) for mean in (0.1, 0.0))
    expected = np.sum(np.clip((mated - strange) / (mated + strange), 0, None) * mated) / mated.sum()
    assert linkability(chance.normal(0.1, 0.1, 50_000).astype(np.float32), others) == pytest.approx(expected, abs=0.02)


def test_two_keys_make_strangers_of_one_person(people: tuple[Vectors, Vectors]) -> None:
    first, second = people

    def scores(one: KeyedTransform, two: KeyedTransform) -> tuple[Vectors, Vectors]:
        table = one.apply(first) @ two.apply(second).T
        return np.diag(table).copy(), table[~np.eye(PEOPLE, dtype=np.bool_)]

    same = linked([scores(key(1), key(1))], 0.5)
    assert same.linkability > 0.95
    assert same.matched > 0.99
    across = linked([scores(key(number), key(number + 1)) for number in range(1, 6)], 0.5)
    assert across.linkability < across.by_chance + 0.02
    assert across.matched == 0
    assert abs(across.mated[0] - across.others[0]) < 0.005
    assert across.mated[1] == pytest.approx(across.others[1], rel=0.03)


def test_after_a_rotation_of_keys_old_templates_match_nobody_and_new_ones_their_own(people: tuple[Vectors, Vectors]) -> None:
    first, second = people
    old, new = Gallery(128, PEOPLE), Gallery(128, PEOPLE)
    old.add_many(range(PEOPLE), key(1).apply(first))
    new.add_many(range(PEOPLE), key(2).apply(first))
    probes = key(2).apply(second)
    assert (new.search(probes, 1, floor=0.5)[0][:, 0] == np.arange(PEOPLE)).all()
    # 1,500 × 1,500 comparisons of strangers in 128 dimensions: none comes near 0.55.
    assert (old.search(probes, 1, floor=0.55)[0] == -1).all()


def test_as_many_known_pairs_as_numbers_break_a_key_and_half_as_many_do_not(people: tuple[Vectors, Vectors]) -> None:
    attacks = {attack.pairs: attack.cosine for attack in procrustes(strangers(np.random.default_rng(3), PEOPLE, 128), key(1))}
    assert attacks[64] < 0.8
    assert attacks[128] > 0.999
    assert attacks[256] > 0.9999
    assert {attack.pairs: attack.cosine for attack in procrustes(people[0], key(1))}[128] > 0.999
