"""Doors without hardware: a device in memory whose strikes lock by the clock, for trials, for the console's simulator and for tests."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from consentry.access.hardware.board import Board, Heard, no_answer
from consentry.access.hardware.ports import CardFormat, ReadKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.access.hardware.ports import Answer

__all__ = ["SimulatedDevice", "SimulatedStrikes"]


class SimulatedStrikes:
    """Strikes that a device holds by its own clock, as a good relay does; any thread may look."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin locked. ``clock`` counts seconds."""
        self._clock = clock
        self._guard = threading.Lock()
        self._ends: dict[int, float] = {}

    def release(self, number: int, seconds: float) -> None:
        """Unlock until so many seconds from now."""
        with self._guard:
            self._ends[number] = self._clock() + seconds

    def lock(self, number: int) -> None:
        """Lock now."""
        with self._guard:
            self._ends.pop(number, None)

    def lock_all(self) -> None:
        """Lock every strike now."""
        with self._guard:
            self._ends.clear()

    def unlocked(self, number: int) -> bool:
        """Return whether a strike is unlocked now."""
        with self._guard:
            return self._ends.get(number, float("-inf")) > self._clock()


class SimulatedDevice:
    """A device in memory, and a line with itself alone on it. Whoever holds it plays the people at the door."""

    def __init__(self, name: str = "simulator", clock: Callable[[], float] = time.monotonic) -> None:
        """Begin in service, locked, with no input told."""
        self.board = Board(name)
        self.board.recover()
        self.strikes = SimulatedStrikes(clock)
        self.shown: deque[tuple[int, Answer]] = deque(maxlen=16)
        self._name = name
        self._broken = False

    def device(self, _address: int) -> SimulatedDevice:
        """Return itself."""
        return self

    def release(self, number: int, seconds: float) -> None:
        """Unlock for a while; see the port."""
        self._check()
        self.strikes.release(number, seconds)

    def lock(self, number: int) -> None:
        """Lock at once; see the port."""
        self._check()
        self.strikes.lock(number)

    def show(self, number: int, answer: Answer) -> None:
        """Keep what was shown."""
        self._check()
        self.shown.append((number, answer))

    def card(self, uid: bytes, reader: int = 0) -> None:
        """Hold a card to a reader."""
        self.board.hear(reader, Heard(ReadKind.CARD, uid, CardFormat.UID))

    def press(self, keys: str, reader: int = 0) -> None:
        """Press keys."""
        self.board.hear(reader, Heard(ReadKind.KEYS, keys.encode("ascii")))

    def code(self, text: str, reader: int = 0) -> None:
        """Hold a code to a reader."""
        self.board.hear(reader, Heard(ReadKind.QR, text.encode()))

    def close_circuit(self, number: int, *, closed: bool) -> None:
        """Close or open the circuit of an input."""
        self.board.set_inputs({number: closed})

    def tear_off(self) -> None:
        """Open the housing."""
        self.board.set_tampered(tampered=True)

    def break_down(self) -> None:
        """Stop answering; strikes lock when their time is over."""
        self._broken = True
        self.board.fail(no_answer(self._name))

    def repair(self) -> None:
        """Answer again; what the inputs are must be told again."""
        self._broken = False
        self.board.recover()

    def close(self) -> None:
        """Lock every strike."""
        self.strikes.lock_all()

    def _check(self) -> None:
        if self._broken:
            raise no_answer(self._name)
