"""Frames from strangers: only whole baseline JPEG files of a sane size reach a decoder, and nothing makes it fall over."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import InputError
from consentry.recognition.station.pictures import LONGEST_FILE, decoded, size_of


def jpeg(width: int = 160, height: int = 120, *, progressive: bool = False) -> bytes:
    picture = np.random.default_rng(3).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    scaled = cv2.resize(picture, (width, height))
    done, data = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)])
    assert done
    return bytes(data)


def claiming(width: int, height: int) -> bytes:
    """Return a small file whose header says that it is large."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def code_of(data: bytes) -> str | None:
    """Return the code with which ``data`` is refused, None where it is decoded."""
    try:
        decoded(data)
    except InputError as refused:
        return refused.code
    return None


GOOD = jpeg()


def test_a_baseline_file_is_decoded() -> None:
    assert decoded(GOOD).shape == (120, 160, 3)
    assert (size_of(GOOD).width, size_of(GOOD).height) == (160, 120)


def test_an_upright_camera_may_send_upright_pictures() -> None:
    assert size_of(claiming(1080, 1920)).height == 1920


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff\xd9",
        b"GIF89a" + bytes(100),
        GOOD[:-2],
        GOOD[: len(GOOD) // 2],
        GOOD + bytes(LONGEST_FILE),
        jpeg(progressive=True),
        jpeg(48, 200),
        claiming(1920, 1081),
        claiming(65535, 65535),
        claiming(65535, 64),
        claiming(0, 0),
        b"\xff\xd8\xff\xe0\x00\x00" + bytes(50) + b"\xff\xd9",
        b"\xff\xd8" + b"\xff\xe0\xff\xff" * 10 + b"\xff\xd9",
    ],
    ids=[
        "empty",
        "ends only",
        "gif",
        "no end",
        "cut",
        "long",
        "progressive",
        "small",
        "a line too high",
        "bomb",
        "ribbon",
        "no pixels",
        "no length",
        "runs out",
    ],
)
def test_anything_else_is_refused_with_its_reason(data: bytes) -> None:
    with pytest.raises(InputError) as refused:
        decoded(data)
    assert refused.value.code == "station.picture"


def test_a_bomb_half_a_file_and_a_file_of_many_scans_are_refused_before_a_decoder_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    for data in (claiming(60000, 60000), GOOD[:-2], jpeg(progressive=True)):
        with pytest.raises(InputError):
            decoded(data)


def test_a_header_that_lies_within_the_limits_is_found_out() -> None:
    lying = bytearray(GOOD)
    second = lying.index(b"\xff\xda")
    lying[second:second] = GOOD[2 : GOOD.index(b"\xff\xda")]
    with pytest.raises(InputError):
        decoded(bytes(lying).replace(b"\xff\xc0", b"\xff\xc9", 1))


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=12))
def test_damaged_files_are_decoded_or_refused_and_nothing_else(damage: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD)
    for place, value in damage:
        data[place] = value
    assert code_of(bytes(data)) in {None, "station.picture"}


@given(st.binary(max_size=400))
def test_noise_is_decoded_or_refused_and_nothing_else(noise: bytes) -> None:
    assert code_of(b"\xff\xd8" + noise + b"\xff\xd9") in {None, "station.picture"}
