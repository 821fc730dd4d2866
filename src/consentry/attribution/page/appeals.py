"""Appeals and statements in the console: what is open and until when, read and decided by a second person; what visitors stated, found credible or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.attribution.model import Report
from consentry.attribution.page.deal import ownership_fields, ownership_of, ownership_words
from consentry.attribution.page.parts import agency_names, body, no_project, project_of
from consentry.attribution.service.appeals import appeal as read_appeal
from consentry.attribution.service.appeals import appeals, decide_appeal
from consentry.attribution.service.judging import proposal
from consentry.attribution.service.statements import decide_statement, statements
from consentry.attribution.service.verdicts import verdicts
from consentry.console.actors import by
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.reasons import reason
from consentry.console.widgets import Choice, badge, button_link, card, choose, dialog, fact, form, note, nothing, opener, page_head, segments
from consentry.platform.actors import Permission
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.attribution.deals import Appeal, VerdictView
    from consentry.attribution.visiting import StatementView
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_appeal", "draw_appeals"]

READ: Final = "appeal"
"""Where a page keeps the appeal whose words may be shown."""
STANDS: Final = "stands"
CHANGED: Final = "changed"


@console_page("/attribution/appeals", access=Permission.VIEW_ATTRIBUTION, title="Appeals", personal=True)
async def draw_appeals(screen: Screen) -> None:
    """List appeals by their deadline, and what visitors stated."""
    every = screen.query.get("show") == "all"
    with page_head(
        screen.say("Sales"), screen.say("Either side or the buyer appeals within the window; a second person decides. Nothing is edited, everything is added.")
    ):
        pass
    with body(screen, "/attribution/appeals"):
        if project_of(screen) is None:
            no_project(screen)
            return
        views = [(at("/attribution/appeals"), screen.say("Undecided")), (at("/attribution/appeals?show=all"), screen.say("All"))]
        segments(screen.say("Which appeals"), views, views[every][0])
        _appeals(screen, await screen.ask(appeals, waiting=not every))
        _statements(screen, await screen.ask(statements, waiting=not every))


def _appeals(screen: Screen, found: Sequence[Appeal]) -> None:
    with card(screen.say("Appeals"), classes="flush"):
        if not found:
            nothing(screen.say("No appeal"), screen.say("Agencies and buyers appeal on their own pages; the developer at the contract."), "check")
        with tag("ul", "rows"):
            for one in found:
                _row(screen, one)


def _row(screen: Screen, one: Appeal) -> None:
    late = one.decided is None and one.due < screen.now
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.term("side", one.side), "strong")
            text("div", screen.say("opened {time}", time=screen.speech.moment(one.opened)), "quiet small figure")
        if one.decision:
            badge(screen.term("appeal-decision", one.decision), "good")
        else:
            badge(screen.say("to be done by {time}", time=screen.speech.moment(one.due)), "bad" if late else "warn")
        button_link(screen.say("Contract"), at(f"/attribution/deals/{one.deal}")).props["aria-label"] = screen.say("Contract of this appeal")
        if screen.may(Permission.DECIDE_APPEALS):
            button_link(screen.say("Open"), at(f"/attribution/appeals/{one.id}")).props["aria-label"] = screen.say("Open this appeal")


def _statements(screen: Screen, found: Sequence[StatementView]) -> None:
    lead = screen.say("A credible statement of an earlier visit leaves the verdict to people.")
    with card(screen.say("What visitors stated"), lead, classes="flush"):
        if not found:
            nothing(screen.say("Nothing waits"), screen.say("Visitors state on their own page who brought them, and what is missing."), "check")
        with tag("ul", "rows"):
            for one in found:
                _statement(screen, one)


def _statement(screen: Screen, one: StatementView) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.term("statement", one.kind), "strong")
            text("div", screen.speech.moment(one.at), "quiet small figure")
            if one.words and screen.may(Permission.SIGN_VERDICTS):
                text("p", one.words, "small")
        button_link(screen.say("Visit"), at(f"/attribution/visits/{one.visit}")).props["aria-label"] = screen.say("Visit of this statement")
        if one.decided is not None:
            badge(screen.say("credible") if one.credible else screen.say("not credible"), "warn" if one.credible else "plain")
        elif screen.may(Permission.SIGN_VERDICTS):
            with (
                dialog(screen.say("What did you find?"), screen.say("It stays; an appeal can add to it.")) as asked,
                form(screen, decide_said, screen.say("Keep it"), {"statement": one.id}),
            ):
                choices = [Choice("yes", screen.say("credible")), Choice("no", screen.say("not credible"))]
                choose(screen.say("Finding"), "credible", choices, "no")
                reason(screen, screen.say("How you know. Name no person."))
            opener(screen.say("Decide…"), asked, name=screen.say("Decide on {name}", name=screen.term("statement", one.kind)))


@console_page("/attribution/appeals/{appeal}", access=Permission.DECIDE_APPEALS, title="Appeal", personal=True)
async def draw_appeal(screen: Screen) -> None:
    """Show one appeal; its words after the password, and how to decide it to whoever may."""
    one = await _appeal(screen, screen.query["appeal"])
    signed, names = await screen.ask(verdicts, one.deal), await agency_names(screen)
    with page_head(screen.say("Appeal"), screen.term("side", one.side)):
        button_link(screen.say("All appeals"), at("/attribution/appeals"), picture="left")
        button_link(screen.say("Contract"), at(f"/attribution/deals/{one.deal}"))
    with tag("div", "split"):
        with tag("div", "stack"):
            _words(screen, one)
            await _decision(screen, one, signed, names)
        with tag("div", "stack"):
            _facts(screen, one)
            _against(screen, one, signed, names)


async def _appeal(screen: Screen, name: str) -> Appeal:
    found = next((one for one in await screen.ask(appeals, waiting=False) if one.id == name), None)
    if found is None:
        raise NotFoundError("appeal.unknown", "appeal", "there is none of that id", "Look at the list again.")
    return found


def _words(screen: Screen, one: Appeal) -> None:
    read: Appeal | None = screen.kept.get(READ)
    with card(screen.say("What is said"), screen.say("In the words of whoever appeals.")):
        if read is not None:
            text("p", read.words or "", "said")
            return
        with form(screen, read_words, screen.say("Read it"), {"appeal": one.id}):
            text("p", screen.say("The words are encrypted; reading them needs your password."), "quiet")


async def _decision(screen: Screen, one: Appeal, signed: Sequence[VerdictView], names: Mapping[str, str]) -> None:
    if one.decided is not None and one.decision is not None:
        with card(screen.say("Decision")), tag("dl", "facts"):
            fact(screen.say("Decision"), screen.term("appeal-decision", one.decision))
            fact(screen.say("When"), screen.speech.moment(one.decided))
            fact(screen.say("By whom"), by(screen, one.decided_by or ""))
            fact(screen.say("Reason"), one.reason or "–")
        return
    if screen.actor.label in {one.by, *(view.verdict.signed_by for view in signed)}:
        note(screen.say("You cannot decide this one."), screen.say("You signed a verdict on this contract, or opened the appeal. Ask a second person."), "warn")
        return
    found = await screen.ask(proposal, one.deal)
    reported = {event.agency for event in found.explanation.case.events if isinstance(event, Report)}
    appealed = {made.agency for view in signed for made in view.appeals if made.agency is not None}
    with (
        card(screen.say("Decide"), screen.say("In your own name. The verdict before stays readable.")),
        form(screen, decide, screen.say("Decide the appeal"), {"appeal": one.id, "proposal": found.sha256}),
    ):
        choices = [Choice(STANDS, screen.say("The verdict stands")), Choice(CHANGED, screen.say("A new verdict takes its place"))]
        choose(screen.say("Decision"), "decision", choices, STANDS)
        with tag("details", "fold"):
            text("summary", screen.say("The new verdict, where there is one"))
            with tag("div", "stack"):
                ownership_fields(screen, sorted(reported | appealed), names)
        reason(screen)


def _facts(screen: Screen, one: Appeal) -> None:
    with card(screen.say("Appeal")), tag("dl", "facts"):
        fact(screen.say("Opened"), screen.speech.moment(one.opened))
        fact(screen.say("By whom"), by(screen, one.by))
        fact(screen.say("Due"), screen.speech.moment(one.due))
        fact(screen.say("Entry in the ledger"), str(one.entry))


def _against(screen: Screen, one: Appeal, signed: Sequence[VerdictView], names: Mapping[str, str]) -> None:
    view = next((view for view in signed if view.verdict.id == one.verdict), None)
    if view is None:
        return
    with card(screen.say("Against this verdict")), tag("div", "stack"):
        with tag("div", "row"):
            badge(ownership_words(screen, view.verdict.ownership, names), "plain")
        with tag("dl", "facts"):
            fact(screen.say("Signed"), screen.speech.moment(view.verdict.signed))
            fact(screen.say("By whom"), by(screen, view.verdict.signed_by))


@act(Permission.DECIDE_APPEALS)
async def read_words(screen: Screen, answers: Answers) -> None:
    """Show what somebody says against a verdict."""
    screen.kept[READ] = await screen.ask(read_appeal, answers.need("appeal"))
    await screen.redraw()


@act(Permission.DECIDE_APPEALS)
async def decide(screen: Screen, answers: Answers) -> None:
    """Decide an appeal."""
    owned = ownership_of(answers) if answers.need("decision") == CHANGED else None
    await screen.ask(decide_appeal, answers.need("appeal"), answers.need("reason"), owned, proposal_sha256=answers.need("proposal"))
    await screen.redraw()
    tell(screen, screen.say("The appeal is decided."))


@act(Permission.SIGN_VERDICTS)
async def decide_said(screen: Screen, answers: Answers) -> None:
    """Keep what a person found of a statement."""
    await screen.ask(decide_statement, answers.need("statement"), credible=answers.need("credible") == "yes", reason=answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("It is kept."))
