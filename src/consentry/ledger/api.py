"""Routes of the log: look at it, take proofs of it, audit it; and what anyone may see of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from consentry.ledger import service
from consentry.ledger.pictures import qr_svg
from consentry.ledger.rules.notes import note_text, verifier_key_text
from consentry.platform.actors import Permission
from consentry.platform.errors import NotFoundError
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep

if TYPE_CHECKING:
    from consentry.ledger.model import AuditReport, ListedEntry, SealedBundle

__all__ = ["router"]

router = ApiRouter(prefix="", tag="ledger")

Index = Annotated[int, Path(ge=0, le=2**53 - 1, description="The entry's place in the log, from 0.")]


class SvgResponse(Response):
    """A drawing, so that the document names its media type."""

    media_type = "image/svg+xml"


class LedgerEntry(BaseModel):
    """An entry of the log. All but ``index`` and ``leaf`` is absent once it was erased."""

    index: int
    leaf: str = Field(description="The hash of the entry with its salt, in hexadecimal.")
    erased: bool
    at: datetime | None = None
    actor: str | None = Field(default=None, description="Who did it, by identifier.")
    action: str | None = None
    object: str | None = None
    purpose: str | None = None
    reason: str | None = None
    details: dict[str, Any] | None = None


class LedgerFinding(BaseModel):
    """Something wrong with the log."""

    first: int = Field(description="The first entry that it may concern.")
    last: int
    code: str
    problem: str


class LedgerAudit(BaseModel):
    """What an audit of the whole log saw."""

    clean: bool
    first_bad: int | None = Field(description="The first index that cannot be trusted.")
    size: int
    checkpoints: int
    erased: int
    findings: list[LedgerFinding]


class LedgerKey(BaseModel):
    """What to pin in order to verify receipts offline."""

    key: str = Field(description="The public key as <site>+<id>+<key>.")


@router.get("/ledger/entries", permission=Permission.VIEW_LEDGER)
def list_ledger_entries(
    site: SiteDep,
    actor: ActorDep,
    cursor: CursorParam = None,
    limit: PageSize = 50,
    action: Annotated[str | None, Query(max_length=64, description="Only entries of this action.")] = None,
) -> Page[LedgerEntry]:
    """List the entries of the log, newest first."""
    found = service.browse(site, actor, before=key_of(cursor, int), limit=limit, action=action)
    following = None if found.next_before is None else cursor_of(found.next_before)
    return Page(items=[_entry(entry) for entry in found.entries], next=following)


@router.get("/ledger/entries/{index}", permission=Permission.VIEW_LEDGER)
def read_ledger_entry(site: SiteDep, actor: ActorDep, index: Index) -> LedgerEntry:
    """Return one entry."""
    return _entry(service.entry(site, actor, index))


@router.get("/ledger/entries/{index}/receipt", permission=Permission.VIEW_LEDGER)
def read_receipt(site: SiteDep, actor: ActorDep, index: Index) -> Response:
    """Return the receipt of an entry, to be verified offline; its bytes are signed, so keep the file as it is."""
    return _file(service.receipt(site, actor, index), f"receipt-{index}.json")


@router.get("/ledger/entries/{index}/receipt.svg", permission=Permission.VIEW_LEDGER, response_class=SvgResponse)
def read_receipt_code(site: SiteDep, actor: ActorDep, index: Index) -> Response:
    """Return the receipt of an entry as a QR code."""
    return SvgResponse(qr_svg(service.receipt(site, actor, index)))


@router.get("/ledger/consistency", permission=Permission.VIEW_LEDGER)
def read_consistency(
    site: SiteDep, actor: ActorDep, since: Annotated[int, Query(ge=0, le=2**53 - 1, description="The size of an earlier checkpoint; 0 for none.")] = 0
) -> Response:
    """Return the newest checkpoint with the proof that the log only grew since an earlier one; what a witness asks for."""
    return _file(service.consistency(site, actor, since), "checkpoint.json")


@router.get("/ledger/audit", permission=Permission.VIEW_LEDGER)
def audit_ledger(site: SiteDep, actor: ActorDep) -> LedgerAudit:
    """Recompute the whole log and say what does not fit."""
    return _audit(service.audit(site, actor))


@router.get("/public/ledger/checkpoint", permission=PUBLIC, response_class=PlainTextResponse)
def read_checkpoint(site: SiteDep) -> Response:
    """Return the newest signed checkpoint with its witnesses' lines, as text. Keep it: it binds the log to all its entries so far."""
    note = service.latest_checkpoint(site)
    if note is None:
        raise NotFoundError("ledger.no-checkpoint", "log", "it has not signed a checkpoint yet", "Ask again in an hour.")
    return PlainTextResponse(note_text(note))


@router.get("/public/ledger/key", permission=PUBLIC)
def read_log_key(site: SiteDep) -> LedgerKey:
    """Return the log's public key."""
    return LedgerKey(key=verifier_key_text(service.log_key(site)))


def _entry(listed: ListedEntry) -> LedgerEntry:
    fields: dict[str, Any] = {}
    if listed.entry:
        act = listed.entry.act
        fields = {"at": listed.entry.at, "actor": act.actor, "action": act.action, "object": act.object}
        fields |= {"purpose": act.purpose, "reason": act.reason, "details": act.details}
    return LedgerEntry(index=listed.index, leaf=listed.leaf.hex(), erased=listed.entry is None, **fields)


def _audit(report: AuditReport) -> LedgerAudit:
    findings = [LedgerFinding(first=one.first, last=one.last, code=one.code, problem=one.problem) for one in report.findings]
    return LedgerAudit(
        clean=report.clean, first_bad=report.first_bad, size=report.size, checkpoints=report.checkpoints, erased=report.erased, findings=findings
    )


def _file(sealed: SealedBundle, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(sealed.data, media_type="application/json", headers=headers)
