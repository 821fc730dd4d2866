"""The one thread that decides: it looks at the doors twenty times a second and does between what other threads ask of it."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from consentry.platform.processes.notify import notify

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LOOK_S", "DoorLoop"]

LOOK_S = 0.05
"""Seconds between two looks at the doors."""
_WATCHDOG_S = 5.0
_PATIENCE_S, _GLANCE_S = 10.0, 0.2

log = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(slots=True)
class DoorLoop:
    """Runs in the thread that calls :meth:`run`; ``look`` is called there, and so is all that is handed to :meth:`call`."""

    look: Callable[[], None]
    _asked: SimpleQueue[Callable[[], None]] = field(default_factory=SimpleQueue)
    _stopped: bool = False

    def call(self, work: Callable[[], Result]) -> Result:
        """Let the loop do something and return what it returned, or raise what it raised; for other threads.

        Raises:
            TimeoutError: The loop did not come to it, or was stopped; it is not done later.
        """
        future: Future[Result] = Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever asked gets it
                future.set_exception(error)

        self._asked.put(do)
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return future.result(_GLANCE_S)
            except TimeoutError:
                if future.done() or ((self._stopped or time.monotonic() > until) and future.cancel()):
                    raise

    def hand(self, work: Callable[[], None]) -> None:
        """Let the loop do something in its time; also from a signal's handler."""
        self._asked.put(work)

    def stop(self) -> None:
        """Let :meth:`run` return; from any thread or a signal's handler."""
        self._stopped = True

    def run(self) -> None:
        """Look at the doors and do what is asked until it is stopped. A look that fails is logged, and the next follows."""
        told = due = 0.0
        while not self._stopped:
            now = time.monotonic()
            if now >= due:
                self._look()
                due = now + LOOK_S
            if now - told > _WATCHDOG_S:
                notify("WATCHDOG=1")
                told = now
            self._answer(max(0.0, due - time.monotonic()))

    def _look(self) -> None:
        try:
            self.look()
        except Exception:
            # A defect at one look must not leave the exit buttons dead.
            log.exception("a look at the doors failed")

    def _answer(self, wait_s: float) -> None:
        try:
            work = self._asked.get(timeout=wait_s)
        except Empty:
            return
        try:
            work()
        except Exception:
            log.exception("what was asked of the doors failed")
