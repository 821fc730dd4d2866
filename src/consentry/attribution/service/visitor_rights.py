"""A visitor's rights over what is held of their visit: a copy at once, and requests that go the way of every other one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.visits import EditRow, StatementRow
from consentry.attribution.service import parties
from consentry.attribution.service.agencies import IDENTIFIER
from consentry.attribution.service.statements import row_by_secret
from consentry.attribution.work import PEOPLE
from consentry.consent import service as consents
from consentry.ledger.work import reading
from consentry.platform.keys.sealing import Sealed, opened

if TYPE_CHECKING:
    from consentry.attribution.records.visits import VisitRow
    from consentry.consent.requests import RequestKind, RequestReceipt
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["ask_about_visit", "copy_of_visit", "visit_asked_about"]

_ABOUT = "visit "
"""How the first line of a request names the visit that it is about."""


def copy_of_visit(site: Site, secret: str) -> dict[str, JSONValue]:
    """Return everything that is held of a visit and its visitor, as JSON (PIPL 45): for them alone.

    ``visit``, ``person`` (pseudonym, alias, masked number, whether hashes of a number and of a document are held), ``links``, ``edits``, ``statements``.

    Raises:
        NotFoundError: ``visit.secret``.
    """
    with reading(site) as work:
        row = row_by_secret(work, secret)
        edits = work.session.scalars(select(EditRow).where(EditRow.visit == row.id).order_by(EditRow.entry))
        said = work.session.scalars(select(StatementRow).where(StatementRow.visit == row.id).order_by(StatementRow.entry))
        return {
            "site": site.settings.site.id,
            "at": work.now.isoformat(),
            "visit": _visit(row),
            "person": _person(work, row.visitor),
            "links": [{"kind": link.kind, "grade": link.grade.value} for link in parties.links_of(work.session, [row.visitor])],
            "edits": [_edit(edit) for edit in edits],
            "statements": [_statement(work, one) for one in said],
        }


def ask_about_visit(site: Site, secret: str, kind: RequestKind, *, contact: str = "", words: str = "") -> RequestReceipt:
    """File a request about a visit, such as to delete it, and return its number; staff answer it among all others.

    Raises:
        NotFoundError: ``visit.secret``.
        InputError: ``request.kind`` or ``request.words``.
    """
    with reading(site) as work:
        visit = row_by_secret(work, secret).id
    return consents.file_request(site, kind, contact=contact, words=f"{_ABOUT}{visit}\n{words}")


def visit_asked_about(words: str) -> str | None:
    """Return the visit that a request is about, from its words, or None where it was not filed by a visit's link."""
    first = words.partition("\n")[0]
    visit = first.removeprefix(_ABOUT)
    return visit if first.startswith(_ABOUT) and IDENTIFIER.fullmatch(visit) else None


def _visit(row: VisitRow) -> JSONValue:
    return {
        "id": row.id,
        "project": row.project,
        "at": row.at.isoformat(),
        "claimed_at": row.claimed_at.isoformat() if row.claimed_at else None,
        "report": row.report,
        "binding": row.binding,
        "party_size": row.party_size,
        "answer": row.answer,
        "answered": row.answered.isoformat() if row.answered else None,
    }


def _person(work: UnitOfWork, visitor: str) -> JSONValue:
    row = work.session.get_one(PartyRow, visitor)
    return {
        "pseudonym": row.id,
        "alias": parties.alias_of(work, row.id),
        "mask": row.mask,
        "number_hashed": row.phone is not None,
        "document_hashed": row.document is not None,
        "restricted_until": row.restricted_until.isoformat() if row.restricted_until else None,
    }


def _edit(row: EditRow) -> JSONValue:
    return {"field": row.field, "before": json.loads(row.before), "after": json.loads(row.after), "at": row.at.isoformat()}


def _statement(work: UnitOfWork, row: StatementRow) -> JSONValue:
    words = opened(work.keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))["words"] if row.wrapped and row.sealed else ""
    return {"kind": row.kind, "at": row.at.isoformat(), "words": words, "credible": row.credible}
