"""The vault process: it opens its key, answers who may ask, and can reach no network."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consentry.platform.keys.key_file import KeyKind, create_key_file
from consentry.platform.processes.vault import VaultOrder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def order(tmp_path: Path) -> VaultOrder:
    for name in ("keys", "data"):
        (tmp_path / name).mkdir(mode=0o700)
    create_key_file(tmp_path / "keys" / "vault.key", KeyKind.VAULT, "shop", datetime(2026, 1, 1, tzinfo=UTC))
    return VaultOrder(str(tmp_path / "keys" / "vault.key"), str(tmp_path / "data"), str(tmp_path / "vault.sock"), (os.getuid(),))


@contextmanager
def running(order: VaultOrder) -> Iterator[subprocess.Popen[str]]:
    """Run a vault until the block ends; it has said that it lives."""
    command = [sys.executable, "-m", "consentry.platform.processes.vault"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(order.to_line())
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"type": "beat"}
        yield process
        process.stdin.close()
        assert process.wait(20) == 0, "it ends when its supervisor is gone"


def answer(order: VaultOrder, question: bytes) -> object:
    """Return what the vault answers; None where it hangs up."""
    with socket.socket(socket.AF_UNIX) as sock, suppress(ConnectionError):
        sock.connect(order.socket)
        sock.sendall(question)
        return json.loads(sock.recv(4096) or b"null")
    return None


def test_it_says_its_state_and_refuses_every_other_question(order: VaultOrder) -> None:
    with running(order):
        assert answer(order, b'{"ask": "status"}') == {"state": "ready", "epochs": [1]}
        for question in (b'{"ask": "key"}', b"not json", b"[]", b'{"ask": "status", "as": "root"}'):
            assert answer(order, question) == {"refused": "unknown question"}


def test_it_answers_nobody_but_those_of_its_order(order: VaultOrder) -> None:
    with running(VaultOrder(order.key, order.data, order.socket, (os.getuid() + 1,))):
        assert answer(order, b'{"ask": "status"}') is None


def test_nobody_else_may_reach_its_socket(order: VaultOrder) -> None:
    with running(order):
        assert Path(order.socket).stat().st_mode & 0o7 == 0


def test_it_is_confined_before_it_holds_the_key(order: VaultOrder) -> None:
    with running(order) as process:
        status = dict(line.split(":\t") for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if ":\t" in line)
        limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
    assert next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]


@pytest.mark.parametrize("harm", ["missing", "exposed", "damaged"])
def test_it_does_not_start_without_a_guarded_sound_key(order: VaultOrder, harm: str) -> None:
    key = Path(order.key)
    match harm:
        case "missing":
            key.unlink()
        case "exposed":
            key.chmod(0o644)
        case _:
            key.write_text("nothing of the kind")
    done = subprocess.run([sys.executable, "-m", "consentry.platform.processes.vault"], input=order.to_line(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"keys.{harm}" in done.stderr
    assert not Path(order.socket).exists()
