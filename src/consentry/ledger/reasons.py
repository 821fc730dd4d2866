"""The reasons that the system itself gives for what it does, as the log keeps them. Every other reason is somebody's own words."""

from __future__ import annotations

from typing import Final

__all__ = ["SYSTEM_REASONS"]

SYSTEM_REASONS: Final = (
    "lines and areas",
    "the file was edited",
    "retention",
    "restriction ended",
    "the settings no longer name it",
    "the vault had erased it before the backup was restored",
    "no heartbeat of the server",
)
