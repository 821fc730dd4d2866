"""Contracts in the console: listed by where they stand, and recorded with buyers, identity checks, kin and commission."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from nicegui import ui

from consentry.attribution.deals import BuyerDraft, DealDraft, DealState, KinDraft
from consentry.attribution.identity import attached_reader
from consentry.attribution.page.parts import body, no_project, pick_project, project_of
from consentry.attribution.service.deals import MOST_BUYERS, check_buyer, deals, record_deal
from consentry.console.elements import link, tag, text
from consentry.console.lists import PAGE_LENGTH, cell, more, table
from consentry.console.pages import act, at, console_page
from consentry.console.reading import instant, one_of
from consentry.console.widgets import Choice, badge, button, button_link, card, choose, field, form, note, nothing, page_head
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.deals import Deal
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.platform.settings.projects import Project

__all__ = ["STATE_TONES", "draw_deals", "draw_record", "money"]

STATE_TONES: Final = {
    DealState.WAITING: "warn",
    DealState.SENT_BACK: "warn",
    DealState.SIGNED: "good",
    DealState.APPEALED: "bad",
    DealState.FINAL: "good",
    DealState.CANCELLED: "plain",
}
CHECKS: Final = "checks"
"""Where the page shows what a reader found."""
BUYERS_AT_ONCE: Final = 2
KIN_ROWS: Final = 2
KIN: Final = ("spouse", "parent", "child", "sibling")
SOURCES: Final = ("none", "reader")


def money(screen: Screen, amount: Decimal) -> str:
    """Write an amount of CNY with two decimals, as people in that language do."""
    return screen.say("CNY {amount}", amount=f"{amount:,.2f}")


@console_page("/attribution/deals", access=Permission.VIEW_ATTRIBUTION, title="Contracts")
async def draw_deals(screen: Screen) -> None:
    """List contracts, newest first, or those in one state."""
    project = project_of(screen)
    state = screen.query.get("state") or ""
    with page_head(screen.say("Sales"), screen.say("Each contract gets a proposal by the rules. A named person signs it, or sends it back.")):
        if project is not None and screen.may(Permission.RECORD_DEALS):
            button_link(screen.say("Record a contract"), at(f"/attribution/record?project={project.id}"), look="main-action", picture="add")
    with body(screen, "/attribution/deals"):
        if project is None:
            no_project(screen)
            return
        states = {one_of(DealState, state)} if state else None
        found = await screen.ask(deals, project=project.id, states=states, before=screen.query.get("before") or None, limit=PAGE_LENGTH)
        pick_project(screen, project)
        _filters(screen, state)
        _list(screen, found)
        if found:
            more(screen, found, found[-1].id)


def _filters(screen: Screen, state: str) -> None:
    with tag("form", "filters", {"method": "get", "action": at("/attribution/deals")}):
        if "project" in screen.query:
            tag("input", attributes={"type": "hidden", "name": "project", "value": screen.query["project"]})
        choices = [Choice("", screen.say("Every state")), *(Choice(one, screen.term("deal-state", one)) for one in DealState)]
        choose(screen.say("State"), "state", choices, state)
        text("button", screen.say("Show"), "button", {"type": "submit"})


def _list(screen: Screen, found: Sequence[Deal]) -> None:
    columns = (screen.say("Unit"), screen.say("Signed on"), screen.say("State"), screen.say("Commission"), screen.say("Entry in the ledger"))
    with card(classes="flush"):
        if not found:
            nothing(screen.say("No contract"), screen.say("Record one when buyers have signed; its verdict is proposed at once."))
            return
        with table(columns):
            for one in found:
                with tag("tr"):
                    with tag("td", "strong", {"data-name": columns[0]}):
                        link(one.unit, at(f"/attribution/deals/{one.id}"))
                    cell(columns[1], screen.speech.moment(one.signed), "figure nowrap")
                    with tag("td", attributes={"data-name": columns[2]}):
                        badge(screen.term("deal-state", one.state), STATE_TONES[one.state])
                    cell(columns[3], money(screen, one.commission), "figure")
                    cell(columns[4], str(one.entry), "figure quiet")


@console_page("/attribution/record", access=Permission.RECORD_DEALS, title="Record a contract", personal=True)
async def draw_record(screen: Screen) -> None:
    """Let somebody record a contract."""
    project = project_of(screen)
    with page_head(
        screen.say("Record a contract"), screen.say("Numbers are hashed at once; whoever reported, came or bought with the same ones is joined by itself.")
    ):
        button_link(screen.say("All contracts"), at("/attribution/deals"), picture="left")
    if project is None:
        no_project(screen)
        return
    with tag("div", "stack"):
        _reader(screen, project)
        _contract(screen, project)


def _reader(screen: Screen, project: Project) -> None:
    lead = screen.say("Lay the buyer's document on it. Passed or not, the reader and a hash of the number are kept; nothing else.")
    with card(screen.say("Document reader"), lead, classes="narrow"), tag("div", "stack"):
        with tag("div", "row"):
            button(screen, screen.say("Read a document"), read_document, {"project": project.id})
        tag("div", "stack tight", {"aria-live": "polite"}).mark(CHECKS)


def _contract(screen: Screen, project: Project) -> None:
    with form(screen, record, screen.say("Record the contract"), {"project": project.id}):
        with card(screen.say("Contract"), screen.own(project.name)), tag("div", "stack"):
            field(screen.say("Unit"), "unit", screen.say("Building and number, as in the contract."), maxlength=80, required=True)
            when = screen.say("When the buyers signed, in the site's time.")
            field(screen.say("Signed on"), "signed", when, type="datetime-local", step="any", required=True)
            field(
                screen.say("Commission (CNY)"), "commission", screen.say("All of it, however it is shared."), inputmode="decimal", maxlength=16, required=True
            )
        with card(screen.say("Buyers"), screen.say("A family name, and a telephone number or a document that passed.")), tag("div", "stack"):
            for place in range(BUYERS_AT_ONCE):
                _buyer(screen, place)
            with tag("details", "fold"):
                text("summary", screen.say("More buyers"))
                with tag("div", "stack"):
                    for place in range(BUYERS_AT_ONCE, MOST_BUYERS):
                        _buyer(screen, place)
        with card(screen.say("Kin"), screen.say("Only where a paper shows it; the rules say which kin counts.")), tag("details", "fold"):
            text("summary", screen.say("A buyer is kin to somebody who came before"))
            with tag("div", "stack"):
                for row in range(KIN_ROWS):
                    _kin(screen, row)


def _buyer(screen: Screen, place: int) -> None:
    number = screen.speech.number(place + 1)
    with tag("fieldset", "shape"):
        text("legend", screen.say("Buyer {number}", number=number), "strong small")
        field(screen.say("Family name"), f"alias-{place}", maxlength=40, autocomplete="off", required=place == 0)
        with tag("div", "two"):
            field(screen.say("Telephone"), f"phone-{place}", screen.say("Only its hash is kept."), type="tel", maxlength=20, autocomplete="off")
            checked = [Choice(one, screen.term("identity-check", one)) for one in SOURCES]
            choose(screen.say("Identity"), f"source-{place}", checked, SOURCES[0])
        field(screen.say("Number of the check"), f"check-{place}", screen.say("As it is shown above; only where a reader checked."), maxlength=36)


def _kin(screen: Screen, row: int) -> None:
    with tag("fieldset", "shape"):
        text("legend", screen.say("Kin {number}", number=screen.speech.number(row + 1)), "strong small")
        with tag("div", "two"):
            buyers = [Choice(str(place), screen.say("Buyer {number}", number=screen.speech.number(place + 1))) for place in range(MOST_BUYERS)]
            choose(screen.say("Who"), f"kin-buyer-{row}", buyers, "0")
            choose(screen.say("Is the other's"), f"kin-kind-{row}", [Choice(kind, screen.term("link-kind", kind)) for kind in KIN], KIN[0])
        field(screen.say("The other person"), f"kin-party-{row}", screen.say("The pseudonym on a visit or report."), maxlength=36)
        field(screen.say("Paper that was seen"), f"kin-proof-{row}", screen.say("Its kind, such as household register; never what it says."), maxlength=200)


@act(Permission.RECORD_DEALS)
async def record(screen: Screen, answers: Answers) -> None:
    """Record a contract and go to it."""
    draft = DealDraft(
        answers.need("project"),
        answers.need("unit"),
        instant(screen, answers.need("signed")),
        _amount(answers.need("commission")),
        tuple(_drafted(answers, place) for place in range(MOST_BUYERS) if answers.one(f"alias-{place}").strip()),
        tuple(_related(answers, row) for row in range(KIN_ROWS) if answers.one(f"kin-party-{row}").strip()),
    )
    made = await screen.ask(record_deal, draft)
    with screen.client:
        ui.navigate.to(at(f"/attribution/deals/{made.id}"))


@act(Permission.RECORD_DEALS)
async def read_document(screen: Screen, answers: Answers) -> None:
    """Check the document that lies on the reader, and show the number under which the form names this check."""
    project = answers.need("project")
    reader = attached_reader(screen.site.keys, project)
    name, found = await screen.ask(check_buyer, project, reader)
    with screen.marked(CHECKS):
        words = screen.say("The document passed on {reader}.", reader=found.reader_serial)
        if not found.passed:
            words = screen.say("The document did not pass on {reader}.", reader=found.reader_serial)
        note(words, screen.say("Write the number into the buyer's field:"), "good" if found.passed else "warn")
        text("code", name, "shown-once")


def _drafted(answers: Answers, place: int) -> BuyerDraft:
    by_reader = answers.one(f"source-{place}") == "reader"
    check = answers.need(f"check-{place}") if by_reader else None
    return BuyerDraft(answers.one(f"alias-{place}").strip(), answers.one(f"phone-{place}").strip() or None, check)


def _related(answers: Answers, row: int) -> KinDraft:
    buyer = answers.one(f"kin-buyer-{row}")
    place = int(buyer) if buyer.isdecimal() else -1
    return KinDraft(place, answers.one(f"kin-party-{row}").strip(), answers.need(f"kin-kind-{row}"), answers.need(f"kin-proof-{row}"))


def _amount(given: str) -> Decimal:
    try:
        return Decimal(given.replace(",", "").strip())
    except InvalidOperation:
        raise InputError("deal.commission", "commission", "it is no amount of CNY", "Write digits, with at most two decimals.") from None
