"""``consentry door`` as whoever installs it meets it: pairing with and without a network, a run from start to end, refusals in one line."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from consentry.access.controller.identity import load_identity
from consentry.access.controller.sealing import seal_secret
from consentry.cli import main as frame
from tests.access.controller.playground import SNAPSHOT_KEY, Gate, signed_snapshot, snapshot
from tests.access.proofs.house import SITE, house
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STARTER = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"


def answer_to(request: dict[str, str]) -> dict[str, Any]:
    """Answer a pairing as the server does."""
    sealed = seal_secret(base64.b64decode(request["exchange_key"]), "main", house().secrets.secret)
    key = base64.b64encode(SNAPSHOT_KEY.public_key().public_bytes_raw()).decode()
    return {"controller": "main", "site": SITE, "snapshot_key": key, "secret": {"point": sealed.point, "box": sealed.box}}


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Return the exit code and the error's code."""
    code = frame.main(["door", *arguments])
    error = capsys.readouterr().err.strip()
    assert error.count("\n") == 0
    return code, error.rsplit("[", 1)[-1].rstrip("]")


def test_a_device_without_a_network_is_paired_by_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, request, answer = tmp_path / "door", tmp_path / "request.json", tmp_path / "answer.json"
    assert frame.main(["door", "pair", "--data", str(data), "--code", "ABCDE", "--request", str(request)]) == 0
    asked = json.loads(request.read_text())
    assert asked["code"] == "ABCDE"
    answer.write_text(json.dumps(answer_to(asked)))
    assert frame.main(["door", "pair", "--data", str(data), "--answer", str(answer)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"This is now controller main of {SITE}."
    assert load_identity(data).secrets.secret == house().secrets.secret
    assert refusal(capsys, "pair", "--data", str(data), "--answer", str(answer)) == (2, "door.no-pairing")


@pytest.mark.parametrize(("status", "refused"), [(200, (0, "")), (404, (2, "door.pairing-code")), (500, (1, "door.server")), (301, (1, "door.server"))])
def test_a_device_with_a_network_is_paired_at_once_or_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, refused: tuple[int, str]
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps(answer_to(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        told = refusal(capsys, "pair", "--data", str(tmp_path / "door"), "--code", "ABCDE", "--server", f"http://127.0.0.1:{server.server_port}")
        thread.join()
    assert told == refused
    assert (tmp_path / "door" / "identity.json").exists() is (status == 200)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("pair", "--data", "{door}", "--code", "A", "--server", "http://site.example"), "door.server"),
        (("pair", "--data", "{door}", "--answer", "{door}/nothing.json"), "door.no-pairing"),
        (("pair", "--data", "{door}", "--code", "A", "--request", "{door}/there/is/none.json"), "door.pairing-request"),
        (("pair", "--data", "/proc/none", "--code", "A", "--request", "{door}.json"), "door.data"),
        (("--data", "{door}"), "door.not-paired"),
        (("--data", "{door}", "--port", "0", "--host", "0.0.0.0"), "door.plain-http"),  # noqa: S104 - it is refused
    ],
)
def test_what_cannot_work_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: str
) -> None:
    monkeypatch.setattr("consentry.platform.logs.write_logs", lambda: None)
    told = frame.main(["door", *(argument.format(door=tmp_path / "door") for argument in arguments)])
    assert (told, capsys.readouterr().err.strip().rsplit("[", 1)[-1].rstrip("]")) == (2, code)


def test_a_certificate_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry.platform.logs.write_logs", lambda: None)
    gate = Gate(None, tmp_path / "gate").found(snapshot(7))
    (tmp_path / "key.pem").write_text("no key")
    for chain in ("nothing.pem", "key.pem"):
        given = ("--certificate", str(tmp_path / chain), "--key", str(tmp_path / "key.pem"))
        assert refusal(capsys, "--data", str(gate.data), "--policy", str(gate.data / "policy"), "--port", "0", *given) == (2, "door.certificate")


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "--data x --certificate c.pem",
        "--data x --key k.pem",
        "pair --data x",
        "pair --data x --code A",
        "pair --data x --code A --answer f",
        "pair --code A --request f",
    ],
)
def test_half_of_what_is_needed_is_a_mistake_of_usage(capsys: pytest.CaptureFixture[str], arguments: str) -> None:
    assert frame.main(["door", *arguments.split()]) == 2
    assert "Usage: consentry door" in capsys.readouterr().err


def test_a_controller_runs_takes_a_newer_policy_and_the_word_on_its_clock_by_signals_and_ends_cleanly(tmp_path: Path) -> None:
    gate = Gate(None, tmp_path / "gate").found(snapshot(7))
    (gate.data / "policy").write_text(signed_snapshot(snapshot(7)), encoding="utf-8")
    port = free_port()
    arguments = ["door", "--data", str(gate.data), "--policy", str(gate.data / "policy"), "--hardware", str(gate.data / "door.toml"), "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-c", STARTER, *arguments, "--tablet", "lobby"], stderr=log)
    try:
        state = eventually(f"http://127.0.0.1:{port}/state", lambda state: state["snapshot"] == 7)
        assert [(door["id"], door["tablet"]) for door in state["doors"]] == [("gate", False), ("lobby", True)]
        (gate.data / "policy").write_text(signed_snapshot(snapshot(8)), encoding="utf-8")
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGHUP)
        eventually(f"http://127.0.0.1:{port}/state", lambda state: state["snapshot"] == 8)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    assert "traceback" not in (tmp_path / "log").read_text()
    assert gate.kinds()[0] == "started"


def eventually(address: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    until = time.monotonic() + 120
    while True:
        try:
            state: dict[str, Any] = httpx.get(address).json()
            if holds(state):
                return state
        except httpx.TransportError:
            pass
        assert time.monotonic() < until
        time.sleep(0.05)
