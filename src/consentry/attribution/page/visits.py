"""Visits in the console: the list, and one visit with everything that happened to it, in order, and what staff can add; nothing is ever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.attribution.model import IdentityKind
from consentry.attribution.page.parts import agency_names, body, no_project, pick_project, project_of
from consentry.attribution.page.story import Moment, edit_words, value_words
from consentry.attribution.page.story import draw as draw_story
from consentry.attribution.service.arrivals import edit_visit, edits_of, visit, visits
from consentry.attribution.service.parties import relate
from consentry.attribution.service.report_views import report
from consentry.attribution.service.visit_views import describe_people, visit_record
from consentry.attribution.visiting import Answer, Binding, EditField
from consentry.console.actors import by, short
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag, text
from consentry.console.lists import PAGE_LENGTH, cell, more, table
from consentry.console.pages import act, at, console_page
from consentry.console.reading import instant, one_of
from consentry.console.reasons import ask_reason, reason
from consentry.console.widgets import Choice, badge, button_link, card, choose, dialog, fact, field, form, nothing, opener, page_head
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError
from consentry.staff.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from consentry.attribution.channel import Description, ListedReport
    from consentry.attribution.service.visit_views import Tie, VisitRecord
    from consentry.attribution.visiting import Hint, VisitEdit, VisitView
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_visit", "draw_visits"]

KIN: Final = ("spouse", "parent", "child", "sibling", IdentityKind.NOT_SAME.value)
"""What staff can put down between two people."""
BOUND: Final = {Binding.BOUND: "good", Binding.BOUND_UNREVEALED: "good", Binding.NONE: "plain"}
GRADES: Final = {"A": "good", "B": "plain", "C": "warn", "X": "bad"}
DESCRIBED: Final = "described"


@console_page("/attribution/visits", access=Permission.VIEW_ATTRIBUTION, title="Visits")
async def draw_visits(screen: Screen) -> None:
    """List visits, newest first, without names."""
    project = project_of(screen)
    with page_head(screen.say("Sales"), screen.say("Who came, on whose report, and how that is known. The first record stands; everything later is added.")):
        pass
    with body(screen, "/attribution/visits"):
        if project is None:
            no_project(screen)
            return
        found = await screen.ask(visits, project.id, after=screen.query.get("before") or None, limit=PAGE_LENGTH)
        pick_project(screen, project)
        _list(screen, found, await agency_names(screen))
        if found:
            more(screen, found, found[-1].id)


def _list(screen: Screen, found: Sequence[VisitView], names: Mapping[str, str]) -> None:
    columns = (
        screen.say("Arrived"),
        screen.say("Brought by"),
        screen.say("How it is known"),
        screen.say("The visitor says"),
        screen.say("People"),
        screen.say("Remarks"),
    )
    with card(classes="flush"):
        if not found:
            nothing(screen.say("No visit"), screen.say("Visits appear here when the desk records them, also those without an agency."))
            return
        with table(columns):
            for one in found:
                _row(screen, one, names, columns)


def _row(screen: Screen, one: VisitView, names: Mapping[str, str], columns: Sequence[str]) -> None:
    with tag("tr"):
        with tag("td", "figure nowrap", {"data-name": columns[0]}):
            link(screen.speech.moment(one.at), at(f"/attribution/visits/{one.id}"))
        cell(columns[1], names.get(one.agency or "", screen.say("nobody")), "strong" if one.agency else "quiet")
        with tag("td", attributes={"data-name": columns[2]}):
            badge(screen.term("binding", one.binding), _tone(one))
        cell(columns[3], screen.term("who-brought", one.answer) if one.answer else screen.say("nothing yet"), "" if one.answer else "quiet")
        cell(columns[4], screen.speech.number(one.party_size), "figure")
        cell(columns[5], _remarks(screen, one), "quiet")


def _tone(one: VisitView) -> str:
    return "good" if one.answer is Answer.CONFIRMED else BOUND.get(one.binding, "bad")


def _remarks(screen: Screen, one: VisitView) -> str:
    said = [screen.say("entered after a network cut")] if one.claimed_at else []
    if one.edits:
        said.append(screen.say_count("{count} later change, which counts for nothing", "{count} later changes, which count for nothing", one.edits))
    return screen.say(", ").join(said) or "–"


@console_page("/attribution/visits/{visit}", access=Permission.VIEW_ATTRIBUTION, title="Visit", personal=True)
async def draw_visit(screen: Screen) -> None:
    """Show one visit: what happened in order, what joins its visitor to others, what the desk should know."""
    found = await screen.ask(visit, screen.query["visit"])
    record = await screen.ask(visit_record, found.id)
    edits = await screen.ask(edits_of, found.id)
    named = await screen.ask(report, found.report) if found.report else None
    names = await agency_names(screen)
    with page_head(screen.say("Visit"), screen.speech.moment(found.at)):
        button_link(screen.say("All visits"), at("/attribution/visits"), picture="left")
    with tag("div", "split"):
        with tag("div", "stack"):
            with card(screen.say("What happened"), screen.say("In the order in which the log received it.")):
                draw_story(screen, sorted(_story(screen, found, record, edits, named, names), key=lambda one: one.at))
            _ties(screen, record.ties, found.visitor)
            _hints(screen, record.hints, names)
        with tag("div", "stack"):
            _facts(screen, found, record, names)
            _names(screen, found)
            _additions(screen, found)


def _story(  # noqa: PLR0913, PLR0917 - everything that is known of one visit
    screen: Screen, found: VisitView, record: VisitRecord, edits: Sequence[VisitEdit], named: ListedReport | None, names: Mapping[str, str]
) -> Iterator[Moment]:
    if named is not None:
        yield Moment(named.filed, screen.say("{agency} reported the client", agency=names.get(named.agency, "")), entry=named.entry)
        if named.reply is not None:
            yield Moment(named.reply.at, screen.term("reply", named.reply.kind), by(screen, named.reply.by), entry=named.reply.entry)
    if found.claimed_at:
        yield Moment(found.claimed_at, screen.say("The visitor came, by the desk's own clock"), screen.say("The desk was cut off and sent it later."))
    came = screen.say_count("{count} person arrived", "{count} people arrived", found.party_size)
    yield Moment(found.at, f"{came} · {screen.term('binding', found.binding)}", by(screen, found.received_by), entry=record.entry)
    if found.answer and record.answered:
        yield Moment(record.answered, screen.say("The visitor says: {answer}", answer=screen.term("who-brought", found.answer)))
    for edit in edits:
        yield Moment(edit.at, edit_words(screen, edit), screen.say("{what}: {subject}", what=by(screen, edit.by), subject=edit.reason), tone="warn")
    for said in record.statements:
        yield Moment(said.at, screen.term("statement", said.kind), tone="warn")
        if said.decided:
            found_it = screen.say("A person found it credible") if said.credible else screen.say("A person did not find it credible")
            yield Moment(said.decided, found_it, screen.say("{what}: {subject}", what=by(screen, said.decided_by or ""), subject=said.reason or ""))


def _ties(screen: Screen, ties: Sequence[Tie], visitor: str) -> None:
    columns = (screen.say("With"), screen.say("How"), screen.say("Grade"), screen.say("Put down by"), screen.say("When"))
    with card(screen.say("Who the visitor is joined to"), screen.say("By equal numbers, documents, or papers that staff saw."), classes="flush"):
        if not ties:
            nothing(screen.say("Nobody yet"), screen.say("A number that comes back joins visits, reports and contracts by itself."))
            return
        with table(columns):
            for tie in ties:
                _tie(screen, tie, visitor, columns)


def _tie(screen: Screen, tie: Tie, visitor: str, columns: Sequence[str]) -> None:
    with tag("tr"):
        with tag("td", attributes={"data-name": columns[0]}):
            ends = (tie.other,) if tie.one.party == visitor else (tie.one, tie.other)
            with tag("div"):
                for end in ends:
                    text("div", f"{screen.term('party', end.kind)} {short(end.party)}", "strong" if end is ends[0] else "quiet", {"title": end.party})
        cell(columns[1], screen.term("link-kind", tie.kind) + (f" · {tie.proof}" if tie.proof else ""))
        with tag("td", attributes={"data-name": columns[2]}):
            badge(screen.say("{what}: {subject}", what=tie.grade, subject=screen.term("grade", tie.grade)), GRADES[tie.grade])
        cell(columns[3], by(screen, tie.by))
        cell(columns[4], screen.speech.moment(tie.at), "figure nowrap")


def _hints(screen: Screen, hints: Sequence[Hint], names: Mapping[str, str]) -> None:
    if not hints:
        return
    with card(screen.say("What to know"), screen.say("Hints decide nothing."), classes="flush"), tag("ul", "rows"):
        for hint in hints:
            with tag("li", "wrap"):
                text("span", screen.term("hint", hint.kind), "grow")
                if hint.agency:
                    badge(names.get(hint.agency, ""), "plain")
                if hint.at:
                    text("span", screen.speech.moment(hint.at), "quiet small figure")


def _facts(screen: Screen, found: VisitView, record: VisitRecord, names: Mapping[str, str]) -> None:
    with card(screen.say("What was recorded first")), tag("dl", "facts"):
        fact(screen.say("Brought by"), names.get(found.agency or "", screen.say("nobody")))
        fact(screen.say("How it is known"), screen.term("binding", found.binding))
        fact(screen.say("People"), screen.speech.number(found.party_size))
        fact(screen.say("Recorded by"), by(screen, found.received_by))
        fact(screen.say("Visitor"), found.visitor, mono=True)
        fact(screen.say("Entry in the ledger"), str(record.entry))
        if found.report:
            text("dt", screen.say("Report"))
            with tag("dd"):
                link(short(found.report), at(f"/attribution/reports/{found.report}"))


def _names(screen: Screen, found: VisitView) -> None:
    said: Description | None = screen.kept.get(DESCRIBED)
    if said is None:
        ask_reason(screen, show_visitor, {"party": found.visitor})
        return
    with card(screen.say("Who is it?")), tag("dl", "facts"):
        fact(screen.say("Called"), said.alias or "–")
        fact(screen.say("Number shown"), said.mask or "–", mono=True)


def _additions(screen: Screen, found: VisitView) -> None:
    offered = [permission for permission in (Permission.RECORD_DEALS, Permission.RECEIVE_VISITORS) if screen.may(permission)]
    if not offered:
        return
    with card(screen.say("Add to the record"), screen.say("Nothing is changed: the first record stands for every verdict.")), tag("div", "row"):
        if screen.may(Permission.RECORD_DEALS):
            _relate(screen, found)
        if screen.may(Permission.RECEIVE_VISITORS):
            _correct(screen, found)


def _relate(screen: Screen, found: VisitView) -> None:
    lead = screen.say("Only what a paper shows. That two are one person is for numbers and documents to say, not for staff.")
    with dialog(screen.say("Relate the visitor"), lead) as asked, form(screen, relate_people, screen.say("Put it down"), {"party": found.visitor}):
        field(screen.say("The other person"), "other", screen.say("The pseudonym on another visit, report or contract."), maxlength=36, required=True)
        choose(screen.say("They are"), "kind", [Choice(kind, screen.term("link-kind", kind)) for kind in KIN], KIN[0])
        field(screen.say("Paper that was seen"), "proof", screen.say("Its kind, such as household register; never what it says."), maxlength=200, required=True)
        reason(screen)
    opener(screen.say("Relate to somebody…"), asked)


def _correct(screen: Screen, found: VisitView) -> None:
    lead = screen.say("The correction is added, with your account. The first value stands, and verdicts on this visit are flagged.")
    with dialog(screen.say("Correct an entry"), lead) as asked, form(screen, correct, screen.say("Add the correction"), {"visit": found.id}):
        choose(screen.say("What is wrong"), "field", [Choice(one, screen.term("edit-field", one)) for one in EditField], EditField.PARTY_SIZE)
        now = value_words(screen, EditField.AT, found.at.isoformat())
        field(
            screen.say("What it should be"),
            "to",
            screen.say("A time as 2026-12-31T09:30, the id of a report or nothing, or a number. Now: {now}", now=now),
            maxlength=64,
        )
        reason(screen)
    opener(screen.say("Correct an entry…"), asked)


@act(Permission.VIEW_ATTRIBUTION)
async def show_visitor(screen: Screen, answers: Answers) -> None:
    """Show who the visitor is, after the reason was written to the ledger."""
    wanted = answers.need("party")
    said = await screen.ask(describe_people, [wanted], Reason(answers.need("reason"), answers.need("ticket")))
    screen.kept[DESCRIBED] = said[wanted]
    await screen.redraw()


@act(Permission.RECORD_DEALS)
async def relate_people(screen: Screen, answers: Answers) -> None:
    """Put down that two people are kin, or are not the same."""
    if answers.need("kind") not in KIN:
        raise InputError("form.choice", answers.one("kind"), "this is not one of the choices", "Choose from the list.")
    ends = answers.need("party"), answers.need("other")
    made = await screen.ask(relate, *ends, answers.need("kind"), proof=answers.need("proof"), reason=answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("It is put down.") if made else screen.say("It was known already."))


@act(Permission.RECEIVE_VISITORS)
async def correct(screen: Screen, answers: Answers) -> None:
    """Add a correction to a visit."""
    wanted = one_of(EditField, answers.need("field"))
    await screen.ask(edit_visit, answers.need("visit"), wanted, _value(screen, wanted, answers.one("to").strip()), reason=answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The correction is added. The first value stands."))


def _value(screen: Screen, wanted: EditField, given: str) -> str | int | None:
    if wanted is EditField.REPORT:
        return given or None
    if wanted is EditField.AT:
        return instant(screen, given).isoformat()
    if not given.isdecimal():
        raise InputError("form.number", given, "this is no number", "Write it in digits.")
    return int(given)
