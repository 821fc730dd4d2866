"""Each side of a comparison runs in a process of its own, on given cores, with one thread in every library that would take more.

Such a process is a module of ``bench.workers`` (ours) or ``bench.peers`` (theirs, in an environment of its own): it reads a request, one
line of JSON, from its standard input and writes its answer, one line of JSON, as the last line of its standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consentry.platform.errors import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["OURS", "PEERS", "ROOT", "answer_of", "ask", "cores", "one_core", "say", "start"]

ROOT = Path(__file__).resolve().parent.parent
OURS = Path(sys.executable)
PEERS = ROOT / ".venv-peers" / "bin" / "python"
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1")


def cores() -> list[int]:
    """Return the cores that this process may use."""
    return sorted(os.sched_getaffinity(0))


def one_core() -> list[int]:
    """Return the last of them: the first one serves most interrupts."""
    return cores()[-1:]


def ask(python: Path, module: str, request: Mapping[str, Any], on: Collection[int]) -> dict[str, Any]:
    """Run ``module`` with ``python`` on the cores ``on``, hand it ``request`` and return its answer.

    Raises:
        MissingPartError: the environment of ``python`` was not made.
        subprocess.CalledProcessError: the process failed; why stands on standard error.
    """
    return answer_of(start(python, module, request, on))


def start(python: Path, module: str, request: Mapping[str, Any], on: Collection[int]) -> subprocess.Popen[str]:
    """Start what :func:`ask` would, and return the process; more may be said to it after the request."""
    if not python.exists():
        raise MissingPartError("bench.no-peers", str(python.parent.parent), "the peers are not installed", "Run make bench, or make peers.")
    with _pinned(on):
        # The child inherits the cores of its parent, so that its very first instruction already runs there.
        process = subprocess.Popen(
            [python, "-m", module],
            cwd=ROOT,
            env={**os.environ, **_ONE_THREAD, "PYTHONWARNINGS": "ignore"},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    say(process, request)
    return process


def say(process: subprocess.Popen[str], message: Mapping[str, Any]) -> None:
    """Hand one line of JSON to a process."""
    if process.stdin:
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()


def answer_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a process and return its answer; see :func:`ask`."""
    output, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    answer: dict[str, Any] = json.loads(output.splitlines()[-1])
    return answer


@contextmanager
def _pinned(on: Collection[int]) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, on)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
