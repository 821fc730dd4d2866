"""Looking at the settings, and at what a change of them would do. Putting them in force is ``consentry.cameras.service.apply_settings``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consentry.console.settings_text import form_entries, shown_values
from consentry.platform.actors import Actor, Permission, permits
from consentry.platform.settings.changes import Change, diff
from consentry.platform.settings.reading import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.platform.site import Site

__all__ = ["Draft", "current", "preview", "values"]


@dataclass(frozen=True, slots=True)
class Draft:
    """The text in force and its digest, which a change of it must name."""

    text: str = field(repr=False)
    digest: str


@permits(Permission.VIEW_SETTINGS)
def values(site: Site, actor: Actor) -> Mapping[str, str]:
    """Return what the file says, as forms show it, by dotted path; what may tell an address or an account only to those who may change it."""
    document = tomllib.loads(site.store.text)
    shown = [entry for part in form_entries().values() for entry in part if not entry.sensitive or Permission.EDIT_SETTINGS in actor.permissions]
    return {path: value for entry in shown for path, value in shown_values(document, entry).items()}


@permits(Permission.EDIT_SETTINGS)
def current(site: Site, actor: Actor) -> Draft:  # noqa: ARG001 - every service function takes who asks
    """Return the settings in force as text."""
    return Draft(site.store.text, site.store.digest)


@permits(Permission.EDIT_SETTINGS)
def preview(site: Site, actor: Actor, text: str) -> list[Change]:  # noqa: ARG001 - every service function takes who asks
    """Return what another text would change, without changing anything.

    Raises:
        InvalidSettingsError: With every problem of the text.
    """
    return diff(site.settings, read_settings(text, site.store.path.name))
