"""``/public/...``: notices, yes and no, and one's rights, for anybody. A secret or a number takes the place of an account; strangers are slowed down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from consentry.consent import service
from consentry.consent.api.shapes import (
    AskedOut,
    AskIn,
    ChoiceIn,
    GivenOut,
    HintIn,
    NumberIn,
    PromptIn,
    PromptOut,
    RefusalIn,
    RefusalOut,
    ReportedOut,
    RequestStateOut,
    SecretIn,
    SectionOut,
    ShownNoticeOut,
    StateOut,
    WithdrawalOut,
    to_text,
)
from consentry.consent.model import Audience, Choice, Purpose
from consentry.consent.rules.notices import LANGUAGES, sections
from consentry.platform.errors import NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep

if TYPE_CHECKING:
    from consentry.consent.model import Withdrawal

__all__ = ["REPORTED", "router", "withdrawal_out"]

router = ApiRouter(prefix="/public", tag="public")

REPORTED = ReportedOut(
    zh="已记录。如果信息与某份同意相符，该同意已立即暂停；请到前台核对身份后删除。持有收据的人可以恢复。",
    en="Noted. If it fits a consent, that rests from now on; the desk checks who you are and then deletes. Whoever holds the receipt can restore it.",
)
"""The answer to every report of a lost receipt."""

LanguageParam = Annotated[str, Query(pattern=rf"^(?:{'|'.join(LANGUAGES)})$", description="zh-CN or en.")]


@router.get("/notices/{purpose}", permission=PUBLIC)
def read_current_notice(site: SiteDep, purpose: Purpose, language: LanguageParam = LANGUAGES[0], audience: Audience = Audience.EVERYBODY) -> ShownNoticeOut:
    """Return the notice in force, to be read and kept."""
    notice = service.current_notice(site, purpose, audience)
    if notice is None or language not in notice.texts:
        raise NotFoundError("notice.missing", f"notice of {purpose}", "none is published in this language", "Ask at the desk.")
    parts = [SectionOut(heading=heading, body=body) for heading, body in sections(notice.texts[language], notice.terms, language)]
    return ShownNoticeOut(
        purpose=purpose,
        audience=audience,
        version=notice.version,
        language=language,
        published=notice.published,
        sections=parts,
        text=service.text_shown(notice, language),
        sha256=notice.sha256[language],
    )


@router.post("/prompts", permission=PUBLIC)
def read_whether_to_ask(site: SiteDep, body: PromptIn) -> PromptOut:
    """Return whether a page may ask by itself: not within two days of a no."""
    return PromptOut(may_ask=service.may_prompt(site, body.purpose, refusal_token=body.refusal_token))


@router.post("/consents", permission=PUBLIC, status_code=201)
def give_consent(site: SiteDep, body: ChoiceIn) -> GivenOut:
    """Say yes to one purpose, from one's own telephone."""
    person = service.consent_by_secret(site, body.earlier_secret).person if body.earlier_secret else None
    said = body.model_dump(exclude={"earlier_secret"})
    given = service.give(site, Choice(**said, person=person))
    return GivenOut(consent=given.consent, expires=given.expires, withdraw_secret=given.withdraw_secret, receipt=to_text(given.receipt))


@router.post("/refusals", permission=PUBLIC, status_code=201)
def refuse_consent(site: SiteDep, body: RefusalIn) -> RefusalOut:
    """Say no; the service is the same."""
    choice = Choice(body.purpose, body.language, "", "", at_least_14=True, refusal_token=body.refusal_token)
    return RefusalOut.model_validate(service.refuse(site, choice))


@router.post("/lost-receipts", permission=PUBLIC, status_code=202)
def report_lost_receipt(site: SiteDep, body: HintIn) -> ReportedOut:
    """Report a receipt as lost; the answer is always the same."""
    service.report_lost(site, body.hint)
    return REPORTED


@router.post("/restored-consents", permission=PUBLIC)
def restore_consent(site: SiteDep, body: SecretIn) -> StateOut:
    """Let a consent hold again that somebody reported lost."""
    return StateOut(state=service.restore_lost(site, body.secret))


@router.post("/receipts", permission=PUBLIC)
def read_receipts(site: SiteDep, body: SecretIn) -> list[str]:
    """Return the receipts of a consent in Base64: of the yes and, where it is over, of its end."""
    return [to_text(sealed) for sealed in service.receipts_of(site, body.secret)]


@router.post("/requests", permission=PUBLIC, status_code=201)
def file_request(site: SiteDep, body: AskIn) -> AskedOut:
    """Ask for one's rights, with or without a receipt."""
    filed = service.file_request(site, body.kind, secret=body.secret, contact=body.contact, words=body.words)
    return AskedOut(number=filed.number, kind=filed.kind, filed=filed.filed, due=filed.due, receipt=to_text(filed.receipt))


@router.post("/request-states", permission=PUBLIC)
def read_request_state(site: SiteDep, body: NumberIn) -> RequestStateOut:
    """Return how one's request stands."""
    return RequestStateOut.model_validate(service.request_state(site, body.number))


def withdrawal_out(ended: Withdrawal) -> WithdrawalOut:
    """Return a withdrawal as it is answered."""
    said = {name: getattr(ended, name) for name in ("consent", "purpose", "state", "ending", "at")}
    return WithdrawalOut(**said, receipt=to_text(ended.receipt))
