"""Who may know of a verdict, and what they read: staff, the agencies that reported somebody in the case, the buyers."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from consentry.attribution.deals import Appeal, AppealDecision, Side, VerdictView
from consentry.attribution.records.deals import AppealRow, DealRow, VerdictRow
from consentry.attribution.service.agencies import IDENTIFIER, agency_names
from consentry.attribution.service.agent_sessions import signed_in_agent
from consentry.attribution.service.buyers_access import contracts_opened_by
from consentry.attribution.service.parties import chunks
from consentry.attribution.service.standing import deal_row, standings, state_of
from consentry.ledger.work import UnitOfWork, reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["appeal_of", "no_verdict", "require_buyer", "require_concerned", "verdicts", "verdicts_for_agency", "verdicts_for_buyer"]


@permits(Permission.VIEW_ATTRIBUTION)
def verdicts(site: Site, actor: Actor, deal: str) -> list[VerdictView]:  # noqa: ARG001 - the guard reads the actor
    """Return the verdicts on a contract, oldest first: the last is in force.

    Raises:
        NotFoundError: ``deal.unknown``.
    """
    with reading(site) as work:
        return _views(work, [deal_row(work.session, deal)], latest=False)


@permits(Permission.REPORT_VISITORS)
def verdicts_for_agency(site: Site, actor: Actor) -> list[VerdictView]:
    """Return the verdicts in force on contracts in whose case the agent's agency reported somebody, or against which it appealed, newest first."""
    with reading(site) as work:
        agency = signed_in_agent(work, actor).agency
        concerned = {row.deal for row in work.session.execute(select(VerdictRow.deal, VerdictRow.concerned)) if agency in row.concerned}
        concerned |= set(work.session.scalars(select(AppealRow.deal).where(AppealRow.agency == agency)))
        return _views(work, _rows(work.session, concerned), latest=True)


def verdicts_for_buyer(site: Site, secret: str) -> list[VerdictView]:
    """Return the verdicts in force on what the visitor of a receipt bought: contracts of a buyer who is proven to be this visitor.

    Raises:
        NotFoundError: ``visit.secret``.
    """
    with reading(site) as work:
        return _views(work, _rows(work.session, contracts_opened_by(work, secret)), latest=True, told=True)


def require_concerned(work: UnitOfWork, actor: Actor, deal: str) -> str:
    """Refuse an agent whom the verdict on a contract does not concern; return their agency.

    Raises:
        NotFoundError: ``verdict.none`` where there is no verdict, or their agency neither reported anybody in the case nor appealed.
    """
    agency = signed_in_agent(work, actor).agency
    if not IDENTIFIER.fullmatch(deal) or agency not in standings(work.session, [deal])[deal].concerned:
        raise no_verdict(deal)
    return agency


def require_buyer(site: Site, secret: str, deal: str) -> None:
    """Refuse whoever did not buy under a contract, or holds no receipt.

    Raises:
        NotFoundError: ``visit.secret`` or ``verdict.none``.
    """
    with reading(site) as work:
        if deal not in contracts_opened_by(work, secret):
            raise no_verdict(deal)


def no_verdict(deal: str) -> NotFoundError:
    """Return the error for whoever asks for a verdict that there is not, or not for them."""
    return NotFoundError("verdict.none", f"deal {deal[:36]}", "it has no such verdict", "Wait until it is signed.")


def appeal_of(row: AppealRow, words: str | None = None) -> Appeal:
    """Return an appeal as it stands."""
    decision = AppealDecision(row.decision) if row.decision else None
    opened_as = (row.id, row.deal, row.verdict, Side(row.side), row.by, row.opened, row.due, row.entry)
    return Appeal(*opened_as, row.decided, row.decided_by, decision, row.reason, words, row.agency)


def _rows(session: Session, names: Collection[str]) -> list[DealRow]:
    rows = [row for some in chunks(names) for row in session.scalars(select(DealRow).where(DealRow.id.in_(some)))]
    return sorted(rows, key=lambda row: row.id, reverse=True)


def _views(work: UnitOfWork, rows: Sequence[DealRow], *, latest: bool, told: bool = False) -> list[VerdictView]:
    names = [row.id for row in rows]
    found, made = standings(work.session, names), _appeals(work.session, names)
    shown = [(row, verdict) for row in rows for verdict in (found[row.id].verdicts[-1:] if latest else found[row.id].verdicts)]
    called, reasons = agency_names(work.session), _reasons(work.session, [verdict.id for _, verdict in shown])
    return [
        VerdictView(
            row.project,
            verdict,
            {language: _naming(words, called) for language, words in reasons[verdict.id].items()},
            state_of(row, found[row.id], work.now),
            tuple(one for one in made[row.id] if one.verdict == verdict.id),
            row.unit if told else None,
        )
        for row, verdict in shown
    ]


def _appeals(session: Session, deals: Collection[str]) -> dict[str, list[Appeal]]:
    found: dict[str, list[Appeal]] = defaultdict(list)
    for some in chunks(deals):
        for row in session.scalars(select(AppealRow).where(AppealRow.deal.in_(some)).order_by(AppealRow.id)):
            found[row.deal].append(appeal_of(row))
    return found


def _reasons(session: Session, names: Collection[str]) -> dict[str, dict[str, str]]:
    """Return why each verdict is as it is: the rules' own words, or, where a person decided otherwise, theirs."""
    found: dict[str, dict[str, str]] = {}
    for some in chunks(names):
        for row in session.execute(select(VerdictRow.id, VerdictRow.document).where(VerdictRow.id.in_(some))):
            found[row.id] = _reason(json.loads(row.document))
    return found


def _naming(words: str, names: Mapping[str, str]) -> str:
    """Return words with agencies named as people call them; what is signed names them by id."""
    for agency, name in names.items():
        words = words.replace(agency, name)
    return words


def _reason(document: dict[str, Any]) -> dict[str, str]:
    proposed, owned = document["proposal"]["explanation"]["verdict"], document["ownership"]
    if (proposed["verdict"], proposed["agencies"]) == (owned["verdict"], owned["agencies"]):
        return dict(proposed["reason"])
    return dict.fromkeys(("zh", "en"), document["signature"]["reason"])
