"""Why a camera does not count, as a closed set of causes that a page can say in any language.

A worker says why in English, for whoever reads logs: the words of :mod:`consentry.video`, which may quote what libav says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from consentry.cameras.model import CameraState

if TYPE_CHECKING:
    from consentry.cameras.model import CameraHealth

__all__ = ["Trouble", "trouble_of"]


class Trouble(StrEnum):
    """A cause that keeps a camera from counting."""

    REFUSED = "refused"
    NOT_FOUND = "not-found"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    NO_PICTURE = "no-picture"
    BROKEN_OFF = "broken-off"
    UNUSABLE = "unusable"
    OTHER = "other"


_SAID: Final = {
    "refuses the user name": Trouble.REFUSED,
    "there is nothing of this name": Trouble.NOT_FOUND,
    "there is no such file": Trouble.NOT_FOUND,
    "may not read": Trouble.FORBIDDEN,
    "it cannot be opened": Trouble.UNREACHABLE,
    "no picture for": Trouble.NO_PICTURE,
    "no first picture": Trouble.NO_PICTURE,
    "the stream ended": Trouble.BROKEN_OFF,
    "reading stopped": Trouble.BROKEN_OFF,
    "stopped unexpectedly": Trouble.BROKEN_OFF,
    "it cannot be read": Trouble.UNUSABLE,
    "not a video that can be read": Trouble.UNUSABLE,
    "is not supported": Trouble.UNUSABLE,
    "no moving pictures": Trouble.UNUSABLE,
    "cannot be decoded": Trouble.UNUSABLE,
    "no picture in it": Trouble.UNUSABLE,
    "pictures cannot be used": Trouble.UNUSABLE,
    "not a live stream": Trouble.UNUSABLE,
    "it is a recording": Trouble.UNUSABLE,
    "neither a file nor a folder": Trouble.UNUSABLE,
    "is empty": Trouble.UNUSABLE,
    "damaged or cut off": Trouble.UNUSABLE,
    "pictures carry no time": Trouble.UNUSABLE,
}
"""What the words of a worker hold, the most telling first."""

_UNTROUBLED: Final = frozenset({"", "not opened yet", "opening the source", "opened, not read yet"})
_WORKING: Final = frozenset({CameraState.LIVE, CameraState.INCOMPLETE})


def trouble_of(health: CameraHealth) -> Trouble | None:
    """Return what keeps a camera from counting by its own word, None where it counts, has not tried yet or said nothing."""
    if health.state in _WORKING or health.reason in _UNTROUBLED:
        return None
    return next((trouble for said, trouble in _SAID.items() if said in health.reason), Trouble.OTHER)
