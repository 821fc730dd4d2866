"""Folders of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.platform.errors import SourceError
from consentry.video.model import Size, SourceState
from consentry.video.sources import open_source
from tests.video.clips import first_bytes, quarters

if TYPE_CHECKING:
    from pathlib import Path


def save(folder: Path, name: str, grey: int, size: tuple[int, int] = (48, 64)) -> Path:
    assert cv2.imwrite(str(folder / name), np.full((*size, 3), grey, np.uint8))
    return folder / name


def greys(spec: str) -> list[int]:
    with open_source(spec) as source:
        return [int(frame.image[20, 20, 0]) for frame in source.frames() if frame is not None]


def test_pictures_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (1, 2, 10, 9):
        save(tmp_path, f"frame{number}.png", number)
    assert greys(str(tmp_path)) == [1, 2, 9, 10]


def test_pictures_are_twenty_five_to_the_second_or_as_the_address_says(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path, f"{number}.png", number)
    for spec, rate in ((str(tmp_path), 25), (f"{tmp_path}?fps=2", 2)):
        with open_source(spec) as source:
            assert [frame.time for frame in source.frames() if frame is not None] == pytest.approx([0, 1 / rate, 2 / rate])
            assert (source.duration, source.spec) == (pytest.approx(3 / rate), spec)


def test_every_kind_of_picture_is_read_and_other_files_are_passed_over(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpeg", "c.PNG", "d.bmp", "e.webp", "f.tiff", "g.ppm", "h%03d.png"):
        save(tmp_path, name, 90)
    for name in ("notes.txt", ".hidden.png", "Thumbs.db"):
        (tmp_path / name).write_text("no picture")
    assert greys(str(tmp_path)) == pytest.approx([90] * 8, abs=3)


def test_sixteen_bits_and_transparency_are_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((48, 64), 90 * 257, np.uint16))
    cv2.imwrite(str(tmp_path / "b.png"), np.full((48, 64, 4), 90, np.uint8))
    assert greys(str(tmp_path)) == pytest.approx([90, 90], abs=2)


def test_pictures_are_scaled_down(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), quarters(640, 480))
    with open_source(str(tmp_path), longest_side=64) as source:
        frame = next(source.frames())
        assert frame is not None
        assert (frame.image.shape, frame.size, source.size) == ((48, 64, 3), Size(640, 480), Size(640, 480))


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SourceError) as refused:
        open_source(str(tmp_path))
    assert (refused.value.code, refused.value.subject) == ("source.empty", str(tmp_path))


@pytest.mark.parametrize("name", ["2.png", "2.jpg"])
@pytest.mark.parametrize(("share", "code"), [(0.0, "source.empty"), (0.5, "source.damaged")])
def test_a_bad_picture_is_named(tmp_path: Path, name: str, share: float, code: str, capfd: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "1.png"), noise)
    cv2.imwrite(str(tmp_path / name), noise)
    first_bytes(tmp_path / name, tmp_path / name, share)
    with open_source(str(tmp_path)) as source:
        frames = source.frames()
        next(frames)
        with pytest.raises(SourceError) as refused:
            next(frames)
        assert (refused.value.code, refused.value.subject) == (code, str(tmp_path / name))
        assert source.health.state is SourceState.FAILED
    assert capfd.readouterr() == ("", "")


def test_text_named_as_a_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_text("no picture " * 100)
    with pytest.raises(SourceError) as refused:
        open_source(str(tmp_path))
    assert (refused.value.code, refused.value.subject) == ("source.not-video", str(tmp_path / "1.png"))


def test_a_picture_of_another_size_is_named(tmp_path: Path) -> None:
    save(tmp_path, "1.png", 5)
    save(tmp_path, "2.png", 5, (48, 66))
    with open_source(str(tmp_path)) as source, pytest.raises(SourceError) as refused:
        list(source.frames())
    assert (refused.value.code, refused.value.subject) == ("source.mixed-sizes", str(tmp_path / "2.png"))


def test_a_folder_without_the_right_to_read_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)  # the tests may run as root, who may read everything
    with pytest.raises(SourceError) as refused:
        open_source(str(tmp_path))
    assert refused.value.code == "source.forbidden"
