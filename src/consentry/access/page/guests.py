"""Guest passes in the console: given on a resident's word, handed on as a link or a code, ended at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.page.parts import body, doors_named, no_doors
from consentry.access.page.terms import door_ticks
from consentry.access.residence import GuestDraft, GuestState
from consentry.access.service.guests import guest_passes, issue_guest_pass_for, revoke_guest_pass
from consentry.access.service.people import people as list_people
from consentry.console.actors import short
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag
from consentry.console.lists import PAGE_LENGTH, cell, more, table
from consentry.console.pages import act, at, console_page
from consentry.console.qr import qr_code
from consentry.console.reading import instant
from consentry.console.reasons import reason
from consentry.console.shown_link import shown_link
from consentry.console.widgets import Choice, badge, card, choose, dialog, field, form, note, nothing, opener, page_head, tick
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.residence import GuestPass, IssuedGuest
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_guests"]

ISSUED: Final = "guest-issued"
STATE_TONES: Final = {GuestState.OPEN: "good", GuestState.WAITING: "warn", GuestState.USED: "plain", GuestState.OVER: "plain", GuestState.REVOKED: "bad"}
LIVE: Final = frozenset({GuestState.OPEN, GuestState.WAITING})


@console_page("/doors/guests", access=Permission.MANAGE_CREDENTIALS, title="Guests", personal=True)
async def draw_guests(screen: Screen) -> None:
    """List guest passes, the newest first."""
    lead = screen.say("Residents give passes on their own page; here they are given on a resident's word. A guest needs no account and no face.")
    with page_head(screen.say("Doors"), lead):
        if screen.site.settings.doors:
            _give(screen)
    with body(screen, "/doors/guests"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        _issued(screen)
        found = await screen.ask(guest_passes, screen.query.get("host"), before=screen.query.get("before"), limit=PAGE_LENGTH)
        _list(screen, found)
        if found:
            more(screen, found, found[-1].id)


def _give(screen: Screen) -> None:
    lead = screen.say("The pass names one door, or each use waits for the host's yes: so a lost paper opens little.")
    with dialog(screen.say("Let a guest in"), lead) as asked, form(screen, give, screen.say("Make the pass")):
        hint = screen.say("Ask there first.")
        field(screen.say("Flat or office of the host"), "unit", hint, required=True, maxlength=20, autocomplete="off")
        hint = screen.say("Only for the host; deleted {time} after the pass ended.", time=screen.speech.length(screen.site.settings.access.guest_retention))
        field(screen.say("Name of the guest"), "name", hint, maxlength=64, autocomplete="off")
        door_ticks(screen, (), screen.say("More than one only where each use waits for the host's yes."))
        with tag("div", "two"):
            field(screen.say("From"), "starts", screen.say("In the site's time."), type="datetime-local", required=True)
            field(screen.say("Until"), "until", type="datetime-local", required=True)
        uses = [
            Choice("1", screen.say("once")),
            Choice("2", screen.say("twice")),
            Choice("10", screen.say("ten times")),
            Choice("", screen.say("without limit")),
        ]
        choose(screen.say("It opens"), "uses", uses, "1")
        tick(screen.say("Each use waits for the host's yes"), "needs-host")
    opener(screen.say("Let a guest in…"), asked, look="main-action", picture="add")


def _issued(screen: Screen) -> None:
    made: IssuedGuest | None = screen.kept.pop(ISSUED, None)
    if made is None:
        return
    address = screen.origin + made.path
    with card(screen.say("The pass, shown once")), tag("div", "stack"):
        mend = screen.say("Whoever holds the link can show the code at the door.")
        note(screen.say("Send the link to the guest, or let them take a picture of this code."), mend, "warn")
        qr_code(address, screen.say("QR code of the guest's link"))
        shown_link(screen, address)


def _list(screen: Screen, found: Sequence[GuestPass]) -> None:
    columns = (screen.say("Host"), screen.say("Which doors"), screen.say("Holds"), screen.say("Used"), screen.say("State"))
    with card(classes="flush"):
        if not found:
            nothing(screen.say("No guest pass"), screen.say("Passes that residents or you give appear here; nobody is named."))
            return
        with table((*columns, "")):
            for one in found:
                _row(screen, one, columns)


def _row(screen: Screen, one: GuestPass, columns: Sequence[str]) -> None:
    with tag("tr"):
        with tag("td", "strong", {"data-name": columns[0]}):
            link(short(one.host), at(f"/doors/people/{one.host}"), attributes={"title": one.host})
        cell(columns[1], doors_named(screen, [door.id for door in one.doors]))
        cell(columns[2], f"{screen.speech.moment(one.starts)} – {screen.speech.moment(one.until)}", "figure")
        cell(columns[3], _uses(screen, one), "figure")
        with tag("td", attributes={"data-name": columns[4]}):
            badge(screen.term("guest-state", one.state), STATE_TONES[one.state])
        with tag("td"):
            if one.state in LIVE:
                _end(screen, one)


def _uses(screen: Screen, one: GuestPass) -> str:
    used = screen.speech.number(one.used)
    said = screen.say("{used} of {uses}", used=used, uses=screen.speech.number(one.uses)) if one.uses is not None else used
    return f"{said} · {screen.say('with a yes of the host')}" if one.needs_host else said


def _end(screen: Screen, one: GuestPass) -> None:
    with dialog(screen.say("End the pass")) as asked, form(screen, end, screen.say("End it"), {"guest": one.id}, look="danger"):
        reason(screen)
    opener(screen.say("End…"), asked, look="danger", name=screen.say("End the pass {name}", name=short(one.id)))


@act(Permission.MANAGE_CREDENTIALS)
async def give(screen: Screen, answers: Answers) -> None:
    """Make a pass on the word of a host; its link is shown once."""
    uses = answers.one("uses")
    if uses and not uses.isdecimal():
        raise InputError("form.number", "uses", "this is no number", "Write it in digits.")
    draft = GuestDraft(
        name=answers.one("name").strip() or None,
        doors=answers.all("door"),
        starts=instant(screen, answers.need("starts")),
        until=instant(screen, answers.need("until")),
        uses=int(uses) if uses else None,
        needs_host=bool(answers.one("needs-host")),
    )
    host = await _host(screen, answers.need("unit"))
    screen.kept[ISSUED] = await screen.ask(issue_guest_pass_for, host, draft)
    await screen.redraw()


async def _host(screen: Screen, unit: str) -> str:
    """Return whoever of a unit is there the longest, and may let guests in."""
    found = [one for one in await screen.ask(list_people, unit=unit) if one.left is None and not one.suspended and one.terms.host is None]
    if not found:
        raise NotFoundError("door-person.no-host", "unit", "nobody of that unit may let guests in", "Look for the unit in the list of people.")
    return found[-1].id


@act(Permission.MANAGE_CREDENTIALS)
async def end(screen: Screen, answers: Answers) -> None:
    """End a pass."""
    await screen.ask(revoke_guest_pass, answers.need("guest"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The pass opens nothing any more."))
