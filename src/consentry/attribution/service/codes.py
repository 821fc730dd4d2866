"""Visit codes: an agent shows one at the desk, it works once, and what comes with it opens the commitment that the report was made with."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime  # noqa: TC003 - a field of a NamedTuple
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from consentry.attribution.channel import Reveal
from consentry.attribution.commitment import SALT_BYTES
from consentry.attribution.numbers import Hashed, e164, secret_hash
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import VisitCodeRow
from consentry.attribution.service.agent_sessions import current_agent
from consentry.attribution.service.revealing import reveal
from consentry.attribution.service.rulebooks import require_project
from consentry.attribution.visiting import Binding, VisitCode
from consentry.attribution.work import PURPOSE
from consentry.consent.marks import new_secret, normal_secret
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError

if TYPE_CHECKING:
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = ["LONGEST_CODE", "Redeemed", "Scan", "issue_code", "redeem"]

LONGEST_CODE = 200
"""Characters of the longest code with salt and number."""

_CODE = re.compile(r"CV1\.(?P<report>[0-9a-f-]{36})\.(?P<token>[0-9A-Za-z]{26})(?:\.(?P<salt>[A-Za-z0-9_-]{43})=?)?(?:\.(?P<phone>\+?[0-9]{6,18}))?")


class Redeemed(NamedTuple):
    """What came of a code: which report it names, and the number that was revealed and fits, in E.164."""

    binding: Binding
    report: ReportRow | None
    phone: str | None = None


class Scan(NamedTuple):
    """A code as it was shown.

    ``typed``: the number that the visitor typed, in E.164; where there is one, it is what the commitment is opened with. ``at``: when, by the
    desk's own clock where it was cut off.
    """

    text: str
    typed: str | None
    at: datetime


@permits(Permission.REPORT_VISITORS)
def issue_code(site: Site, actor: Actor, report: str) -> VisitCode:
    """Return a code for the next visit of a report's client; codes of the same report that were not used hold no more.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no agent.
        NotFoundError: ``report.unknown`` where the agent's agency has none of that id.
        ConflictError: ``report.lapsed`` where nothing is left to open.
    """
    with writing(site) as work:
        row, agency = work.session.get(ReportRow, report[:36]), current_agent(work, actor).agency
        if row is None or row.agency != agency:
            raise NotFoundError("report.unknown", "report", "your agency has none of that id", "Look at the list of your reports.")
        if row.commitment is None:
            raise ConflictError("report.lapsed", "report", "it lapsed, and what it said was deleted", "Report the client anew.")
        token = normal_secret(new_secret()) or ""
        expires = work.now + require_project(site, row.project).code_life
        work.session.execute(delete(VisitCodeRow).where(VisitCodeRow.report == row.id, VisitCodeRow.used.is_(None)))
        mark = _mark(site.keys, row.id, token)[0]
        work.session.add(VisitCodeRow(code=mark, report=row.id, agency=agency, project=row.project, issued=work.now, expires=expires))
        work.record(Act(actor.label, "attribution.code-issued", f"report:{row.id}", PURPOSE))
    return VisitCode(row.id, f"CV1.{row.id}.{token}", expires)


def redeem(work: UnitOfWork, project: str, scan: Scan, visit: str) -> Redeemed:
    """Use a code for a visit and return what came of it; one that does not hold never keeps a visit from being recorded.

    Of two desks that show the same code the second finds it used.
    """
    shown = _CODE.fullmatch(scan.text.strip()) if len(scan.text) <= LONGEST_CODE else None
    if shown is None:
        return Redeemed(Binding.UNKNOWN, None)
    token = normal_secret(shown["token"]) or ""
    known = work.session.scalar(select(VisitCodeRow).where(VisitCodeRow.code.in_(_mark(work.keys, shown["report"], token))))
    if known is not None and known.project != project:
        return Redeemed(Binding.OTHER_PROJECT, None)
    report = work.session.get(ReportRow, shown["report"])
    if report is None or report.project != project:
        return Redeemed(Binding.UNKNOWN, None)
    refused = Binding.UNKNOWN if known is None else _refused(work, known, report, scan.at)
    if known is None or refused is not None:
        return Redeemed(refused or Binding.UNKNOWN, report)
    known.used, known.visit = work.now, visit
    return _opened(work, report, shown["salt"], scan.typed or _number(shown["phone"]))


def _refused(work: UnitOfWork, known: VisitCodeRow, report: ReportRow, scanned: datetime) -> Binding | None:
    """Return why a code of this project does not hold, or None where it does."""
    if known.used is not None:
        return Binding.USED
    # Whoever claims to have scanned it before it was issued has a clock that says nothing.
    at = scanned if scanned >= known.issued else work.now
    return Binding.EXPIRED if at > known.expires or report.commitment is None else None


def _opened(work: UnitOfWork, report: ReportRow, salt: str | None, phone: str | None) -> Redeemed:
    raw = _salt(salt)
    if raw is None or phone is None:
        return Redeemed(Binding.BOUND_UNREVEALED, report)
    fits = reveal(work, report.id, raw, phone) is Reveal.FITS
    return Redeemed(Binding.BOUND, report, phone) if fits else Redeemed(Binding.MISMATCH, report)


def _salt(text: str | None) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode((text or "") + "=")
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == SALT_BYTES else None


def _number(text: str | None) -> str | None:
    try:
        return e164(text) if text else None
    except InputError:
        return None


def _mark(keys: SiteKeys, report: str, token: str) -> tuple[bytes, ...]:
    return secret_hash(keys, Hashed.VISIT_CODE, f"{report}\0{token}").known_as
