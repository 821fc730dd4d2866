"""Consent in the console: notices published, assessments signed, consents by pseudonym, requests answered in time."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

from consentry.consent import service
from consentry.consent.model import AssessmentDraft, Audience, ConsentState, Method, NoticeTerms, NoticeText, Purpose
from consentry.consent.page.children import choose_audience, terms_to_begin_with, under_age_dialog
from consentry.consent.requests import Answer, Decision, RefusalGround, RequestKind
from consentry.consent.rules.notices import DAY
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.widgets import Choice, badge, button_link, card, choose, dialog, fact, field, form, note, nothing, opener, page_head, segments
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError
from consentry.staff.model import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.consent.model import Assessment, Consent, Notice
    from consentry.consent.requests import Request, RequestDetails
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_assessments", "draw_consents", "draw_notices", "draw_publish", "draw_request", "draw_requests"]

PAGE_LENGTH: Final = 50
FIELDS: Final = tuple(one.name for one in fields(NoticeText))
SECTIONS: Final = ("lawfulness", "impact", "risks", "protection", "why_no_code")
LANGUAGE_WORDS: Final = {"zh-CN": "中文", "en": "English"}
STATE_TONES: Final = {ConsentState.GIVEN: "good", ConsentState.RENEWED: "good", ConsentState.INVALIDATED: "warn", ConsentState.EXPIRED: "warn"}
LONGEST: Final = 2000
LONGEST_NUMBER: Final = 4

Word = TypeVar("Word", bound=StrEnum)


def _tabs(screen: Screen, here: str) -> None:
    parts = [
        (at("/consent"), screen.say("Notices")),
        (at("/consent/assessments"), screen.say("Assessments")),
        (at("/consent/records"), screen.say("Consents")),
        (at("/consent/requests"), screen.say("Requests")),
    ]
    segments(screen.say("Parts of consent"), parts, at(here))


@console_page("/consent", access=Permission.VIEW_CONSENTS, title="Consent")
async def draw_notices(screen: Screen) -> None:
    """List the notices, the one in force first for each purpose."""
    found = await screen.ask(service.notices)
    with page_head(screen.say("Consent"), screen.say("A face is used only for a purpose with a published notice, and only of those who agreed to it.")):
        if screen.may(Permission.PUBLISH_NOTICE):
            button_link(screen.say("Write a notice"), at("/consent/publish"), look="main-action", picture="add")
    with tag("div", "stack"):
        _tabs(screen, "/consent")
        with card(classes="flush"):
            if not found:
                nothing(screen.say("No notice yet"), screen.say("Without a published notice no face is used at this site."))
            with tag("ul", "rows"):
                for notice in found:
                    _notice_row(screen, notice, in_force=notice is _newest(found, notice.purpose, notice.audience))


def _newest(found: Sequence[Notice], purpose: Purpose, audience: Audience = Audience.EVERYBODY) -> Notice | None:
    fitting = (notice for notice in found if (notice.purpose, notice.audience) == (purpose, audience))
    return max(fitting, key=lambda notice: notice.version, default=None)


def _notice_row(screen: Screen, notice: Notice, *, in_force: bool) -> None:
    title = screen.say("{purpose}, version {version}", purpose=screen.term("face-purpose", notice.purpose), version=notice.version)
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", title, "strong")
            text("div", _terms_line(screen, notice.terms), "quiet small")
            for language, digest in notice.sha256.items():
                text("div", f"{LANGUAGE_WORDS[language]} · {digest}", "quiet small mono")
        if notice.audience is Audience.CHILDREN:
            badge(screen.say("for children"), "plain")
        badge(screen.say("in force") if in_force else screen.say("replaced"), "good" if in_force else "plain")
        text("span", screen.speech.moment(notice.published), "quiet small figure")


def _terms_line(screen: Screen, terms: NoticeTerms) -> str:
    held = screen.say("holds {time}", time=screen.speech.length(terms.validity))
    kept = screen.say("{time} without a visit", time=screen.speech.length(terms.retention))
    return " · ".join([screen.term("method", terms.method), terms.model_family, held, kept])


@console_page("/consent/publish", access=Permission.PUBLISH_NOTICE, title="Write a notice")
async def draw_publish(screen: Screen) -> None:
    """Let somebody write the next version of a notice, beginning with the words in force."""
    purpose = _one_of(Purpose, screen.query.get("purpose") or Purpose.GREETING)
    audience = _one_of(Audience, screen.query.get("audience") or Audience.EVERYBODY)
    found = await screen.ask(service.notices)
    before = _newest(found, purpose, audience)
    everybody = _newest(found, purpose)
    with page_head(screen.say("Write a notice"), screen.say("Every field is shown to people exactly as it stands here; none may be empty.")):
        button_link(screen.say("All notices"), at("/consent"), picture="left")
    with tag("div", "stack"):
        views = [(at(f"/consent/publish?purpose={one}"), screen.term("face-purpose", one)) for one in Purpose]
        segments(screen.say("Purpose"), views, at(f"/consent/publish?purpose={purpose}"))
        choose_audience(screen, purpose, audience, everybody)
        if before is not None:
            said = screen.say("Other terms, or other words about purpose, method, data, retention or recipients, end every consent given so far.")
            note(said, screen.say("People are asked anew."), "warn")
        with form(screen, publish, screen.say("Publish"), {"purpose": purpose, "audience": audience}):
            _terms_fields(screen, terms_to_begin_with(audience, before, everybody))
            for language in screen.site.settings.site.languages:
                _text_fields(screen, language, before.texts.get(language) if before else None, audience)


def _terms_fields(screen: Screen, terms: NoticeTerms | None) -> None:
    with card(screen.say("Terms")), tag("div", "stack"):
        methods = [Choice(method, screen.term("method", method)) for method in Method]
        choose(screen.say("Method"), "method", methods, terms.method if terms else Method.ONE_TO_ONE)
        for name, words, value in (
            ("validity", screen.say("The consent holds (days)"), terms.validity // DAY if terms else 365),
            ("retention", screen.say("Deleted after so many days without a visit"), terms.retention // DAY if terms else 90),
        ):
            field(words, name, value=str(value), type="number", min=1, max=365, required=True)
        family = terms.model_family if terms else ""
        field(screen.say("Model family"), "family", screen.say("As in the settings: templates of one family fit no other."), value=family, required=True)
        field(screen.say("Device that holds the templates"), "device", value=terms.storage_device if terms else "", maxlength=80, required=True)
        hint = screen.say("One a line; empty: nobody.")
        field(screen.say("Recipients"), "recipients", hint, value="\n".join(terms.recipients) if terms else "", rows=2, maxlength=800)


def _text_fields(screen: Screen, language: str, words: NoticeText | None, audience: Audience) -> None:
    with card(LANGUAGE_WORDS[language]), tag("div", "stack"):
        for name in FIELDS if audience is Audience.CHILDREN else FIELDS[:-1]:
            value = getattr(words, name) if words else ""
            field(screen.term("notice-field", name), f"{language}.{name}", value=value, rows=2, maxlength=LONGEST, lang=language, required=True)


@console_page("/consent/assessments", access=Permission.VIEW_CONSENTS, title="Assessments")
async def draw_assessments(screen: Screen) -> None:
    """List the impact assessments, and let a named person sign one."""
    found = await screen.ask(service.assessments)
    current = await screen.ask(service.notices)
    with page_head(screen.say("Consent"), screen.say("A purpose starts with a signed assessment, and stops when that expires or its terms change.")):
        if screen.may(Permission.SIGN_ASSESSMENT):
            _sign_dialog(screen, current)
    with tag("div", "stack"):
        _tabs(screen, "/consent/assessments")
        with card(classes="flush"):
            if not found:
                nothing(screen.say("No assessment yet"), screen.say("Publish the notice first; the assessment is made for its terms."))
            with tag("ul", "rows"):
                for assessment in found:
                    _assessment_row(screen, assessment)


def _assessment_row(screen: Screen, assessment: Assessment) -> None:
    title = screen.say("{purpose}, version {version}", purpose=screen.term("face-purpose", assessment.purpose), version=assessment.version)
    over = assessment.expires <= screen.now
    with tag("li", "wrap"):
        with tag("details", "grow"):
            text("summary", title, "strong")
            with tag("dl", "facts"):
                for name in SECTIONS:
                    fact(screen.term("assessment-section", name), getattr(assessment, name) or "–")
                fact(screen.say("Signed by"), assessment.signed_by, mono=True)
                fact(screen.say("Signed"), screen.speech.moment(assessment.signed))
        badge(screen.say("expired") if over else screen.say("until {time}", time=screen.speech.moment(assessment.expires)), "bad" if over else "good")


def _sign_dialog(screen: Screen, current: Sequence[Notice]) -> None:
    published = [purpose for purpose in Purpose if _newest(current, purpose)]
    if not published:
        return
    lead = screen.say("With your signature you answer for it. The ledger keeps the hash of every word.")
    with dialog(screen.say("Sign an assessment"), lead) as asked, form(screen, sign, screen.say("Sign")):
        choose(screen.say("Purpose"), "purpose", [Choice(one, screen.term("face-purpose", one)) for one in published], published[0])
        for name in SECTIONS:
            field(screen.term("assessment-section", name), name, rows=4, maxlength=20_000, required=name != "why_no_code")
        field(screen.say("It holds until"), "expires", screen.say("Three years at most."), type="date", required=True)
    opener(screen.say("Sign an assessment…"), asked, look="main-action", picture="add")


@console_page("/consent/records", access=Permission.VIEW_CONSENTS, title="Consents", personal=True)
async def draw_consents(screen: Screen) -> None:
    """List consents by pseudonym; who gave them is not known here."""
    found = await screen.ask(service.consents, after=screen.query.get("after"), limit=PAGE_LENGTH)
    with page_head(screen.say("Consent"), screen.say("Consents by pseudonym. Names are not kept with them.")):
        if screen.may(Permission.HANDLE_REQUESTS):
            under_age_dialog(screen)
    with tag("div", "stack"):
        _tabs(screen, "/consent/records")
        with card(classes="flush"):
            if not found:
                nothing(screen.say("No consent yet"), screen.say("Whoever agrees at a station or on a telephone appears here by pseudonym."))
            with tag("ul", "rows"):
                for consent in found:
                    _consent_row(screen, consent)
        if len(found) == PAGE_LENGTH:
            button_link(screen.say("More"), screen.address(after=found[-1].id), picture="right")


def _head(screen: Screen, lead: str) -> None:
    with page_head(screen.say("Consent"), lead):
        pass


def _consent_row(screen: Screen, consent: Consent) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.term("face-purpose", consent.purpose), "strong")
            text("div", " · ".join(filter(None, (consent.id, consent.person))), "quiet small mono")
            text("div", _consent_times(screen, consent), "quiet small")
        if consent.audience is Audience.CHILDREN:
            badge(screen.say("by a guardian"), "plain")
        if consent.suspended:
            badge(screen.say("rests"), "warn")
        badge(screen.term("consent-state", consent.state), STATE_TONES.get(consent.state, "plain"))


def _consent_times(screen: Screen, consent: Consent) -> str:
    given = screen.say("given {time}", time=screen.speech.moment(consent.given))
    if consent.ended is None or consent.ending is None:
        return f"{given} · {screen.say('until {time}', time=screen.speech.moment(consent.expires))}"
    ended = screen.say("ended {time}: {why}", time=screen.speech.moment(consent.ended), why=screen.term("ending", consent.ending))
    return f"{given} · {ended}"


@console_page("/consent/requests", access=Permission.VIEW_CONSENTS, title="Requests", personal=True)
async def draw_requests(screen: Screen) -> None:
    """List what people asked for, the oldest first."""
    every = screen.query.get("show") == "all"
    found = await screen.ask(service.requests, waiting=not every, after=screen.query.get("after"), limit=PAGE_LENGTH)
    _head(screen, screen.say("What people asked for, and by when it is answered."))
    with tag("div", "stack"):
        _tabs(screen, "/consent/requests")
        views = [(at("/consent/requests"), screen.say("Waiting")), (at("/consent/requests?show=all"), screen.say("All"))]
        segments(screen.say("Which requests"), views, views[every][0])
        with card(classes="flush"):
            if not found:
                nothing(screen.say("No request waits"), screen.say("People file requests on the page /rights, without an account."), "check")
            with tag("ul", "rows"):
                for request in found:
                    _request_row(screen, request)
        if len(found) == PAGE_LENGTH:
            button_link(screen.say("More"), screen.address(after=found[-1].id), picture="right")


def _request_row(screen: Screen, request: Request) -> None:
    late = request.answered is None and request.due < screen.now
    due = screen.say("due {time}", time=screen.speech.moment(request.due))
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.term("request-kind", request.kind), "strong")
            text("div", screen.say("filed {time}", time=screen.speech.moment(request.filed)), "quiet small")
        badge(screen.term("answer", request.decision) if request.decision else due, "bad" if late else "good" if request.answered else "warn")
        if screen.may(Permission.HANDLE_REQUESTS):
            button_link(screen.say("Open"), at(f"/consent/requests/{request.id}"))


@console_page("/consent/requests/{request}", access=Permission.HANDLE_REQUESTS, title="Request", personal=True)
async def draw_request(screen: Screen) -> None:
    """Ask why, then show what the person wrote, and let it be answered."""
    details: RequestDetails | None = screen.kept.get("request")
    with page_head(screen.say("Request")):
        button_link(screen.say("All requests"), at("/consent/requests"), picture="left")
    fixed = {"request": screen.query["request"]}
    if details is None:
        lead = screen.say("Reading a request is written to the ledger with your account, the reason and the ticket.")
        with card(screen.say("Why do you look?"), lead, classes="narrow"), form(screen, read_request, screen.say("Show the request"), fixed):
            field(screen.say("Reason"), "reason", screen.say("In words, without names."), maxlength=200, required=True)
            field(screen.say("Ticket"), "ticket", screen.say("The number of the request that this belongs to."), maxlength=64, required=True)
        return
    with tag("div", "split"):
        with card(screen.term("request-kind", details.request.kind)):
            _request_facts(screen, details)
        if details.request.answered is None:
            _answers(screen, details.request, fixed)


def _request_facts(screen: Screen, details: RequestDetails) -> None:
    request = details.request
    with tag("dl", "facts"):
        fact(screen.say("Filed"), screen.speech.moment(request.filed))
        fact(screen.say("Due"), screen.speech.moment(request.due))
        fact(screen.say("Consent"), request.consent or "–", mono=True)
        fact(screen.say("How to reach the person"), details.contact or "–")
        fact(screen.say("What they wrote"), details.words or "–")
        if request.decision:
            fact(screen.say("Answer"), screen.term("answer", request.decision))


def _answers(screen: Screen, request: Request, fixed: dict[str, str]) -> None:
    with tag("div", "stack"):
        with card(screen.say("Answer")), form(screen, answer, screen.say("Send the answer"), fixed):
            choose(screen.say("Decision"), "decision", [Choice(one, screen.term("answer", one)) for one in Decision], Decision.GRANTED)
            grounds = [Choice("", screen.say("None")), *(Choice(one, screen.term("refusal-ground", one)) for one in RefusalGround)]
            choose(screen.say("Ground"), "ground", grounds, "", screen.say("Needed where not all of it is granted."))
            field(screen.say("In words"), "text", rows=4, maxlength=LONGEST, required=True)
        if request.kind is RequestKind.LOST and request.consent:
            lead = screen.say("Only after the person was checked at the desk or by telephone. The template is deleted at once.")
            with (
                card(screen.say("Lost receipt"), lead),
                form(screen, confirm_lost, screen.say("Withdraw the consent"), {"consent": request.consent}, look="danger"),
            ):
                field(screen.say("Reason"), "reason", screen.say("How the person was checked. Name no person."), maxlength=200, required=True)


@act(Permission.PUBLISH_NOTICE)
async def publish(screen: Screen, answers: Answers) -> None:
    """Publish the next version of a notice."""
    audience = _one_of(Audience, answers.one("audience") or Audience.EVERYBODY)
    texts = {str(language): NoticeText(**{name: answers.one(f"{language}.{name}") for name in FIELDS}) for language in screen.site.settings.site.languages}
    recipients = tuple(line.strip() for line in answers.one("recipients").splitlines() if line.strip())
    method = _one_of(Method, answers.need("method"))
    days = {name: _days(answers.need(name)) for name in ("retention", "validity")}
    terms = NoticeTerms(method, answers.need("family"), days["retention"], days["validity"], recipients, answers.need("device"))
    await screen.ask(service.publish_notice, _one_of(Purpose, answers.need("purpose")), texts, terms, audience)
    await screen.redraw()
    tell(screen, screen.say("The notice is published."))


@act(Permission.SIGN_ASSESSMENT)
async def sign(screen: Screen, answers: Answers) -> None:
    """Sign an assessment of a purpose, for the terms of its notice in force."""
    purpose = _one_of(Purpose, answers.need("purpose"))
    notice = _newest(await screen.ask(service.notices), purpose)
    if notice is None:
        raise InputError("notice.unknown", purpose, "no notice is published for this purpose", "Publish the notice first.")
    sections = {name: answers.one(name) for name in SECTIONS}
    await screen.ask(service.sign_assessment, AssessmentDraft(purpose, notice.terms, expires=_end_of_day(screen, answers.need("expires")), **sections))
    await screen.redraw()
    tell(screen, screen.say("The assessment is signed."))


@act(Permission.HANDLE_REQUESTS)
async def read_request(screen: Screen, answers: Answers) -> None:
    """Show what somebody wrote, after the reason was written to the ledger."""
    reason = Reason(answers.need("reason"), answers.need("ticket"))
    screen.kept["request"] = await screen.ask(service.request_details, answers.need("request"), reason)
    await screen.redraw()


@act(Permission.HANDLE_REQUESTS)
async def answer(screen: Screen, answers: Answers) -> None:
    """Answer a request."""
    ground = _one_of(RefusalGround, answers.one("ground")) if answers.one("ground") else None
    said = Answer(_one_of(Decision, answers.need("decision")), answers.need("text"), ground)
    await screen.ask(service.answer_request, answers.need("request"), said)
    screen.kept.pop("request", None)
    await screen.redraw()
    tell(screen, screen.say("The request is answered."))


@act(Permission.HANDLE_REQUESTS)
async def confirm_lost(screen: Screen, answers: Answers) -> None:
    """End a consent whose receipt was lost, after the person was checked."""
    await screen.ask(service.confirm_lost, answers.need("consent"), answers.need("reason"))
    screen.kept.pop("request", None)
    await screen.redraw()
    tell(screen, screen.say("The consent is withdrawn."))


def _one_of(kind: type[Word], given: str) -> Word:
    """Return the word of ``kind`` that a browser sent."""
    try:
        return kind(given)
    except ValueError:
        raise InputError("form.choice", given, "this is not one of the choices", "Choose from the list.") from None


def _days(given: str) -> timedelta:
    if not given.isascii() or not given.isdigit() or len(given) > LONGEST_NUMBER:
        raise InputError("form.number", given, "this is not a number of days", "Write it in digits.")
    return int(given) * DAY


def _end_of_day(screen: Screen, given: str) -> datetime:
    """Return the last instant, in UTC, of a day of the site."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise InputError("form.day", given, "this is not a day", "Write it as 2026-12-31.") from None
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(screen.site.settings.site.zone)).astimezone(UTC)
