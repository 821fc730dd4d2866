"""Reads what the user typed for a source and hides what nobody may see of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from consentry.platform.errors import SourceError

__all__ = ["Address", "Kind", "parse_address", "redacted"]

DEFAULT_IMAGES_PER_SECOND = 25.0
SLOWEST_RATE, FASTEST_RATE = 0.001, 1000.0
HIDDEN = "***"
KINDS = "Give a file, a folder of pictures, an rtsp:// or http(s):// address, webcam:0, or loop:FILE."

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_FOLDER_RATE = re.compile(r"^(?P<folder>.+)\?fps=(?P<rate>[^?]*)$")
_LOOP = re.compile(r"^loop:(?P<path>.+)$", re.IGNORECASE | re.DOTALL)
_WEBCAM = re.compile(r"^webcam:(?P<index>.*)$", re.IGNORECASE)
# Up to the last @, for people write passwords with @ and / in them. A path with an @ may lose its host here; that is the safe side.
_CREDENTIALS = re.compile(r"^(?!\[[0-9a-f:.%]+\](?::\d+)?/)(?P<user>[^:]*):.*@", re.IGNORECASE | re.DOTALL)
_SECRET_QUERY = re.compile(r"(?i)([?&;][^=&;#]*(?:pas|pw|token|secret|key|auth|sig)[^=&;#]*=)[^&;#]*")


class Kind(StrEnum):
    """How a source is reached."""

    FILE = "file"
    FOLDER = "folder"
    RTSP = "rtsp"
    HTTP = "http"
    WEBCAM = "webcam"
    LOOP = "loop"


_URL_KINDS = {"rtsp": Kind.RTSP, "rtsps": Kind.RTSP, "http": Kind.HTTP, "https": Kind.HTTP}


@dataclass(frozen=True, slots=True)
class Address:
    """A source as given: ``target`` is what is opened, ``shown`` what may be displayed, logged and stored."""

    kind: Kind
    target: str
    shown: str
    images_per_second: float = DEFAULT_IMAGES_PER_SECOND

    @property
    def live(self) -> bool:
        """Whether the source delivers in real time."""
        return self.kind in {Kind.RTSP, Kind.HTTP, Kind.WEBCAM, Kind.LOOP}


def parse_address(spec: str) -> Address:
    """Return the address that ``spec`` names; raise ``SourceError`` for a kind of source that does not exist."""
    if (webcam := _WEBCAM.match(spec)) is not None:
        return _webcam(spec, webcam["index"])
    if (loop := _LOOP.match(spec)) is not None and "\0" not in spec:
        return Address(Kind.LOOP, loop["path"], spec)
    if (scheme := _SCHEME.match(spec)) is not None:
        return _url(spec, scheme[1].lower())
    if not spec.strip() or "\0" in spec:
        raise SourceError("source.bad-address", repr(spec), "this is not the name of a source", KINDS)
    return _path(spec)


def redacted(text: str) -> str:
    """Return an address with the password, and every query value that looks like a secret, replaced by ``***``."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return text
    rest = _CREDENTIALS.sub(rf"\g<user>:{HIDDEN}@", text[scheme.end() :])
    return scheme[0] + _SECRET_QUERY.sub(rf"\g<1>{HIDDEN}", rest)


def _url(spec: str, scheme: str) -> Address:
    kind = _URL_KINDS.get(scheme)
    if kind is None:
        raise SourceError("source.unknown-kind", redacted(spec), f"addresses that begin with {scheme}:// are not supported", KINDS)
    return Address(kind, spec, redacted(spec))


def _webcam(spec: str, index: str) -> Address:
    if not (index.isascii() and index.isdecimal()):
        raise SourceError("source.bad-address", spec, "a webcam is named by its number", "Write webcam:0 for the first one.")
    return Address(Kind.WEBCAM, f"/dev/video{int(index)}", f"webcam:{int(index)}")


def _path(spec: str) -> Address:
    rated = _FOLDER_RATE.match(spec)
    if rated is not None and _is_folder(rated["folder"]):
        return Address(Kind.FOLDER, rated["folder"], spec, _rate(spec, rated["rate"]))
    return Address(Kind.FOLDER if _is_folder(spec) else Kind.FILE, spec, spec)


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:
        return False  # not reachable or too long a name: opening it as a file says which


def _rate(spec: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not SLOWEST_RATE <= rate <= FASTEST_RATE:
        raise SourceError("source.bad-address", spec, f"{text!r} is not a number of pictures per second", "Write, for example, pictures?fps=10.")
    return rate
