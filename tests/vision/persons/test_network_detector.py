"""The way of a picture through a detector, with a fake network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.letterbox import fit_longest
from consentry.vision.persons import rtmdet
from consentry.vision.persons.network_detector import NetworkDetector
from consentry.vision.runtime import FakeNetwork

if TYPE_CHECKING:
    from consentry.vision.model import PersonDetector


def detector(rows: list[list[float]], network: FakeNetwork | None = None) -> PersonDetector:
    outputs = (np.asarray([rows], np.float32).reshape(1, -1, 5), np.zeros((1, len(rows)), np.int64))
    fake = network or FakeNetwork(lambda _: outputs)
    return NetworkDetector("fake", fake, partial(fit_longest, longest=640, multiple=32), partial(rtmdet.decode, low_score=0.05))


def test_boxes_come_in_pixels_of_the_picture_clipped_best_first() -> None:
    found = detector([[320, 240, 400, 440, 0.5], [-8, 0, 64, 160, 0.9]]).detect(np.zeros((360, 480, 3), np.uint8))
    assert found.boxes.tolist() == [[0, 0, 48, 120], [240, 180, 300, 330]]
    assert found.scores.tolist() == [np.float32(0.9), np.float32(0.5)]


def test_two_boxes_of_one_person_become_one() -> None:
    found = detector([[0, 0, 100, 200, 0.5], [2, 0, 100, 200, 0.6]]).detect(np.zeros((480, 640, 3), np.uint8))
    assert found.scores.tolist() == [np.float32(0.6)]


def test_what_lies_in_the_padding_is_left_out() -> None:
    found = detector([[10, 361, 60, 384, 0.9]]).detect(np.zeros((1080, 1920, 3), np.uint8))
    assert len(found) == 0


def test_the_network_sees_each_picture_in_its_own_aspect() -> None:
    seen = FakeNetwork(lambda _: (np.zeros((1, 0, 5), np.float32), np.zeros((1, 0), np.int64)))
    with_fake = detector([], seen)
    for height, width in ((360, 480), (1080, 1920), (1920, 1080)):
        with_fake.detect(np.zeros((height, width, 3), np.uint8))
    assert seen.sizes == [(640, 480), (640, 384), (384, 640)]
