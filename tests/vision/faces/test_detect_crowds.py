"""Real crowds: how many annotated faces are found, and that all of them are gone after redaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.cli.main import main
from consentry.vision.boxes import overlaps
from consentry.vision.faces.detectors import open_face_detector
from consentry.vision.redaction.cover import COLOUR

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
MOST_FACES = "0_Parade_marchingband_1_765.jpg"


@pytest.fixture(autouse=True)
def shared_models(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENTRY_MODELS", str(shared / "models"))


def evaluated(shared: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, float]:
    crowd = shared / "data" / "crowd"
    assert main(["evaluate", "detection", "--images", str(crowd), "--boxes", str(crowd / "boxes.json"), "--json", *options]) == 0
    document: dict[str, float] = json.loads(capsys.readouterr().out)
    return document


def test_the_installed_detector_finds_a_crowd_with_tiles(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = evaluated(shared, capsys)
    assert (document["images"], document["boxes"]) == (5, 216)
    assert document["recall_8px"] >= 0.98
    assert document["precision"] >= 0.90


def test_a_single_look_finds_fewer(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(shared, capsys, "--no-tiles", "--score", "0.3")["recall_8px"] < 0.96


def test_yunet_finds_a_crowd_too(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = evaluated(shared, capsys, "--detector", "yunet")
    assert document["recall_8px"] >= 0.96
    assert document["precision"] >= 0.90


def test_every_one_of_132_faces_is_painted_over(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crowd, target = shared / "data" / "crowd", tmp_path / "out.png"
    boxes = np.asarray(json.loads((crowd / "boxes.json").read_text("utf-8"))[MOST_FACES], np.float32)
    assert len(boxes) == 132
    assert main(["redact", str(crowd / MOST_FACES), str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["faces"] >= 132
    copy = np.asarray(cv2.imread(str(target)), np.uint8)
    painted = np.all(copy == COLOUR, axis=2)
    shares = [painted[top:bottom, left:right].mean() for left, top, right, bottom in boxes.astype(int)]
    assert min(shares) >= 0.9
    assert painted.mean() < 0.12
    for name in ("centerface", "yunet"):
        left = open_face_detector(name, longest_side=2048, low_score=0.3).detect(copy)
        assert not np.any(overlaps(boxes, left.boxes) >= 0.4)
