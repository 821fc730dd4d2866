"""What a source is called, and what of it may be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import SourceError
from consentry.video.address import Kind, parse_address, redacted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("spec", "kind", "live"),
    [
        ("clip.mp4", Kind.FILE, False),
        ("what?fps=3", Kind.FILE, False),
        ("rtsp://camera/stream", Kind.RTSP, True),
        ("RTSPS://camera/stream", Kind.RTSP, True),
        ("http://camera/video.mjpg", Kind.HTTP, True),
        ("https://camera/live.m3u8", Kind.HTTP, True),
        ("webcam:0", Kind.WEBCAM, True),
    ],
)
def test_a_source_is_known_by_its_name(spec: str, kind: Kind, live: bool) -> None:
    address = parse_address(spec)
    assert (address.kind, address.live, address.shown) == (kind, live, spec)


def test_a_folder_is_known_by_looking_and_may_carry_its_rate(tmp_path: Path) -> None:
    assert parse_address(str(tmp_path)).kind is Kind.FOLDER
    rated = parse_address(f"{tmp_path}?fps=7.5")
    assert (rated.kind, rated.target, rated.images_per_second) == (Kind.FOLDER, str(tmp_path), 7.5)


@pytest.mark.parametrize("rate", ["", "fast", "0", "-1", "nan", "inf", "1e9"])
def test_a_folder_with_a_senseless_rate_is_refused(tmp_path: Path, rate: str) -> None:
    with pytest.raises(SourceError) as refused:
        parse_address(f"{tmp_path}?fps={rate}")
    assert refused.value.code == "source.bad-address"


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("", "source.bad-address"),
        ("  ", "source.bad-address"),
        ("a\0b", "source.bad-address"),
        ("webcam:", "source.bad-address"),
        ("webcam:-1", "source.bad-address"),
        ("webcam:front", "source.bad-address"),
        ("ftp://host/clip.mp4", "source.unknown-kind"),
    ],
)
def test_what_names_no_source_is_refused(spec: str, code: str) -> None:
    with pytest.raises(SourceError) as refused:
        parse_address(spec)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://camera:554/a", "rtsp://camera:554/a"),
        ("rtsp://camera/a@b", "rtsp://camera/a@b"),
        ("rtsp://admin:12/SECRET@camera/a", "rtsp://admin:***@camera/a"),
        ("rtsp://admin:SE@x/CRET@camera/a", "rtsp://admin:***@camera/a"),
        ("rtsp://[fe80::1]/a@b", "rtsp://[fe80::1]/a@b"),
        ("rtsp://admin@camera/a", "rtsp://admin@camera/a"),
        ("rtsp://admin:SECRET@camera/a", "rtsp://admin:***@camera/a"),
        ("rtsp://admin:SE@CRET@camera/a", "rtsp://admin:***@camera/a"),
        ("rtsp://admin:SEC/RET?@camera/a", "rtsp://admin:***@camera/a"),
        ("rtsp://admin:SECRET:SECRET@camera:554/a", "rtsp://admin:***@camera:554/a"),
        ("http://camera/v.cgi?user=me&pwd=SECRET&x=1", "http://camera/v.cgi?user=me&pwd=***&x=1"),
        ("http://camera/v.cgi?loginpas=SECRET", "http://camera/v.cgi?loginpas=***"),
        ("http://camera/v.cgi?Access_Token=SECRET#t", "http://camera/v.cgi?Access_Token=***#t"),
        ("clip@home:1.mp4", "clip@home:1.mp4"),
    ],
)
def test_a_password_is_never_shown(address: str, shown: str) -> None:
    assert redacted(address) == shown


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1), st.sampled_from(["camera", "camera:554", "10.0.0.9:80"]))
def test_no_password_of_any_signs_survives(password: str, host: str) -> None:
    marked = f"<{password}>~"
    assert marked not in redacted(f"rtsp://admin:{marked}@{host}/stream")
    assert redacted(f"rtsp://admin:{marked}@{host}/stream").endswith(f"@{host}/stream")


def test_an_error_about_an_address_hides_its_password() -> None:
    with pytest.raises(SourceError) as refused:
        parse_address("ftp://admin:SECRET@host/")
    assert "SECRET" not in str(refused.value)
