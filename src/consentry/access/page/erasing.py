"""Erasing who somebody was, because they ask for it: what goes, what stays and why, and the certificate for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui
from segno import DataOverflowError

from consentry.access.service.erasing import erase_person
from consentry.console.elements import tag, text
from consentry.console.pages import act
from consentry.console.qr import qr_code
from consentry.console.reasons import reason
from consentry.console.widgets import button, card, dialog, form, note, opener, tick
from consentry.ledger.rules.receipt_code import to_code
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.access.register import Erasure, ErasureScope
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["certificate", "offering"]

ERASED: Final = "person-erased"


def offering(screen: Screen, person: str, scope: ErasureScope) -> None:
    """Add what can be erased of somebody, and the dialog that does it; whoever is here still has to leave first."""
    lead = screen.say("When they ask for it, at once; else names go by themselves {time} after they left.", time=_kept(screen))
    with card(screen.say("Erase their data"), lead), tag("div", "stack"):
        if scope.left is None:
            note(screen.say("They are here still."), screen.say("End everything they hold first: choose “They leave…”."))
            return
        _listed(screen.say("What goes"), list(_goes(screen, scope)))
        _listed(screen.say("What stays, and why"), list(_stays(screen, scope)))
        lead = screen.say("Nobody can bring it back. Give the certificate that appears to whoever asked.")
        with dialog(screen.say("Erase their data"), lead) as asked, form(screen, erase, screen.say("Erase it for ever"), {"person": person}, look="danger"):
            tick(screen.say("They asked for it, and I made sure that it is they who ask"), "sure")
            reason(screen, screen.say("Such as the number of their request. Name no person."))
        opener(screen.say("Erase…"), asked, look="danger")


def _listed(title: str, lines: list[str]) -> None:
    text("h3", title)
    with tag("ul", "plain-list"):
        for line in lines:
            text("li", line)


def _goes(screen: Screen, scope: ErasureScope) -> Iterator[str]:
    if scope.people:
        yield screen.say_count("name and unit of {count} person", "name and unit of {count} people: theirs, and of those here through them", scope.people)
    if scope.accounts:
        yield screen.say_count("{count} account with its name", "{count} accounts with their names", scope.accounts)
    if scope.guest_passes:
        yield screen.say_count("{count} guest pass with the guest's name", "{count} guest passes with the guests' names", scope.guest_passes)
    yield screen.say("Cards, numbers, telephones and the link to a face ended when they left; a template of the face went with the consent.")


def _stays(screen: Screen, scope: ErasureScope) -> Iterator[str]:
    if scope.events_until is not None:
        until = screen.speech.moment(scope.events_until)
        yield screen.say("Events at doors, by pseudonym, until {time}: so that a break-in can be explained.", time=until)
    yield screen.say("Entries of the ledger, by pseudonym: who did what and why must stay provable. No name stands in it.")
    yield screen.say("Backups made before: until they are deleted in turn.")


def certificate(screen: Screen) -> None:
    """Show the certificate of what was erased just now."""
    done: Erasure | None = screen.kept.get(ERASED)
    if done is None:
        return
    with card(screen.say("Certificate of erasure")), tag("div", "stack"):
        note(screen.say("It is erased."), screen.say("Entry {index} of the ledger says so, by pseudonym.", index=screen.speech.number(done.entry)), "good")
        text("p", screen.say("Give the file, or a picture of the code, to whoever asked. It proves the erasure to anyone, without this site."), "quiet small")
        try:
            qr_code(to_code(done.certificate.data), screen.say("QR code of the certificate"))
        except DataOverflowError:
            text("p", screen.say("This receipt is too long for a QR code; use the file."), "quiet small")
        button(screen, screen.say("Download the certificate"), download, picture="download", look="wide")


def _kept(screen: Screen) -> str:
    return screen.speech.length(screen.site.settings.access.guest_retention)


@act(Permission.MANAGE_CREDENTIALS)
async def erase(screen: Screen, answers: Answers) -> None:
    """Erase who somebody was; the certificate is shown while the page is open."""
    if not answers.one("sure"):
        raise InputError("access.not-asked", "erasure", "nobody said that the person asked for it", "Make sure who asks, and tick it.")
    screen.kept[ERASED] = await screen.ask(erase_person, answers.need("person"), answers.need("reason"))
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def download(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - the certificate is on the page
    """Hand the certificate over as a file."""
    done: Erasure | None = screen.kept.get(ERASED)
    if done is not None:
        ui.download.content(done.certificate.data, f"erasure-{done.person}.json")
