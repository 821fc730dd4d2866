"""Fixtures of the vision tests: a small model that exists nowhere else, and a server that misbehaves on request."""

from __future__ import annotations

import hashlib
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.vision.manifest import Address, ModelEntry, WeightsFile
from consentry.vision.store import ModelStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEIGHTS = np.random.default_rng(7).bytes(300_000)


@pytest.fixture
def weights() -> bytes:
    return WEIGHTS


@pytest.fixture
def weights_file(weights: bytes) -> WeightsFile:
    return WeightsFile("thing.onnx", hashlib.sha256(weights).hexdigest(), len(weights))


@pytest.fixture
def thing(weights_file: WeightsFile) -> ModelEntry:
    address = Address("https://example.invalid/thing.onnx")
    return ModelEntry("thing", "person-detection", address, weights_file, "MIT", "noise", bf16_holds=False, layout=None)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "cache", (tmp_path / "given", tmp_path / "cache"))


@dataclass
class FileServer:
    """Serves one file; each request takes the next of ``faults``, and behaves once these are used up."""

    content: bytes = WEIGHTS
    faults: list[str] = field(default_factory=list)
    tag: str = '"one"'
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)


class Answer(BaseHTTPRequestHandler):
    state: FileServer

    def do_GET(self) -> None:
        state = self.state
        state.ranges.append(self.headers.get("Range"))
        fault = state.faults.pop(0) if state.faults else ""
        if fault == "hang":
            state.released.wait(30)
            return
        if fault in {"404", "503"}:
            self.send_error(int(fault))
            return
        if fault == "redirect":
            self.send_response(302)
            self.send_header("Location", "ftp://127.0.0.1/thing.onnx")
            self.end_headers()
            return
        self._send(self._start(fault), fault)

    def _start(self, fault: str) -> int:
        asked = self.headers.get("Range")
        same = self.headers.get("If-Range") == self.state.tag
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked and same and fault != "ignore-range" else 0

    def _send(self, start: int, fault: str) -> None:
        content = bytes(len(self.state.content)) if fault == "wrong-bytes" else self.state.content
        rest = content[start:] + (b"more" if fault == "longer" else b"")
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        if self.state.tag:
            self.send_header("ETag", self.state.tag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(rest[: len(rest) // 2] if fault == "drop" else rest)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""


class Server(ThreadingHTTPServer):
    """Says nothing on stderr when who asked goes away before the answer: other tests read stderr."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def serving(state: FileServer) -> Iterator[FileServer]:
    handler = type("Handler", (Answer,), {"state": state})
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/thing.onnx"
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def file_server() -> Iterator[FileServer]:
    with serving(FileServer()) as state:
        yield state
