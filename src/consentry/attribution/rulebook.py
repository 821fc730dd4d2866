"""Rulebooks: read from TOML or JSON, put in order, written as canonical JSON, and named by their SHA-256."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from consentry.attribution.model import IdentityKind, Mode, Rulebook, RulebookVersion
from consentry.attribution.rules.documents import version_document, version_sha256
from consentry.attribution.strict import Fields
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from consentry.ledger.model import JSONValue

__all__ = ["built_in", "read_rulebook", "read_version", "read_versions", "rulebook_document", "version_sha256"]

_MOST_VERSIONS = 1000


def read_rulebook(data: bytes, name: str) -> Rulebook:
    """Return the rulebook of the TOML text ``data``: one ``[[version]]`` or more, each with its ``from``; what a version leaves out is the default.

    Raises:
        InputError: ``attribution.rulebook`` for what is no TOML; other codes of ``attribution.`` name the version and the key.
    """
    try:
        document = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError("attribution.rulebook", name, f"it is no TOML ({str(error).rstrip('.')})", "Correct that place of the file.") from error
    fields = Fields(name, document)
    versions = read_versions(fields, "version")
    fields.finish()
    return versions


@cache
def built_in() -> Rulebook:
    """Return the rulebook that ships with Consentry: the specification's defaults."""
    return read_rulebook(files("consentry.attribution").joinpath("rulebook.toml").read_bytes(), "rulebook.toml")


def read_versions(fields: Fields, key: str) -> Rulebook:
    """Return the list of versions under ``key``, oldest first.

    Raises:
        InputError: ``attribution.rulebook`` for no version, too many, or two that begin together; other codes name the version and its key.
    """
    items = fields.items(key)
    if not 1 <= len(items) <= _MOST_VERSIONS:
        raise fields.refusal("attribution.rulebook", key, f"there are {len(items)} versions", f"Write between 1 and {_MOST_VERSIONS}.")
    versions: dict[datetime, RulebookVersion] = {}
    for index, item in enumerate(items):
        one = Fields(f"{fields.place}, {key}[{index}]", item)
        start = one.instant("from")
        if start in versions:
            raise one.refusal("attribution.rulebook", "from", "another version begins at the same instant", "Give each its own.")
        versions[start] = replace(read_version(one), start=start)
    return Rulebook(tuple(versions[start] for start in sorted(versions)))


def read_version(fields: Fields) -> RulebookVersion:
    """Return what ``fields`` say, as a version that was always in force; what they leave out is the default.

    Raises:
        InputError: ``attribution.duration``, ``attribution.kin``, ``attribution.unknown-key`` and the like, with the key.
    """
    default = RulebookVersion()
    version = RulebookVersion(
        lead=_length(fields, "lead", default.lead),
        report_valid=_length(fields, "report_valid", default.report_valid),
        visit_protection=_length(fields, "visit_protection", default.visit_protection),
        natural_protection=_length(fields, "natural_protection", default.natural_protection),
        kin=_kin(fields) if fields.given("kin") else default.kin,
        mode=fields.choice("mode", Mode) if fields.given("mode") else default.mode,
        reply_within=_length(fields, "reply_within", default.reply_within),
        appeal_within=_length(fields, "appeal_within", default.appeal_within),
    )
    fields.finish()
    return version


def _length(fields: Fields, key: str, default: timedelta) -> timedelta:
    return fields.duration(key) if fields.given(key) else default


def _kin(fields: Fields) -> tuple[str, ...]:
    kin = fields.texts("kin")
    if set(kin) & set(IdentityKind):
        raise fields.refusal("attribution.kin", "kin", "id, phone, face and not_same are no kin", "Name how people are related, such as spouse.")
    return kin


def rulebook_document(rulebook: Rulebook) -> dict[str, JSONValue]:
    """Return ``rulebook`` as a case writes it: ``rulebook`` for one that was always in force, ``rulebooks`` for dated versions."""
    documents = [version_document(version) for version in rulebook.versions]
    return {"rulebooks": documents} if rulebook.versions[0].start else {"rulebook": documents[0]}
