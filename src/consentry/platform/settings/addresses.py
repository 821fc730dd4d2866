"""Addresses with their secrets put in: of the database, and of what a camera sees. What comes out of here is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url

from consentry.platform.keys.secrets import read_secret
from consentry.platform.settings.rules import DATABASE_SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.settings.model import Camera, Settings
    from consentry.platform.settings.store import Places

__all__ = ["database_address", "recording", "source_address"]

_PLACEHOLDER = "{secret}"
_LOOP, _WEBCAM = "loop:", "webcam:"


def database_address(settings: Settings, places: Places) -> URL:
    """Return the address of the main database: that of the settings with its password, or SQLite in the data folder.

    Raises:
        KeyStoreError: Where the file of the password is exposed to others or empty.
    """
    if settings.database.url is None:
        return URL.create("sqlite", database=str(places.main_database))
    url = make_url(settings.database.url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if (places.secrets / DATABASE_SECRET).exists():
        url = url.set(password=read_secret(places.secrets, DATABASE_SECRET))
    return url


def source_address(camera: Camera, places: Places) -> str:
    """Return what a camera sees, with its secret in place of ``{secret}``; files are named relative to the settings.

    Raises:
        KeyStoreError: Where the secret is missing, exposed to others or empty.
    """
    source = camera.source or ""
    if _PLACEHOLDER in source:
        return source.replace(_PLACEHOLDER, quote(read_secret(places.secrets, camera.id), safe=""))
    file = recording(camera, places)
    if file is None:
        return source
    return f"{_LOOP}{file}" if source.startswith(_LOOP) else str(file)


def recording(camera: Camera, places: Places) -> Path | None:
    """Return the file that a camera plays, whether it is there or not; None for a camera that sees something live."""
    source = camera.source or ""
    if not source or "://" in source or source.lower().startswith(_WEBCAM):
        return None
    return places.file(source.removeprefix(_LOOP))
