"""How often presentation attacks pass and living people do not, in the terms of ISO/IEC 30107-3: APCER for each kind of attack, and BPCER.

A presentation is one clip or picture. The passive check decides over it as at a station. Of the active challenge only this can be measured on
recorded clips: which prompts a presentation would meet that nobody asked for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scipy.stats import beta

from consentry.vision.faces.challenge import Prompt
from consentry.vision.faces.intervals import Interval, rate_interval
from consentry.vision.faces.liveness import ActiveCheck, PassiveCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from consentry.video.model import Frame
    from consentry.vision.faces.liveness import PassiveNetwork
    from consentry.vision.faces.model import FaceDetector

__all__ = ["LIVE", "ErrorRate", "LivenessScores", "Presentation", "judged", "scored"]

LIVE = "live"
"""The kind of a presentation that is no attack."""
FRAMES_PER_SECOND = 10.0
"""How often a station sees a frame."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """One clip or picture of a ``kind``. ``passed`` the passive check or not, None without enough frames of one face; ``met``: prompts met."""

    kind: str
    passed: bool | None
    met: frozenset[Prompt]


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """``errors`` among ``trials``; ``no_response``: presentations that gave no answer.

    ``interval``: Clopper and Pearson's, 95 %; without an error, or with nothing else, that of the rule of 3.
    """

    trials: int
    errors: int
    no_response: int
    interval: Interval | None

    @property
    def rate(self) -> float | None:
        """The share of errors; None without a trial."""
        return self.errors / self.trials if self.trials else None


@dataclass(frozen=True, slots=True)
class LivenessScores:
    """``apcer``: by kind of attack, how many attacks pass the passive check. ``bpcer``: how many living people do not.

    A living person's presentation without an answer counts as an error; an attack's does not count. ``met``: by kind, how many presentations
    would meet each prompt.
    """

    apcer: Mapping[str, ErrorRate]
    bpcer: ErrorRate
    met: Mapping[str, Mapping[Prompt, int]] = field(default_factory=dict)

    @property
    def worst(self) -> float | None:
        """The greatest APCER, which is what the standard asks to report; None without an attack that gave an answer."""
        return max((rate.rate for rate in self.apcer.values() if rate.rate is not None), default=None)


def judged(kind: str, frames: Iterable[Frame | None], detector: FaceDetector, network: PassiveNetwork) -> Presentation:
    """Watch one presentation as a station would: ten frames a second, those with one face; None is no frame."""
    passive, checks = PassiveCheck(network), {prompt: ActiveCheck((prompt,)) for prompt in Prompt}
    due = 0.0
    for frame in frames:
        if frame is None or frame.time < due:
            continue
        due = frame.time + 1 / FRAMES_PER_SECOND - 1e-3
        faces = detector.detect(frame.image)
        if len(faces) != 1:
            for check in checks.values():
                check.restart()
            continue
        passive.see(frame.image, faces.boxes[0])
        for check in checks.values():
            check.see(frame.time, frame.image, faces.landmarks[0])
    return Presentation(kind, passive.passed, frozenset(prompt for prompt, check in checks.items() if check.challenge.passed))


def scored(presentations: Iterable[Presentation]) -> LivenessScores:
    """Add up presentations into error rates."""
    by_kind: dict[str, list[Presentation]] = {}
    for presentation in presentations:
        by_kind.setdefault(presentation.kind, []).append(presentation)
    apcer = {kind: _attacks(shown) for kind, shown in by_kind.items() if kind != LIVE}
    met = {kind: Counter(prompt for one in shown for prompt in one.met) for kind, shown in by_kind.items()}
    return LivenessScores(apcer, _people(by_kind.get(LIVE, [])), met)


def _attacks(shown: list[Presentation]) -> ErrorRate:
    answers = [one.passed for one in shown if one.passed is not None]
    return _rate(len(answers), sum(answers), len(shown) - len(answers))


def _people(shown: list[Presentation]) -> ErrorRate:
    return _rate(len(shown), sum(not one.passed for one in shown), sum(one.passed is None for one in shown))


def _rate(trials: int, errors: int, no_response: int) -> ErrorRate:
    low = float(beta.ppf(0.025, errors, trials - errors + 1)) if errors else 0.0
    high = float(beta.ppf(0.975, errors + 1, trials - errors)) if errors < trials else 1.0
    return ErrorRate(trials, errors, no_response, rate_interval(Interval(low, high), errors, trials))
