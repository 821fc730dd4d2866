"""The camera worker as the process that it is: what it opens, what it can reach, what it holds, and when it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consentry.counting.model import Line, Point, Region, Zone
from consentry.counting.order import CameraOrder, still_request
from tests.video.clips import times_at, write_clip
from tests.video.http_camera import http_camera

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ORDER = CameraOrder("door", "", "We count people here.", (Line("door", Point(32, 4), Point(32, 44)),), detector="hog")
CALLS = (
    "open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,truncate,"
    "socket,connect,sendto,io_uring_setup"
)
STRACE = shutil.which("strace")
TELLING_MODULES = """
import json, sys
from consentry.counting import worker
code = worker.main()
print(json.dumps({"type": "modules", "modules": list(sys.modules)}))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("worker") / "clip.mp4", times_at(5, 20))


@pytest.fixture
def order(recording: Path) -> CameraOrder:
    return replace(ORDER, source=f"loop:{recording}")


@contextmanager
def working(order: CameraOrder, *wrapper: str, program: tuple[str, ...] = ("-m", "consentry.counting.worker")) -> Iterator[subprocess.Popen[str]]:
    """Run a worker; it is killed at the end unless it ended before."""
    command = [*wrapper, sys.executable, *program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(order.to_line())
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


def message(process: subprocess.Popen[str], kind: str) -> dict[str, Any]:
    """Return the next message of that kind."""
    assert process.stdout is not None
    for line in process.stdout:
        document: dict[str, Any] = json.loads(line)
        if document["type"] == kind:
            return document
    raise AssertionError(process.stderr.read() if process.stderr else kind)


def modules_loaded(order: CameraOrder) -> set[str]:
    """Return the modules that a worker has loaded when it has counted."""
    with working(order, program=("-c", TELLING_MODULES)) as process:
        assert process.stdin is not None
        process.stdin.write(still_request("q"))
        process.stdin.flush()
        message(process, "still")
        message(process, "health")
        process.terminate()
        return set(message(process, "modules")["modules"])


def test_it_counts_answers_requests_and_ends_when_asked(order: CameraOrder) -> None:
    with working(order) as process:
        assert message(process, "started")["lines"] == ["door"]
        assert process.stdin is not None
        process.stdin.write(still_request("q"))
        process.stdin.flush()
        assert message(process, "still")["request"] == "q"
        assert message(process, "health")["state"] == "live"
        assert message(process, "health")["rss_mb"] > 50
        process.terminate()
        assert message(process, "minute")["lines"][0]["id"] == "door"
        assert process.wait(60) == 0


def test_it_ends_when_whoever_started_it_is_gone(order: CameraOrder) -> None:
    with working(order) as process:
        message(process, "started")
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("source", "sign", "code"),
    [("loop:absent.mp4", "sign", "source.missing"), (__file__, "sign", "source.not-video"), (None, " ", "camera.no-sign")],
    ids=["missing", "no video", "no sign"],
)
def test_an_order_that_cannot_be_carried_out_is_told_with_its_reason(order: CameraOrder, source: str | None, sign: str, code: str) -> None:
    with working(replace(order, source=source or order.source, sign=sign)) as process:
        told = message(process, "health")
        assert (told["state"], process.wait(60)) == ("failed", 2)
        assert process.stderr is not None
        assert code in process.stderr.read()


def test_a_password_is_never_told(order: CameraOrder) -> None:
    with working(replace(order, source="rtsp://user:hunter2@127.0.0.1:1/x")) as process:
        told = message(process, "health")
        process.terminate()
        said = json.dumps(told) + (process.stdout.read() if process.stdout else "") + (process.stderr.read() if process.stderr else "")
        assert "hunter2" not in said
        assert "hunter2" not in Path(f"/proc/{os.getpid()}/cmdline").read_text()


def test_it_loads_neither_records_nor_keys_nor_faces(order: CameraOrder) -> None:
    loaded = modules_loaded(order)
    assert "consentry.counting.camera" in loaded
    forbidden = re.compile(
        r"sqlalchemy|sqlite3|psycopg|cryptography|consentry\.(platform\.(database|keys|settings|records)|ledger|staff|recognition|vision\.faces)"
    )
    assert [name for name in loaded if forbidden.match(name)] == []


def test_its_memory_maps_no_weights_of_faces_and_cannot_be_dumped(order: CameraOrder) -> None:
    with working(order) as process:
        message(process, "started")
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        status = Path(f"/proc/{process.pid}/status").read_text()
    assert "libc" in maps
    assert re.search(r"face|yunet|sface|\.onnx", maps) is None
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status


@pytest.mark.skipif(STRACE is None, reason="reason: strace is not installed (apt-get install strace)")
def test_traced_it_writes_no_file_and_makes_no_socket(order: CameraOrder, tmp_path: Path) -> None:
    calls = traced(order, tmp_path)
    assert any(f'"{order.source.removeprefix("loop:")}"' in call for call in calls), "the trace saw it open its recording"
    assert written_files(calls) == set()
    assert [call for call in calls if re.search(r"\b(socket|connect|sendto|io_uring_setup)\(", call)] == []


@pytest.mark.skipif(STRACE is None, reason="reason: strace is not installed (apt-get install strace)")
def test_traced_a_network_camera_is_all_that_it_connects_to(tmp_path: Path) -> None:
    with http_camera(tmp_path) as camera:
        calls = traced(replace(ORDER, source=f"http://{camera}/video.mjpg"), tmp_path)
    host, _, port = camera.partition(":")
    connected = {match[0] for call in calls if (match := re.search(r"connect\(\d+, \{.*?\}", call))}
    assert connected, "the trace saw it connect"
    assert all(f"htons({port})" in call and f'"{host}"' in call for call in connected)
    assert written_files(calls) == set()


def traced(order: CameraOrder, folder: Path) -> list[str]:
    """Return the calls of a worker and its children that open files or make connections, from its start to its clean end."""
    trace = folder / "trace"
    watched = (
        "trace=open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,truncate,socket,connect,sendto"
    )
    with working(order, "strace", "-f", "-qq", "-o", str(trace), "-e", watched) as process:
        message(process, "started")
        message(process, "health")
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)
    return [call for call in trace.read_text(errors="replace").splitlines() if " = -1 " not in call or "EINPROGRESS" in call]


def written_files(calls: list[str]) -> set[str]:
    """Return the paths that were opened for writing, made, moved or removed; the null device and anonymous memory are no files."""
    changing = re.compile(r"(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|\b(creat|mkdir|mkdirat|rename\w*|unlink\w*|link\w*|symlink\w*|truncate)\()")
    paths = {match[1] for call in calls if changing.search(call) and (match := re.search(r'"([^"]*)"', call))}
    return {path for path in paths if path != os.devnull}


def test_an_order_is_the_same_after_its_journey() -> None:
    order = replace(ORDER, areas=(Zone("till", (Point(0, 0), Point(9, 0), Point(9, 9))),), region=Region(0, 0, 64, 48), models="/weights", threads=2)
    assert CameraOrder.from_line(order.to_line()) == order


def is_over(stat: Path) -> bool:
    """Return whether a process is no more, or only its number is left."""
    try:
        return stat.read_text().split()[2] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_killed_by_the_kernel_it_leaves_no_capture_behind(tmp_path: Path) -> None:
    with http_camera(tmp_path) as camera, working(replace(ORDER, source=f"http://{camera}/video.mjpg")) as process:
        message(process, "started")
        captures = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert captures
        process.send_signal(signal.SIGKILL)
        process.wait()
        for number in captures:
            gone = Path(f"/proc/{number}/stat")
            for _ in range(1000):
                if is_over(gone):
                    break
                subprocess.run(["sleep", "0.01"], check=True)
            else:
                pytest.fail("the capture lives on")
