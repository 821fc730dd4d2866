"""Checking the document of a visitor who offers it: what stays is whether it passed, which reader it was, and a keyed hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.records.visits import DocumentCheckRow
from consentry.attribution.service.rulebooks import require_project
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.ids import new_id

if TYPE_CHECKING:
    from consentry.attribution.identity import IdentityCheck, IdentityReader
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["RECEPTION", "check_visitor"]

RECEPTION = "reception"
"""Where a document was checked that was not for a contract."""


@permits(Permission.RECEIVE_VISITORS)
def check_visitor(site: Site, actor: Actor, project: str, reader: IdentityReader) -> tuple[str, IdentityCheck]:
    """Check the document that lies on a reader; return the id under which one arrival names this check, and what was found.

    Raises:
        NotFoundError: ``project.unknown``, or ``identity.no-document``.
    """
    require_project(site, project)
    found = reader.read()
    with writing(site) as work:
        name = new_id(work.now)
        number = b"".join(found.document_hash.known_as) if found.document_hash else None
        row = DocumentCheckRow(id=name, project=project, desk=RECEPTION, passed=found.passed, reader=found.reader_serial, document=number, at=work.now)
        work.session.add(row)
        details: dict[str, JSONValue] = {"passed": found.passed, "reader": found.reader_serial}
        work.record(Act(actor.label, "attribution.document-checked", f"check:{name}", PURPOSE, details=details))
    return name, found
