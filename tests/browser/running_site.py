"""The web process of a site as it really runs, with the other end of its link held by the test: a supervisor with cameras that always answer."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from consentry.platform.processes.link import LINK_VARIABLE, LISTENER_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_S = 120.0
STILL_WIDTH, STILL_HEIGHT = 32, 18


@contextmanager
def served(file: Path, *, tls: bool = False) -> Iterator[str]:
    """Run the web process of the site of ``file`` and give the origin under which it answers on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours, theirs = socket.socketpair()
        origin = f"{'https' if tls else 'http'}://localhost:{listener.getsockname()[1]}"
        environment = {**os.environ, LISTENER_VARIABLE: str(listener.fileno()), LINK_VARIABLE: str(theirs.fileno())}
        command = [sys.executable, "-m", "consentry.cli.web", "--config", str(file)]
        log = (file.parent / "web.log").open("wb")
        with log, subprocess.Popen(command, env=environment, pass_fds=(listener.fileno(), theirs.fileno()), stdout=log, stderr=log) as process:
            theirs.close()
            threading.Thread(target=_supervise, args=(ours,), daemon=True).start()
            try:
                _wait_for(origin, process, file.parent / "web.log")
                yield origin
            finally:
                process.terminate()
                process.wait(PATIENCE_S)
                ours.close()


def _wait_for(origin: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"{origin}/healthz", verify=False, timeout=5)  # noqa: S501 - whether it answers; trust is tested elsewhere
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    message = f"the web process did not answer:\n{log.read_text(encoding='utf-8')}"
    raise AssertionError(message)


def _supervise(link: socket.socket) -> None:
    """Answer every request for a still, until the web process is gone."""
    seq = 1_000_000
    with link, link.makefile("rwb") as lines:
        for line in lines:
            asked = json.loads(line)
            if asked.get("do") != "still":
                continue
            seq += 1
            still = {"type": "still", "run": "run-1", "at": time.time(), "request": asked["request"], "width": STILL_WIDTH, "height": STILL_HEIGHT}
            picture = {**still, "pixels": base64.b64encode(_pixels()).decode(), "camera": asked["camera"], "seq": seq}
            lines.write(json.dumps(picture).encode() + b"\n")
            lines.flush()


def _pixels() -> bytes:
    """Return a picture of a doorway: a bright floor that narrows towards a dark wall, RGB."""
    cells = []
    for row in range(STILL_HEIGHT):
        for column in range(STILL_WIDTH):
            floor = row > 6 and abs(column - STILL_WIDTH / 2) < row * 0.9
            shade = (row * 7 + column * 13) % 17
            cells.append((150 + shade, 142 + shade, 128 + shade) if floor else (64 + shade, 72 + shade, 78 + shade + row))
    return bytes(value for cell in cells for value in cell)
