"""What both sides get of a verdict: one sealed file with the case, the rules, the proofs of every event, the verdict and who signed it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from consentry.attribution.records.deals import AppealRow, RulebookRow, VerdictRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.service.standing import deal_row
from consentry.attribution.service.verdicts import no_verdict, require_buyer, require_concerned
from consentry.attribution.work import ITSELF
from consentry.ledger.lookup import entries_at, tombstones_of
from consentry.ledger.rules.bundles import document_sha256
from consentry.ledger.service import receipts
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from consentry.ledger.model import SealedBundle
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["bundle", "bundle_for_agency", "bundle_for_buyer", "sealed_verdict"]


@permits(Permission.VIEW_ATTRIBUTION)
def bundle(site: Site, actor: Actor, deal: str, number: int | None = None) -> SealedBundle:  # noqa: ARG001 - the guard reads the actor
    """Return the bundle of a contract's verdict: the one in force, or number ``number``.

    Raises:
        NotFoundError: ``deal.unknown`` or ``verdict.none``.
        ConflictError: ``ledger.erased`` where the log keeps the entry of the verdict, or of its contract, no more.
        LedgerError: ``evidence.altered`` where the verdict in the database is not what was signed.
    """
    return sealed_verdict(site, deal, number)


@permits(Permission.REPORT_VISITORS)
def bundle_for_agency(site: Site, actor: Actor, deal: str, number: int | None = None) -> SealedBundle:
    """Return the same to an agent whose agency reported somebody in the case. Raises what :func:`bundle` does; to others the contract is unknown."""
    with reading(site) as work:
        require_concerned(work, actor, deal)
    return sealed_verdict(site, deal, number)


def bundle_for_buyer(site: Site, secret: str, deal: str, number: int | None = None) -> SealedBundle:
    """Return the same to a buyer, who shows the secret of a visit's receipt.

    Raises:
        NotFoundError: ``visit.secret`` where no visit has it, ``verdict.none`` where its visitor did not buy this.
        ConflictError: As for :func:`bundle`.
        LedgerError: As for :func:`bundle`.
    """
    require_buyer(site, secret, deal)
    return sealed_verdict(site, deal, number)


def sealed_verdict(site: Site, deal: str, number: int | None) -> SealedBundle:
    """Return the bundle for whoever may have it; the caller has checked that. Raises what :func:`bundle` does."""
    with reading(site) as work:
        deal_row(work.session, deal)
        row = _verdict(work.session, deal, number)
        document = _checked(work.session, row)
        wanted = _proven(work.session, document["proposal"]) | _appeals(work.session, row.deal) | {row.entry}
        proven = _proofs(work.session, wanted)
    return receipts(site, ITSELF, proven, document=document)


def _proofs(session: Session, wanted: Iterable[int]) -> set[int]:
    """Return the entries to prove: those that are wanted, and of each that was erased its tombstone."""
    found = entries_at(session, wanted)
    erased = {index for index, entry in found.items() if entry is None}
    return (found.keys() - erased) | tombstones_of(session, erased)


def _verdict(session: Session, deal: str, number: int | None) -> VerdictRow:
    wanted = select(VerdictRow).where(VerdictRow.deal == deal).order_by(VerdictRow.number.desc()).limit(1)
    row = session.scalar(wanted if number is None else wanted.where(VerdictRow.number == number))
    if row is None:
        raise no_verdict(deal)
    return row


def _checked(session: Session, row: VerdictRow) -> Mapping[str, Any]:
    """Return a verdict's document, where it is the one whose hash was entered in the ledger, and nothing indispensable was erased there."""
    document: Mapping[str, Any] = json.loads(row.document)
    subject = f"verdict {row.number} on deal {row.deal}"
    kept = entries_at(session, [row.entry, *document["proposal"]["entries"].get(row.deal, ())])
    if None in kept.values():
        mend = "Use a file that was saved before; the log keeps entries for [retention] ledger_bodies."
        raise ConflictError("ledger.erased", subject, "the entry of the verdict or of its contract was erased from the log", mend)
    entry = kept.get(row.entry)
    if entry is None or entry.act.details.get("document_sha256") != document_sha256(document):
        problem = f"its document is not the one of entry {row.entry} of the log"
        raise LedgerError("evidence.altered", subject, problem, "Somebody changed the database; restore a backup.")
    return document


def _proven(session: Session, proposal: Mapping[str, Any]) -> set[int]:
    """Return the entries of the events of a case, and of the rules that it was judged by."""
    rules = session.scalars(select(RulebookRow.entry).where(RulebookRow.project == proposal["project"]))
    return {index for indexes in proposal["entries"].values() for index in indexes} | set(rules)


def _appeals(session: Session, deal: str) -> set[int]:
    """Return the entries of appeals, of what was decided on them, and of the reports that they opened."""
    rows = session.execute(select(AppealRow.entry, AppealRow.entry_decided).where(AppealRow.deal == deal))
    entries = {entry for row in rows for entry in row if entry is not None}
    opened = {str(entry.act.details["report"]) for entry in entries_at(session, entries).values() if entry and entry.act.details.get("report")}
    return entries | set(session.scalars(select(ReportRow.entry).where(ReportRow.id.in_(opened))))
