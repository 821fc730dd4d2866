"""Starts, hears and kills capture processes.

A plain child of its own interpreter, not ``multiprocessing``: that would import the caller's main module into every capture, forbid
a daemonic camera worker to have one, and keep frames under names in ``/dev/shm``.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import consentry
from consentry.platform.errors import SourceError
from consentry.video.order import error_from_line
from consentry.video.slot import FrameSlot

if TYPE_CHECKING:
    from consentry.video.order import CaptureOrder
    from consentry.video.slot import Arrival

__all__ = ["CaptureProcess"]

REAP_WITHIN_S = 1.0


class CaptureProcess:
    """One running capture process and its slot."""

    def __init__(self, order: CaptureOrder) -> None:
        """Start the process."""
        self._shown = order.address.shown
        self._slot = FrameSlot.create(FrameSlot.capacity_for(order.longest_side))
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._ended: SourceError | None = None
        self._process = _started(replace(order, memory=self._slot.descriptor, capacity=self._slot.capacity, bell=self._bell))

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def wait(self, seconds: float) -> None:
        """Return when a frame arrived, the process ended or ``seconds`` passed."""
        readable, _, _ = select.select([self._bell, self._said], [], [], seconds)
        if self._bell in readable:
            os.eventfd_read(self._bell)
        if self._said in readable and self._ended is None:
            self._ended = self._last_words()

    def take(self, after: int) -> Arrival | None:
        """Return the newest frame if its number is above ``after``."""
        return self._slot.take(after)

    def ended(self) -> SourceError | None:
        """Return why the process ended, or ``None`` while it runs."""
        return self._ended

    def kill(self) -> None:
        """Kill the process at once and release everything; safe to call twice."""
        if self._process.stdin is None or self._process.stdin.closed:
            return
        self._process.kill()
        # One stuck in a driver ends when that returns, and subprocess reaps it later.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(REAP_WITHIN_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        os.close(self._bell)
        self._slot.close()

    @property
    def _said(self) -> int:
        return -1 if self._process.stdout is None else self._process.stdout.fileno()

    def _last_words(self) -> SourceError:
        line = "" if self._process.stdout is None else self._process.stdout.readline()
        if not line:
            problem = "the decoding process stopped unexpectedly"
            return SourceError("source.interrupted", self._shown, problem, "It is started again by itself; report it if it goes on.")
        return error_from_line(line)


def _started(order: CaptureOrder) -> subprocess.Popen[str]:
    package = str(Path(consentry.__file__).parents[1])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [sys.executable, "-m", "consentry.video.capture"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        pass_fds=(order.memory, order.bell),
        start_new_session=True,
    )
    if process.stdin is not None:
        # A process that is dead already is noticed by the first wait.
        with suppress(BrokenPipeError):
            process.stdin.write(order.to_line())
            process.stdin.flush()
    return process
