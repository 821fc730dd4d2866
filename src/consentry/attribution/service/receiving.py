"""Putting an arrival down: one visit, one visitor, one entry of the ledger, in one transaction. What does not hold is told and kept, never dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - a dataclass field
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from consentry.attribution.model import Grade, IdentityKind
from consentry.attribution.numbers import HASH_BYTES, Hashed, NumberHash, e164, mask_of, secret_hash
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import DocumentCheckRow, VisitRow
from consentry.attribution.rules.reports import check_alias
from consentry.attribution.service import parties
from consentry.attribution.service.codes import Redeemed, Scan, redeem
from consentry.attribution.service.documents import RECEPTION
from consentry.attribution.service.hints import hints_at, of_binding
from consentry.attribution.service.revealing import note_arrival
from consentry.attribution.visiting import Binding, PartyKind, Recorded
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.consent.marks import new_secret, normal_secret
from consentry.ledger.model import Act
from consentry.platform.errors import InputError, NotFoundError
from consentry.platform.ids import new_id

if TYPE_CHECKING:
    from consentry.attribution.visiting import Arrival
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.keys import SiteKeys
    from consentry.platform.settings.projects import Project

__all__ = ["LARGEST_PARTY", "Source", "link_digest", "link_mark", "receive"]

LARGEST_PARTY = 99
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an arrival comes from.

    ``label``: who received the visitor, as the ledger names them. ``claimed_at``: when that was by the desk's own clock, where it was cut off.
    ``signed_sha256``: of the text that the desk signed, so that the desk's own copy proves what it sent.
    """

    project: Project
    label: str = ITSELF.label
    claimed_at: datetime | None = None
    desk: str | None = None
    counter: int | None = None
    signed_sha256: str | None = None

    @property
    def is_late(self) -> bool:
        """Whether the visitor came while the desk was cut off; nobody waits for hints then."""
        return self.claimed_at is not None


class _Checked(NamedTuple):
    """What was wrong with an arrival is known before anything is written."""

    alias: str | None
    phone: str | None
    check: DocumentCheckRow | None
    digest: str
    secret: str | None


def receive(work: UnitOfWork, source: Source, arrival: Arrival) -> Recorded:
    """Record an arrival and return it, without its receipt.

    Raises:
        InputError: ``arrival.party-size``, ``arrival.link``, ``arrival.two-reports``, ``report.alias`` or ``phone.form``.
        NotFoundError: ``report.unknown`` for a report that was chosen and is none of the project, ``identity.unknown`` for a check that is none or was used.
        ConflictError: ``arrival.link-used`` where another visit has that link.
    """
    checked = _check(work, source, arrival)
    visit = new_id(work.now)
    found = _named(work, source, arrival, checked, visit)
    visitor = _visitor(work, source, checked, found)
    row = VisitRow(id=visit, project=source.project.id, visitor=visitor, report=found.report.id if found.report else None)
    row.at, row.claimed_at, row.binding, row.party_size = work.now, source.claimed_at, found.binding, arrival.party_size
    row.desk, row.counter, row.received_by = source.desk, source.counter, source.label
    row.secret = link_mark(work.keys, checked.digest)[0]
    row.entry = _enter(work, source, row, checked, found)
    work.session.add(row)
    work.session.flush()
    if checked.check is not None:
        checked.check.visit = visit
    if found.report is not None:
        note_arrival(work, found.report.id, row.at, bound=found.binding.binds)
    return _recorded(work, source, row, found, checked)


def link_digest(secret: str) -> str | None:
    """Return the SHA-256 (hex) of a link's secret, however it was typed, or None where it cannot be one."""
    plain = normal_secret(secret)
    return sha256(plain.encode()).hexdigest() if plain else None


def link_mark(keys: SiteKeys, digest: str) -> tuple[bytes, ...]:
    """Return the keyed hashes under which the link with this digest may be kept, the newest first."""
    return secret_hash(keys, Hashed.VISITOR_LINK, digest).known_as


def _check(work: UnitOfWork, source: Source, arrival: Arrival) -> _Checked:
    if not 1 <= arrival.party_size <= LARGEST_PARTY:
        raise InputError("arrival.party-size", "arrival", f"{arrival.party_size} people are none or too many", f"Write 1 to {LARGEST_PARTY}.")
    if arrival.code is not None and arrival.report is not None:
        raise InputError("arrival.two-reports", "arrival", "it names a report and a code", "Send the code alone; it names its report.")
    alias = check_alias(arrival.alias) if arrival.alias else None
    phone = e164(arrival.phone) if arrival.phone else None
    secret = None if arrival.link else new_secret()
    digest = arrival.link if secret is None else link_digest(secret)
    if digest is None or not _DIGEST.fullmatch(digest):
        raise InputError("arrival.link", "arrival", "its link is no SHA-256", "Send 64 letters and digits, or none.")
    if work.session.scalar(select(VisitRow.id).where(VisitRow.secret.in_(link_mark(work.keys, digest)))):
        raise InputError("arrival.link-used", "arrival", "another visit has that link", "Make a fresh one for each visitor.")
    return _Checked(alias, phone, _document_check(work, source, arrival.check), digest, secret)


def _document_check(work: UnitOfWork, source: Source, name: str | None) -> DocumentCheckRow | None:
    if name is None:
        return None
    row = work.session.get(DocumentCheckRow, name[:36])
    if row is None or row.project != source.project.id or row.desk != RECEPTION or row.visit is not None:
        raise NotFoundError("identity.unknown", "document check", "there is none of that id that is unused", "Read the document again.")
    return row


def _named(work: UnitOfWork, source: Source, arrival: Arrival, checked: _Checked, visit: str) -> Redeemed:
    """Return the report that the arrival names, and whether it is bound to it."""
    if arrival.code is not None:
        return redeem(work, source.project.id, Scan(arrival.code, checked.phone, source.claimed_at or work.now), visit)
    if arrival.report is None:
        return Redeemed(Binding.NONE, None)
    report = work.session.get(ReportRow, arrival.report[:36])
    if report is None or report.project != source.project.id:
        raise NotFoundError("report.unknown", "report", "this project has none of that id", "Choose from the list, or record the visitor without a report.")
    return Redeemed(Binding.NONE, report)


def _visitor(work: UnitOfWork, source: Source, checked: _Checked, found: Redeemed) -> str:
    """Put down who came. A number that opened the commitment joins visitor and client."""
    phone = checked.phone or found.phone
    mask = mask_of(phone, source.project.phone_form) if phone else None
    document = _document(checked.check)
    visitor = parties.add(work, source.project.id, PartyKind.VISITOR, alias=checked.alias, mask=mask, phone=phone)
    if document is not None:
        parties.identify(work, visitor, document=document, grade=Grade.TWO_SIDED)
    if found.report is not None and found.phone is not None:
        parties.identify(work, found.report.client, phone=found.phone)
        parties.join(work, parties.Join(found.report.client, visitor, IdentityKind.PHONE, Grade.LOGGED, ITSELF.label))
    return visitor


def _document(check: DocumentCheckRow | None) -> NumberHash | None:
    """Return the number of a document whose bearer passed."""
    if check is None or check.document is None or not check.passed:
        return None
    newest, *older = (check.document[start : start + HASH_BYTES] for start in range(0, len(check.document), HASH_BYTES))
    return NumberHash(newest, tuple(older))


def _enter(work: UnitOfWork, source: Source, row: VisitRow, checked: _Checked, found: Redeemed) -> int:
    details: dict[str, JSONValue] = {
        "project": row.project,
        "visitor": row.visitor,
        "report": row.report,
        "agency": found.report.agency if found.report else None,
        "binding": row.binding,
        "party_size": row.party_size,
        "claimed_at": row.claimed_at.isoformat() if row.claimed_at else None,
        "desk": row.desk,
        "counter": row.counter,
        "signed_sha256": source.signed_sha256,
        "document": {"passed": checked.check.passed, "reader": checked.check.reader} if checked.check else None,
    }
    return work.record(Act(source.label, "attribution.arrived", f"visit:{row.id}", PURPOSE, details=details))


def _recorded(work: UnitOfWork, source: Source, row: VisitRow, found: Redeemed, checked: _Checked) -> Recorded:
    failed = checked.check is not None and not checked.check.passed
    hints = of_binding(found.binding, named=row.report is not None) if source.is_late else hints_at(work, row, found.report, failed_document=failed)
    agency = found.report.agency if found.report else None
    return Recorded(row.id, row.at, row.claimed_at, found.binding, row.report, agency, hints, row.entry, checked.secret)
