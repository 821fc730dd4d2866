"""``/attribution/deals``, ``appeals``, ``flags``, ``board`` and ``rulebooks``: what staff do from the contract to the commission."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query, Response

from consentry.attribution.api.deal_shapes import (
    AppealIn,
    AppealOpenedOut,
    AppealOut,
    AppealWithWordsOut,
    BoardOut,
    CancelIn,
    ClearIn,
    DealIn,
    DealOut,
    DecisionIn,
    FlagOut,
    PaymentIn,
    ProposalOut,
    RulebookOut,
    RulingIn,
    RulingOut,
    ShareOut,
    VerdictOut,
)
from consentry.attribution.deals import DealState
from consentry.attribution.service import appeals, board, bundles, deals, flags, judging, rulebooks, signing, verdicts
from consentry.attribution.service.exporting import FileFormat, export_board
from consentry.consent.api.shapes import to_text
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["routers"]

_deals = ApiRouter(prefix="/attribution/deals", tag="attribution")
_appeals = ApiRouter(prefix="/attribution/appeals", tag="attribution")
_flags = ApiRouter(prefix="/attribution/flags", tag="attribution")
_board = ApiRouter(prefix="/attribution/board", tag="attribution")
_rulebooks = ApiRouter(prefix="/attribution/rulebooks", tag="attribution")

routers = (_deals, _appeals, _flags, _board, _rulebooks)
"""The routers of contracts, to be served under ``/api/v1``."""

_SLUG = r"^[a-z0-9-]{1,40}$"
_IDENTIFIER = r"^[0-9a-f-]{36}$"

ProjectParam = Annotated[str | None, Query(pattern=_SLUG, description="Of this project alone.")]
DealParam = Annotated[str | None, Query(pattern=_IDENTIFIER, description="Of this contract alone.")]
StateParam = Annotated[list[DealState] | None, Query(alias="state", max_length=len(DealState), description="In one of these states alone.")]
WaitingParam = Annotated[bool, Query(description="Only those that nobody has settled.")]
NumberParam = Annotated[int | None, Query(ge=1, le=1000, description="Which verdict; without it the one in force.")]

_MEDIA = {FileFormat.CSV: "text/csv; charset=utf-8", FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@_deals.get("", permission=Permission.VIEW_ATTRIBUTION)
def list_deals(  # noqa: PLR0913, PLR0917 - query parameters
    site: SiteDep, actor: ActorDep, project: ProjectParam = None, states: StateParam = None, limit: PageSize = 50, cursor: CursorParam = None
) -> Page[DealOut]:
    """List contracts, newest first."""
    found = deals.deals(site, actor, project=project, states=states, before=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[DealOut.model_validate(one) for one in found[:limit]], next=more)


@_deals.post("", permission=Permission.RECORD_DEALS, status_code=HTTPStatus.CREATED)
def record_deal(site: SiteDep, actor: ActorDep, body: DealIn) -> DealOut:
    """Record a contract; its buyers are joined by themselves to whoever was reported or came with the same numbers."""
    return DealOut.model_validate(deals.record_deal(site, actor, body.draft()))


@_deals.get("/{deal}", permission=Permission.VIEW_ATTRIBUTION)
def read_deal(site: SiteDep, actor: ActorDep, deal: str) -> DealOut:
    """Return a contract with its buyers."""
    return DealOut.model_validate(deals.deal(site, actor, deal))


@_deals.post("/{deal}/cancellation", permission=Permission.RECORD_DEALS)
def cancel_deal(site: SiteDep, actor: ActorDep, deal: str, body: CancelIn) -> DealOut:
    """Put down that a contract was rescinded, or recorded by mistake."""
    return DealOut.model_validate(deals.cancel_deal(site, actor, deal, body.reason))


@_deals.get("/{deal}/proposal", permission=Permission.VIEW_ATTRIBUTION)
def read_proposal(site: SiteDep, actor: ActorDep, deal: str) -> ProposalOut:
    """Say what the rules propose for a contract, and everything that it rests on."""
    return ProposalOut.of(judging.proposal(site, actor, deal))


@_deals.post("/{deal}/ruling", permission=Permission.SIGN_VERDICTS)
def rule_on_proposal(site: SiteDep, actor: ActorDep, deal: str, body: RulingIn) -> RulingOut:
    """Sign the proposal in one's own name, or send it back."""
    signed = signing.sign(site, actor, deal, body.ruling())
    return RulingOut(deal=deal, number=signed.number if signed else None)


@_deals.get("/{deal}/verdicts", permission=Permission.VIEW_ATTRIBUTION)
def list_verdicts(site: SiteDep, actor: ActorDep, deal: str) -> list[VerdictOut]:
    """List the verdicts on a contract, oldest first; the last is in force."""
    return [VerdictOut.of(one) for one in verdicts.verdicts(site, actor, deal)]


@_deals.get("/{deal}/bundle", permission=Permission.VIEW_ATTRIBUTION, response_class=Response)
def read_bundle(site: SiteDep, actor: ActorDep, deal: str, number: NumberParam = None) -> Response:
    """Return the sealed file of a verdict: case, rules, proofs, verdict and who signed it. `consentry ledger verify` checks it offline."""
    data = bundles.bundle(site, actor, deal, number).data
    return Response(data, media_type="application/json", headers={"content-disposition": f'attachment; filename="verdict-{deal}.json"'})


@_deals.post("/{deal}/appeals", permission=Permission.RECORD_DEALS, status_code=HTTPStatus.CREATED)
def open_appeal(site: SiteDep, actor: ActorDep, deal: str, body: AppealIn) -> AppealOpenedOut:
    """Appeal for the developer, or take down the appeal of somebody who came in person."""
    opened, receipt = appeals.appeal_by_staff(site, actor, deal, body.words, body.side, agency=body.agency)
    return AppealOpenedOut(appeal=AppealOut.model_validate(opened), receipt=to_text(receipt))


@_deals.post("/{deal}/payments", permission=Permission.RECORD_DEALS, status_code=HTTPStatus.CREATED)
def record_payment(site: SiteDep, actor: ActorDep, deal: str, body: PaymentIn) -> ShareOut:
    """Put down that an agency's share was paid."""
    return ShareOut.model_validate(board.pay(site, actor, deal, body.agency, body.reference))


@_appeals.get("", permission=Permission.VIEW_ATTRIBUTION)
def list_appeals(site: SiteDep, actor: ActorDep, waiting: WaitingParam = True, deal: DealParam = None) -> list[AppealOut]:  # noqa: FBT002 - a query parameter
    """List appeals, the most urgent first."""
    return [AppealOut.model_validate(one) for one in appeals.appeals(site, actor, waiting=waiting, deal=deal)]


@_appeals.get("/{appeal}", permission=Permission.DECIDE_APPEALS)
def read_appeal(site: SiteDep, actor: ActorDep, appeal: str) -> AppealWithWordsOut:
    """Return an appeal with its words, for whoever decides it."""
    return AppealWithWordsOut.model_validate(appeals.appeal(site, actor, appeal))


@_appeals.post("/{appeal}/decision", permission=Permission.DECIDE_APPEALS)
def decide_appeal(site: SiteDep, actor: ActorDep, appeal: str, body: DecisionIn) -> AppealOut:
    """Decide an appeal in one's own name: the verdict stands, or another one takes its place."""
    owned = body.ownership.ownership() if body.ownership else None
    return AppealOut.model_validate(appeals.decide_appeal(site, actor, appeal, body.reason, owned, proposal_sha256=body.proposal_sha256))


@_flags.get("", permission=Permission.VIEW_ATTRIBUTION)
def list_flags(site: SiteDep, actor: ActorDep, waiting: WaitingParam = True, deal: DealParam = None) -> list[FlagOut]:  # noqa: FBT002 - a query parameter
    """List flags, newest first."""
    return [FlagOut.model_validate(one) for one in flags.flags(site, actor, waiting=waiting, deal=deal)]


@_flags.post("/{flag}/clearance", permission=Permission.SIGN_VERDICTS)
def clear_flag(site: SiteDep, actor: ActorDep, flag: str, body: ClearIn) -> FlagOut:
    """Clear a flag in one's own name, and say what it turned out to be."""
    return FlagOut.model_validate(flags.clear_flag(site, actor, flag, body.reason))


@_board.get("", permission=Permission.VIEW_COMMISSION)
def read_board(site: SiteDep, actor: ActorDep, project: ProjectParam = None) -> BoardOut:
    """Return what is due, held and paid, for which reasons."""
    return BoardOut.model_validate(board.board(site, actor, project=project))


@_board.post("/{form}", permission=Permission.VIEW_COMMISSION, response_class=Response)
def take_board(site: SiteDep, actor: ActorDep, form: FileFormat, project: ProjectParam = None) -> Response:
    """Return the board as a file for accounting; the ledger keeps who took it."""
    data = export_board(site, actor, form, project=project)
    return Response(data, media_type=_MEDIA[form], headers={"content-disposition": f'attachment; filename="commission.{form}"'})


@_rulebooks.get("/{project}", permission=Permission.VIEW_ATTRIBUTION)
def list_rulebook_versions(site: SiteDep, actor: ActorDep, project: Annotated[str, Path(pattern=_SLUG)]) -> list[RulebookOut]:
    """List the versions of a project's rules, oldest first."""
    return [RulebookOut.of(one) for one in rulebooks.versions(site, actor, project)]
