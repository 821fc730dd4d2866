"""What the parent tells a capture process, and what that says when it ends: one line of JSON each way."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from consentry.platform.errors import SourceError
from consentry.video.address import Address, Kind
from consentry.video.model import Size

__all__ = ["CaptureOrder", "error_from_line", "error_to_line"]


@dataclass(frozen=True, slots=True)
class CaptureOrder:
    """Capture ``address`` into the slot behind ``memory`` and ring ``bell`` for each frame.

    ``size``: the size that pictures must keep, once known. ``zero``: the monotonic instant of time zero, once known.
    ``after``: the last time given to the caller. It travels through a pipe, never through arguments, for it may hold a password.
    """

    address: Address
    longest_side: int | None = None
    size: Size | None = None
    zero: float | None = None
    after: float | None = None
    memory: int = -1
    capacity: int = 0
    bell: int = -1

    def to_line(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> CaptureOrder:
        """Return the order written by ``to_line``."""
        fields = json.loads(line)
        address = fields.pop("address")
        size = fields.pop("size")
        return cls(Address(**{**address, "kind": Kind(address["kind"])}), size=None if size is None else Size(**size), **fields)


def error_to_line(error: SourceError) -> str:
    """Return an error as one line of JSON."""
    return json.dumps([error.code, error.subject, error.problem, error.mend]) + "\n"


def error_from_line(line: str) -> SourceError:
    """Return the error written by ``error_to_line``."""
    code, subject, problem, mend = json.loads(line)
    return SourceError(code, subject, problem, mend)
