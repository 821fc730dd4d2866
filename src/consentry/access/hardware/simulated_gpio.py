"""Lines of a GPIO chip in memory, for machines that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedLines"]


class SimulatedLines:
    """Input lines whose circuits are closed or open, and output lines that are on or off. While ``broken`` every call fails."""

    def __init__(self, circuits: Mapping[int, bool]) -> None:
        """Begin with these circuits and every output off."""
        self.circuits = dict(circuits)
        self.on: set[int] = set()
        self.broken = False

    def levels(self) -> dict[int, bool]:
        """Return whether the circuit of each input is closed."""
        self._check()
        return dict(self.circuits)

    def drive(self, line: int, *, on: bool) -> None:
        """Switch an output line."""
        self._check()
        (self.on.add if on else self.on.discard)(line)

    def close(self) -> None:
        """Free the lines: outputs fall back to off."""
        self.on.clear()

    def _check(self) -> None:
        if self.broken:
            raise OSError("the chip is gone")
