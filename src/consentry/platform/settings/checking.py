"""Everything that is wrong with the settings of a site: the file itself, what cameras lack, and what it names that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.errors import KeyStoreError, SettingsError
from consentry.platform.keys.secrets import read_secret
from consentry.platform.settings.addresses import recording, source_address
from consentry.platform.settings.positions import line_of, positions
from consentry.platform.settings.problems import InvalidSettingsError, Problem, shown_path
from consentry.platform.settings.rules import Finding
from consentry.platform.settings.store import SettingsStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.platform.settings.model import Camera
    from consentry.platform.settings.rules import KeyPath

__all__ = ["check"]

_LACKS = {
    "sign.photo": "Put the file there.",
    "sign.placed_on": "Put the sign up first; the camera starts on that day or later.",
}
"""How to mend what stands in the settings and does not hold."""


def check(path: Path) -> list[Problem]:
    """Return everything that is wrong with a settings file, also what keeps a camera from counting; none where all is well."""
    try:
        store = SettingsStore(path)
    except InvalidSettingsError as error:
        return list(error.problems)
    except SettingsError as error:
        return [Problem(str(path), None, "", error.code, error.problem, error.mend)]
    lines = positions(store.text)
    return [
        Problem(str(store.path), line_of(found.path, lines), shown_path(found.path), found.code, found.problem, found.mend)
        for found in [*_files(store), *_secrets(store), *_cameras(store)]
    ]


def _files(store: SettingsStore) -> Iterator[Finding]:
    """Find files that the settings name and that are not there."""
    settings = store.current
    tls = settings.web.tls.files
    named: dict[KeyPath, str | None] = {
        ("web", "tls", "files", "certificate"): tls.certificate if tls else None,
        ("web", "tls", "files", "key"): tls.key if tls else None,
        ("recognition", "calibration"): settings.recognition.calibration,
        **{("project", position, "rulebook"): project.rulebook for position, project in enumerate(settings.projects)},
    }
    for path, name in named.items():
        if name is not None and not store.places.file(name).is_file():
            yield Finding(path, "settings.no-file", f"there is no file {store.places.file(name)}", "Put the file there, or name another one.")


def _secrets(store: SettingsStore) -> Iterator[Finding]:
    """Find secrets of the alarms that are missing or not guarded."""
    email, webhook = store.current.alarms.email, store.current.alarms.webhook
    named: dict[KeyPath, str | None] = {
        ("alarms", "email", "secret"): email.secret if email and email.user else None,
        ("alarms", "webhook", "secret"): webhook.secret if webhook else None,
    }
    for path, name in named.items():
        if name is None:
            continue
        try:
            read_secret(store.places.secrets, name)
        except KeyStoreError as error:
            yield Finding(path, error.code, f"{error.subject}: {error.problem}", error.mend)


def _cameras(store: SettingsStore) -> Iterator[Finding]:
    for position, camera in enumerate(store.current.cameras):
        yield from _lacks(store, position, camera)
        yield from _source(store, position, camera)


def _lacks(store: SettingsStore, position: int, camera: Camera) -> Iterator[Finding]:
    absent = camera.missing()
    for key in store.lacking(camera):
        mend = f"Add {key}; docs/settings.md describes it." if key in absent else _LACKS[key]
        problem = f"camera {camera.id!r} stays off without it" if key in absent or key == "sign.photo" else f"camera {camera.id!r} stays off until that day"
        yield Finding(("camera", position, *key.split(".")), "settings.camera-incomplete", problem, mend)


def _source(store: SettingsStore, position: int, camera: Camera) -> Iterator[Finding]:
    """Find a recording or a secret that the camera's source names and that cannot be used."""
    path: KeyPath = ("camera", position, "source")
    file = recording(camera, store.places)
    if file is not None and not file.exists():
        yield Finding(path, "settings.no-file", f"there is no file {file}", "Put the file there, or name another one.")
    try:
        source_address(camera, store.places)
    except KeyStoreError as error:
        yield Finding(path, error.code, f"camera {camera.id!r} stays off: {error.subject}: {error.problem}", error.mend)
