"""Reports in the console: listed without names, one with its clocks and possible duplicates, accepted or refused with the entry that shows why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from consentry.attribution.channel import RefusalGround, ReplyDraft, ReplyKind, ReportState
from consentry.attribution.page.parts import agency_names, body, no_project, pick_project, project_of, receipt_code
from consentry.attribution.service.replies import reply_to_report
from consentry.attribution.service.report_views import describe_reports, possible_duplicates, report, report_receipt, reports, waiting_reports
from consentry.console.actors import by, short
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag, text
from consentry.console.lists import PAGE_LENGTH, cell, more, table
from consentry.console.pages import act, at, console_page
from consentry.console.reading import one_of
from consentry.console.reasons import WHY_LENGTH, ask_reason
from consentry.console.widgets import Choice, badge, button, button_link, card, choose, dialog, fact, field, form, note, nothing, opener, page_head, segments
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError
from consentry.staff.model import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.attribution.channel import Description, ListedReport, PossibleDuplicate, Reply
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["accept_report", "draw_report", "draw_reports"]

TONES = {ReportState.WAITING: "warn", ReportState.ACCEPTED: "good", ReportState.ARRIVED: "good", ReportState.REFUSED: "bad", ReportState.LAPSED: "plain"}
DESCRIBED = "described"
"""Where a page keeps whom it may name, and for how long it is open."""


@console_page("/attribution/reports", access=Permission.VIEW_ATTRIBUTION, title="Reports")
async def draw_reports(screen: Screen) -> None:
    """List reports, newest first, or those that wait for a reply, the most urgent first."""
    project = project_of(screen)
    with page_head(screen.say("Sales"), screen.say("What agents reported. Names are hidden until somebody needs them and says why.")):
        pass
    with body(screen, "/attribution/reports"):
        if project is None:
            no_project(screen)
            return
        names = await agency_names(screen)
        waiting = screen.query.get("show") == "waiting"
        agency = screen.query.get("agency") if screen.query.get("agency") in names else None
        if waiting:
            found = [one for one in await screen.ask(waiting_reports, project.id) if agency in {None, one.agency}]
        else:
            found = await screen.ask(reports, project.id, agency=agency, before=screen.query.get("before") or None, limit=PAGE_LENGTH)
        pick_project(screen, project)
        _filters(screen, names, agency, waiting=waiting)
        _list(screen, found, names)
        if found and not waiting:
            more(screen, found, found[-1].id)


def _filters(screen: Screen, names: Mapping[str, str], agency: str | None, *, waiting: bool) -> None:
    views = [(screen.address(show=None, before=None), screen.say("All")), (screen.address(show="waiting", before=None), screen.say("Wait for a reply"))]
    with tag("div", "row apart"):
        segments(screen.say("Which reports"), views, views[waiting][0])
        with tag("form", "filters", {"method": "get", "action": at("/attribution/reports")}):
            for kept in ("project", "show"):
                if kept in screen.query:
                    tag("input", attributes={"type": "hidden", "name": kept, "value": screen.query[kept]})
            choose(screen.say("Agency"), "agency", [Choice("", screen.say("Every agency")), *(Choice(key, name) for key, name in names.items())], agency or "")
            text("button", screen.say("Show"), "button", {"type": "submit"})


def _list(screen: Screen, found: Sequence[ListedReport], names: Mapping[str, str]) -> None:
    columns = (screen.say("Reported"), screen.say("Agency"), screen.say("Planned"), screen.say("State"), screen.say("Clock"), screen.say("Entry in the ledger"))
    with card(classes="flush"):
        if not found:
            nothing(screen.say("No report"), screen.say("Reports appear here as soon as an agent files one."))
            return
        with table(columns):
            for one in found:
                _row(screen, one, names, columns)


def _row(screen: Screen, one: ListedReport, names: Mapping[str, str], columns: Sequence[str]) -> None:
    with tag("tr"):
        with tag("td", "figure nowrap", {"data-name": columns[0]}):
            link(screen.speech.moment(one.filed), at(f"/attribution/reports/{one.id}"))
        cell(columns[1], names.get(one.agency, ""), "strong")
        cell(columns[2], screen.speech.moment(one.planned) if one.planned else "–", "figure nowrap")
        with tag("td", attributes={"data-name": columns[3]}):
            badge(screen.term("report-state", one.state), TONES[one.state])
        cell(columns[4], _clock(screen, one), "figure")
        cell(columns[5], str(one.entry), "figure quiet")


def _clock(screen: Screen, one: ListedReport) -> str:
    """Say which of a report's clocks matters now."""
    clocks = one.clocks
    match one.state:
        case ReportState.WAITING:
            return screen.say("reply until {time}", time=screen.speech.clock(clocks.reply_due))
        case ReportState.ARRIVED if clocks.protected_until is not None:
            return screen.say("protected until {time}", time=screen.speech.moment(clocks.protected_until))
        case ReportState.ACCEPTED:
            return screen.say("valid until {time}", time=screen.speech.moment(clocks.valid_until))
        case _:
            return "–"


@console_page("/attribution/reports/{report}", access=Permission.VIEW_ATTRIBUTION, title="Report", personal=True)
async def draw_report(screen: Screen) -> None:
    """Show one report: its clocks, who else may mean the same client, the reply, the receipt."""
    found = await screen.ask(report, screen.query["report"])
    names = await agency_names(screen)
    alike = await screen.ask(possible_duplicates, found.id)
    with page_head(screen.say("Report"), names.get(found.agency, "")):
        button_link(screen.say("All reports"), at("/attribution/reports"), picture="left")
    with tag("div", "split"):
        with tag("div", "stack"):
            with card(screen.say("What is known")):
                _facts(screen, found)
            _duplicates(screen, alike, names)
            _reply(screen, found, alike)
        with tag("div", "stack"):
            _names(screen, found)
            await _receipt(screen, found)


def _facts(screen: Screen, one: ListedReport) -> None:
    moment = screen.speech.moment
    with tag("dl", "facts"):
        text("dt", screen.say("State"))
        with tag("dd"):
            badge(screen.term("report-state", one.state), TONES[one.state])
        fact(screen.say("Reported"), moment(one.filed))
        fact(screen.say("Planned"), moment(one.planned) if one.planned else screen.say("no time named"))
        fact(screen.say("Lead kept from"), moment(one.clocks.lead_reached))
        fact(screen.say("Reply until"), moment(one.clocks.reply_due))
        fact(screen.say("Valid until"), moment(one.clocks.valid_until))
        fact(screen.say("Arrived"), moment(one.arrived) if one.arrived else "–")
        fact(screen.say("Protected until"), moment(one.clocks.protected_until) if one.clocks.protected_until else "–")
        fact(screen.say("Client"), one.client, mono=True)
        fact(screen.say("Entry in the ledger"), str(one.entry))
        if one.accepted_silently is not None:
            fact(screen.say("Accepted by silence"), screen.say("entry {index}", index=one.accepted_silently))


def _duplicates(screen: Screen, alike: Sequence[PossibleDuplicate], names: Mapping[str, str]) -> None:
    if not alike:
        return
    with card(screen.say("Possible duplicates"), classes="flush"):
        with tag("div", "card-note"):
            note(
                screen.say("Possible, never certain"),
                screen.say("Family name and the shown digits are equal. Whether it is one person shows only when the number is revealed."),
                "warn",
            )
        with tag("ul", "rows"):
            for one in alike:
                with tag("li", "wrap"):
                    with tag("div", "grow"):
                        text("div", names.get(one.agency, ""), "strong")
                        text("div", screen.say("reported {time}", time=screen.speech.moment(one.filed)), "quiet small figure")
                    badge(screen.say("entry {index}", index=one.entry), "plain")
                    button_link(screen.say("Open"), at(f"/attribution/reports/{one.report}")).props["aria-label"] = screen.say(
                        "Open report {name}", name=short(one.report)
                    )


def _reply(screen: Screen, one: ListedReport, alike: Sequence[PossibleDuplicate]) -> None:
    with card(screen.say("Reply")):
        if one.reply is not None:
            _given(screen, one.reply)
            return
        open_ = one.clocks.reply_due >= screen.now
        with tag("div", "stack"):
            if open_:
                note(screen.say("Silence accepts at {time}.", time=screen.speech.clock(one.clocks.reply_due)))
            else:
                note(screen.say("The time to reply is over; silence has accepted."), screen.say("A reply now is kept, and changes nothing."), "warn")
            if screen.may(Permission.MANAGE_AGENCIES):
                with tag("div", "row"):
                    button(screen, screen.say("Accept"), accept_report, {"report": one.id}, look="main-action", picture="check")
                    _refusal(screen, one, alike)


def _given(screen: Screen, reply: Reply) -> None:
    with tag("dl", "facts"):
        fact(screen.say("Said"), screen.term("reply", reply.kind))
        fact(screen.say("When"), screen.speech.moment(reply.at))
        fact(screen.say("By whom"), by(screen, reply.by))
        fact(screen.say("In time"), screen.say("yes") if reply.in_time else screen.say("no, it changes nothing"))
        if reply.ground:
            fact(screen.say("Ground"), screen.term("reply-ground", reply.ground))
        if reply.cites is not None:
            fact(screen.say("Cites"), screen.say("entry {index}", index=reply.cites))
        if reply.reason:
            fact(screen.say("Reason"), reply.reason)


def _refusal(screen: Screen, one: ListedReport, alike: Sequence[PossibleDuplicate]) -> None:
    lead = screen.say("A duplicate must cite an entry that is older than this report: an earlier report, visit or contract of the project.")
    with dialog(screen.say("Refuse the report"), lead) as asked, form(screen, refuse, screen.say("Refuse"), {"report": one.id}, look="danger"):
        grounds = [Choice(ground, screen.term("reply-ground", ground)) for ground in RefusalGround]
        choose(screen.say("Ground"), "ground", grounds, RefusalGround.DUPLICATE)
        oldest = str(alike[0].entry) if alike and alike[0].entry < one.entry else ""
        field(screen.say("Entry that shows it"), "cites", screen.say("Only for a duplicate."), value=oldest, type="number", min=0)
        field(screen.say("Reason"), "reason", screen.say("Needed where the report cannot be used."), maxlength=WHY_LENGTH)
    opener(screen.say("Refuse…"), asked, look="danger")


def _names(screen: Screen, one: ListedReport) -> None:
    said: Description | None = screen.kept.get(DESCRIBED)
    if one.erased:
        with card(screen.say("Who is it?")):
            note(screen.say("Nobody knows any more."), screen.say("The report lapsed without a visit, and what named the client was deleted."))
    elif said is None:
        ask_reason(screen, show_names, {"report": one.id})
    else:
        with card(screen.say("Who is it?")), tag("dl", "facts"):
            fact(screen.say("Called"), said.alias or "–")
            fact(screen.say("Number shown"), said.mask or "–", mono=True)


async def _receipt(screen: Screen, one: ListedReport) -> None:
    sealed = await screen.ask(report_receipt, one.id)
    with card(screen.say("Receipt"), screen.say("It proves when the report was received, without this site.")), tag("div", "stack"):
        receipt_code(screen, sealed)
        button(screen, screen.say("Download the receipt"), download_receipt, {"report": one.id}, picture="download", look="wide")


@act(Permission.MANAGE_AGENCIES)
async def accept_report(screen: Screen, answers: Answers) -> None:
    """Accept a report."""
    await screen.ask(reply_to_report, answers.need("report"), ReplyDraft(ReplyKind.ACCEPT))
    await screen.redraw()
    tell(screen, screen.say("The report is accepted."))


@act(Permission.MANAGE_AGENCIES)
async def refuse(screen: Screen, answers: Answers) -> None:
    """Refuse a report."""
    ground, cited = one_of(RefusalGround, answers.need("ground")), answers.one("cites").strip()
    if cited and not cited.isdecimal():
        raise InputError("form.number", cited, "this is no number of an entry", "Write it in digits.")
    cites = int(cited) if cited and ground is RefusalGround.DUPLICATE else None
    replied = await screen.ask(reply_to_report, answers.need("report"), ReplyDraft(ReplyKind.REFUSE, ground, cites, answers.one("reason")))
    await screen.redraw()
    tell(screen, screen.say("The report is refused.") if replied.reply.in_time else screen.say("The refusal is kept. It came too late and changes nothing."))


@act(Permission.VIEW_ATTRIBUTION)
async def show_names(screen: Screen, answers: Answers) -> None:
    """Show who a report is about, after the reason was written to the ledger."""
    wanted = answers.need("report")
    said = await screen.ask(describe_reports, [wanted], Reason(answers.need("reason"), answers.need("ticket")))
    screen.kept[DESCRIBED] = said[wanted]
    await screen.redraw()


@act(Permission.VIEW_ATTRIBUTION)
async def download_receipt(screen: Screen, answers: Answers) -> None:
    """Hand over the receipt of a report as a file."""
    wanted = answers.need("report")
    sealed = await screen.ask(report_receipt, wanted)
    ui.download.content(sealed.data, f"report-{wanted}.json")
