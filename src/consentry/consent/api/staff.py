"""``/notices``, ``/assessments``, ``/consents`` and ``/requests``: what staff publish, sign, look at and answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from consentry.consent import service
from consentry.consent.api.shapes import WithdrawalOut
from consentry.consent.api.staff_shapes import (
    AnswerIn,
    AssessmentIn,
    AssessmentOut,
    BlockerOut,
    CheckedIn,
    ConsentOut,
    GuardianIn,
    GuardianQuestionOut,
    LookupIn,
    NoticeIn,
    NoticeOut,
    ReasonIn,
    RequestDetailsOut,
    RequestOut,
)
from consentry.consent.api.visitors import withdrawal_out
from consentry.consent.model import AssessmentDraft, ConsentState, Purpose
from consentry.consent.requests import Answer
from consentry.consent.rules.notices import terms_document
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.staff.model import Reason

if TYPE_CHECKING:
    from consentry.consent.model import Notice

__all__ = ["routers"]

_notices = ApiRouter(prefix="/notices", tag="consent")
_assessments = ApiRouter(prefix="/assessments", tag="consent")
_consents = ApiRouter(prefix="/consents", tag="consent")
_requests = ApiRouter(prefix="/requests", tag="consent")

routers = (_notices, _assessments, _consents, _requests)


@_notices.get("", permission=Permission.VIEW_CONSENTS)
def list_notices(site: SiteDep, actor: ActorDep) -> list[NoticeOut]:
    """List every notice, newest first for each purpose."""
    return [_notice(found) for found in service.notices(site, actor)]


@_notices.post("", permission=Permission.PUBLISH_NOTICE, status_code=201)
def publish_notice(site: SiteDep, actor: ActorDep, body: NoticeIn) -> NoticeOut:
    """Publish a notice; where it binds otherwise than the one before, the consents given under that end."""
    return _notice(service.publish_notice(site, actor, body.purpose, body.texts.texts(), body.terms.terms(), body.audience))


@_notices.get("/{purpose}/blockers", permission=Permission.VIEW_CONSENTS)
def list_purpose_blockers(site: SiteDep, purpose: Purpose) -> list[BlockerOut]:
    """Say what keeps a purpose from running, as far as settings, notice and assessment go."""
    return [BlockerOut.model_validate(one) for one in service.purpose_blockers(site, purpose)]


@_assessments.get("", permission=Permission.VIEW_CONSENTS)
def list_assessments(site: SiteDep, actor: ActorDep) -> list[AssessmentOut]:
    """List every impact assessment, newest first for each purpose."""
    return [AssessmentOut.model_validate(one) for one in service.assessments(site, actor)]


@_assessments.post("", permission=Permission.SIGN_ASSESSMENT, status_code=201)
def sign_assessment(site: SiteDep, actor: ActorDep, body: AssessmentIn) -> AssessmentOut:
    """Sign an impact assessment in one's own name."""
    said = body.model_dump(exclude={"terms"})
    return AssessmentOut.model_validate(service.sign_assessment(site, actor, AssessmentDraft(**said, terms=body.terms.terms())))


@_consents.get("", permission=Permission.VIEW_CONSENTS)
def list_consents(  # noqa: PLR0913, PLR0917 - query parameters
    site: SiteDep,
    actor: ActorDep,
    purpose: Purpose | None = None,
    state: ConsentState | None = None,
    limit: PageSize = 50,
    cursor: CursorParam = None,
) -> Page[ConsentOut]:
    """List consents by pseudonym."""
    found = service.consents(site, actor, purpose=purpose, state=state, after=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[ConsentOut.model_validate(one) for one in found[:limit]], next=more)


@_consents.post("/lookup", permission=Permission.HANDLE_REQUESTS)
def look_up_consents(site: SiteDep, actor: ActorDep, body: LookupIn) -> list[ConsentOut]:
    """Find the consents of a person at the desk by the telephone number that they left; the ledger keeps who looked, and why."""
    found = service.consents_by_phone(site, actor, body.phone, Reason(body.text, body.ticket))
    return [ConsentOut.model_validate(one) for one in found]


@_consents.post("/{consent}/withdrawal", permission=Permission.HANDLE_REQUESTS)
def withdraw_for_person(site: SiteDep, actor: ActorDep, consent: str, body: CheckedIn) -> WithdrawalOut:
    """Withdraw for a person without receipt who was checked."""
    return withdrawal_out(service.confirm_lost(site, actor, consent, body.reason))


@_consents.post("/{consent}/under-age", permission=Permission.HANDLE_REQUESTS)
def end_consents_of_child(site: SiteDep, actor: ActorDep, consent: str, body: CheckedIn) -> WithdrawalOut:
    """End every consent of a person who is a child and for whom no guardian agreed, and erase what was kept."""
    return withdrawal_out(service.end_under_age(site, actor, consent, body.reason))


@_consents.post("/guardian-questions", permission=Permission.ATTEND_STATION, status_code=201)
def ask_guardian(site: SiteDep, actor: ActorDep, body: GuardianIn) -> GuardianQuestionOut:
    """Open the question for a guardian who is present at a station; their yes or no follows on its page."""
    return GuardianQuestionOut(question=service.ask_guardian(site, actor, body.purpose, body.station, body.guardian(), present=body.present))


@_requests.get("", permission=Permission.VIEW_CONSENTS)
def list_requests(
    site: SiteDep,
    actor: ActorDep,
    waiting: Annotated[bool, Query(description="Only those that are not answered.")] = True,  # noqa: FBT002 - a query parameter
    limit: PageSize = 50,
    cursor: CursorParam = None,
) -> Page[RequestOut]:
    """List what people asked for, oldest first."""
    found = service.requests(site, actor, waiting=waiting, after=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[RequestOut.model_validate(one) for one in found[:limit]], next=more)


@_requests.post("/{request}/details", permission=Permission.HANDLE_REQUESTS)
def read_request_details(site: SiteDep, actor: ActorDep, request: str, body: ReasonIn) -> RequestDetailsOut:
    """Read what a person wrote; the ledger keeps who read it, and why."""
    return RequestDetailsOut.model_validate(service.request_details(site, actor, request, Reason(body.text, body.ticket)))


@_requests.post("/{request}/answer", permission=Permission.HANDLE_REQUESTS)
def answer_request(site: SiteDep, actor: ActorDep, request: str, body: AnswerIn) -> RequestOut:
    """Answer a request; one to delete or restrict that is granted to a known person is carried out with it."""
    return RequestOut.model_validate(service.answer_request(site, actor, request, Answer(**body.model_dump())))


def _notice(notice: Notice) -> NoticeOut:
    return NoticeOut(
        purpose=notice.purpose,
        audience=notice.audience,
        version=notice.version,
        sha256=dict(notice.sha256),
        published=notice.published,
        texts={language: asdict(text) for language, text in notice.texts.items()},
        terms=terms_document(notice.terms),
    )
