"""Starts vault processes for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.recognition.vault.order import VaultOrder

NUMBERED = "tests.recognition.vault.numbered_vault"
REAL = "consentry.recognition.vault"
_ROOT = Path(__file__).resolve().parents[3]


def started(order: VaultOrder, module: str = NUMBERED) -> subprocess.Popen[str]:
    """Start a vault and return it once it has said that it lives."""
    process = subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=_ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(order.to_line())
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    assert json.loads(line) == {"type": "beat"}
    return process


@contextmanager
def running(order: VaultOrder, module: str = NUMBERED) -> Iterator[subprocess.Popen[str]]:
    """Run a vault until the block ends, and see it end in order."""
    with started(order, module) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0, "it ends when its supervisor is gone"
