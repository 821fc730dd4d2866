"""The settings file in force: read, reloaded when it changed, replaced as a whole; and the places that it names."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from consentry.platform.clock import SystemClock
from consentry.platform.durable import write_atomically
from consentry.platform.errors import SettingsError, StaleError
from consentry.platform.settings.changes import diff
from consentry.platform.settings.positions import line_of, positions
from consentry.platform.settings.problems import InvalidSettingsError, Problem, shown_path
from consentry.platform.settings.reading import read_settings

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from consentry.platform.settings.changes import Change
    from consentry.platform.settings.model import Camera, Settings
    from consentry.platform.settings.rules import KeyPath

__all__ = ["Places", "SettingsStore", "digest_of", "load"]

_FILE_MODE = 0o644
_LONGEST = 1_000_000
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Places:
    """Where things of a site lie: absolute paths, from what the settings say relative to their file."""

    root: Path
    data: Path
    keys: Path

    @classmethod
    def of(cls, settings: Settings, file: Path) -> Places:
        """Return the places that the settings of ``file`` name."""
        root = file.resolve().parent
        return cls(root, (root / settings.data.folder).resolve(), (root / settings.keys.folder).resolve())

    @property
    def main_key(self) -> Path:
        """Return the root key of the main records."""
        return self.keys / "main.key"

    @property
    def vault_key(self) -> Path:
        """Return the root key of the vault."""
        return self.keys / "vault.key"

    @property
    def secrets(self) -> Path:
        """Return the folder with one file a named secret."""
        return self.keys / "secrets"

    @property
    def tls(self) -> Path:
        """Return the folder of the server's certificate and of the local authority."""
        return self.keys / "tls"

    @property
    def templates(self) -> Path:
        """Return the folder of the vault's records."""
        return self.data / "vault"

    @property
    def template_database(self) -> Path:
        """Return the SQLite file of the templates, encrypted each under the key of its person."""
        return self.templates / "vault.db"

    @property
    def person_keys(self) -> Path:
        """Return the folder of the persons' keys, which no backup holds."""
        return self.keys / "vault"

    @property
    def main_database(self) -> Path:
        """Return the SQLite file used where no other database is named."""
        return self.data / "main.db"

    def file(self, name: str) -> Path:
        """Return the absolute path of a file that the settings name."""
        return self.root / name


class SettingsStore:
    """The settings in force. A text that has a problem changes nothing."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            SettingsError: With every problem of the file.
        """
        self.path = path.resolve()
        self._lock = threading.RLock()
        self._text = _read(self.path)
        self._current = _settings(self._text, self.path)

    @property
    def current(self) -> Settings:
        """Return the settings in force."""
        return self._current

    @property
    def text(self) -> str:
        """Return the text that the settings in force were read from."""
        return self._text

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the text, as hexadecimal digits."""
        return digest_of(self._text)

    @property
    def places(self) -> Places:
        """Return where things of this site lie."""
        return Places.of(self._current, self.path)

    def reload(self) -> list[Change]:
        """Read the file again, put it in force, and return what changed.

        Raises:
            SettingsError: With every problem of the file; the settings in force stay.
        """
        with self._lock:
            return self._put_in_force(_read(self.path))

    def replace(self, text: str, *, expected: str) -> list[Change]:
        """Write another text into the file, put it in force, and return what changed.

        ``expected``: the digest of the text that the new one was made from.

        Raises:
            SettingsError: With every problem of the text; file and settings stay as they are.
            StaleError: ``settings.stale`` where the file says something else by now.
        """
        with self._lock:
            if digest_of(_read(self.path)) != expected:
                raise StaleError("settings.stale", str(self.path), "it was changed by someone else meanwhile", "Look at it again and repeat the change.")
            _settings(text, self.path)
            try:
                write_atomically(self.path, text.encode(), mode=_FILE_MODE)
            except OSError as error:
                mend = "Let the account of the web process write to the folder of the settings."
                raise SettingsError("settings.unwritable", str(self.path), error.strerror or str(error), mend) from error
            return self._put_in_force(text)

    def lacking(self, camera: Camera) -> tuple[str, ...]:
        """Return the keys that a camera still needs before it may count.

        ``sign.photo`` also where there is no such file, and ``sign.placed_on`` where that day has not come: no sign hangs there yet.
        """
        lacks = [*camera.missing()]
        sign = camera.sign
        if sign is not None and sign.photo is not None and not self.places.file(sign.photo).is_file():
            lacks.append("sign.photo")
        if sign is not None and sign.placed_on is not None and sign.placed_on > self._today():
            lacks.append("sign.placed_on")
        return tuple(lacks)

    def _today(self) -> date:
        """Return the day that it is at the site."""
        return SystemClock().now().astimezone(ZoneInfo(self._current.site.zone)).date()

    def _put_in_force(self, text: str) -> list[Change]:
        settings = _settings(text, self.path)
        changes = diff(self._current, settings)
        self._current, self._text = settings, text
        return changes


def load(path: Path) -> Settings:
    """Return the settings of a file.

    Raises:
        SettingsError: With every problem of the file.
    """
    return SettingsStore(path).current


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
        text = content.decode()
    except OSError as error:
        mend = "Give the file that `consentry init` wrote."
        raise SettingsError("settings.unreadable", str(path), error.strerror or str(error), mend) from error
    except UnicodeDecodeError as error:
        raise SettingsError("settings.encoding", str(path), "it is not UTF-8 text", "Save it as UTF-8.") from error
    if text.startswith(_BYTE_ORDER_MARK):
        mend = "Save it as UTF-8 without one; some editors call that UTF-8 without BOM."
        raise SettingsError("settings.encoding", str(path), "it begins with a byte order mark, which TOML does not allow", mend)
    if len(content) > _LONGEST:
        raise SettingsError("settings.too-long", str(path), "it is longer than a million bytes", "Give the file that `consentry init` wrote.")
    return text.replace("\r\n", "\n")


def _settings(text: str, path: Path) -> Settings:
    settings = read_settings(text, str(path))
    places = Places.of(settings, path)
    if places.keys.is_relative_to(places.data):
        lines = positions(text)
        mend = "Name a folder outside the data folder, so that a copy of the data holds no keys."
        key: KeyPath = ("keys", "folder")
        problem = Problem(str(path), line_of(key, lines), shown_path(key), "settings.keys-in-data", "the keys lie inside the data folder", mend)
        raise InvalidSettingsError([problem])
    return settings
