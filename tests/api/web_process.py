"""The web process as it really runs, without a supervisor: a site in a folder, a child process, its log."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from consentry.platform.keys.key_file import KeyKind, create_key_file
from consentry.platform.processes.link import LISTENER_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_S = 180.0
COMMAND = (sys.executable, "-m", "consentry.cli.web", "--config")
SETTINGS = """
[site]
id = "demo"
name = {zh = "示范店", en = "Demo shop"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"
"""


@dataclass(frozen=True, slots=True)
class WebProcess:
    """A running web process: its address and where it logs."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")


def make_site(folder: Path, settings: str = SETTINGS) -> Path:
    """Make a site's folders and key, and return its settings file."""
    (folder / "data").mkdir(parents=True)
    (folder / "keys").mkdir(mode=0o700)
    create_key_file(folder / "keys" / "main.key", KeyKind.MAIN, "demo", datetime.now(UTC))
    path = folder / "site.toml"
    path.write_text(settings, encoding="utf-8")
    return path


@contextmanager
def running(config: Path) -> Iterator[WebProcess]:
    """Run the web process on a free port and wait until it answers; it is told to stop at the end, if the test has not done so."""
    log = config.with_name("web.log")
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as errors:
        environment = {**os.environ, LISTENER_VARIABLE: str(listener.fileno())}
        process = subprocess.Popen([*COMMAND, str(config)], env=environment, pass_fds=[listener.fileno()], stderr=errors)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    web = WebProcess(address, log, process)
    try:
        _wait_for(web)
        yield web
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def _wait_for(web: WebProcess) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        assert web.process.poll() is None, web.logged()
        try:
            httpx.get(f"{web.address}/healthz", timeout=PATIENCE_S).raise_for_status()
        except httpx.TransportError:
            assert time.monotonic() < deadline, web.logged()
            time.sleep(0.05)
        else:
            return
