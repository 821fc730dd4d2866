"""What two templates of one person under two keys tell, how many known pairs break a keyed transform, and what a template in the clear shows.

With the pictures of Labeled Faces in the Wild and MobileFaceNet where both are here, and else with vectors in random directions. Linkability
is the measure D of Gomez-Barrero et al. (IEEE TIFS 13(6), 2018): 0 where mates score like strangers, 1 where every mate can be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from bench.report import Report
from bench.vectors import strangers
from consentry.platform.keys import SiteKeys
from consentry.recognition.transform import KeyedTransform
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.chain import PortraitChain, open_looks
from consentry.vision.faces.embedders import open_embedder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.material import Material
    from bench.report import Cell

__all__ = ["KnownPairs", "Linked", "linkability", "linked", "measure", "procrustes"]

FAMILY = "mobilefacenet"
PEOPLE, SHORT_PEOPLE = 600, 300
KEYS, SHORT_KEYS = 20, 5
KNOWN = (0.25, 0.5, 0.75, 0.9, 0.95, 1.0, 2.0)
"""Known pairs, as a share of the numbers of a vector."""
FMR = 1e-4
BINS = 40
SMALL, RIDGE = 56, 1.0
"""Side in pixels of the pictures that are made from templates, and the weight of the ridge."""
MATED_COSINE = 0.7
"""Of two vectors of one person, where they are random."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Two vectors of each person, float32 [N, D], where they come from, and the ``chips``, uint8 [N, S, S, 3], of the first, if there are any."""

    source: str
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    chips: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """Scores of templates of one person (``mated``) and of two, mean and deviation; ``linkability``, and what chance alone makes of it.

    ``matched``: the share of mates that reach the threshold. ``compared``: how many mates there were.
    """

    mated: tuple[float, float]
    others: tuple[float, float]
    linkability: float
    by_chance: float
    matched: float
    compared: int


@dataclass(frozen=True, slots=True)
class KnownPairs:
    """What an attacker who knows ``pairs`` makes of another vector: ``cosine`` of the forged image to the true one (mean)."""

    pairs: int
    cosine: float


def measure(material: Material) -> Report:
    """Compare templates of the same people under one key and under two, then attack a key with known pairs."""
    faces = _faces(material)
    first, second = faces.first, faces.second
    one = _keys("shop-1", "door-access", SHORT_KEYS if material.short else KEYS)
    threshold = _threshold(_scores(first, second, one[0], one[0]))
    cases: dict[str, Iterable[tuple[KeyedTransform, KeyedTransform]]] = {
        "the same key": [(one[0], one[0])],
        "another site": zip(one, _keys("shop-2", "door-access", len(one)), strict=True),
        "another purpose": zip(one, _keys("shop-1", "greeting", len(one)), strict=True),
        "the next epoch": pairwise(one),
    }
    rows = [_row(name, linked([_scores(first, second, *keys) for keys in pairs], threshold)) for name, pairs in cases.items()]
    rows += [_known_row(attack) for attack in procrustes(first, one[0])]
    if faces.chips is not None:
        rows += [_forged_row(name, *_forged(faces.chips, first, images), threshold) for name, images in (("clear", first), ("rotated", one[0].apply(first)))]
    notes = (
        f"{len(first)} people, two pictures each: {faces.source}. Matched: share of mates that reach the threshold for an FMR of {FMR:g} under one key.",
        "Linkability: D of Gomez-Barrero et al.; by chance: the same with mates drawn at random.",
        "A picture: a linear map from vectors to pictures, learned on half of the people, from the other half's templates; its cosine to the template.",
        "Known pairs: an attacker who has vectors and their images solves for the rotation (Schönemann 1966) and forges the image of another vector.",
    )
    columns = ("templates under", "mated score", "others' score", "linkability", "by chance", "matched %", "compared", "forged cosine")
    return Report("Unlinkability", columns, tuple(rows), notes)


def linked(scores: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]], threshold: float) -> Linked:
    """Sum up the scores (mated and others) of several pairs of keys."""
    mated, others = (np.concatenate([pair[side] for pair in scores]) for side in (0, 1))
    drawn = np.random.default_rng(1).choice(others, len(mated), replace=False)
    spreads = [(float(part.mean()), float(part.std())) for part in (mated, others)]
    return Linked(spreads[0], spreads[1], linkability(mated, others), linkability(drawn, others), float(np.mean(mated >= threshold)), len(mated))


def linkability(mated: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """Return D of Gomez-Barrero et al. over the system, with equal priors; densities are histograms over the range of both."""
    edges = np.histogram_bin_edges(np.concatenate([mated, others]), BINS)
    given_mated, given_others = (np.histogram(part, edges)[0] / len(part) for part in (mated, others))
    both = given_mated + given_others
    local = np.divide(given_mated - given_others, both, out=np.zeros(BINS), where=both > 0)
    return float(np.sum(np.clip(local, 0, None) * given_mated))


def procrustes(vectors: NDArray[np.float32], transform: KeyedTransform) -> list[KnownPairs]:
    """Return how well images of other people's vectors are forged by someone who knows as many pairs as :data:`KNOWN` says."""
    images = transform.apply(vectors).astype(np.float16).astype(np.float64)
    dimension, found = vectors.shape[1], []
    for pairs in (round(share * dimension) for share in KNOWN):
        left, _, right = np.linalg.svd(vectors[:pairs].T.astype(np.float64) @ images[:pairs])
        forged, true = vectors[pairs:] @ (left @ right), images[pairs:]
        cosines = np.sum(forged * true, axis=1) / np.linalg.norm(forged, axis=1) / np.linalg.norm(true, axis=1)
        found.append(KnownPairs(pairs, float(cosines.mean())))
    return found


def _faces(material: Material) -> Faces:
    people = SHORT_PEOPLE if material.short else PEOPLE
    if not material.has_real():
        first = strangers(np.random.default_rng(1), people, 128)
        second = MATED_COSINE * first + np.sqrt(1 - MATED_COSINE**2) * strangers(np.random.default_rng(2), people, 128)
        return Faces("random directions", first, (second / np.linalg.norm(second, axis=1, keepdims=True)).astype(np.float32))
    chain, embedder = PortraitChain(open_looks(), CHIP_LAYOUTS[FAMILY]), open_embedder(FAMILY)
    folders = sorted(folder for folder in material.real("faces", "lfw").iterdir() if len(list(folder.glob("*.jpg"))) > 1)
    chips = [pair for folder in folders[:people] if (pair := _two_chips(folder, chain)) is not None]
    one, two = (np.stack([pair[side] for pair in chips]) for side in (0, 1))
    return Faces(f"LFW, {FAMILY}", embedder.embed(one), embedder.embed(two), one)


def _forged(chips: NDArray[np.uint8], vectors: NDArray[np.float32], stolen: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the true vectors of the second half of the people, and those of pictures made from their ``stolen`` templates.

    The map is linear with ridge regression, learned on the first half, whose vectors and chips the attacker has.
    """
    half, side = len(chips) // 2, chips.shape[1]
    small = np.stack([cv2.resize(chip, (SMALL, SMALL), interpolation=cv2.INTER_AREA) for chip in chips[:half]]).reshape(half, -1).astype(np.float32)
    mean, known = small.mean(axis=0), vectors[:half]
    weights = np.linalg.solve(known.T @ known + RIDGE * np.eye(known.shape[1], dtype=np.float32), known.T @ (small - mean))
    pictures = np.clip(stolen[half:] @ weights + mean, 0, 255).astype(np.uint8).reshape(-1, SMALL, SMALL, 3)
    large = np.stack([cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC) for picture in pictures])
    return vectors[half:], open_embedder(FAMILY).embed(large)


def _two_chips(folder: Path, chain: PortraitChain) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """Return the faces of a person's first two pictures; None where one shows none."""
    one, two = (chain.chip(np.asarray(cv2.imread(str(path)), np.uint8)) for path in sorted(folder.glob("*.jpg"))[:2])
    return None if one is None or two is None else (one, two)


def _keys(site: str, purpose: str, count: int) -> list[KeyedTransform]:
    """Return the transforms of a site's first epochs, derived as a vault derives them."""
    roots = {epoch: epoch.to_bytes(32, "big") for epoch in range(1, count + 1)}
    keys = SiteKeys(roots[count], site, count, {epoch: root for epoch, root in roots.items() if epoch != count})
    return [KeyedTransform(keys.derive(f"transform-{purpose}-1", epoch=epoch), 128) for epoch in roots]


def _scores(
    first: NDArray[np.float32], second: NDArray[np.float32], one: KeyedTransform, two: KeyedTransform
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the cosines of templates of one person, and of two."""
    table = one.apply(first) @ two.apply(second).T
    return np.diag(table).copy(), table[~np.eye(len(table), dtype=np.bool_)]


def _threshold(scores: tuple[NDArray[np.float32], NDArray[np.float32]]) -> float:
    return float(np.quantile(scores[1], 1 - FMR))


def _row(name: str, found: Linked) -> tuple[Cell, ...]:
    spreads = (f"{mean:.3f} ± {deviation:.3f}" for mean, deviation in (found.mated, found.others))
    return (name, *spreads, found.linkability, found.by_chance, 100 * found.matched, found.compared, None)


def _known_row(attack: KnownPairs) -> tuple[Cell, ...]:
    return (f"{attack.pairs} known pairs", None, None, None, None, None, None, attack.cosine)


def _forged_row(name: str, true: NDArray[np.float32], forged: NDArray[np.float32], threshold: float) -> tuple[Cell, ...]:
    cosines = np.sum(true * forged, axis=1)
    return (f"a picture, from {name}", None, None, None, None, 100 * float(np.mean(cosines >= threshold)), len(cosines), float(cosines.mean()))
