"""How long people's hands take at a door: seconds for each thing that somebody does, and how much people differ. Nothing here is measured by us.

The defaults are the keystroke-level model's averages for everybody, those who show a face included; people begin to look for card or telephone at the door.
``handling_against_us.toml`` has slow typists beside faces that know the way by heart.
KLM: S. Card, T. Moran, A. Newell, The keystroke-level model for user performance time with interactive systems, CACM 23 (7), 1980.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from random import Random
    from typing import Any

__all__ = ["DEFAULT", "MEASURED_CAPTURES", "Handling", "Step", "read_handling"]

_SLOWEST = 60.0
_WIDEST = 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """``median``: seconds. ``spread``: standard deviation of their logarithm, 0 where everybody is alike. ``source``: where that comes from."""

    median: float
    spread: float
    source: str


DEFAULT: Mapping[str, Step] = {
    "card-out": Step(2.0, 0.5, "assumed: found in a bag or pocket after arriving; many hold it ready"),
    "card-hold": Step(0.5, 0.3, "assumed"),
    "pin-reach": Step(0.4, 0.3, "KLM, H: the hand to the keys"),
    "pin-recall": Step(1.35, 0.3, "KLM, M: once before the unit and once before the PIN"),
    "pin-key": Step(0.28, 0.4, "KLM, K: an average person at a keyboard (40 words a minute); 0.5 is as slow as random letters, 1.2 the worst"),
    "phone-out": Step(2.0, 0.5, "assumed, as the card"),
    "phone-unlock": Step(1.5, 0.4, "assumed"),
    "phone-page": Step(1.5, 0.4, "assumed: one touch on the home screen, and the page draws the code without a network"),
    "guest-find": Step(4.0, 0.5, "assumed: the paper, or the picture among messages"),
    "code-hold": Step(1.0, 0.4, "assumed"),
    "face-touch": Step(1.1, 0.2, "KLM, P: pointing, for each of two buttons"),
    "face-page": Step(0.3, 0.2, "assumed, fast: the station's page from a server nearby"),
    "face-camera": Step(0.5, 0.2, "assumed, fast: the browser opens the camera"),
    "face-react": Step(1.35, 0.3, "KLM, M: a prompt read and understood, until the head moves"),
    "face-turn": Step(0.5, 0.2, "assumed: thirty degrees at sixty a second"),
    "face-back": Step(0.2, 0.2, "assumed, fast: the admission fetched, and the door's page again"),
    "refusal": Step(1.0, 0.4, "assumed: a red light seen and understood"),
}
"""By name, what people do."""
MEASURED_CAPTURES = (2.29, 2.52, 2.63, 2.78, 3.19)
"""Seconds of a capture of people who react and turn fast, measured on two cores (every second tenth of 55), for a machine without the models."""


@dataclass(frozen=True, slots=True)
class Handling:
    """The table in use."""

    steps: Mapping[str, Step]

    def draw(self, name: str, chance: Random) -> float:
        """Return how many seconds somebody takes for it this time."""
        step = self.steps[name]
        return step.median * exp(chance.gauss(0.0, step.spread))

    def lines(self) -> tuple[str, ...]:
        """Return the table as text."""
        return tuple(f"{name}: {step.median:g} s, spread {step.spread:g} ({step.source})" for name, step in self.steps.items())


def read_handling(file: Path | None) -> Handling:
    """Return the defaults, with what a TOML file says otherwise: a table for each name with ``median``, ``spread`` and ``source``.

    Raises:
        InputError: ``bench.handling`` where the file cannot be read, a name is unknown or a value is none.
    """
    if file is None:
        return Handling(DEFAULT)
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(str(file), str(error)) from error
    return Handling({**DEFAULT, **{name: _step(name, said) for name, said in told.items()}})


def _step(name: str, said: Any) -> Step:  # noqa: ANN401 - what a file says
    if name not in DEFAULT:
        raise _refused(name, "nobody does that here")
    if not isinstance(said, dict) or set(said) != {"median", "spread", "source"}:
        raise _refused(name, "it needs median, spread and source")
    median, spread, source = said["median"], said["spread"], said["source"]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (median, spread))
    if not numbers or not 0 <= median <= _SLOWEST or not 0 <= spread <= _WIDEST or not isinstance(source, str):
        raise _refused(name, f"median is 0 to {_SLOWEST:g} s, spread 0 to {_WIDEST:g}, source a text")
    return Step(float(median), float(spread), source)


def _refused(subject: str, problem: str) -> InputError:
    return InputError("bench.handling", subject, problem, f"Name any of: {', '.join(DEFAULT)}.")
