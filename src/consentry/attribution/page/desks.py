"""Desks and outages in the console: devices paired by a code shown once, what they sent and could not be accepted, when nothing could be received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.page.parts import body, no_project, project_of
from consentry.attribution.service.desk_queue import settle_entry, waiting_entries
from consentry.attribution.service.desks import desks, pair_desk, revoke_desk
from consentry.attribution.service.outages import log_outage, outages
from consentry.attribution.visiting import OutageCause
from consentry.console.actors import by, short
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, console_page
from consentry.console.reading import instant
from consentry.console.reasons import reason
from consentry.console.widgets import Choice, badge, card, choose, dialog, field, form, note, nothing, opener, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.visiting import DeskEntry, DeskState, OutageSpan, PairingCode
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_desks"]

SLOW_CLOCK_S = 60


@console_page("/attribution/desks", access=Permission.VIEW_ATTRIBUTION, title="Desks", personal=True)
async def draw_desks(screen: Screen) -> None:
    """List the desks, their refused entries and the outages."""
    with page_head(screen.say("Sales"), screen.say("A desk records visitors also without the network; it signs each entry with its own key and clock.")):
        if screen.may(Permission.MANAGE_AGENCIES) and screen.site.settings.projects:
            _pair(screen)
    with body(screen, "/attribution/desks"):
        if project_of(screen) is None:
            no_project(screen)
            return
        _code(screen)
        _desks(screen, await screen.ask(desks))
        _entries(screen, await screen.ask(waiting_entries))
        _outages(screen, await screen.ask(outages))


def _pair(screen: Screen) -> None:
    lead = screen.say("A code appears, once. Open /desk on the device and type it there.")
    with dialog(screen.say("Pair a desk"), lead) as asked, form(screen, pair, screen.say("Show the code")):
        projects = [Choice(project.id, screen.own(project.name)) for project in screen.site.settings.projects]
        choose(screen.say("Project"), "project", projects, projects[0].value)
        field(screen.say("Name"), "name", screen.say("Where it stands, such as front desk left."), maxlength=80, required=True)
    opener(screen.say("Pair a desk…"), asked, look="main-action", picture="add")


def _code(screen: Screen) -> None:
    code: PairingCode | None = screen.kept.pop("desk-code", None)
    if code is not None:
        with card(screen.say("The code, shown once")), tag("div", "stack"):
            mend = screen.say("It works once, until {time}.", time=screen.speech.moment(code.expires))
            note(screen.say("Open {address} on the device and type it there.", address=f"{screen.origin}/desk"), mend, "warn")
            text("code", code.code, "shown-once")


def _desks(screen: Screen, found: Sequence[DeskState]) -> None:
    with card(screen.say("Desks"), classes="flush"):
        if not found:
            nothing(screen.say("No desk yet"), screen.say("Pair the tablet at the front desk; until then visitors are recorded by staff who sign in."))
        with tag("ul", "rows"):
            for desk in found:
                _desk(screen, desk)


def _desk(screen: Screen, desk: DeskState) -> None:
    seen = screen.say("last heard of {time}", time=screen.speech.moment(desk.seen)) if desk.seen else screen.say("never heard of")
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", desk.name, "strong")
            text("div", f"{screen.say('paired {time}', time=screen.speech.moment(desk.paired))} · {seen}", "quiet small figure")
            text("div", desk.desk, "quiet small mono")
        if abs(desk.skew_s) > SLOW_CLOCK_S:
            badge(screen.say("its clock is off by {time}", time=screen.speech.number(desk.skew_s) + " s"), "warn")
        if desk.waiting:
            badge(screen.say_count("{count} refused entry", "{count} refused entries", desk.waiting), "warn")
        badge(screen.say("revoked") if desk.revoked else screen.say("paired"), "plain" if desk.revoked else "good")
        if desk.revoked is None and screen.may(Permission.MANAGE_AGENCIES):
            lead = screen.say("What it sends from now on makes no visit, and waits for staff.")
            with dialog(screen.say("Revoke the desk"), lead) as asked, form(screen, revoke, screen.say("Revoke"), {"desk": desk.desk}, look="danger"):
                reason(screen)
            opener(screen.say("Revoke…"), asked, look="danger", name=screen.say("Revoke {name}", name=desk.name))


def _entries(screen: Screen, found: Sequence[DeskEntry]) -> None:
    lead = screen.say("Visitors who came, and whose entry did not fit. Nothing is lost: enter the visit by hand, or say why there is none.")
    with card(screen.say("Entries that could not be accepted"), lead, classes="flush"):
        if not found:
            nothing(screen.say("Nothing waits"), screen.say("What desks send is accepted or appears here."), "check")
        with tag("ul", "rows"):
            for entry in found:
                _entry(screen, entry)


def _entry(screen: Screen, entry: DeskEntry) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.speech.term("error", entry.code) or entry.code, "strong")
            when = screen.speech.moment(entry.at) if entry.at else screen.say("no time that can be read")
            text(
                "div", screen.say("No. {counter} of desk {desk}, by its clock {time}", counter=entry.counter, desk=short(entry.desk), time=when), "quiet small"
            )
        if screen.may(Permission.MANAGE_AGENCIES):
            fixed = {"desk": entry.desk, "sha256": entry.sha256}
            with dialog(screen.say("What became of it?")) as asked, form(screen, settle, screen.say("Keep it"), fixed):
                field(screen.say("Visit"), "visit", screen.say("The id of the visit that was entered by hand; empty: there is none."), maxlength=36)
                reason(screen)
            opener(screen.say("Settle…"), asked, name=screen.say("Settle entry {counter}", counter=entry.counter))


def _outages(screen: Screen, found: Sequence[OutageSpan]) -> None:
    lead = screen.say("When nothing could be received. A report that came right after one is left to people.")
    with card(screen.say("Outages"), lead, classes="flush"):
        if not found:
            nothing(screen.say("No outage"), screen.say("The server notices its own; log others, such as a power cut at the office."), "check")
        with tag("ul", "rows"):
            for span in found:
                with tag("li", "wrap"):
                    with tag("div", "grow"):
                        text("div", f"{screen.speech.moment(span.start)} – {screen.speech.moment(span.until)}", "strong figure")
                        text(
                            "div",
                            screen.say("{what}: {subject}", what=by(screen, span.by), subject=screen.speech.term("outage-reason", span.reason) or span.reason),
                            "quiet small",
                        )
                    badge(screen.term("outage-cause", span.cause), "warn" if span.cause is OutageCause.LOGGED else "plain")
        if screen.may(Permission.MANAGE_AGENCIES):
            with tag("div", "row all-of-them"):
                _log(screen)


def _log(screen: Screen) -> None:
    lead = screen.say("When it is over, within a month. It stays on record as logged by you.")
    with dialog(screen.say("Log an outage"), lead) as asked, form(screen, log, screen.say("Log it")):
        field(screen.say("From"), "start", screen.say("In the site's time."), type="datetime-local", required=True)
        field(screen.say("Until"), "until", type="datetime-local", required=True)
        reason(screen)
    opener(screen.say("Log an outage…"), asked, picture="add")


@act(Permission.MANAGE_AGENCIES)
async def pair(screen: Screen, answers: Answers) -> None:
    """Make the code that makes a device a desk."""
    screen.kept["desk-code"] = await screen.ask(pair_desk, answers.need("project"), answers.need("name"))
    await screen.redraw()


@act(Permission.MANAGE_AGENCIES)
async def revoke(screen: Screen, answers: Answers) -> None:
    """Let a device be a desk no more."""
    await screen.ask(revoke_desk, answers.need("desk"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The desk is revoked."))


@act(Permission.MANAGE_AGENCIES)
async def settle(screen: Screen, answers: Answers) -> None:
    """Put down what became of an entry that could not be accepted."""
    visit = answers.one("visit").strip() or None
    await screen.ask(settle_entry, answers.need("desk"), answers.need("sha256"), visit=visit, reason=answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("It is kept."))


@act(Permission.MANAGE_AGENCIES)
async def log(screen: Screen, answers: Answers) -> None:
    """Log an outage."""
    await screen.ask(log_outage, instant(screen, answers.need("start")), instant(screen, answers.need("until")), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The outage is logged."))
