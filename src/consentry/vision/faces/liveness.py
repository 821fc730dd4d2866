"""Presentation attack detection: the passive check by a network that knows screens and paper, and the active challenge on pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.faces.challenge import Prompt, Sighting, advance, begin, is_frontal
from consentry.vision.faces.eyes import look_at_eyes
from consentry.vision.faces.frontal import front_view, upright_view
from consentry.vision.faces.parallax import ReliefTrack
from consentry.vision.manifest import Precision, entry
from consentry.vision.runtime import layout_of, open_network
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.challenge import Challenge
    from consentry.vision.runtime import Network
    from consentry.vision.store import ModelStore

__all__ = ["PASSIVE", "PASSIVE_MODEL", "ActiveCheck", "PassiveCheck", "PassiveNetwork", "open_passive_network"]

PASSIVE_MODEL = "minifasnet"
PASSIVE = "passive"
"""The name of the passive check in a result; the active ones have the names of their prompts."""
LIVE = 0.5
"""Score at which a frame, and mean score at which a face, passes the passive check."""
ANCHOR = 0.04
"""Parallax up to which a turn is measured from the present frame on: a track that began half turned would miss half of the turn."""
FEWEST_FRAMES, MOST_FRAMES = 3, 8
"""Frames over which the passive check takes its mean."""

_MARGIN = 1.5
_LIVE_OUTPUT = 0


class PassiveNetwork:
    """MiniFASNet: how much the surroundings of a face look like a live scene and not like a screen or paper."""

    def __init__(self, network: Network, side: int) -> None:
        """Take the network and the side of its square input in pixels."""
        self._network = network
        self._side = side

    def score(self, picture: NDArray[np.uint8], box: NDArray[np.float32]) -> float:
        """Return how live the face in ``box`` (float32 [4], x1 y1 x2 y2) of ``picture`` (uint8 [H, W, 3], BGR) looks, 0 to 1."""
        crop = _surroundings(picture, box, self._side)
        (logits, *_) = self._network.infer(crop)
        grown = np.exp(logits[0] - logits[0].max())
        return float(grown[_LIVE_OUTPUT] / grown.sum())


def open_passive_network(*, threads: int = 1, store: ModelStore | None = None) -> PassiveNetwork | None:
    """Open the network of the passive check; None where its weights are not on this machine.

    Raises:
        ModelError: ``model.damaged`` or ``model.network`` where they are there and cannot be used.
    """
    store, model = store or open_store(), entry(PASSIVE_MODEL)
    if not store.has(model):
        return None
    network = open_network(model, store.path(model), threads=threads, precision=Precision.AUTO)
    return PassiveNetwork(network, layout_of(model).width)


class PassiveCheck:
    """What the passive network says of the frames that shots may come from: of each, and on the mean of the first ones."""

    def __init__(self, network: PassiveNetwork) -> None:
        """Take the network."""
        self._network = network
        self._scores: list[float] = []

    def see(self, picture: NDArray[np.uint8], box: NDArray[np.float32]) -> bool:
        """Look at one more frame, and return whether the face in it looks live by itself: a mean can hide some frames of a screen."""
        score = self._network.score(picture, box)
        if len(self._scores) < MOST_FRAMES:
            self._scores.append(score)
        return score >= LIVE

    @property
    def passed(self) -> bool | None:
        """Whether the face is taken for live; None before enough frames were seen."""
        return None if len(self._scores) < FEWEST_FRAMES else float(np.mean(self._scores)) >= LIVE


class ActiveCheck:
    """The challenge on one face's frames."""

    def __init__(self, prompts: tuple[Prompt, ...]) -> None:
        """Ask for ``prompts`` in this order."""
        self._challenge = begin(prompts)
        self._track: ReliefTrack | None = None

    @property
    def challenge(self) -> Challenge:
        """Where the challenge stands."""
        return self._challenge

    def see(self, at: float, picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """Look at one more frame (uint8 [H, W, 3], BGR) in which the face has these ``landmarks`` (float32 [5, 2])."""
        if self._challenge.passed:
            return
        eyes = look_at_eyes(upright_view(picture, landmarks))
        relief = None
        if self._challenge.prompt in {Prompt.TURN_LEFT, Prompt.TURN_RIGHT}:
            view = np.asarray(cv2.cvtColor(front_view(picture, landmarks), cv2.COLOR_RGB2GRAY), np.uint8)
            relief = self._track.follow(view) if self._track is not None else None
            if is_frontal(self._challenge, landmarks, ANCHOR):
                self._track = ReliefTrack(view)
        self._challenge = advance(self._challenge, Sighting(at, landmarks, eyes, relief))

    def restart(self) -> None:
        """Forget what was seen: the frames that follow may show another face."""
        self._challenge, self._track = begin(self._challenge.prompts), None


def _surroundings(picture: NDArray[np.uint8], box: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """Return the square around ``box``, half as wide again, as uint8 [side, side, 3], RGB; beyond the picture it is mirrored."""
    x1, y1, x2, y2 = box.tolist()
    reach = max(round(max(x2 - x1, y2 - y1) * _MARGIN / 2), 1)
    left, top = round((x1 + x2) / 2) - reach, round((y1 + y2) / 2) - reach
    square = _square(picture, left, top, 2 * reach)
    crop = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA if 2 * reach > side else cv2.INTER_LINEAR)
    return np.ascontiguousarray(crop[..., ::-1], np.uint8)


def _square(picture: NDArray[np.uint8], left: int, top: int, length: int) -> NDArray[np.uint8]:
    """Return a part of the picture, as a view where it lies inside: gathering pixels one by one takes longer than looking at them."""
    height, width = picture.shape[:2]
    if left >= 0 and top >= 0 and left + length <= width and top + length <= height:
        return picture[top : top + length, left : left + length]
    return np.take(np.take(picture, _mirrored(top, length, height), axis=0), _mirrored(left, length, width), axis=1)


def _mirrored(start: int, length: int, count: int) -> NDArray[np.intp]:
    """Return ``length`` indices from ``start`` on into ``count`` pixels, which repeat mirrored without end."""
    period = max(2 * count - 2, 1)
    folded = np.arange(start, start + length) % period
    return np.asarray(np.where(folded < count, folded, period - folded), np.intp)
