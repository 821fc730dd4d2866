"""Finds a file of an installed distribution by its metadata, so that the package itself is never imported."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consentry.vision.manifest import PackageFile

__all__ = ["installed_file"]


def installed_file(package: PackageFile) -> Path | None:
    """Return where the file lies in this environment; None where the distribution is not installed or does not hold it.

    The version may be another one than the manifest's: the SHA-256 decides whether the file can be used.
    """
    try:
        place = Path(str(distribution(package.name).locate_file(package.member)))
    except PackageNotFoundError:
        return None
    return place if place.is_file() else None
