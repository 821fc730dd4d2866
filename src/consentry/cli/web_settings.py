"""Routes of the settings: what is in force, the file itself, and putting another text in force."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

from consentry.cameras.service import apply_settings
from consentry.platform.actors import Permission
from consentry.platform.http.etags import IfMatch, demand_match
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.platform.settings.fields import Effect, is_sensitive, key_of

__all__ = ["disclosed", "router"]

router = ApiRouter(prefix="/settings", tag="settings")


class SettingsText(BaseModel):
    """The settings file."""

    text: str = Field(max_length=1_000_000, description="The whole text of site.toml.")


class NewSettings(SettingsText):
    """A text to put in force."""

    reason: str = Field(min_length=1, max_length=300, description="Why; it is kept in the ledger.")


class AppliedChange(BaseModel):
    """A key that changed, and what the change takes."""

    path: str
    effect: Effect


@router.get("", permission=Permission.VIEW_SETTINGS)
def read_settings(site: SiteDep) -> dict[str, Any]:
    """Return the settings in force, defaults filled in, without what may tell an address or an account."""
    return disclosed(site.settings)


@router.get("/text", permission=Permission.EDIT_SETTINGS)
def read_settings_text(site: SiteDep, response: Response) -> SettingsText:
    """Return the settings file. A change names its ETag in If-Match."""
    response.headers["ETag"] = _tag(site.store.digest)
    return SettingsText(text=site.store.text)


@router.put("/text", permission=Permission.EDIT_SETTINGS)
def replace_settings_text(site: SiteDep, actor: ActorDep, new: NewSettings, read: IfMatch) -> list[AppliedChange]:
    """Put another text in force: it is checked, written, entered in the ledger, and acted on."""
    expected = site.store.digest
    demand_match(read, _tag(expected), "the settings")
    changes = apply_settings(site, actor, new.text, expected, new.reason)
    return [AppliedChange(path=change.path, effect=change.effect) for change in changes]


def disclosed(part: BaseModel) -> dict[str, Any]:
    """Return a part of the settings as the file would say it, without keys that may tell an address or an account."""
    plain = part.model_dump(mode="json", by_alias=True, exclude_none=True)
    for name, info in type(part).model_fields.items():
        key, value = key_of(name, info), getattr(part, name)
        if is_sensitive(info):
            plain.pop(key, None)
        elif isinstance(value, BaseModel):
            plain[key] = disclosed(value)
        elif isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
            plain[key] = [disclosed(item) for item in value]
    return plain


def _tag(digest: str) -> str:
    return f'"{digest}"'
