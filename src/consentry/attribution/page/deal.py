"""One contract: the proposal with its reason, timeline and steps, the evidence, the flags; signed or sent back by a named person; bundle and receipt."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import ui

from consentry.attribution.deals import DealState, Decision, Ownership, Ruling, Side
from consentry.attribution.model import Report, VerdictKind
from consentry.attribution.page.deals import STATE_TONES, money
from consentry.attribution.page.parts import agency_names, names_in_words, receipt_code
from consentry.attribution.page.reasoning import draw_evidence, draw_flags, draw_steps
from consentry.attribution.page.story import draw as draw_story
from consentry.attribution.page.story import moments_of
from consentry.attribution.service.appeals import appeal_by_staff
from consentry.attribution.service.bundles import bundle
from consentry.attribution.service.deals import cancel_deal
from consentry.attribution.service.deals import deal as find_deal
from consentry.attribution.service.flags import clear_flag, flags
from consentry.attribution.service.judging import proposal
from consentry.attribution.service.signing import sign
from consentry.attribution.service.verdict_receipts import verdict_receipt
from consentry.attribution.service.verdicts import verdicts
from consentry.attribution.service.visit_views import describe_people
from consentry.console.actors import by, short
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.reading import one_of
from consentry.console.reasons import ask_reason, reason
from consentry.console.screen import explained
from consentry.console.widgets import Choice, badge, button, button_link, card, choose, dialog, fact, field, form, note, opener, page_head, tick
from consentry.ledger.page import verify_command
from consentry.ledger.service import log_key
from consentry.platform.actors import Permission
from consentry.platform.errors import LedgerError
from consentry.staff.model import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.attribution.channel import Description
    from consentry.attribution.deals import Deal, Proposal, VerdictView
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_deal", "ownership_fields", "ownership_of", "ownership_words"]

UNSIGNED = frozenset({DealState.WAITING, DealState.SENT_BACK})
VERDICT_TONES = {VerdictKind.CHANNEL: "good", VerdictKind.NATURAL: "plain", VerdictKind.SPLIT: "good", VerdictKind.MANUAL: "warn"}
DECIDED = (VerdictKind.NATURAL, VerdictKind.CHANNEL, VerdictKind.SPLIT)
LONGEST_APPEAL = 4000
DESCRIBED = "described"
"""Where a page keeps whom it may name, for as long as it is open."""


@console_page("/attribution/deals/{deal}", access=Permission.VIEW_ATTRIBUTION, title="Contract", personal=True)
async def draw_deal(screen: Screen) -> None:
    """Show one contract with everything that its verdict rests on."""
    deal = await screen.ask(find_deal, screen.query["deal"])
    names = await agency_names(screen)
    signed = await screen.ask(verdicts, deal.id)
    with page_head(deal.unit, screen.say("contract of {time}", time=screen.speech.moment(deal.signed))):
        button_link(screen.say("All contracts"), at("/attribution/deals"), picture="left")
    with tag("div", "split"):
        with tag("div", "stack"):
            if deal.sent_back:
                note(screen.say("The proposal was sent back."), deal.sent_back, "warn")
            for one in reversed(signed):
                _verdict(screen, one, names, in_force=one is signed[-1])
            await _proposal(screen, deal, signed, names)
        with tag("div", "stack"):
            _facts(screen, deal)
            _names(screen, deal)
            if signed:
                await _proof(screen, deal)
            draw_flags(screen, await screen.ask(flags, deal=deal.id, waiting=False), clear)
            _more(screen, deal, signed, names)


async def _proposal(screen: Screen, deal: Deal, signed: Sequence[VerdictView], names: Mapping[str, str]) -> None:
    """Show what the rules say now; where the database is not what the log received, show that instead."""
    if deal.state is DealState.CANCELLED:
        return
    try:
        found = await screen.ask(proposal, deal.id)
    except LedgerError as error:
        note(*explained(screen.speech, error), tone="bad")
        return
    verdict = found.explanation.verdict
    if signed and signed[-1].verdict.ownership == Ownership(verdict.kind, verdict.agencies):
        note(screen.say("By the record of today the rules say the same."), tone="good")
    else:
        _proposed(screen, deal, found, names)
    with card(screen.say("What happened"), screen.say("Up to the contract, in the order in which the log received it.")):
        draw_story(screen, moments_of(screen, found.explanation.case, names))
    draw_steps(screen, found.explanation, names)
    draw_evidence(screen, found.explanation.verdict, found.document)


def _proposed(screen: Screen, deal: Deal, found: Proposal, names: Mapping[str, str]) -> None:
    verdict = found.explanation.verdict
    open_ = deal.state in UNSIGNED
    title = screen.say("What the rules propose") if open_ else screen.say("What the rules say of the record today")
    with card(title, screen.say("The rules decide nothing alone.")), tag("div", "stack"):
        with tag("div", "row tight"):
            badge(ownership_words(screen, Ownership(verdict.kind, verdict.agencies), names), VERDICT_TONES[verdict.kind])
            for flag in verdict.flags:
                badge(screen.term("verdict-flag", flag), "warn")
        text("p", names_in_words(screen.own({"zh": verdict.reason.zh, "en": verdict.reason.en}), names))
        text("div", found.sha256, "quiet small mono")
        if open_ and screen.may(Permission.SIGN_VERDICTS):
            with tag("div", "row"):
                _sign(screen, found, names)
                _send_back(screen, found)


def _sign(screen: Screen, found: Proposal, names: Mapping[str, str]) -> None:
    manual = found.explanation.verdict.kind is VerdictKind.MANUAL
    lead = screen.say("You sign exactly what you see here, in your own name. A verdict never changes; who disagrees appeals.")
    with dialog(screen.say("Sign the verdict"), lead) as asked, form(screen, sign_verdict, screen.say("Sign"), _fixed(found)):
        if manual:
            note(screen.say("The rules leave this one to you."), screen.say("Say whose client it was, and why."), "warn")
            ownership_fields(screen, _concerned(found), names)
        reason(screen)
    opener(screen.say("Sign the verdict…"), asked, look="main-action", picture="check")


def _send_back(screen: Screen, found: Proposal) -> None:
    lead = screen.say("Say what is missing or wrong. What is added to the record is judged anew.")
    with dialog(screen.say("Send it back"), lead) as asked, form(screen, send_back, screen.say("Send it back"), _fixed(found), look="danger"):
        reason(screen)
    opener(screen.say("Send it back…"), asked, look="danger")


def _fixed(found: Proposal) -> dict[str, str]:
    return {"deal": found.deal, "proposal": found.sha256}


def _concerned(found: Proposal) -> list[str]:
    return sorted({event.agency for event in found.explanation.case.events if isinstance(event, Report)})


def ownership_fields(screen: Screen, agencies: Sequence[str], names: Mapping[str, str]) -> None:
    """Add the fields by which a person says whose client it was: of ``agencies``, those that reported somebody in the case."""
    choose(screen.say("Whose client"), "kind", [Choice(kind, screen.term("verdict", kind)) for kind in DECIDED], VerdictKind.NATURAL)
    with tag("fieldset", "shape"):
        text("legend", screen.say("Agencies, unless the client came by themselves"), "small strong")
        for agency in agencies:
            tick(names.get(agency, agency), "agency", agency)


def ownership_of(answers: Answers) -> Ownership:
    """Return what a person said whose client it was."""
    kind = one_of(VerdictKind, answers.need("kind"))
    return Ownership(kind, () if kind is VerdictKind.NATURAL else answers.all("agency"))


def ownership_words(screen: Screen, owned: Ownership, names: Mapping[str, str]) -> str:
    """Say whose client it was."""
    said = screen.term("verdict", owned.kind)
    agencies = screen.say(", ").join(names.get(agency, agency) for agency in owned.agencies)
    return screen.say("{what}: {subject}", what=said, subject=agencies) if agencies else said


def _verdict(screen: Screen, one: VerdictView, names: Mapping[str, str], *, in_force: bool) -> None:
    signed = one.verdict
    with card(screen.say("Verdict {number}", number=signed.number)), tag("div", "stack"):
        with tag("div", "row tight"):
            badge(ownership_words(screen, signed.ownership, names), VERDICT_TONES[signed.ownership.kind])
            badge(screen.say("in force") if in_force else screen.say("replaced"), "good" if in_force else "plain")
        text("p", names_in_words(screen.own(one.reason), names))
        with tag("dl", "facts"):
            fact(screen.say("Signed"), screen.speech.moment(signed.signed))
            fact(screen.say("By whom"), by(screen, signed.signed_by))
            fact(screen.say("Appeals until"), screen.speech.moment(signed.appeal_until))
            fact(screen.say("Hash"), signed.sha256, mono=True)
            fact(screen.say("Entry in the ledger"), str(signed.entry))


def _facts(screen: Screen, deal: Deal) -> None:
    with card(screen.say("Contract")), tag("div", "stack"):
        with tag("dl", "facts"):
            text("dt", screen.say("State"))
            with tag("dd"):
                badge(screen.term("deal-state", deal.state), STATE_TONES[deal.state])
            project = screen.site.settings.project(deal.project)
            fact(screen.say("Project"), screen.own(project.name) if project else deal.project)
            fact(screen.say("Commission"), money(screen, deal.commission))
            fact(screen.say("Recorded"), screen.speech.moment(deal.recorded))
            fact(screen.say("By whom"), by(screen, deal.recorded_by))
            fact(screen.say("Entry in the ledger"), str(deal.entry))
        for place, buyer in enumerate(deal.buyers, 1):
            checked = {None: screen.say("identity not checked"), True: screen.say("identity checked"), False: screen.say("the check did not pass")}[
                buyer.passed
            ]
            with tag("div"):
                text("div", screen.say("Buyer {number}", number=place), "strong small")
                text("div", f"{buyer.party}", "quiet small mono")
                text("div", f"{checked} · {buyer.reader}" if buyer.reader else checked, "quiet small")


def _names(screen: Screen, deal: Deal) -> None:
    said: Mapping[str, Description] | None = screen.kept.get(DESCRIBED)
    if said is None:
        ask_reason(screen, show_buyers, {"deal": deal.id})
        return
    with card(screen.say("Who is it?")), tag("dl", "facts"):
        for place, buyer in enumerate(deal.buyers, 1):
            found = said[buyer.party]
            fact(screen.say("Buyer {number}", number=place), f"{found.alias or '–'} · {found.mask or '–'}")


async def _proof(screen: Screen, deal: Deal) -> None:
    sealed = await screen.ask(verdict_receipt, deal.id)
    with card(screen.say("Proof for both sides"), screen.say("Anyone who holds the log's key can check it, without this site.")), tag("div", "stack"):
        receipt_code(screen, sealed)
        button(screen, screen.say("Download the bundle"), download_bundle, {"deal": deal.id}, picture="download", look="wide")
        text("code", verify_command(await asyncio.to_thread(log_key, screen.site), _bundle_name(deal.id)), "quiet")


def _bundle_name(deal: str) -> str:
    return f"verdict-{short(deal).strip('…')}.json"


def _more(screen: Screen, deal: Deal, signed: Sequence[VerdictView], names: Mapping[str, str]) -> None:
    if not screen.may(Permission.RECORD_DEALS) or deal.state is DealState.CANCELLED:
        return
    with card(screen.say("More")), tag("div", "row"):
        if signed and screen.now <= signed[-1].verdict.appeal_until:
            _appeal(screen, deal, names)
        lead = screen.say("It was rescinded, or recorded by mistake. What was decided stays readable; no commission is due any more.")
        with (
            dialog(screen.say("Cancel the contract"), lead) as asked,
            form(screen, cancel, screen.say("Cancel the contract"), {"deal": deal.id}, look="danger"),
        ):
            reason(screen)
        opener(screen.say("Cancel the contract…"), asked, look="danger")


def _appeal(screen: Screen, deal: Deal, names: Mapping[str, str]) -> None:
    lead = screen.say("For the developer, or for somebody who came to the office in person. A second person decides.")
    with dialog(screen.say("Open an appeal"), lead) as asked, form(screen, open_appeal, screen.say("Open the appeal"), {"deal": deal.id}):
        choose(screen.say("Whose appeal"), "side", [Choice(side, screen.term("side", side)) for side in Side], Side.DEVELOPER)
        choose(screen.say("Agency"), "agency", [Choice("", "–"), *(Choice(agency, name) for agency, name in sorted(names.items()))], "")
        field(screen.say("What is wrong"), "words", screen.say("Kept encrypted, for whoever decides."), rows=4, maxlength=LONGEST_APPEAL, required=True)
    opener(screen.say("Open an appeal…"), asked)


@act(Permission.VIEW_ATTRIBUTION)
async def show_buyers(screen: Screen, answers: Answers) -> None:
    """Show who the buyers are, after the reason was written to the ledger."""
    found = await screen.ask(find_deal, answers.need("deal"))
    parties = [buyer.party for buyer in found.buyers]
    screen.kept[DESCRIBED] = await screen.ask(describe_people, parties, Reason(answers.need("reason"), answers.need("ticket")))
    await screen.redraw()


@act(Permission.SIGN_VERDICTS)
async def sign_verdict(screen: Screen, answers: Answers) -> None:
    """Sign a proposal."""
    owned = ownership_of(answers) if answers.one("kind") else None
    ruling = Ruling(answers.need("proposal"), Decision.ACCEPT, answers.need("reason"), owned)
    await screen.ask(sign, answers.need("deal"), ruling)
    await screen.redraw()
    tell(screen, screen.say("The verdict is signed."))


@act(Permission.SIGN_VERDICTS)
async def send_back(screen: Screen, answers: Answers) -> None:
    """Send a proposal back."""
    await screen.ask(sign, answers.need("deal"), Ruling(answers.need("proposal"), Decision.SEND_BACK, answers.need("reason")))
    await screen.redraw()
    tell(screen, screen.say("The proposal is sent back."))


@act(Permission.SIGN_VERDICTS)
async def clear(screen: Screen, answers: Answers) -> None:
    """Clear a flag, with what it turned out to be."""
    await screen.ask(clear_flag, answers.need("flag"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The flag is cleared."))


@act(Permission.RECORD_DEALS)
async def cancel(screen: Screen, answers: Answers) -> None:
    """Put down that a contract was rescinded."""
    await screen.ask(cancel_deal, answers.need("deal"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The contract is cancelled."))


@act(Permission.RECORD_DEALS)
async def open_appeal(screen: Screen, answers: Answers) -> None:
    """Open an appeal at the office."""
    await screen.ask(appeal_by_staff, answers.need("deal"), answers.need("words"), one_of(Side, answers.need("side")), agency=answers.one("agency") or None)
    await screen.redraw()
    tell(screen, screen.say("The appeal is open."))


@act(Permission.VIEW_ATTRIBUTION)
async def download_bundle(screen: Screen, answers: Answers) -> None:
    """Hand over the bundle of the verdict in force."""
    wanted = answers.need("deal")
    sealed = await screen.ask(bundle, wanted)
    ui.download.content(sealed.data, _bundle_name(wanted))
