"""The day at a sales office: who is awaited, who came, and what waits for somebody: replies, verdicts, appeals, entries of desks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.attribution.deals import DealState
from consentry.attribution.page.parts import agency_names, body, no_project, pick_project, project_of
from consentry.attribution.page.reports import accept_report
from consentry.attribution.service.appeals import appeals
from consentry.attribution.service.arrivals import expected_today, visits
from consentry.attribution.service.deals import deal as find_deal
from consentry.attribution.service.deals import deals
from consentry.attribution.service.desk_queue import waiting_entries
from consentry.attribution.service.report_views import waiting_reports
from consentry.attribution.service.statements import statements
from consentry.console.elements import tag, text
from consentry.console.pages import at, console_page
from consentry.console.reading import start_of_day
from consentry.console.widgets import badge, button, button_link, card, nothing, page_head, stat
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.attribution.channel import ListedReport
    from consentry.attribution.deals import Appeal, Deal
    from consentry.attribution.visiting import DeskEntry, Expected, StatementView, VisitView
    from consentry.console.screen import Screen
    from consentry.platform.settings.projects import Project

__all__ = ["draw_today"]

SHOWN: Final = 8
"""Rows of a list on this page; the part that it belongs to has them all."""
MOST_VISITS: Final = 200
UNSIGNED: Final = (DealState.WAITING, DealState.SENT_BACK)


@dataclass(frozen=True, slots=True)
class _Day:
    """Everything that the page shows."""

    expected: Sequence[Expected]
    arrived: Sequence[VisitView]
    replies: Sequence[ListedReport]
    unsigned: Sequence[Deal]
    appeals: Sequence[Appeal]
    units: Mapping[str, str]
    entries: Sequence[DeskEntry]
    statements: Sequence[StatementView]


@console_page("/attribution", access=Permission.VIEW_ATTRIBUTION, title="Sales")
async def draw_today(screen: Screen) -> None:
    """Show the day of one project."""
    project = project_of(screen)
    with page_head(screen.say("Sales"), screen.say("From the report to the visit, the contract, the verdict and the appeal. No face is needed for any of it.")):
        pass
    with body(screen, "/attribution"):
        if project is None:
            no_project(screen)
            return
        pick_project(screen, project)
        day = await _day(screen, project)
        _figures(screen, day)
        names = await agency_names(screen)
        with tag("div", "grid wide"):
            _replies(screen, day.replies, names)
            _expected(screen, day.expected)
            _verdicts(screen, day.unsigned, project)
            _others(screen, day)


async def _day(screen: Screen, project: Project) -> _Day:
    midnight = start_of_day(screen, screen.now.astimezone(screen.speech.zone).date().isoformat())
    found, opened = await screen.ask(visits, project.id, limit=MOST_VISITS), await screen.ask(appeals)
    return _Day(
        await screen.ask(expected_today, project.id) if screen.may(Permission.RECEIVE_VISITORS) else (),
        [visit for visit in found if visit.at >= midnight],
        await screen.ask(waiting_reports, project.id),
        await screen.ask(deals, project=project.id, states=UNSIGNED),
        opened,
        {one.deal: (await screen.ask(find_deal, one.deal)).unit for one in opened[:SHOWN]},
        await screen.ask(waiting_entries),
        [said for said in await screen.ask(statements) if said.project == project.id],
    )


def _figures(screen: Screen, day: _Day) -> None:
    people = sum(visit.party_size for visit in day.arrived)
    with tag("div", "grid four"):
        if screen.may(Permission.RECEIVE_VISITORS):
            short_lead = sum(one.lead_left > 0 for one in day.expected)
            stat(
                screen.say("Awaited"),
                screen.speech.number(len(day.expected)),
                screen.say_count("{count} lead not kept yet", "{count} leads not kept yet", short_lead),
            )
        stat(screen.say("Arrived today"), screen.speech.number(len(day.arrived)), screen.say_count("{count} person", "{count} people", people))
        stat(screen.say("Wait for a reply"), screen.speech.number(len(day.replies)), screen.say("silence accepts"))
        stat(
            screen.say("Verdicts to sign"),
            screen.speech.number(len(day.unsigned)),
            screen.say_count("{count} appeal open", "{count} appeals open", len(day.appeals)),
        )


def _replies(screen: Screen, found: Sequence[ListedReport], names: dict[str, str]) -> None:
    with card(screen.say("Reports that wait for a reply"), classes="flush"):
        if not found:
            nothing(screen.say("No report waits"), screen.say("New reports appear here until their time to reply is over."), "check")
        with tag("ul", "rows"):
            for report in found[:SHOWN]:
                _reply(screen, report, names.get(report.agency, ""))
        _all(screen, len(found), at("/attribution/reports?show=waiting"))


def _reply(screen: Screen, report: ListedReport, agency: str) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", agency, "strong")
            text("div", screen.say("reported {time}", time=screen.speech.moment(report.filed)), "quiet small figure")
            text("div", screen.say("reply until {time}", time=screen.speech.clock(report.clocks.reply_due)), "small figure")
        if screen.may(Permission.MANAGE_AGENCIES):
            name = screen.say("Accept the report of {agency}", agency=agency)
            button(screen, screen.say("Accept"), accept_report, {"report": report.id}, picture="check", name=name)
        link = button_link(screen.say("Open"), at(f"/attribution/reports/{report.id}"))
        link.props["aria-label"] = screen.say("Open the report of {agency}", agency=agency)


def _expected(screen: Screen, found: Sequence[Expected]) -> None:
    if not screen.may(Permission.RECEIVE_VISITORS):
        return
    with card(screen.say("Who is awaited"), screen.say("Names stand on the desk's own screen."), classes="flush"):
        if not found:
            nothing(screen.say("Nobody is awaited"), screen.say("Visitors whom agents report appear here until their report is over."))
        with tag("ul", "rows"):
            for one in found[:SHOWN]:
                _awaited(screen, one)
        _all(screen, len(found), at("/attribution/reports"))


def _awaited(screen: Screen, one: Expected) -> None:
    planned = screen.say("planned {time}", time=screen.speech.moment(one.planned)) if one.planned else screen.say("no time named")
    with tag("li"), tag("div", "grow"):
        text("div", one.agency_name, "strong")
        text("div", planned, "quiet small figure")
        with tag("div", "row tight"):
            if one.lead_left:
                badge(screen.say_count("lead kept in {count} minute", "lead kept in {count} minutes", one.lead_left), "warn")
            else:
                badge(screen.say("lead kept"), "good")
            if one.clashes:
                badge(screen.say_count("{count} other agency, same number shown", "{count} other agencies, same number shown", len(one.clashes)), "warn")


def _verdicts(screen: Screen, found: Sequence[Deal], project: Project) -> None:
    with card(screen.say("Verdicts to sign"), classes="flush"):
        if not found:
            nothing(screen.say("No verdict waits"), screen.say("Each recorded contract gets a proposal, which a named person signs."), "check")
        with tag("ul", "rows"):
            for deal in found[:SHOWN]:
                due = deal.recorded + project.verdict_within
                with tag("li", "wrap"):
                    with tag("div", "grow"):
                        text("div", deal.unit, "strong")
                        text("div", screen.say("contract of {time}", time=screen.speech.moment(deal.signed)), "quiet small figure")
                    badge(screen.say("to be done by {time}", time=screen.speech.moment(due)), "bad" if due < screen.now else "warn")
                    button_link(screen.say("Open"), at(f"/attribution/deals/{deal.id}")).props["aria-label"] = screen.say("Open {name}", name=deal.unit)
        _all(screen, len(found), at("/attribution/deals"))


def _others(screen: Screen, day: _Day) -> None:
    with card(screen.say("What else waits"), classes="flush"):
        if not _waiting(day):
            nothing(screen.say("Nothing else waits"), screen.say("Appeals, statements of visitors and entries of desks appear here."), "check")
        with tag("ul", "rows"):
            for appeal in day.appeals[:SHOWN]:
                _appeal(screen, appeal, day.units[appeal.deal])
            if day.statements:
                _count(screen, screen.say("Statements of visitors"), len(day.statements), at("/attribution/appeals"))
            if day.entries:
                _count(screen, screen.say("Entries of desks that could not be accepted"), len(day.entries), at("/attribution/desks"))


def _appeal(screen: Screen, appeal: Appeal, unit: str) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.say("Appeal: {unit}", unit=unit), "strong")
            text("div", screen.term("side", appeal.side), "quiet small")
        badge(screen.say("to be done by {time}", time=screen.speech.moment(appeal.due)), "bad" if appeal.due < screen.now else "warn")
        button_link(screen.say("Open"), at("/attribution/appeals")).props["aria-label"] = screen.say("Open the appeals")


def _waiting(day: _Day) -> bool:
    return bool(day.appeals or day.statements or day.entries)


def _count(screen: Screen, words: str, many: int, target: str) -> None:
    with tag("li", "wrap"):
        text("span", words, "grow strong")
        badge(screen.speech.number(many), "warn")
        button_link(screen.say("Open"), target).props["aria-label"] = screen.say("Open {name}", name=words)


def _all(screen: Screen, many: int, target: str) -> None:
    if many > SHOWN:
        with tag("div", "row all-of-them"):
            button_link(screen.say("Show all {count}", count=screen.speech.number(many)), target, look="plain", picture="right")
