"""Redacted pictures: upright, without a face, and without anything that the file said about them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from zlib import crc32

import cv2
import numpy as np
import pytest

from consentry.platform.errors import InputError, SourceError
from consentry.vision.faces.geometry import no_faces
from consentry.vision.redaction.cover import COLOUR
from consentry.vision.redaction.pictures import redact_picture
from consentry.vision.redaction.places import checked_places
from tests.vision.redaction.stage import NOTE, SIDE, Squares, frame_picture, place

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.vision.faces.model import Faces

RIGHT_TURN = 6
"""EXIF's orientation of a picture that is shown turned by a quarter to the right."""


def with_exif(picture: np.ndarray) -> bytes:
    """Return a JPEG whose EXIF turns it and holds a secret."""
    note = NOTE.encode() + b"\0"
    entries = struct.pack("<HHII", 0x0112, 3, 1, RIGHT_TURN) + struct.pack("<HHII", 0x010E, 2, len(note), 38)
    body = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0) + note
    data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 98))[1].tobytes()
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


class Blind:
    """A detector that sees nobody."""

    name = "blind"

    def detect(self, picture: NDArray[np.uint8]) -> Faces:  # noqa: ARG002 - the detector's signature
        return no_faces()


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """Return a PNG with one more chunk after its header."""
    return png[:33] + struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc32(name + content)) + png[33:]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".JPEG"])
def test_faces_are_gone_in_every_format(suffix: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.png", tmp_path / f"out{suffix}"
    cv2.imwrite(str(source), frame_picture(0))
    summary = redact_picture(source, target, Squares())
    assert summary.faces == 2
    copy = np.asarray(cv2.imread(str(target)))
    for rank in (0, 1):
        x, y = place(0, rank)
        assert np.abs(copy[y : y + SIDE, x : x + SIDE].astype(int) - COLOUR).max() < 8
    assert len(Squares().detect(copy)) == 0


def test_what_the_file_said_is_gone_and_the_picture_is_upright(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(with_exif(frame_picture(0)))
    redact_picture(source, target, Squares())
    assert NOTE.encode() in source.read_bytes()
    assert NOTE.encode() not in target.read_bytes()
    assert b"Exif" not in target.read_bytes()
    copy = np.asarray(cv2.imread(str(target), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION))
    upright = cv2.rotate(frame_picture(0), cv2.ROTATE_90_CLOCKWISE)
    assert copy.shape == upright.shape
    assert len(Squares().detect(copy)) == 0


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_what_a_viewer_does_not_show_is_not_in_the_copy(depth: type[np.generic], suffix: str, tmp_path: Path) -> None:
    shown = np.full((90, 120, 4), 200, np.uint8)
    shown[:, :60] = (10, 20, 30, 0)
    cv2.imwrite(str(tmp_path / "in.png"), np.asarray(shown if depth is np.uint8 else shown.astype(np.uint16) * 257))
    redact_picture(tmp_path / "in.png", tmp_path / f"out{suffix}", Blind())
    copy = np.asarray(cv2.imread(str(tmp_path / f"out{suffix}"), cv2.IMREAD_UNCHANGED))
    assert copy.shape == (90, 120, 3)
    assert copy[:, :50].min() >= 250
    assert copy[:, 70:].max() < 230


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_transparent_picture_that_its_file_turns_is_upright(turned: int, tmp_path: Path) -> None:
    stored = np.random.default_rng(turned).integers(0, 255, (40, 60, 4), np.uint8)
    stored[..., 3] = 255
    stored[:12, :20] = (9, 9, 9, 0)
    exif = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, turned, 0)
    (tmp_path / "in.png").write_bytes(with_chunk(cv2.imencode(".png", stored)[1].tobytes(), b"eXIf", exif))
    redact_picture(tmp_path / "in.png", tmp_path / "out.png", Blind())
    expected = np.asarray(cv2.imread(str(tmp_path / "in.png"), cv2.IMREAD_COLOR))
    expected[(expected == 9).all(axis=2)] = 255
    assert np.array_equal(np.asarray(cv2.imread(str(tmp_path / "out.png"))), expected)


def test_of_several_pictures_the_copy_holds_the_first_and_says_so(tmp_path: Path) -> None:
    cv2.imwritemulti(str(tmp_path / "in.tiff"), [frame_picture(0), frame_picture(1)])
    (warning,) = redact_picture(tmp_path / "in.tiff", tmp_path / "out.png", Squares()).warnings
    assert warning.startswith("it holds 2 pictures")


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "in.jpg").write_bytes(content)
    with pytest.raises(SourceError) as refused:
        redact_picture(tmp_path / "in.jpg", tmp_path / "out.jpg", Squares())
    assert refused.value.code == "source.not-picture"
    assert not (tmp_path / "out.jpg").exists()


def test_a_copy_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "in.png"), frame_picture(0))
    (tmp_path / "out.jpg").mkdir()
    with pytest.raises(InputError) as refused:
        redact_picture(tmp_path / "in.png", tmp_path / "out.jpg", Squares())
    assert refused.value.code == "redact.unwritable"


def test_a_picture_too_wide_for_its_format_is_one_error(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "in.png"), np.zeros((2, 20_000, 3), np.uint8))
    with pytest.raises(InputError) as refused:
        redact_picture(tmp_path / "in.png", tmp_path / "out.webp", Squares())
    assert refused.value.code == "redact.unwritable"


def test_places_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(b"x")
    (tmp_path / "link.mp4").symlink_to(source)
    (tmp_path / "twin.jpg").hardlink_to(source)
    assert checked_places(source, tmp_path / "out.MP4")
    assert not checked_places(source, tmp_path / "out.PNG")
    cases = {
        "redact.same-file": [source, tmp_path / "link.mp4", tmp_path / "twin.jpg", tmp_path / "." / "in.mp4"],
        "redact.suffix": [tmp_path / "out", tmp_path / "out.gif", tmp_path / "out.mkv"],
        "redact.folder": [tmp_path / "nowhere" / "out.mp4"],
        "redact.name": [tmp_path / f"{'o' * 300}.mp4"],
    }
    for code, targets in cases.items():
        for target in targets:
            with pytest.raises(InputError) as refused:
                checked_places(source, target)
            assert refused.value.code == code
    for missing, code in ((tmp_path / "none.mp4", "source.missing"), (tmp_path, "source.not-a-file")):
        with pytest.raises(SourceError) as unreadable:
            checked_places(missing, tmp_path / "out.mp4")
        assert unreadable.value.code == code
