"""The good shots of one capture, until the vault has them. They live in buffers that are overwritten when the capture ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.recognition.model import TicketKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.quality import Quality

__all__ = ["ENROL_SHOTS", "MOST_SHOTS", "Shots"]

ENROL_SHOTS, MOST_SHOTS = 3, 5
"""To enrol; anything else takes the best one."""
SPACING_S = 0.4
"""Between two shots to enrol, so that they differ a little."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    at: float
    chip: NDArray[np.uint8]
    quality: Quality


class Shots:
    """Aligned faces of one person, of which the best are kept."""

    def __init__(self, kind: TicketKind) -> None:
        """``kind`` says how many are wanted."""
        self._enrols = kind is TicketKind.ENROL
        self._kept: list[_Shot] = []

    def offer(self, at: float, chip: NDArray[np.uint8], quality: Quality) -> None:
        """Keep ``chip`` (uint8 [S, S, 3], RGB) if it helps: to enrol, spaced in time; otherwise if it is the best. It is overwritten if not."""
        shot = _Shot(at, chip, quality)
        if not self._enrols:
            self._keep_best(shot)
        elif self._kept and at - self._kept[-1].at < SPACING_S:
            chip.fill(0)
        else:
            self._kept.append(shot)
            self._drop_weakest()

    def enough(self, since: float | None) -> bool:
        """Return whether there are as many as wanted, and the last is from ``since`` or later: it shows who did the last thing asked."""
        wanted = ENROL_SHOTS if self._enrols else 1
        return len(self._kept) >= wanted and since is not None and self._kept[-1].at >= since

    def chips(self) -> NDArray[np.uint8]:
        """Return copies of the shots, uint8 [n, S, S, 3], RGB, to be overwritten by whoever asked."""
        return np.stack([shot.chip for shot in self._kept])

    def quality(self) -> dict[str, int]:
        """Return the lowest score of each component over the shots."""
        return {str(component): min(shot.quality.scores[component] for shot in self._kept) for component in self._kept[0].quality.scores}

    def wipe(self) -> None:
        """Overwrite and forget all of them."""
        for shot in self._kept:
            shot.chip.fill(0)
        self._kept.clear()

    def _keep_best(self, shot: _Shot) -> None:
        if self._kept and self._kept[0].quality.weakest >= shot.quality.weakest:
            shot.chip.fill(0)
            return
        self.wipe()
        self._kept.append(shot)

    def _drop_weakest(self) -> None:
        """Beyond five, drop the weakest; the first and the last stay, so that an exchange of faces in between shows in the vault."""
        if len(self._kept) > MOST_SHOTS:
            weakest = min(self._kept[1:-1], key=lambda shot: shot.quality.weakest)
            weakest.chip.fill(0)
            self._kept = [shot for shot in self._kept if shot is not weakest]
