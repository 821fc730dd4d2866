"""Strongly pixelated stills on their way from a camera's process to whoever asked: in memory for the moment of asking, never written down."""

from __future__ import annotations

import base64
import threading
from typing import TYPE_CHECKING

from consentry.cameras.model import Still

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.counting import messages

__all__ = ["Stills"]


class Stills:
    """Where threads wait for the stills that they asked for. Only what somebody waits for is let in, and only from the camera asked."""

    def __init__(self) -> None:
        """Start empty."""
        self._changed = threading.Condition()
        self._asked: dict[str, str] = {}
        self._arrived: dict[str, Still] = {}

    def expect(self, request: str, camera: str) -> None:
        """Let the still of ``request`` in, if it comes from ``camera``; ``wait`` must follow."""
        with self._changed:
            self._asked[request] = camera

    def arrived(self, camera: str, message: messages.Still, now: datetime) -> None:
        """Take a still that arrived at ``now``; one that nobody asked this camera for, or nobody waits for any more, is forgotten at once."""
        with self._changed:
            if self._asked.get(message.request) != camera:
                return
            self._arrived[message.request] = Still(camera, now, message.width, message.height, base64.b64decode(message.pixels))
            self._changed.notify_all()

    def wait(self, request: str, seconds: float) -> Still | None:
        """Return the still of ``request`` and forget it, or None where it does not come within ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: request in self._arrived, seconds)
            self._asked.pop(request, None)
            return self._arrived.pop(request, None)

    def __len__(self) -> int:
        """Return how many stills are held or waited for."""
        return len(self._asked.keys() | self._arrived.keys())
