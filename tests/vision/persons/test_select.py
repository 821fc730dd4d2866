"""Which detector is opened."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import cv2
import pytest

from consentry.platform.errors import ModelError
from consentry.vision.manifest import manifest
from consentry.vision.persons import open_person_detector
from consentry.vision.persons.select import DETECTORS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("CONSENTRY_MODELS", str(folder))
    return folder


def test_without_any_weights_auto_is_the_embedded_detector() -> None:
    assert open_person_detector().name == "hog"


@pytest.mark.parametrize("best", range(3))
def test_auto_takes_the_most_accurate_one_present(best: int, shared: Path, own_models: Path) -> None:
    for name in DETECTORS[best:]:
        weights = manifest()[name].weights
        if weights is not None:
            shutil.copy(shared / "models" / weights.name, own_models)
    assert open_person_detector("auto").name == DETECTORS[best]


def test_the_order_of_auto_is_the_order_of_the_measured_figures() -> None:
    measured = {name: figure.value for name, model in manifest().items() for figure in model.figures if figure.metric == "AP50"}
    networks = [name for name in DETECTORS if name != "hog"]
    assert networks == sorted(networks, key=lambda name: -measured[name])
    assert set(DETECTORS) == set(measured)


def test_a_detector_whose_weights_are_missing_is_refused() -> None:
    with pytest.raises(ModelError, match="consentry models pull rtmdet"):
        open_person_detector("rtmdet")


@pytest.mark.parametrize("name", ["retinanet", "", "thing"])
def test_an_unknown_detector_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(ModelError, match="auto, rtmdet") as refused:
        open_person_detector(name)
    assert refused.value.code == "model.unknown"


def test_opencv_takes_the_number_of_threads_it_is_given() -> None:
    before = cv2.getNumThreads()
    try:
        open_person_detector("hog", threads=1)
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)
