"""Exactly one OpenCV is installed, and it has no windows to open."""

from __future__ import annotations

from importlib.metadata import distributions, packages_distributions

import cv2

WANTED = "opencv-contrib-python-headless"


def test_exactly_one_distribution_provides_cv2() -> None:
    assert set(packages_distributions()["cv2"]) == {WANTED}


def test_no_other_distribution_of_opencv_is_installed() -> None:
    names = {str(found.metadata["Name"]).lower() for found in distributions()}
    assert {name for name in names if "opencv" in name} == {WANTED}


def test_opencv_was_built_without_a_window_system() -> None:
    section = cv2.getBuildInformation().split("GUI:", 1)[1].splitlines()[0]
    assert section.strip() == "NONE"
