"""Agencies in the console: adding them, their contracts, their agents with one-time links, and what they reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.channel import AgentState, ContractTerms
from consentry.attribution.page.parts import body, no_project, project_of
from consentry.attribution.service import agencies as agency_service
from consentry.attribution.service.agencies import add_agency, disable_agency, enable_agency
from consentry.attribution.service.agents import agents, disable_agent, enable_agent, invite_agent, renew_agent_link
from consentry.attribution.service.contracts import add_contract, change_contract, contracts
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag, text
from consentry.console.lists import cell, listed, table
from consentry.console.pages import act, at, console_page
from consentry.console.reading import end_of_day, start_of_day
from consentry.console.reasons import reason
from consentry.console.shown_link import shown_link
from consentry.console.widgets import Choice, badge, button, button_link, card, choose, dialog, field, form, note, nothing, opener, page_head
from consentry.platform.actors import Permission
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.channel import Agency, Agent, AgentLink, Contract
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_agencies", "draw_agency"]

AGENT_TONES = {AgentState.ACTIVE: "good", AgentState.INVITED: "warn", AgentState.DISABLED: "plain"}


@console_page("/attribution/agencies", access=Permission.VIEW_ATTRIBUTION, title="Agencies")
async def draw_agencies(screen: Screen) -> None:
    """List the agencies with the contract that each has now."""
    found, agreed = await screen.ask(agency_service.agencies), await screen.ask(contracts)
    with page_head(screen.say("Sales"), screen.say("An agency reports visitors where an agreement lets it, through agents with accounts of their own.")):
        if screen.may(Permission.MANAGE_AGENCIES):
            with dialog(screen.say("Add an agency")) as asked, form(screen, add, screen.say("Add it")):
                field(screen.say("Name"), "name", screen.say("As on its business licence."), maxlength=80, required=True)
            opener(screen.say("Add an agency…"), asked, look="main-action", picture="add")
    with body(screen, "/attribution/agencies"):
        if project_of(screen) is None:
            no_project(screen)
            return
        with listed(screen.say("No agency yet"), screen.say("Add one, give it an agreement, and invite its agents by link."), empty=not found):
            for agency in found:
                _row(screen, agency, [one for one in agreed if one.agency == agency.id])


def _row(screen: Screen, agency: Agency, agreed: Sequence[Contract]) -> None:
    current = [one for one in agreed if one.replaced_by is None and one.start <= screen.now <= one.until]
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", agency.name, "strong")
            text("div", screen.say("since {time}", time=screen.speech.moment(agency.added)), "quiet small figure")
        if agency.disabled:
            badge(screen.say("disabled"), "bad")
        elif current:
            badge(screen.say_count("{count} agreement in force", "{count} agreements in force", len(current)), "good")
        else:
            badge(screen.say("no agreement in force"), "warn")
        button_link(screen.say("Open"), at(f"/attribution/agencies/{agency.id}")).props["aria-label"] = screen.say("Open {name}", name=agency.name)


@console_page("/attribution/agencies/{agency}", access=Permission.VIEW_ATTRIBUTION, title="Agency", personal=True)
async def draw_agency(screen: Screen) -> None:
    """Show one agency: contracts, agents, what its contracts let it report."""
    agency = await _agency(screen, screen.query["agency"])
    people, agreed = await screen.ask(agents, agency.id), await screen.ask(contracts, agency.id)
    with page_head(agency.name, screen.say("since {time}", time=screen.speech.moment(agency.added))):
        button_link(screen.say("All agencies"), at("/attribution/agencies"), picture="left")
        button_link(screen.say("Its reports"), at(f"/attribution/reports?agency={agency.id}"))
    with tag("div", "stack"):
        _link_shown_once(screen)
        if agency.disabled:
            note(
                screen.say("Disabled since {time}", time=screen.speech.moment(agency.disabled)),
                screen.say("Nobody of it can report. What it reported before stays."),
                "warn",
            )
        with tag("div", "split"):
            with tag("div", "stack"):
                _contracts(screen, agency, agreed)
                _agents(screen, agency, people)
            with tag("div", "stack"):
                _caps(screen)
                if screen.may(Permission.MANAGE_AGENCIES):
                    _switch(screen, agency)


async def _agency(screen: Screen, name: str) -> Agency:
    found = next((one for one in await screen.ask(agency_service.agencies) if one.id == name), None)
    if found is None:
        raise NotFoundError("agency.unknown", "agency", "there is none of that id", "List the agencies.")
    return found


def _link_shown_once(screen: Screen) -> None:
    made: AgentLink | None = screen.kept.pop("agent-link", None)
    if made is not None:
        with card(screen.say("The link, shown once")), tag("div", "stack"):
            mend = screen.say("It holds until {time} and works once.", time=screen.speech.moment(made.expires))
            note(screen.say("Give it to the agent, who chooses a passphrase with it."), mend, "warn")
            shown_link(screen, screen.origin + made.path)


def _contracts(screen: Screen, agency: Agency, agreed: Sequence[Contract]) -> None:
    columns = (screen.say("Project"), screen.say("From"), screen.say("Until"), screen.say("State"), screen.say("Entry in the ledger"))
    with card(screen.say("Agreements"), screen.say("What was reported without an agreement in force makes no claim."), classes="flush"):
        if not agreed:
            nothing(screen.say("No agreement yet"), screen.say("Until it has one, nobody of this agency can report."))
        else:
            with table(columns):
                for one in agreed:
                    _contract(screen, one, columns)
        if screen.may(Permission.MANAGE_AGENCIES):
            with tag("div", "row all-of-them"):
                _add_contract(screen, agency)


def _contract(screen: Screen, one: Contract, columns: Sequence[str]) -> None:
    project = screen.site.settings.project(one.project)
    with tag("tr"):
        cell(columns[0], screen.own(project.name) if project else one.project)
        cell(columns[1], screen.speech.moment(one.start), "figure nowrap")
        cell(columns[2], screen.speech.moment(one.until), "figure nowrap")
        with tag("td", attributes={"data-name": columns[3]}):
            _contract_state(screen, one)
        with tag("td", "figure", {"data-name": columns[4]}):
            _entry(screen, one.entry)


def _contract_state(screen: Screen, one: Contract) -> None:
    if one.replaced_by is not None:
        badge(screen.say("changed"), "plain")
        return
    words, tone = (
        (screen.say("over"), "plain")
        if one.until < screen.now
        else (screen.say("in force"), "good")
        if one.start <= screen.now
        else (screen.say("to come"), "warn")
    )
    with tag("div", "row tight"):
        badge(words, tone)
        if screen.may(Permission.MANAGE_AGENCIES) and one.until >= screen.now:
            with (
                dialog(screen.say("Change the end"), screen.say("The agreement stays readable as it was; a new one takes its place.")) as asked,
                form(screen, change, screen.say("Change it"), {"contract": one.id}),
            ):
                field(screen.say("Last day"), "until", screen.say("Today ends it tonight; an end is never moved into the past."), type="date", required=True)
                reason(screen)
            opener(screen.say("Change…"), asked, look="plain", name=screen.say("Change the agreement of entry {index}", index=one.entry))


def _entry(screen: Screen, index: int) -> None:
    if screen.may(Permission.VIEW_LEDGER):
        link(str(index), at(f"/ledger/{index}"), attributes={"aria-label": screen.say("Entry {index}", index=index)})
    else:
        text("span", str(index))


def _add_contract(screen: Screen, agency: Agency) -> None:
    with dialog(screen.say("Add an agreement"), agency.name) as asked, form(screen, agree, screen.say("Add it"), {"agency": agency.id}):
        projects = [Choice(project.id, screen.own(project.name)) for project in screen.site.settings.projects]
        choose(screen.say("Project"), "project", projects, projects[0].value if projects else "")
        field(screen.say("First day"), "start", type="date", required=True)
        field(screen.say("Last day"), "until", screen.say("Both days belong to it."), type="date", required=True)
    opener(screen.say("Add an agreement…"), asked, picture="add")


def _agents(screen: Screen, agency: Agency, people: Sequence[Agent]) -> None:
    with card(screen.say("Agents"), screen.say("One account for each person; reports are signed for by name."), classes="flush"):
        if not people:
            nothing(screen.say("No agent yet"), screen.say("Invite somebody: a link lets them choose a passphrase."))
        with tag("ul", "rows"):
            for agent in people:
                _agent(screen, agent)
        if screen.may(Permission.MANAGE_AGENCIES) and not agency.disabled:
            with tag("div", "row all-of-them"):
                with (
                    dialog(screen.say("Invite an agent"), screen.say("A link appears, once. Give it to the agent yourself.")) as asked,
                    form(screen, invite, screen.say("Make the link"), {"agency": agency.id}),
                ):
                    field(screen.say("Name"), "name", screen.say("They sign in with it, and clients see it."), maxlength=64, required=True)
                opener(screen.say("Invite an agent…"), asked, picture="add")


def _agent(screen: Screen, agent: Agent) -> None:
    seen = screen.say("last signed in {time}", time=screen.speech.moment(agent.last_sign_in)) if agent.last_sign_in else screen.say("never signed in")
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", agent.name, "strong")
            text("div", seen, "quiet small figure")
        badge(screen.term("agent-state", agent.state), AGENT_TONES[agent.state])
        if not screen.may(Permission.MANAGE_AGENCIES):
            return
        if agent.state is AgentState.DISABLED:
            button(screen, screen.say("Enable"), enable_one, {"agent": agent.id}, name=screen.say("Enable {name}", name=agent.name))
            return
        with dialog(screen.say("New link"), agent.name) as asked, form(screen, renew, screen.say("Make the link"), {"agent": agent.id}):
            reason(screen)
        opener(screen.say("New link…"), asked, name=screen.say("New link for {name}", name=agent.name))
        with (
            dialog(screen.say("Disable the account"), agent.name) as asked,
            form(screen, disable_one, screen.say("Disable"), {"agent": agent.id}, look="danger"),
        ):
            reason(screen)
        opener(screen.say("Disable…"), asked, look="danger", name=screen.say("Disable {name}", name=agent.name))


def _caps(screen: Screen) -> None:
    with card(screen.say("Caps"), screen.say("How many visitors an agency may report in a day, as the settings say.")), tag("dl", "facts"):
        for project in screen.site.settings.projects:
            text("dt", screen.own(project.name))
            text("dd", screen.say_count("{count} a day", "{count} a day", project.daily_cap))


def _switch(screen: Screen, agency: Agency) -> None:
    with card(screen.say("Access")), tag("div", "stack"):
        if agency.disabled:
            text("p", screen.say("Its agents can sign in again once it is enabled."), "quiet small")
            button(screen, screen.say("Enable the agency"), enable, {"agency": agency.id})
            return
        text("p", screen.say("Disabling ends every session and link of its agents at once."), "quiet small")
        with (
            dialog(screen.say("Disable the agency"), agency.name) as asked,
            form(screen, disable, screen.say("Disable the agency"), {"agency": agency.id}, look="danger"),
        ):
            reason(screen)
        opener(screen.say("Disable the agency…"), asked, look="danger")


@act(Permission.MANAGE_AGENCIES)
async def add(screen: Screen, answers: Answers) -> None:
    """Add an agency."""
    await screen.ask(add_agency, answers.need("name"))
    await screen.redraw()
    tell(screen, screen.say("The agency is added."))


@act(Permission.MANAGE_AGENCIES)
async def disable(screen: Screen, answers: Answers) -> None:
    """Disable an agency."""
    await screen.ask(disable_agency, answers.need("agency"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The agency is disabled."))


@act(Permission.MANAGE_AGENCIES)
async def enable(screen: Screen, answers: Answers) -> None:
    """Enable an agency again."""
    await screen.ask(enable_agency, answers.need("agency"))
    await screen.redraw()
    tell(screen, screen.say("The agency is enabled."))


@act(Permission.MANAGE_AGENCIES)
async def agree(screen: Screen, answers: Answers) -> None:
    """Add a contract."""
    days = start_of_day(screen, answers.need("start")), end_of_day(screen, answers.need("until"))
    await screen.ask(add_contract, ContractTerms(answers.need("agency"), answers.need("project"), *days))
    await screen.redraw()
    tell(screen, screen.say("The agreement is recorded."))


@act(Permission.MANAGE_AGENCIES)
async def change(screen: Screen, answers: Answers) -> None:
    """Give a contract another end."""
    await screen.ask(change_contract, answers.need("contract"), end_of_day(screen, answers.need("until")), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The agreement is changed."))


@act(Permission.MANAGE_AGENCIES)
async def invite(screen: Screen, answers: Answers) -> None:
    """Invite an agent; the link is shown once."""
    screen.kept["agent-link"] = await screen.ask(invite_agent, answers.need("agency"), answers.need("name"))
    await screen.redraw()


@act(Permission.MANAGE_AGENCIES)
async def renew(screen: Screen, answers: Answers) -> None:
    """Make a new link for an agent."""
    screen.kept["agent-link"] = await screen.ask(renew_agent_link, answers.need("agent"), answers.need("reason"))
    await screen.redraw()


@act(Permission.MANAGE_AGENCIES)
async def disable_one(screen: Screen, answers: Answers) -> None:
    """Disable an agent's account."""
    await screen.ask(disable_agent, answers.need("agent"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The account is disabled."))


@act(Permission.MANAGE_AGENCIES)
async def enable_one(screen: Screen, answers: Answers) -> None:
    """Enable an agent's account again."""
    await screen.ask(enable_agent, answers.need("agent"))
    await screen.redraw()
    tell(screen, screen.say("The account is enabled."))
