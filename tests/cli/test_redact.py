"""``consentry redact``: a portrait with the embedded detector, what it prints, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest
from skimage import data

from consentry.cli.main import main
from consentry.video.writer import VideoWriter
from consentry.vision.boxes import overlaps
from consentry.vision.faces.detectors import open_face_detector
from consentry.vision.redaction.cover import COLOUR
from consentry.vision.redaction.service import redact_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.vision.redaction.model import Step

FACE = np.asarray([[177, 60, 272, 192]], np.float32)
"""The face of the portrait, drawn by hand, pixels."""


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test no models but the installed ones, and a wide terminal."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)  # type: ignore[no-untyped-call]  # scikit-image ships no types


@pytest.fixture
def picture(portrait: NDArray[np.uint8], tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "in.png"), portrait)
    return tmp_path / "in.png"


@pytest.fixture
def clip(portrait: NDArray[np.uint8], tmp_path: Path) -> Path:
    """Write the portrait sliding to the side."""
    with VideoWriter(tmp_path / "in.mp4") as writer:
        for frame in range(12):
            moved = np.roll(portrait, 6 * frame, axis=1)
            writer.write(moved, frame / 25)
    return tmp_path / "in.mp4"


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["redact", *map(str, arguments), "--threads", "1"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def test_the_face_of_a_portrait_is_found_with_what_is_installed(portrait: NDArray[np.uint8]) -> None:
    found = open_face_detector("auto", low_score=0.6).detect(portrait)
    assert len(found) == 1
    assert overlaps(found.boxes, FACE)[0, 0] > 0.6


def test_a_picture_loses_its_face_and_says_so(picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out.png"
    summary = json.loads(printed(capsys, picture, target, "--json"))
    assert summary.pop("faces") >= 1
    assert summary.pop("tracks") >= 1
    assert summary == {
        "in": str(picture),
        "out": str(target),
        "frames": 1,
        "filled": 0,
        "detector": "centerface",
        "sound": "none",
        "warnings": [],
    }
    copy = np.asarray(cv2.imread(str(target)), np.uint8)
    left, top, right, bottom = FACE[0].astype(int)
    assert np.all(copy[top:bottom, left:right] == COLOUR)
    assert len(open_face_detector("centerface", low_score=0.3).detect(copy)) == 0


def test_a_picture_looked_at_in_tiles_tells_how_far_it_is(picture: Path, tmp_path: Path) -> None:
    steps: list[Step] = []
    redact_file(picture, tmp_path / "out.png", "auto", tiles=None, keep_sound=False, threads=1, progress=steps.append)
    shares = [step.share or 0 for step in steps]
    assert len(shares) > 1
    assert (sorted(shares), shares[-1]) == (shares, 1)


def test_a_video_loses_its_face_in_every_frame(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, clip, tmp_path / "out.mp4")
    assert "in 12 frames (centerface)" in out
    assert "Look at it before you publish it." in out
    left, top, right, bottom = FACE[0].astype(int)
    with av.open(str(tmp_path / "out.mp4")) as video:
        for index, frame in enumerate(video.decode(video=0)):
            face = frame.to_ndarray(format="bgr24")[top:bottom, left + 6 * index : right + 6 * index]
            assert np.abs(face.astype(int) - COLOUR).max() < 30


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["{in}", "{in}"], "redact.same-file"),
        (["{in}", "{folder}/out.txt"], "redact.suffix"),
        (["{in}", "{folder}/none/out.png"], "redact.folder"),
        (["{folder}/none.png", "{folder}/out.png"], "source.missing"),
        (["{folder}/text.png", "{folder}/out.png"], "source.not-picture"),
        (["{folder}/text.png", "{folder}/out.mp4"], "source.not-video"),
        (["{in}", "{folder}/out.png", "--detector", "guess"], "model.unknown"),
        (["{in}", "{folder}/out.png", "--detector", "yunet"], "model.missing"),
    ],
)
def test_what_cannot_be_redacted_is_one_line(arguments: list[str], code: str, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.png").write_text("no picture")
    before = picture.read_bytes()
    assert main(["redact", *(text.replace("{in}", str(picture)).replace("{folder}", str(tmp_path)) for text in arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith(f"[{code}]\n")
    assert picture.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in.png", "text.png"]
