"""What is drawn while a count runs, where it is drawn, and how a count ends by hand; seen from outside, as a reader sees it."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from consentry.cli.main import main
from consentry.counting import service
from tests.video.clips import times_at, write_clip
from tests.video.http_camera import http_camera

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTER = "import sys; from consentry.cli.main import main; sys.exit(main())"
# Says "counting" on stderr after each frame, so that a test need not guess when to press Ctrl-C.
TELLING = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal: what is started in the background ignores it
from consentry.cli import count
from consentry.cli.main import main
class Telling(count.CountDisplay):
    def update(self, step):
        super().update(step)
        if step.frame is not None:
            print("counting", file=sys.stderr, flush=True)
count.CountDisplay = Telling
sys.exit(main())
"""
SIGN = "People are counted here."
HUSHED = "hush-hush"
SLOW_FRAME_S = 10.0
"""How long the last frame may take on a busy machine; a camera's count would otherwise go on for ever."""

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("still") / "still.mp4", times_at(10, 20), size=(320, 240))


def with_terminal(*arguments: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the command with a terminal for stderr only; return what came, and what the terminal showed."""
    keyboard, screen = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        try:
            while block := os.read(keyboard, 4096):
                shown.append(block)
        except OSError:
            return  # the last program that held the terminal has ended

    reader = threading.Thread(target=read)
    reader.start()
    done = subprocess.run([sys.executable, "-c", STARTER, *arguments], stdout=subprocess.PIPE, stderr=screen, text=True, check=False, timeout=240)
    os.close(screen)
    reader.join()
    os.close(keyboard)
    return done, b"".join(shown).decode()


def test_a_terminal_shows_progress_and_figures_and_is_left_clean(still: Path) -> None:
    done, shown = with_terminal("count", str(still), "--line", "[/x] 大门=160,0,160,240")
    assert done.returncode == 0
    assert "%" in shown
    assert "[/x] 大门" in shown
    assert "\x1b[?25l" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l"), "the cursor is back"
    assert "\x1b" not in done.stdout


def test_with_json_a_terminal_shows_nothing(still: Path) -> None:
    done, shown = with_terminal("count", str(still), "--json")
    assert (done.returncode, shown) == (0, "")
    assert json.loads(done.stdout)["frames"] == 20


def test_a_pipe_shows_nothing(still: Path) -> None:
    done = subprocess.run([sys.executable, "-c", STARTER, "count", str(still)], capture_output=True, text=True, check=False, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


@contextmanager
def counting(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a count in a process group of its own, as a terminal does, and wait for its third frame."""
    command = [sys.executable, "-c", TELLING, "count", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as started:
        assert started.stderr is not None
        try:
            for _ in range(3):
                line = started.stderr.readline()
                assert line == "counting\n", line + started.stderr.read()
            yield started
        finally:
            if started.poll() is None:
                os.killpg(started.pid, signal.SIGKILL)


def test_ctrl_c_ends_a_live_count_like_its_time_limit(tmp_path: Path) -> None:
    with http_camera(tmp_path) as host:
        address = f"http://admin:{HUSHED}@{host}/video.mjpg?token={HUSHED}"
        with counting(address, "--sign", SIGN, "--json", "--out", str(tmp_path / "out"), "--preview") as started:
            os.killpg(started.pid, signal.SIGINT)
            out, err = started.communicate(timeout=180)
    assert started.returncode == 0
    assert set(err.split()) <= {"counting"}
    found = json.loads(out)
    assert out.count("\n") == 1
    assert (found["sign"], found["source"]) == (SIGN, f"http://admin:***@{host}/video.mjpg?token=***")
    assert found["frames"] >= 3
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["counts.csv", "counts.json", "flow.png", "heat.npy", "heat.png", "preview.mp4"]
    assert json.loads((tmp_path / "out" / "counts.json").read_text(encoding="utf-8")) == found
    assert not any(HUSHED.encode() in path.read_bytes() for path in (tmp_path / "out").iterdir())


def test_ctrl_c_in_a_recording_is_an_interruption_without_a_document(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "long.mp4", times_at(10, 20_000))
    with counting(str(clip), "--json") as started:
        os.killpg(started.pid, signal.SIGINT)
        out, err = started.communicate(timeout=180)
    assert (started.returncode, out) == (130, "")
    assert set(err.split()) <= {"counting"}


def test_a_live_count_stops_at_its_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with http_camera(tmp_path) as host:
        assert main(["count", f"http://{host}/video.mjpg", "--sign", SIGN, "--for", "4s", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 0 < found["duration_s"] <= 4 + SLOW_FRAME_S
    assert found["intervals"][0]["start"] > 1.7e9, "seconds since 1970"


@contextmanager
def silent_camera() -> Iterator[str]:
    """Take connections and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_camera_that_never_sends_is_given_up(scheme: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(service, "FIRST_FRAME_WITHIN", 2.0)
    with silent_camera() as host:
        assert main(["count", f"{scheme}://admin:{HUSHED}@{host}/camera", "--sign", SIGN, "--json"]) == 2
    check_given_up(capsys)


@pytest.mark.parametrize("path", ["locked", "nowhere"])
def test_a_camera_that_refuses_is_given_up(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(service, "FIRST_FRAME_WITHIN", 2.0)
    with http_camera(tmp_path) as host:
        assert main(["count", f"http://admin:{HUSHED}@{host}/{path}?key={HUSHED}", "--sign", SIGN, "--json"]) == 2
    check_given_up(capsys)


def check_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.endswith("[source.no-frames]\n")
    assert err.count("\n") == 1
    assert HUSHED not in err


def test_what_is_no_live_video_is_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with http_camera(tmp_path) as host:
        assert main(["count", f"http://{host}/ended.m3u8", "--sign", SIGN, "--json"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "[source.not-live]" in err
