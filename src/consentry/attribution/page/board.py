"""The commission board in the console: due, held and why, paid; marked as paid, and exported for accounting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui

from consentry.attribution.deals import PayState
from consentry.attribution.page.deals import money
from consentry.attribution.page.parts import body, no_project, pick_project, project_of
from consentry.attribution.service.board import board, pay
from consentry.attribution.service.exporting import FileFormat, export_board
from consentry.console.actors import by
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag, text
from consentry.console.lists import PAGE_LENGTH, cell, table
from consentry.console.pages import act, at, console_page
from consentry.console.reading import one_of
from consentry.console.widgets import badge, button, button_link, card, dialog, field, form, nothing, opener, page_head, segments, stat
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.deals import BoardRow, CommissionBoard
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_board"]

TONES: Final = {PayState.DUE: "good", PayState.HELD: "warn", PayState.PAID: "plain", PayState.NONE: "plain"}
FLAGGED: Final = "flag-"


@console_page("/attribution/commission", access=Permission.VIEW_COMMISSION, title="Commission")
async def draw_board(screen: Screen) -> None:
    """Show what is owed to whom, and why something is held."""
    project = project_of(screen)
    with page_head(screen.say("Sales"), screen.say("Commission follows the signed verdict. It is held while an appeal is possible or a flag is not cleared.")):
        if project is not None:
            for form_ in FileFormat:
                words = screen.say("Download the board as {format}", format=form_.value.upper())
                button(screen, form_.value.upper(), download, {"format": form_, "project": project.id}, picture="download", name=words)
    with body(screen, "/attribution/commission"):
        if project is None:
            no_project(screen)
            return
        found = await screen.ask(board, project=project.id)
        pick_project(screen, project)
        _totals(screen, found)
        state = screen.query.get("state") or ""
        _states(screen, state)
        rows = [row for row in found.rows if not state or row.state is one_of(PayState, state)]
        _list(screen, rows)


def _totals(screen: Screen, found: CommissionBoard) -> None:
    with tag("div", "grid"):
        stat(screen.say("Commission due"), money(screen, found.totals.due), screen.say("can be paid now"))
        stat(screen.say("Commission held"), money(screen, found.totals.held), screen.say("each with its reasons"))
        stat(screen.say("Commission paid"), money(screen, found.totals.paid))


def _states(screen: Screen, state: str) -> None:
    states = ("", *(PayState.DUE, PayState.HELD, PayState.PAID, PayState.NONE))
    views = [(screen.address(state=one or None, after=None), screen.term("pay-state", one) if one else screen.say("All")) for one in states]
    with tag("div", "scroller"):
        segments(screen.say("Which commission"), views, screen.address(state=state or None, after=None))


def _list(screen: Screen, rows: Sequence[BoardRow]) -> None:
    after = screen.query.get("after", "")
    first = int(after) if after.isdecimal() else 0
    columns = (screen.say("Unit"), screen.say("Agency"), screen.say("Amount"), screen.say("State"), screen.say("Why"), screen.say("Paid"))
    with card(classes="flush"):
        if not rows:
            nothing(screen.say("No commission"), screen.say("Each contract appears here with what is owed for it."))
            return
        with table(columns):
            for row in rows[first : first + PAGE_LENGTH]:
                _row(screen, row, columns)
    if len(rows) > first + PAGE_LENGTH:
        with tag("div", "row"):
            button_link(screen.say("More"), screen.address(after=str(first + PAGE_LENGTH)), picture="right")


def _row(screen: Screen, row: BoardRow, columns: Sequence[str]) -> None:
    with tag("tr"):
        with tag("td", "strong", {"data-name": columns[0]}):
            link(row.unit, at(f"/attribution/deals/{row.deal}"))
        cell(columns[1], row.agency_name or screen.say("nobody"), "" if row.agency_name else "quiet")
        cell(columns[2], money(screen, row.amount), "figure nowrap")
        with tag("td", attributes={"data-name": columns[3]}):
            badge(screen.term("pay-state", row.state), TONES[row.state])
        cell(columns[4], screen.say(", ").join(_why(screen, code) for code in row.reasons) or "–", "quiet")
        with tag("td", attributes={"data-name": columns[5]}):
            _paid(screen, row)


def _why(screen: Screen, code: str) -> str:
    if code.startswith(FLAGGED):
        return screen.say("flag: {flag}", flag=screen.term("fraud", code.removeprefix(FLAGGED)))
    return screen.term("held", code)


def _paid(screen: Screen, row: BoardRow) -> None:
    if row.paid is not None:
        text("div", screen.speech.moment(row.paid), "figure nowrap")
        text("div", f"{row.reference} · {by(screen, row.paid_by or '')}", "quiet small")
    elif row.state is PayState.DUE and row.agency is not None and screen.may(Permission.RECORD_DEALS):
        with (
            dialog(screen.say("Mark as paid"), f"{row.agency_name} · {money(screen, row.amount)}") as asked,
            form(screen, mark_paid, screen.say("Mark as paid"), {"deal": row.deal, "agency": row.agency}),
        ):
            field(screen.say("Reference of the transfer"), "reference", screen.say("For accounting; no name of a buyer."), maxlength=64, required=True)
        opener(screen.say("Mark as paid…"), asked, name=screen.say("Mark {name} as paid", name=row.unit))
    else:
        text("span", "–", "quiet")


@act(Permission.RECORD_DEALS)
async def mark_paid(screen: Screen, answers: Answers) -> None:
    """Put down that a share was paid."""
    await screen.ask(pay, answers.need("deal"), answers.need("agency"), answers.need("reference"))
    await screen.redraw()
    tell(screen, screen.say("It is marked as paid."))


@act(Permission.VIEW_COMMISSION)
async def download(screen: Screen, answers: Answers) -> None:
    """Hand over the board as a file."""
    wanted, project = one_of(FileFormat, answers.need("format")), answers.need("project")
    data = await screen.ask(export_board, wanted, project=project)
    ui.download.content(data, f"commission-{project}.{wanted}")
