"""``/attribution/agencies``, ``contracts``, ``agents`` and ``reports``: what staff do with those who bring visitors, and with what these report."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Response

from consentry.attribution.api.agency_shapes import (
    AgencyIn,
    AgencyOut,
    AgentIn,
    AgentLinkOut,
    AgentOut,
    ContractChangeIn,
    ContractIn,
    ContractOut,
    DescriptionOut,
    ListedReportOut,
    PossibleDuplicateOut,
    RepliedOut,
    ReplyIn,
    ViewingIn,
    WhyIn,
)
from consentry.attribution.api.agent_shapes import ReceiptOut
from consentry.attribution.channel import ContractTerms
from consentry.attribution.service import agencies, agents, contracts, replies, report_views
from consentry.consent.api.shapes import to_text
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.staff.model import Reason

__all__ = ["routers"]

_agencies = ApiRouter(prefix="/attribution/agencies", tag="attribution")
_contracts = ApiRouter(prefix="/attribution/contracts", tag="attribution")
_agents = ApiRouter(prefix="/attribution/agents", tag="attribution")
_reports = ApiRouter(prefix="/attribution/reports", tag="attribution")

routers = (_agencies, _contracts, _agents, _reports)
"""The routers of agencies, to be served under ``/api/v1``."""

AgencyParam = Annotated[str | None, Query(max_length=36, description="Of this agency alone.")]
ProjectParam = Annotated[str, Query(min_length=1, max_length=40, description="The project's id.")]


@_agencies.get("", permission=Permission.VIEW_ATTRIBUTION)
def list_agencies(site: SiteDep, actor: ActorDep) -> list[AgencyOut]:
    """List every agency."""
    return [AgencyOut.model_validate(one) for one in agencies.agencies(site, actor)]


@_agencies.post("", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.CREATED)
def add_agency(site: SiteDep, actor: ActorDep, body: AgencyIn) -> AgencyOut:
    """Add an agency; it can report nothing before it has a contract."""
    return AgencyOut.model_validate(agencies.add_agency(site, actor, body.name))


@_agencies.post("/{agency}/disabling", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.NO_CONTENT)
def disable_agency(site: SiteDep, actor: ActorDep, agency: str, body: WhyIn) -> None:
    """Let nobody of an agency act any more; their sessions end at once."""
    agencies.disable_agency(site, actor, agency, body.reason)


@_agencies.post("/{agency}/enabling", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.NO_CONTENT)
def enable_agency(site: SiteDep, actor: ActorDep, agency: str) -> None:
    """Let the agents of a disabled agency report and bring visitors again."""
    agencies.enable_agency(site, actor, agency)


@_contracts.get("", permission=Permission.VIEW_ATTRIBUTION)
def list_contracts(site: SiteDep, actor: ActorDep, agency: AgencyParam = None) -> list[ContractOut]:
    """List every contract, also those that another one replaced."""
    return [ContractOut.model_validate(one) for one in contracts.contracts(site, actor, agency)]


@_contracts.post("", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.CREATED)
def add_contract(site: SiteDep, actor: ActorDep, body: ContractIn) -> ContractOut:
    """Record a contract, which begins today at the earliest."""
    return ContractOut.model_validate(contracts.add_contract(site, actor, ContractTerms(**body.model_dump())))


@_contracts.post("/{contract}/change", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.CREATED)
def change_contract(site: SiteDep, actor: ActorDep, contract: str, body: ContractChangeIn) -> ContractOut:
    """Let a contract end at another time; what it was stays on record."""
    return ContractOut.model_validate(contracts.change_contract(site, actor, contract, body.until, body.reason))


@_agents.get("", permission=Permission.VIEW_ATTRIBUTION)
def list_agents(site: SiteDep, actor: ActorDep, agency: AgencyParam = None) -> list[AgentOut]:
    """List every agent."""
    return [AgentOut.model_validate(one) for one in agents.agents(site, actor, agency)]


@_agents.post("", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.CREATED)
def invite_agent(site: SiteDep, actor: ActorDep, body: AgentIn, response: Response) -> AgentLinkOut:
    """Make an agent's account and the one-time link by which they choose a passphrase."""
    response.headers["Cache-Control"] = "no-store"
    return AgentLinkOut.model_validate(agents.invite_agent(site, actor, body.agency, body.name))


@_agents.post("/{agent}/link", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.CREATED)
def renew_agent_link(site: SiteDep, actor: ActorDep, agent: str, body: WhyIn, response: Response) -> AgentLinkOut:
    """Make another one-time link, for whoever lost the first one or the passphrase."""
    response.headers["Cache-Control"] = "no-store"
    return AgentLinkOut.model_validate(agents.renew_agent_link(site, actor, agent, body.reason))


@_agents.post("/{agent}/disabling", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.NO_CONTENT)
def disable_agent(site: SiteDep, actor: ActorDep, agent: str, body: WhyIn) -> None:
    """Disable an agent's account; its sessions end at once."""
    agents.disable_agent(site, actor, agent, body.reason)


@_agents.post("/{agent}/enabling", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.NO_CONTENT)
def enable_agent(site: SiteDep, actor: ActorDep, agent: str) -> None:
    """Enable a disabled agent's account again."""
    agents.enable_agent(site, actor, agent)


@_reports.get("", permission=Permission.VIEW_ATTRIBUTION)
def list_reports(  # noqa: PLR0913, PLR0917 - query parameters
    site: SiteDep, actor: ActorDep, project: ProjectParam, agency: AgencyParam = None, limit: PageSize = 50, cursor: CursorParam = None
) -> Page[ListedReportOut]:
    """List reports, newest first, without names."""
    found = report_views.reports(site, actor, project, agency=agency, before=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[ListedReportOut.of(one) for one in found[:limit]], next=more)


@_reports.get("/waiting", permission=Permission.VIEW_ATTRIBUTION)
def list_waiting_reports(site: SiteDep, actor: ActorDep, project: ProjectParam) -> list[ListedReportOut]:
    """List the reports that can still be replied to in time, the most urgent first."""
    return [ListedReportOut.of(one) for one in report_views.waiting_reports(site, actor, project)]


@_reports.post("/viewing", permission=Permission.VIEW_ATTRIBUTION)
def view_reports(site: SiteDep, actor: ActorDep, body: ViewingIn) -> list[DescriptionOut]:
    """Look at alias and mask of clients; the ledger keeps who looked, and why."""
    found = report_views.describe_reports(site, actor, body.reports, Reason(body.text, body.ticket))
    return [DescriptionOut(report=name, alias=one.alias, mask=one.mask) for name, one in found.items()]


@_reports.get("/{report}", permission=Permission.VIEW_ATTRIBUTION)
def read_report(site: SiteDep, actor: ActorDep, report: str) -> ListedReportOut:
    """Return one report."""
    return ListedReportOut.of(report_views.report(site, actor, report))


@_reports.get("/{report}/possible-duplicates", permission=Permission.VIEW_ATTRIBUTION)
def list_possible_duplicates(site: SiteDep, actor: ActorDep, report: str) -> list[PossibleDuplicateOut]:
    """List other agencies' live reports whose client may be the same person."""
    return [PossibleDuplicateOut.model_validate(one) for one in report_views.possible_duplicates(site, actor, report)]


@_reports.post("/{report}/reply", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.CREATED)
def reply_to_report(site: SiteDep, actor: ActorDep, report: str, body: ReplyIn) -> RepliedOut:
    """Reply to a report, once. After the window of the rules a reply is kept and changes nothing."""
    return RepliedOut.of(replies.reply_to_report(site, actor, report, body.draft()))


@_reports.get("/{report}/receipt", permission=Permission.VIEW_ATTRIBUTION)
def read_report_receipt(site: SiteDep, actor: ActorDep, report: str) -> ReceiptOut:
    """Return the signed receipt of a report, and of what was replied."""
    return ReceiptOut(receipt=to_text(report_views.report_receipt(site, actor, report)))
