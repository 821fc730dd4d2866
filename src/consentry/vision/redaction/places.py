"""Which files a redaction may read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.errors import InputError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PICTURES", "VIDEOS", "checked_places"]

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
VIDEOS = (".mp4", ".m4v")


def checked_places(source: Path, target: Path) -> bool:
    """Return whether ``target`` is to be a video, by its suffix; otherwise it is to be a picture.

    Raises:
        SourceError: ``source.missing`` or ``source.not-a-file``.
        InputError: ``redact.same-file``, ``redact.suffix``, ``redact.folder`` or ``redact.name`` (too long for a file).
    """
    try:
        _check(source, target)
    except OSError as error:
        subject = str(error.filename or target)
        raise InputError("redact.name", subject, f"nothing can be there ({(error.strerror or 'unknown cause').lower()})", "Choose another name.") from None
    suffix = target.suffix.lower()
    if suffix not in PICTURES + VIDEOS:
        problem = "its name does not say what to write"
        raise InputError("redact.suffix", str(target), problem, f"Let it end in one of: {', '.join(PICTURES + VIDEOS)}")
    return suffix in VIDEOS


def _check(source: Path, target: Path) -> None:
    if not source.exists():
        raise SourceError("source.missing", str(source), "there is no such file", "Check the name and the path.")
    if not source.is_file():
        raise SourceError("source.not-a-file", str(source), "it is not a file", "Give a picture or a video file.")
    if target.exists() and target.samefile(source):
        raise InputError("redact.same-file", str(target), "it is the file that is to be redacted", "Give the redacted copy another name.")
    if not target.parent.is_dir():
        raise InputError("redact.folder", str(target), "its folder does not exist", "Make the folder first.")
