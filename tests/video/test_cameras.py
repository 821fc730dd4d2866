"""Live sources against real servers: GStreamer's RTSP server, MJPEG and HLS over HTTP; killed, frozen and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.platform.errors import SourceError
from consentry.video.address import parse_address
from consentry.video.live import LiveSource
from consentry.video.model import Size, SourceState
from consentry.video.rules import Patience
from consentry.video.sources import open_source
from tests.ports import free_port
from tests.video.clips import corners, open_descriptors
from tests.video.http_camera import http_camera

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.video.model import Frame, FrameSource

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
CAN_SERVE = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
READER = """
import sys
from consentry.video.sources import open_source
for frame in open_source(sys.argv[1]).frames():
    print("frame" if frame else "none", flush=True)
"""
AT_ONCE = Patience(first_delay_s=0.2, longest_delay_s=0.5)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def rtsp_python() -> str:
    if not Path(SYSTEM_PYTHON).exists() or subprocess.run([SYSTEM_PYTHON, "-c", CAN_SERVE], capture_output=True, check=False).returncode != 0:
        pytest.skip("reason: the Debian package gir1.2-gst-rtsp-server-1.0 is not installed")
    return SYSTEM_PYTHON


@contextmanager
def rtsp_camera(python: str, port: int, *password: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([python, str(SERVER), str(port), *password], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == "ready\n"
            yield server
        finally:
            server.kill()


def read_until(source: FrameSource, frames: Iterator[Frame | None], reached: Callable[[Frame | None], bool], within: float = 120.0) -> list[Frame]:
    """Read until ``reached``; check on the way that the reader is never left waiting for more than a second."""
    seen: list[Frame] = []
    before = begin = time.monotonic()
    for frame in frames:
        now = time.monotonic()
        assert now - before < 10, "more than a second without a word"  # nine more for a busy machine
        assert now - begin < within, source.health
        before = now
        if frame is not None:
            seen.append(frame)
        if reached(frame):
            break
    return seen


def some_frames(source: FrameSource, frames: Iterator[Frame | None], count: int = 5) -> list[Frame]:
    goal = source.health.frames + count
    return read_until(source, frames, lambda _: source.health.frames >= goal)


def test_an_rtsp_camera_gives_frames_in_its_own_time(rtsp_python: str) -> None:
    port = free_port()
    with rtsp_camera(rtsp_python, port), open_source(f"rtsp://127.0.0.1:{port}/camera", longest_side=160) as source:
        seen = some_frames(source, source.frames(), 60)
        assert {(frame.image.shape, frame.size) for frame in seen} == {((120, 160, 3), Size(320, 240))}
        times = [frame.time for frame in seen]
        assert times == sorted(set(times))
        # By the median: on a busy machine the camera itself leaves some out.
        assert np.median(np.diff(times)) == pytest.approx(1 / 25, abs=0.01)
        assert (source.health.state, source.live, source.duration, source.size) == (SourceState.LIVE, True, None, Size(320, 240))


@pytest.mark.faults
def test_a_camera_that_is_killed_and_started_again_gives_frames_again(rtsp_python: str) -> None:
    port = free_port()
    source = LiveSource(parse_address(f"rtsp://127.0.0.1:{port}/camera"), patience=AT_ONCE)
    with source:
        frames = source.frames()
        with rtsp_camera(rtsp_python, port) as server:
            before = some_frames(source, frames)[-1]
            server.send_signal(signal.SIGKILL)
            killed_at = time.monotonic()
            read_until(source, frames, lambda _: source.health.state is SourceState.WAITING)
            assert time.monotonic() - killed_at < 20
            assert "trying again in" in source.health.reason
            read_until(source, frames, lambda _: "connection refused" in source.health.reason)
        with rtsp_camera(rtsp_python, port):
            after, back_at = some_frames(source, frames, 1)[0], time.monotonic()
        assert after.time - before.time == pytest.approx(back_at - killed_at, abs=4)
        assert source.health.reconnects >= 2


@pytest.mark.faults
def test_a_camera_that_hangs_while_connected_is_found_within_five_seconds(rtsp_python: str) -> None:
    port = free_port()
    source = LiveSource(parse_address(f"rtsp://127.0.0.1:{port}/camera"), patience=AT_ONCE)
    with source, rtsp_camera(rtsp_python, port) as server:
        frames = source.frames()
        some_frames(source, frames)
        server.send_signal(signal.SIGSTOP)
        frozen_at = time.monotonic()
        read_until(source, frames, lambda _: source.health.state is SourceState.STALLED)
        assert source.health.reason.startswith("no picture for ")
        read_until(source, frames, lambda _: source.health.state is SourceState.WAITING)
        assert time.monotonic() - frozen_at < 20  # five, and fifteen for frames under way and a busy machine
        server.send_signal(signal.SIGCONT)
        assert some_frames(source, frames)
        assert source.health.state is SourceState.LIVE


@pytest.mark.faults
@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_a_capture_process_that_dies_or_freezes_is_replaced(camera: str, harm: signal.Signals) -> None:
    with LiveSource(parse_address(f"http://{camera}/video.mjpg"), patience=AT_ONCE) as source:
        frames = source.frames()
        some_frames(source, frames)
        harmed = capture_process()
        os.kill(harmed, harm)
        read_until(source, frames, lambda _: source.health.reconnects >= 1)
        assert some_frames(source, frames)
        assert capture_process() != harmed


def is_capture(pid: int) -> bool:
    """Return whether a capture process of this number runs; one that is dead and only not yet collected has no command line."""
    try:
        return b"consentry.video.capture" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


def capture_process(parent: int | None = None) -> int:
    """Return the one capture process that runs as a child of ``parent``, or of this process."""
    pid = os.getpid() if parent is None else parent
    (found,) = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if is_capture(int(child))]
    return found


@pytest.mark.faults
def test_no_capture_process_outlives_its_parent(camera: str) -> None:
    with subprocess.Popen([sys.executable, "-c", READER, f"http://{camera}/video.mjpg"], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert "frame\n" in iter(parent.stdout.readline, "")
        capture = capture_process(parent.pid)
        parent.kill()
    deadline = time.monotonic() + 60
    while is_capture(capture) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_capture(capture)


def test_a_camera_behind_a_password_is_read_and_the_password_shown_nowhere(rtsp_python: str) -> None:
    port = free_port()
    with rtsp_camera(rtsp_python, port, "SECRET"), open_source(f"rtsp://admin:SECRET@127.0.0.1:{port}/camera") as source:
        frames = source.frames()
        next(frames)
        capture = capture_process()
        assert b"SECRET" not in Path(f"/proc/{capture}/cmdline").read_bytes()
        assert some_frames(source, frames)
        assert source.spec == f"rtsp://admin:***@127.0.0.1:{port}/camera"


def test_a_refused_password_is_told_without_telling_it(rtsp_python: str) -> None:
    port = free_port()
    with rtsp_camera(rtsp_python, port, "SECRET"), open_source(f"rtsp://admin:WRONG@127.0.0.1:{port}/camera") as source:
        read_until(source, source.frames(), lambda _: "refuses the user name or password" in source.health.reason)
        assert "WRONG" not in json.dumps([source.spec, source.health.reason])


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with http_camera(tmp_path_factory.mktemp("camera")) as address:
        yield address


@pytest.mark.parametrize("path", ["video.mjpg?user=me&pwd=SECRET", "live.m3u8"])
def test_an_http_camera_gives_frames_in_its_own_time(camera: str, path: str) -> None:
    with open_source(f"http://{camera}/{path}") as source:
        seen = some_frames(source, source.frames(), 25)
        assert {(corners(frame.image)[0], frame.size) for frame in seen} == {("blue", Size(64, 48))}
        assert seen[-1].time - seen[-11].time == pytest.approx(1.0, abs=0.4)
        assert source.health.dropped <= 5
        assert "SECRET" not in source.spec


@pytest.mark.parametrize(
    ("path", "code", "problem"),
    [
        ("clip.mp4", "source.not-live", "a finished recording"),
        ("ended.m3u8", "source.not-live", "a finished recording"),
        ("snapshot.jpg", "source.not-live", "a single picture"),
    ],
)
def test_what_is_no_live_stream_is_refused_once_and_for_all(camera: str, path: str, code: str, problem: str) -> None:
    with open_source(f"http://{camera}/{path}") as source:
        with pytest.raises(SourceError) as refused:
            read_until(source, source.frames(), lambda _: False)
        assert (refused.value.code, refused.value.subject) == (code, f"http://{camera}/{path}")
        assert problem in refused.value.problem
        assert source.health.state is SourceState.FAILED


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://me:SECRET@{camera}/missing", "there is nothing of this name"),
        ("http://{camera}/locked", "refuses the user name or password"),
        ("http://{camera}/page", "it is not a video that can be read"),
        ("http://me:SECRET@127.0.0.1:9/", "connection refused"),
        ("rtsp://me:SECRET@127.0.0.1:9/", "connection refused"),
        ("webcam:97", "there is nothing of this name"),
    ],
)
def test_a_camera_that_cannot_be_reached_is_tried_again_and_says_why(camera: str, address: str, reason: str, capfd: pytest.CaptureFixture[str]) -> None:
    with LiveSource(parse_address(address.format(camera=camera)), patience=AT_ONCE) as source:
        read_until(source, source.frames(), lambda _: source.health.reconnects > 1)
        assert reason in source.health.reason
        assert "SECRET" not in source.spec + source.health.reason
    assert capfd.readouterr() == ("", "")


def test_many_connections_leave_nothing_open(camera: str) -> None:
    before = open_descriptors()
    for _ in range(4):
        with open_source(f"http://{camera}/video.mjpg") as source:
            some_frames(source, source.frames(), 1)
    deadline = time.monotonic() + 60
    while open_descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.05)  # the camera's side of the connections is in this process too
    assert open_descriptors() <= before
