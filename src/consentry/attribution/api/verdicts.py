"""``/agent/verdicts`` and ``/public/buyers/verdicts``: what agencies and buyers read of verdicts that concern them, take home, and appeal against."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import Response
from pydantic import Field

from consentry.attribution.api.agent_shapes import In
from consentry.attribution.api.deal_shapes import AppealOpenedOut, AppealOut, VerdictOut
from consentry.attribution.commitment import read_salt
from consentry.attribution.service import appeals, bundles, late_opening, verdicts
from consentry.attribution.service.appeals import LONGEST_WORDS
from consentry.consent.api.shapes import to_text
from consentry.platform.actors import Permission
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep

if TYPE_CHECKING:
    from consentry.attribution.deals import Appeal
    from consentry.ledger.model import SealedBundle

__all__ = ["routers"]

_agent = ApiRouter(prefix="/agent/verdicts", tag="agent")
_reports = ApiRouter(prefix="/agent/reports", tag="agent")
_buyers = ApiRouter(prefix="/public/buyers/verdicts", tag="public")

routers = (_agent, _reports, _buyers)
"""The routers of whom verdicts concern, to be served under ``/api/v1``."""

Secret = Annotated[str, Field(min_length=1, max_length=80, repr=False, description="The secret of a visit's receipt.")]
Words = Annotated[str, Field(min_length=4, max_length=LONGEST_WORDS, repr=False)]


class WordsIn(In):
    """Words against a verdict."""

    words: Words


class ReportWordsIn(WordsIn):
    """Words against a verdict, and what opens the report that shows whom it concerns."""

    salt: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}=?$", repr=False, description="Of the receipt file, base64url of 32 bytes.")]
    phone: Annotated[str, Field(max_length=30, repr=False, description="The client's number, E.164.")]


class BuyerIn(In):
    """Who shows a receipt."""

    secret: Secret


class BuyerWordsIn(BuyerIn):
    """Words of a buyer against a verdict."""

    words: Words


@_agent.get("", permission=Permission.REPORT_VISITORS)
def list_own_verdicts(site: SiteDep, actor: ActorDep) -> list[VerdictOut]:
    """List the verdicts in force on contracts in whose case the agent's agency reported somebody."""
    return [VerdictOut.of(one) for one in verdicts.verdicts_for_agency(site, actor)]


@_agent.get("/{deal}/bundle", permission=Permission.REPORT_VISITORS, response_class=Response)
def read_own_bundle(site: SiteDep, actor: ActorDep, deal: str) -> Response:
    """Return the sealed file of a verdict that concerns the agent's agency."""
    return _file(deal, bundles.bundle_for_agency(site, actor, deal))


@_agent.post("/{deal}/appeals", permission=Permission.REPORT_VISITORS, status_code=HTTPStatus.CREATED)
def appeal_for_agency(site: SiteDep, actor: ActorDep, deal: str, body: WordsIn) -> AppealOpenedOut:
    """Appeal against a verdict that concerns the agent's agency."""
    return _opened(*appeals.appeal_by_agency(site, actor, deal, body.words))


@_reports.post("/{report}/appeals", permission=Permission.REPORT_VISITORS, status_code=HTTPStatus.CREATED)
def appeal_with_report(site: SiteDep, actor: ActorDep, report: str, body: ReportWordsIn) -> AppealOpenedOut:
    """Appeal with a report that nobody opened before its client bought."""
    return _opened(*late_opening.appeal_by_report(site, actor, report, body.words, salt=read_salt(body.salt), phone=body.phone))


@_buyers.post("", permission=PUBLIC)
def list_bought_verdicts(site: SiteDep, body: BuyerIn) -> list[VerdictOut]:
    """List the verdicts on what the visitor of a receipt bought."""
    return [VerdictOut.of(one) for one in verdicts.verdicts_for_buyer(site, body.secret)]


@_buyers.post("/{deal}/bundle", permission=PUBLIC, response_class=Response)
def read_bought_bundle(site: SiteDep, deal: str, body: BuyerIn) -> Response:
    """Return the sealed file of the verdict on what the visitor of a receipt bought."""
    return _file(deal, bundles.bundle_for_buyer(site, body.secret, deal))


@_buyers.post("/{deal}/appeals", permission=PUBLIC, status_code=HTTPStatus.CREATED)
def appeal_for_buyer(site: SiteDep, deal: str, body: BuyerWordsIn) -> AppealOpenedOut:
    """Appeal against the verdict on what the visitor of a receipt bought."""
    return _opened(*appeals.appeal_by_buyer(site, body.secret, deal, body.words))


def _file(deal: str, sealed: SealedBundle) -> Response:
    return Response(sealed.data, media_type="application/json", headers={"content-disposition": f'attachment; filename="verdict-{deal}.json"'})


def _opened(appeal: Appeal, receipt: SealedBundle) -> AppealOpenedOut:
    return AppealOpenedOut(appeal=AppealOut.model_validate(appeal), receipt=to_text(receipt))
