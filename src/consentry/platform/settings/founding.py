"""Founding a site: settings, keys and folders. The settings file comes last, so that whatever interrupts it, it can be run again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.platform.durable import sync_folder, write_new
from consentry.platform.errors import KeyStoreError, SettingsError
from consentry.platform.keys.key_file import KeyKind, create_key_file, read_key_file
from consentry.platform.keys.ownership import give_to_processes
from consentry.platform.processes.accounts import accounts
from consentry.platform.settings.model import TlsMode
from consentry.platform.settings.reading import read_settings
from consentry.platform.settings.store import Places
from consentry.platform.settings.template import new_settings_text
from consentry.platform.tls.authority import AUTHORITY_FILE, create_authority, fingerprint, open_authority
from consentry.platform.tls.certificates import local_hosts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from consentry.platform.settings.model import Settings

__all__ = ["SETTINGS_FILE", "FoundedSite", "found_site", "make_authority", "make_folders", "make_keys"]

SETTINGS_FILE = "site.toml"

_PRIVATE = 0o700
_PASSABLE = 0o711
"""Of the keys folder where processes run as several users: they reach their own file by its name and cannot list the others."""
_READABLE = 0o644


@dataclass(frozen=True, slots=True)
class FoundedSite:
    """What was made: the settings file, and the fingerprint of the local authority where there is one."""

    file: Path
    places: Places
    fingerprint: str | None


def found_site(folder: Path, answers: Mapping[str, object], now: datetime) -> FoundedSite:
    """Make a site in ``folder`` from ``answers`` (values of the settings by dotted path). Nothing that exists is overwritten.

    Keys that an interrupted run left are taken over. Where this runs as root, each process gets what it needs and no more.

    Raises:
        SettingsError: ``settings.exists`` where the folder holds a site, ``settings.unwritable``, or what is wrong with the answers.
        KeyStoreError: ``keys.other-site`` where the folder holds the keys of another site, or what is wrong with those that are there.
    """
    file = folder / SETTINGS_FILE
    if os.path.lexists(file):
        mend = "Edit that file, or found the site in another folder."
        raise SettingsError("settings.exists", str(file), "there is a site here already", mend)
    text = new_settings_text(answers)
    settings = read_settings(text, str(file))
    places = Places.of(settings, file)
    try:
        make_folders(places)
        make_keys(places, settings.site.id, now)
        mark = make_authority(places, settings, now)
        owners = accounts(one_user=settings.processes.one_user)
        write_new(file, text.encode(), mode=_READABLE)
        if owners is not None:
            give_to_processes(file, places, owners)
        sync_folder(folder)
    except OSError as error:
        raise SettingsError("settings.unwritable", str(folder), error.strerror or str(error), "Choose a folder that you may write to.") from error
    return FoundedSite(file, places, mark)


def make_folders(places: Places) -> None:
    """Make the folders of data, keys and secrets where they are absent; only their owner may look into them."""
    for folder in (places.data, places.keys, places.secrets, places.tls, places.templates, places.person_keys):
        if not folder.exists():
            folder.mkdir(mode=_PRIVATE, parents=True)
    if os.geteuid() == 0:
        places.keys.chmod(_PASSABLE)


def make_keys(places: Places, site: str, now: datetime) -> list[Path]:
    """Make the two root keys where they are absent, and return those that were made.

    Raises:
        KeyStoreError: ``keys.other-site`` where one is of another site, or what is wrong with one that is there.
    """
    made = []
    for path, kind in ((places.main_key, KeyKind.MAIN), (places.vault_key, KeyKind.VAULT)):
        if not os.path.lexists(path):
            create_key_file(path, kind, site, now)
            made.append(path)
            continue
        stored = read_key_file(path, data_folder=places.data)
        if (stored.site, stored.kind) != (site, kind):
            problem = f"it is the {stored.kind} key of the site {stored.site!r}"
            raise KeyStoreError("keys.other-site", str(path), problem, f"Found the site under the id {stored.site!r}, or in another folder.")
    return made


def make_authority(places: Places, settings: Settings, now: datetime) -> str | None:
    """Make the local authority where the settings want one and it is absent; return its fingerprint, or None where none is wanted.

    Raises:
        KeyStoreError: Where the one that is there is exposed to others or damaged.
    """
    if settings.web.tls.mode is not TlsMode.LOCAL_AUTHORITY:
        return None
    if os.path.lexists(places.tls / AUTHORITY_FILE):
        return fingerprint(open_authority(places.tls).certificate)
    hosts = [*settings.web.names, *local_hosts()]
    return fingerprint(create_authority(places.tls, settings.site.name.en, hosts, now).certificate)
