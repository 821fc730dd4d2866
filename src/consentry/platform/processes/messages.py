"""What travels between the supervisor and the web process: one JSON object a line, both ways.

To the web process: every message of a camera worker as the worker wrote it (``consentry.counting.messages``), and the supervisor's own
(``process``, ``settings``), each with a ``seq`` and, from a worker, the ``camera``. Back: ``{"ack": seq}`` once a message is durable,
and requests, ``{"do": ...}``. What was not acknowledged is sent again to a web process that was started anew, so whoever reads must be
idempotent; ``seq`` begins again when the supervisor does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Delivery", "ProcessChange", "SettingsChanged"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A numbered message: ``camera`` names the worker that wrote it, None where the supervisor did. ``message["type"]`` says what it is."""

    seq: int
    camera: str | None
    message: Mapping[str, Any]

    def to_document(self) -> dict[str, Any]:
        """Return the object that is written as a line."""
        head: dict[str, Any] = {"seq": self.seq}
        return {**self.message, **head, **({} if self.camera is None else {"camera": self.camera})}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Delivery:
        """Read what ``to_document`` wrote."""
        message = {key: value for key, value in document.items() if key not in {"seq", "camera"}}
        return cls(document["seq"], document.get("camera"), message)


@dataclass(frozen=True, slots=True)
class ProcessChange:
    """A process started, ended or is about to be started again.

    ``name``: ``web``, ``vault`` or ``camera:<id>``. ``event``: ``started``, ``ended`` or ``restarting``. ``exit``: its exit code, negative for
    the signal that ended it, None unless it ended. ``at``: seconds since 1970.
    """

    name: str
    event: str
    at: float
    exit: int | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the message."""
        return {"type": "process", "name": self.name, "event": self.event, "exit": self.exit, "at": self.at}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> ProcessChange:
        """Read what ``to_document`` wrote."""
        return cls(document["name"], document["event"], document["at"], document["exit"])


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """The supervisor has read the settings anew and acted on them, at ``at`` seconds since 1970."""

    at: float

    def to_document(self) -> dict[str, Any]:
        """Return the message."""
        return {"type": "settings", "at": self.at}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> SettingsChanged:
        """Read what ``to_document`` wrote."""
        return cls(document["at"])
