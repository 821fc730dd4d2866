"""The events and rules as JSON, in the one form that is hashed: times in UTC, optional keys only where they hold something."""

from __future__ import annotations

import hashlib
from functools import lru_cache, singledispatch
from typing import TYPE_CHECKING, cast

from consentry.attribution.model import AgencyContract, Edit, Event, Evidence, Link, Outage, Refusal, Report, RulebookVersion, Signing, Statement, Visit
from consentry.attribution.rules.notation import show_duration, show_instant
from consentry.ledger.rules.canonical import canonical

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue

__all__ = ["TYPES", "event_document", "evidence_of", "reference", "sha256_of", "version_document", "version_sha256"]

TYPES: dict[type, str] = {
    Report: "report",
    Refusal: "refusal",
    Visit: "visit",
    Edit: "edit",
    Link: "link",
    AgencyContract: "contract",
    Outage: "outage",
    Statement: "statement",
    Signing: "signing",
}


def event_document(event: Event) -> dict[str, JSONValue]:
    """Return ``event`` as the specification writes it."""
    named: dict[str, JSONValue] = {"id": event.id} if event.id is not None else {}
    return {"type": TYPES[type(event)]} | named | _keys(event)


def sha256_of(document: JSONValue) -> str:
    """Return the SHA-256 (hex) of the canonical JSON (RFC 8785) of ``document``."""
    return hashlib.sha256(canonical(document)).hexdigest()


def evidence_of(event: Event) -> Evidence:
    """Return what names ``event`` in a verdict."""
    return Evidence(event.id, TYPES[type(event)], sha256_of(event_document(event)))


def reference(event: Event) -> str:
    """Return what names ``event`` in an explanation: its id, or its hash where it has none."""
    return event.id if event.id is not None else evidence_of(event).sha256


def version_document(version: RulebookVersion) -> dict[str, JSONValue]:
    """Return a version of the rules with every key, and ``from`` where it has a beginning."""
    beginning: dict[str, JSONValue] = {"from": show_instant(version.start)} if version.start else {}
    return beginning | {
        "lead": show_duration(version.lead),
        "report_valid": show_duration(version.report_valid),
        "visit_protection": show_duration(version.visit_protection),
        "natural_protection": show_duration(version.natural_protection),
        "kin": list(version.kin),
        "mode": str(version.mode),
        "reply_within": show_duration(version.reply_within),
        "appeal_within": show_duration(version.appeal_within),
    }


@lru_cache(maxsize=256)
def version_sha256(version: RulebookVersion) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of ``version``, with every key written out."""
    return sha256_of(version_document(version))


@singledispatch
def _keys(event: object) -> dict[str, JSONValue]:
    msg = f"{type(event).__name__} is no event"
    raise TypeError(msg)


@_keys.register(Report)
def _(event: Report) -> dict[str, JSONValue]:
    return {"agency": event.agency, "client": event.client, "at": show_instant(event.at)}


@_keys.register(Refusal)
def _(event: Refusal) -> dict[str, JSONValue]:
    return {"report": event.report, "at": show_instant(event.at)}


@_keys.register(Visit)
def _(event: Visit) -> dict[str, JSONValue]:
    claimed: dict[str, JSONValue] = {"claimed_at": show_instant(event.claimed_at)} if event.claimed_at else {}
    graded: dict[str, JSONValue] = {"grade": str(event.grade)} if event.grade else {}
    return {"person": event.person, "at": show_instant(event.at), "report": event.report, "bound": event.bound} | claimed | graded


@_keys.register(Edit)
def _(event: Edit) -> dict[str, JSONValue]:
    return {"of": event.of, "field": event.field, "to": cast("JSONValue", event.to), "at": show_instant(event.at)}


@_keys.register(Link)
def _(event: Link) -> dict[str, JSONValue]:
    received: dict[str, JSONValue] = {"at": show_instant(event.at)} if event.at else {}
    return {"a": event.a, "b": event.b, "kind": str(event.kind), "grade": str(event.grade)} | received


@_keys.register(AgencyContract)
def _(event: AgencyContract) -> dict[str, JSONValue]:
    return {"agency": event.agency, "from": show_instant(event.start), "until": show_instant(event.until)}


@_keys.register(Outage)
def _(event: Outage) -> dict[str, JSONValue]:
    return {"from": show_instant(event.start), "until": show_instant(event.until)}


@_keys.register(Statement)
def _(event: Statement) -> dict[str, JSONValue]:
    return {"person": event.person, "kind": str(event.kind), "at": show_instant(event.at), "credible": event.credible}


@_keys.register(Signing)
def _(event: Signing) -> dict[str, JSONValue]:
    return {"at": show_instant(event.at), "buyers": list(event.buyers)}
