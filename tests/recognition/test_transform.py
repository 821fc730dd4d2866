"""The keyed transform keeps distances, is the same everywhere, and makes strangers of one person under two keys."""

from __future__ import annotations

import hashlib
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.platform.errors import InputError
from consentry.platform.keys import SiteKeys
from consentry.recognition.transform import KEY_BYTES, KeyedTransform
from tests.recognition.vault.vectors import mates, strangers

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

KEY = bytes(range(KEY_BYTES))


def rotation(key: bytes, dimension: int) -> NDArray[np.float32]:
    return KeyedTransform(key, dimension).apply(np.eye(dimension, dtype=np.float32))


@settings(max_examples=40, deadline=None)
@given(key=st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES), dimension=st.sampled_from([2, 3, 64, 127, 128]), seed=st.integers(0, 2**32 - 1))
def test_distances_and_lengths_stay_as_they_are(key: bytes, dimension: int, seed: int) -> None:
    vectors = strangers(np.random.default_rng(seed), 20, dimension).astype(np.float64)
    images = KeyedTransform(key, dimension).apply(vectors.astype(np.float32)).astype(np.float64)
    before = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    after = np.linalg.norm(images[:, None] - images[None], axis=2)
    assert np.abs(before - after).max() <= 1e-6
    assert np.abs(np.linalg.norm(images, axis=1) - 1).max() <= 1e-6


def test_distances_stay_in_512_dimensions() -> None:
    vectors = strangers(np.random.default_rng(1), 200, 512)
    images = KeyedTransform(KEY, 512).apply(vectors)
    assert np.abs(vectors.astype(np.float64) @ vectors.T - images.astype(np.float64) @ images.T).max() <= 1e-6


@pytest.mark.parametrize(
    ("dimension", "digest"),
    [
        (2, "2750d75dcdf88f8a4e187401bfe1eec1e9fec8e25208a03c4af7f2afe848ad1a"),
        (128, "5c900a8caffdb39a6ab659e97f32c0ec6b379e14149a622a49e6e92a9e4d114f"),
        (512, "c0144da91287360a62be1c0cc73f7121241284c0aa9acce15b7cd7ddca018c65"),
    ],
)
def test_a_key_makes_the_same_rotation_to_the_last_bit_on_every_machine(dimension: int, digest: str) -> None:
    # A product with the identity adds zeros alone, so that no library's order of addition shows.
    assert hashlib.sha256(rotation(KEY, dimension).astype("<f4").tobytes()).hexdigest() == digest


def test_rotations_are_spread_evenly_over_the_sphere() -> None:
    first_axes = np.stack([rotation(number.to_bytes(KEY_BYTES, "big"), 8)[0] for number in range(4000)]).astype(np.float64)
    # Of a direction drawn evenly in 8 dimensions: mean 0, second moment 1/8, fourth moment 3/80.
    assert np.abs(first_axes.mean(axis=0)).max() < 0.025
    assert np.abs((first_axes**2).mean(axis=0) - 1 / 8).max() < 0.012
    assert np.abs((first_axes**4).mean(axis=0) - 3 / 80).max() < 0.008
    corner = np.stack([rotation(number.to_bytes(KEY_BYTES, "big"), 8)[-1, -1] for number in range(4000)]).astype(np.float64)
    assert abs(corner.mean()) < 0.025
    assert abs((corner**2).mean() - 1 / 8) < 0.012


@pytest.mark.parametrize(
    ("purpose", "site", "epoch"), [("transform-greeting", "shop-2", 1), ("transform-door-access", "shop-1", 1), ("transform-greeting", "shop-1", 2)]
)
def test_one_person_is_a_stranger_at_another_site_for_another_purpose_and_after_a_rotation(purpose: str, site: str, epoch: int) -> None:
    chance = np.random.default_rng(2)
    people = strangers(chance, 2000, 128)
    again = mates(chance, people, 0.7)
    keys = SiteKeys(bytes(32), site, epoch, {older: bytes([older] * 32) for older in range(1, epoch)})
    here = KeyedTransform(SiteKeys(bytes(32), "shop-1").derive("transform-greeting"), 128)
    there = KeyedTransform(keys.derive(purpose), 128)
    own = here.apply(people) @ here.apply(again).T
    assert np.diag(own).mean() == pytest.approx(0.7, abs=1e-3)
    cross = here.apply(people) @ there.apply(again).T
    mated, others = np.diag(cross), cross[~np.eye(len(people), dtype=bool)]
    # The standard error of the mean of 2,000 cosines of strangers is 0.002.
    assert abs(mated.mean() - others.mean()) < 0.008
    assert mated.std() == pytest.approx(others.std(), rel=0.06)
    assert mated.max() < 0.45


def test_vectors_of_another_shape_or_type_are_refused() -> None:
    transform = KeyedTransform(KEY, 64)
    wrong: list[NDArray[Any]] = [np.zeros((1, 63), np.float32), np.zeros(64, np.float32), np.zeros((1, 64), np.float64)]
    for vectors in wrong:
        with pytest.raises(InputError) as refused:
            transform.apply(vectors)
        assert refused.value.code == "transform.vectors"


@pytest.mark.parametrize(("key", "dimension", "code"), [(KEY[:-1], 128, "transform.key"), (KEY, 1, "transform.dimension"), (KEY, 5000, "transform.dimension")])
def test_a_key_or_dimension_that_cannot_be_served_is_refused(key: bytes, dimension: int, code: str) -> None:
    with pytest.raises(InputError) as refused:
        KeyedTransform(key, dimension)
    assert refused.value.code == code


def test_a_transform_shows_nothing_cannot_be_pickled_and_can_be_wiped() -> None:
    transform = KeyedTransform(KEY, 64)
    assert repr(transform) == "KeyedTransform(dimension=64)"
    with pytest.raises(TypeError):
        pickle.dumps(transform)
    transform.wipe()
    assert not transform.apply(np.eye(64, dtype=np.float32)).any()
