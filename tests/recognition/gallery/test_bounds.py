"""The bounds of the search hold for pairs at a given cosine, whatever the vectors, and its codes are what they say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import binom

from consentry.recognition.gallery.bounds import MISS_BY_CODE, bounds, most_distance
from consentry.recognition.gallery.codes import BITS, CODE_BYTES, QueryCode, sign_codes
from consentry.recognition.transform import KeyedTransform
from tests.recognition.vault.vectors import mates, strangers

if TYPE_CHECKING:
    from numpy.typing import NDArray


def codes(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    found = np.empty((len(vectors), CODE_BYTES), np.uint8)
    sign_codes(vectors, found)
    return found


@pytest.mark.parametrize("cosine", [-0.5, 0.0, 0.2, 0.4, 0.9, 0.999])
@pytest.mark.parametrize("miss", [0.1, 1e-2, 1e-4, MISS_BY_CODE])
def test_the_most_distance_is_the_quantile_of_the_binomial_distribution(cosine: float, miss: float) -> None:
    assert most_distance(BITS, cosine, miss) == binom.isf(miss, BITS, math.acos(cosine) / math.pi)


def test_the_same_vector_is_at_no_distance_and_without_a_floor_nothing_is_left_out() -> None:
    assert most_distance(BITS, 1.0, MISS_BY_CODE) == 0
    assert bounds(BITS, -1.0).distance == BITS
    assert bounds(BITS, -1.0).slack == math.inf


@pytest.mark.parametrize("cosine", [0.2, 0.4, 0.6])
def test_a_higher_floor_leaves_less(cosine: float) -> None:
    assert most_distance(BITS, cosine + 0.05, MISS_BY_CODE) < most_distance(BITS, cosine, MISS_BY_CODE)


@pytest.mark.parametrize("dimension", [64, 128, 320, 512])
@pytest.mark.parametrize("cosine", [0.2, 0.4, 0.7])
def test_pairs_keep_to_the_distance_as_often_as_said(dimension: int, cosine: float) -> None:
    chance = np.random.default_rng(1)
    vectors = strangers(chance, 20_000, dimension)
    apart = np.bitwise_count(codes(vectors) ^ codes(mates(chance, vectors, cosine))).sum(axis=1, dtype=np.int64)
    assert apart.mean() == pytest.approx(BITS * math.acos(cosine) / math.pi, abs=0.5)
    assert np.mean(apart > most_distance(BITS, cosine, 0.01)) < 0.012


def test_pairs_of_a_model_whose_vectors_share_a_direction_keep_to_it_too_once_rotated() -> None:
    """Vectors of some models all lie near one axis; in a random rotation, planes part a pair by its angle alone."""
    chance = np.random.default_rng(2)
    shares = []
    for number in range(30):
        vectors = strangers(chance, 500, 128) * np.float32(0.5)
        vectors[:, 0] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        turn = KeyedTransform(number.to_bytes(32, "big"), 128)
        apart = np.bitwise_count(codes(turn.apply(vectors)) ^ codes(turn.apply(mates(chance, vectors, 0.6)))).sum(axis=1, dtype=np.int64)
        shares.append(float(np.mean(apart > most_distance(BITS, 0.6, 0.01))))
    assert np.mean(shares) < 0.015


@pytest.mark.parametrize("dimension", [64, 128, 512])
def test_a_rounded_query_keeps_nearly_all_of_itself_and_its_estimate_keeps_to_the_bound(dimension: int) -> None:
    chance = np.random.default_rng(3)
    query = strangers(chance, 1, dimension)
    rows = mates(chance, np.repeat(query, 20_000, axis=0), 0.4)
    code = QueryCode(query[0])
    assert 0.95 < code.kept <= 1
    signs = 2.0 * np.unpackbits(codes(rows), axis=1) - 1
    rounded = code.weights @ (2.0 * np.unpackbits(code.planes, axis=1) - 1)
    estimates = signs @ rounded / BITS
    limits = bounds(BITS, 0.4)
    assert estimates.mean() == pytest.approx(limits.mean * code.kept, rel=0.05)
    assert np.mean(estimates < limits.mean * code.kept - limits.slack / 4.11 * 2.33) < 0.013


def test_the_first_plane_of_a_query_is_its_sign_code() -> None:
    vector = strangers(np.random.default_rng(4), 1, 128)
    assert np.array_equal(QueryCode(vector[0]).planes[:1], codes(vector))


def test_the_first_bits_of_a_code_are_the_signs_of_the_numbers() -> None:
    vector = strangers(np.random.default_rng(5), 1, 128)
    assert codes(vector)[0, :16].tobytes() == np.packbits(vector[0] > 0).tobytes()
