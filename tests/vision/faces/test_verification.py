"""Verification: lists of pairs, accuracy over folds, areas, and error rates that agree with plain counting."""

from __future__ import annotations

import struct
from itertools import combinations
from typing import TYPE_CHECKING
from zlib import crc32

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from consentry.platform.errors import DatasetError
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.all_pairs import FacePrints, compare_all
from consentry.vision.faces.chain import Looks, PortraitChain
from consentry.vision.faces.det_curve import error_trade_off
from consentry.vision.faces.evaluation import check_pictures, face_prints, read_picture
from consentry.vision.faces.identification import identification
from consentry.vision.faces.model import Faces
from consentry.vision.faces.operating_points import calibrated_rates, operating_points, shortage, threshold_at
from consentry.vision.faces.pairs import Pair, PairList, Portrait, read_pairs
from consentry.vision.faces.verification import area_under_curve, fold_decisions, verification

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def people(subjects: int, pictures: int, spread: float, *, seed: int = 0, missed: int = 0) -> FacePrints:
    """Return prints of made-up people: a direction each, and noise on every picture; ``missed`` pictures were not acquired."""
    chance = np.random.default_rng(seed)
    who = np.repeat(np.arange(subjects), pictures)
    vectors = chance.normal(size=(subjects, 32))[who] + spread * chance.normal(size=(len(who), 32))
    acquired = np.ones(len(who), np.bool_)
    acquired[:missed] = False
    return FacePrints((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), acquired, who)


def listed(prints: FacePrints, folds: int = 2) -> PairList:
    """Return a list with a genuine and an impostor pair for every person."""
    names = [f"p{subject:04d}" for subject in prints.subjects]
    of_subject = {name: names.index(name) for name in dict.fromkeys(names)}
    numbers = [index - of_subject[name] + 1 for index, name in enumerate(names)]
    portraits = [Portrait(name, number) for name, number in zip(names, numbers, strict=True)]
    firsts = list(of_subject.values())
    rows = [(portraits[first], portraits[first + 1]) for first in firsts]
    rows += [(portraits[first], portraits[second + 1]) for first, second in zip(firsts, firsts[1:] + firsts[:1], strict=True)]
    return PairList(tuple(Pair(one, two, index % folds) for index, (one, two) in enumerate(rows)), "digest")


def test_all_pairs_agree_with_comparing_every_two_pictures_in_turn() -> None:
    prints = people(40, 3, 0.8, missed=4)
    pairs = compare_all(prints)
    genuine, impostor = [], []
    for one, two in combinations(range(120), 2):
        score = float(prints.vectors[one] @ prints.vectors[two])
        acquired = prints.acquired[one] and prints.acquired[two]
        if prints.subjects[one] == prints.subjects[two]:
            genuine.append(score if acquired else -np.inf)
        elif acquired:
            impostor.append(score)
    assert pairs.impostors == len(impostor)
    assert np.allclose(pairs.genuine, sorted(genuine), atol=1e-5)
    kept = sorted(impostor, reverse=True)[: len(pairs.impostor)]
    assert len(kept) >= 0.1 * len(impostor)
    assert np.allclose(pairs.impostor, kept, atol=1e-5)
    assert (pairs.impostor_subjects[:, 0] != pairs.impostor_subjects[:, 1]).all()


@pytest.mark.parametrize("fmr", [0.1, 0.05, 0.01, 0.002])
def test_at_a_threshold_no_more_impostors_match_than_the_rate_allows_and_one_more_would_be_too_many(fmr: float) -> None:
    pairs = compare_all(people(60, 3, 0.8))
    threshold = threshold_at(pairs, fmr)
    allowed = int(fmr * pairs.impostors)
    assert int(np.sum(pairs.impostor >= threshold)) == allowed
    (point,) = operating_points(pairs, [fmr])
    assert point.fnmr == pytest.approx(np.mean(pairs.genuine < threshold))
    assert point.fnmr_interval is not None
    assert point.fmr_interval is not None
    assert point.fnmr_interval.low <= point.fnmr <= point.fnmr_interval.high
    assert point.fmr_interval.low <= fmr * 1.05
    assert fmr <= point.fmr_interval.high * 1.05


def test_equal_scores_do_not_let_more_impostors_in() -> None:
    vectors = np.zeros((40, 4), np.float32)
    vectors[:, 0] = 1
    pairs = compare_all(FacePrints(vectors, np.ones(40, np.bool_), np.repeat(np.arange(20), 2)))
    assert np.sum(pairs.impostor >= threshold_at(pairs, 0.01)) == 0


def test_figures_beyond_the_data_are_refused_by_the_rule_of_3_and_calibrated_by_the_rule_of_30() -> None:
    assert shortage(1e-3, 3_000, 10) is None
    assert "3" in (shortage(1e-3, 2_999, 10) or "")
    assert "genuine" in (shortage(1e-3, 10_000, 0) or "")
    assert calibrated_rates(30_000) == (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
    assert calibrated_rates(299) == ()


def test_a_report_names_what_the_data_cannot_tell() -> None:
    prints = people(30, 2, 0.5)
    found = verification(listed(prints), prints)
    assert found.point(1e-3) is None or found.compared.impostors >= 3_000
    assert [rate for rate, _ in found.refused] == [1e-3, 1e-4, 1e-5]
    assert found.pairs == 60


def test_pictures_without_a_face_count_as_errors_in_every_accuracy() -> None:
    clean, lossy = people(50, 2, 0.1), people(50, 2, 0.1, missed=10)
    assert verification(listed(clean), clean).accuracy == 1
    found = verification(listed(lossy), lossy)
    assert found.failed == 10
    assert found.accuracy == pytest.approx(1 - (5 + 6) / 100)  # five people's genuine pairs, and the impostor pairs they and their neighbour are in
    assert found.auc < 1
    (point,) = (point for point in found.points if point.fmr == 0.05)
    assert point.fnmr == pytest.approx(5 / 50)


def test_the_threshold_of_a_fold_comes_from_the_others_alone() -> None:
    scores = np.array([0.9, 0.1, 0.9, 0.1, 0.3, 0.2])
    genuine = np.array([True, False, True, False, False, True])
    folds = np.array([0, 0, 1, 1, 2, 2])
    # Of the last fold no pair can be right: its impostor lies above its genuine pair, both on the wrong sides of the others' threshold or not.
    right = fold_decisions(scores, genuine, folds)
    assert right[:4].all()
    assert not right[4:].all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(lambda rows: len({kind for _, kind in rows}) == 2))
def test_the_area_is_that_of_mann_and_whitney(rows: list[tuple[int, bool]]) -> None:
    scores, genuine = np.array([score for score, _ in rows], float), np.array([kind for _, kind in rows])
    statistic = mannwhitneyu(scores[genuine], scores[~genuine]).statistic
    assert area_under_curve(scores, genuine, np.ones(len(scores))) == pytest.approx(statistic / (genuine.sum() * (~genuine).sum()))


def test_a_threshold_lies_half_way_between_the_kinds() -> None:
    scores, genuine, folds = np.array([0.8, 0.2, 0.51, 0.49]), np.array([True, False, True, False]), np.array([0, 0, 1, 1])
    assert fold_decisions(scores, genuine, folds).all()


def test_the_trade_off_curve_falls_from_few_false_matches_to_many() -> None:
    curve = error_trade_off(compare_all(people(60, 3, 0.8)))
    assert (np.diff(curve[:, 0]) > 0).all()
    assert (np.diff(curve[:, 1]) <= 0).all()
    assert curve[-1, 0] == pytest.approx(0.1, rel=0.01)


def test_without_a_pair_of_either_kind_there_is_no_curve() -> None:
    nobody = people(5, 2, 0.1, missed=10)
    alone = people(5, 1, 0.1)
    assert [error_trade_off(compare_all(prints)).shape for prints in (nobody, alone)] == [(0, 2), (0, 2)]


@pytest.mark.parametrize("failing", [(1,), (0, 1)])
def test_a_search_for_somebody_of_whom_a_picture_was_not_acquired_is_a_miss(failing: tuple[int, ...]) -> None:
    prints = people(100, 2, 0.01)
    for picture in failing:
        prints.acquired[picture::10] = False  # of every fifth person the second picture, or both
    points = [point for point in identification(prints) if point.fnir is not None]
    assert points
    assert all(point.fnir == pytest.approx(0.2, abs=0.05) for point in points)


def test_identification_worsens_with_the_gallery_and_refuses_what_it_cannot_tell() -> None:
    points = identification(people(200, 3, 1.2, seed=5))
    fnir = {(point.gallery, point.fpir): point.fnir for point in points}
    assert sorted({size for size, _ in fnir}) == [10, 20, 50, 100]
    assert (fnir[100, 0.1] or 0) > (fnir[10, 0.1] or 0)
    assert all(point.fnir is None or (point.interval and point.interval.low <= point.fnir <= point.interval.high) for point in points)
    few = identification(people(20, 2, 0.1))
    assert [point.fnir for point in few if point.fpir == 0.01] == [None]
    assert all(point.refused for point in few if point.fnir is None)
    with pytest.raises(DatasetError) as refused:
        identification(people(19, 2, 0.1))
    assert refused.value.code == "dataset.identification"


def test_a_list_of_pairs_is_read_with_its_folds(tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("2\t1\nAnn\t1\t4\nAnn\t1\tBob\t2\nBob\t1\t2\nAnn\t4\tBob\t1\n", encoding="utf-8")
    found = read_pairs(path)
    assert found.folds == 2
    assert [(pair.fold, pair.genuine) for pair in found.pairs] == [(0, True), (0, False), (1, True), (1, False)]
    assert found.portraits == (Portrait("Ann", 1), Portrait("Ann", 4), Portrait("Bob", 1), Portrait("Bob", 2))
    assert Portrait("Ann", 4).path(tmp_path) == tmp_path / "Ann" / "Ann_0004.jpg"


@pytest.mark.parametrize("name", ["Ann", "A" * 300, "nul\0"])
def test_a_list_with_a_picture_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError) as refused:
        check_pictures([Portrait(name, 1).path(tmp_path)], "Give another folder")
    assert refused.value.code == "dataset.picture"


def test_a_list_of_another_editor_is_the_same_list(tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_bytes(b"\xef\xbb\xbf1 2\t\r\nAnn Lee\t\t1\t4\t\r\n\r\nBob\t1 2\r\nAnn Lee\t1\tBob\t2\r\nBob 1 Cy\t1\r\n")
    assert read_pairs(path).portraits == (Portrait("Ann Lee", 1), Portrait("Ann Lee", 4), Portrait("Bob", 1), Portrait("Bob", 2), Portrait("Cy", 1))


@pytest.mark.parametrize(
    "text", ["", "x\n", "1\t1\n", "1 1\nA 1 2\n", "1 1\nA 1 2\nB 1 2\n", "1 1\nA 1 2\nA 1 B 1 2\n", "0 0\n", "1 1\n../A 1 2\nA 1 B 1\n", "\ud800"]
)
def test_what_is_no_list_of_pairs_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.txt"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(DatasetError) as refused:
        read_pairs(path)
    assert refused.value.code == "dataset.pairs"


class Spots:
    """A detector that knows where faces are: (x, y, score) of each."""

    name = "spots"

    def __init__(self, *spots: tuple[float, float, float]) -> None:
        self._spots = spots

    def detect(self, picture: NDArray[np.uint8]) -> Faces:  # noqa: ARG002 - the detector's signature
        centres = np.array([spot[:2] for spot in self._spots], np.float32).reshape(-1, 2)
        points = centres[:, None] + np.array([(-10, -10), (10, -10), (0, 0), (-8, 10), (8, 10)], np.float32)
        boxes = np.concatenate([centres - 20, centres + 20], axis=1)
        return Faces(boxes, np.array([spot[2] for spot in self._spots], np.float32), points)


PICTURE = np.zeros((100, 200, 3), np.uint8)


@pytest.mark.parametrize(
    ("usual", "further", "centre"),
    [
        ([Spots((40, 50, 0.9), (110, 50, 0.6))], [], (110, 50)),
        ([Spots((40, 50, 0.9), (110, 50, 0.2))], [], (40, 50)),
        ([Spots((40, 50, 0.2), (110, 50, 0.1))], [], (110, 50)),
        ([Spots((100, 50, 0.9)), Spots((104, 52, 0.9))], [], (102, 51)),
        ([Spots((100, 50, 0.9)), Spots((30, 50, 0.9))], [], (100, 50)),
        ([Spots((30, 50, 0.9)), Spots((100, 50, 0.9)), Spots((102, 50, 0.9))], [], (101, 50)),
        ([Spots()], [Spots((60, 50, 0.9))], (60, 50)),
        ([Spots(), Spots((100, 50, 0.9))], [Spots((60, 50, 0.9))], (100, 50)),
        ([Spots()], [], None),
    ],
)
def test_the_face_nearest_to_the_middle_is_meant(usual: list[Spots], further: list[Spots], centre: tuple[float, float] | None) -> None:
    chain = PortraitChain(Looks("spots", tuple(usual), tuple(further)), CHIP_LAYOUTS["dlib"])
    landmarks = chain.landmarks(PICTURE)
    assert (None if landmarks is None else (float(landmarks[2, 0]), float(landmarks[2, 1]))) == centre
    assert (chain.chip(PICTURE) is None) == (centre is None)


class Brightness:
    """An embedder whose vector tells the mean colour."""

    family, dimension = "dlib", 3

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        colours = chips.reshape(len(chips), -1, 3).mean(axis=1) + 1
        return np.asarray(colours / np.linalg.norm(colours, axis=1, keepdims=True), np.float32)


def test_a_picture_of_more_pixels_than_can_be_decoded_is_none(tmp_path: Path) -> None:
    header = struct.pack(">4sIIBBBBB", b"IHDR", 60000, 60000, 8, 2, 0, 0, 0)
    (tmp_path / "vast.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", crc32(header)))
    assert read_picture(tmp_path / "vast.png") is None
    with pytest.raises(DatasetError) as refused:
        read_picture(tmp_path)
    assert refused.value.code == "dataset.picture"


def test_pictures_become_vectors_in_their_order_and_a_damaged_one_is_not_acquired(tmp_path: Path) -> None:
    wanted = [Portrait("Ann", 1), Portrait("Ann", 2), Portrait("Bob", 1), Portrait("Bob", 2)]
    for portrait, colour in zip(wanted, ((0, 0, 255), None, (0, 255, 0), b""), strict=True):
        path = portrait.path(tmp_path)
        path.parent.mkdir(exist_ok=True)
        if isinstance(colour, tuple):
            cv2.imwrite(str(path), np.full((100, 200, 3), colour, np.uint8))
        else:
            path.write_bytes(b"no picture" if colour is None else colour)
    done: list[int] = []
    prints = face_prints(tmp_path, wanted, PortraitChain(Looks("spots", (Spots((100, 50, 0.9)),)), CHIP_LAYOUTS["dlib"]), Brightness(), done.append)
    assert prints.acquired.tolist() == [True, False, True, False]
    assert prints.subjects.tolist() == [0, 0, 1, 1]
    assert prints.vectors[0].argmax() == 0
    assert prints.vectors[2].argmax() == 1
    assert done == [4]
