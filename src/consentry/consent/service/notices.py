"""Publishing notices and reading them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from consentry.consent.model import Audience, Ending, Notice
from consentry.consent.records import AssessmentRow, ConsentRow, NoticeRow, newest_notice, notice_of
from consentry.consent.rules.guardians import CHILD_PURPOSES, child_terms
from consentry.consent.rules.notices import DAY, binds_otherwise, check_notice, sha256_of, shown, terms_document, terms_sha256
from consentry.consent.service.endings import Author, end
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.consent.model import NoticeTerms, NoticeText, Purpose
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["current_notice", "notices", "publish_notice", "text_shown"]


@permits(Permission.PUBLISH_NOTICE)
def publish_notice(  # noqa: PLR0913, PLR0917 - a notice's parts
    site: Site,
    actor: Actor,
    purpose: Purpose,
    texts: Mapping[str, NoticeText],
    terms: NoticeTerms,
    audience: Audience = Audience.EVERYBODY,
) -> Notice:
    """Publish a notice; from now on it is the one that is shown to its audience.

    Where it binds otherwise than the one before, the consents given under that end in the same transaction (R7), and so do assessments that
    were made for other terms (R82).

    Raises:
        InputError: ``notice.languages``, ``notice.fields``, ``notice.wording`` or ``notice.terms``; for children also ``guardian.purpose``.
        ConflictError: ``notice.same`` where nothing is different; for children also ``guardian.off``, or ``notice.missing`` without one for everybody.
    """
    check_notice(purpose, texts, terms, [language.value for language in site.settings.site.languages], audience)
    with writing(site) as work:
        if audience is Audience.CHILDREN:
            _check_for_children(work, purpose, terms)
        before = newest_notice(work.session, purpose, audience)
        hashes = {language: sha256_of(shown(text, terms, language)) for language, text in texts.items()}
        profile = site.settings.recognition.profile
        if before is not None and (before.sha256, before.profile) == (hashes, profile):
            raise ConflictError("notice.same", f"notice of {purpose}", "it says what the one in force says", "Publish only what changes something.")
        notice = Notice(purpose, _next_version(work, purpose), dict(texts), terms, hashes, work.now, profile, audience)
        _keep(work, notice)
        ended = _end_dependents(work, before, notice, actor.label)
        details: dict[str, JSONValue] = {"sha256": hashes, "terms_sha256": terms_sha256(terms), "profile": profile, "audience": audience, "ended": ended}
        work.record(Act(actor.label, "consent.notice-published", f"notice:{purpose}:{notice.version}", purpose, details=details))
        return notice


@permits(Permission.VIEW_CONSENTS)
def notices(site: Site, actor: Actor) -> list[Notice]:  # noqa: ARG001 - the guard reads the actor
    """Return every notice, newest first for each purpose."""
    with reading(site) as work:
        rows = work.session.scalars(select(NoticeRow).order_by(NoticeRow.purpose, NoticeRow.version.desc()))
        return [notice_of(row) for row in rows]


def current_notice(site: Site, purpose: Purpose, audience: Audience = Audience.EVERYBODY) -> Notice | None:
    """Return the notice in force for an audience, which anybody may read, or None."""
    with reading(site) as work:
        return newest_notice(work.session, purpose, audience)


def text_shown(notice: Notice, language: str) -> str:
    """Return the exact text that is shown and whose hash a consent holds.

    Raises:
        InputError: ``consent.language``.
    """
    if language not in notice.texts:
        raise InputError("consent.language", f"notice of {notice.purpose}", "it is not written in this language", "Ask for one that it has.")
    return shown(notice.texts[language], notice.terms, language)


def _check_for_children(work: UnitOfWork, purpose: Purpose, terms: NoticeTerms) -> None:
    """Refuse a notice for children where no guardian decides, or whose terms are not those that the assessment of everybody covers."""
    everybody = newest_notice(work.session, purpose)
    if purpose not in CHILD_PURPOSES:
        raise InputError("guardian.purpose", f"notice of {purpose}", "nobody agrees to it for a child", "Leave children out of this purpose.")
    if not work.site.settings.recognition.guardians:
        raise ConflictError("guardian.off", f"notice of {purpose}", "the settings let no guardian decide", "Set [recognition] guardians first.")
    if everybody is None:
        raise ConflictError("notice.missing", f"notice of {purpose}", "there is none for everybody yet", "Publish that one first.")
    wanted = child_terms(everybody.terms)
    if terms != wanted:
        mend = f"Take them over, with a validity of {wanted.validity // DAY} days."
        raise InputError("notice.terms", f"notice of {purpose}", "its terms are not those of the notice for everybody, for half the time", mend)


def _next_version(work: UnitOfWork, purpose: Purpose) -> int:
    """Return the next version of a purpose's notices; those of both audiences are counted together, so that a version names one text."""
    return (work.session.scalar(select(func.max(NoticeRow.version)).where(NoticeRow.purpose == purpose)) or 0) + 1


def _keep(work: UnitOfWork, notice: Notice) -> None:
    replaced = NoticeRow.purpose == notice.purpose, NoticeRow.audience == notice.audience, NoticeRow.superseded.is_(None)
    work.session.execute(update(NoticeRow).where(*replaced).values(superseded=work.now))
    texts = {language: asdict(text) for language, text in notice.texts.items()}
    kept = NoticeRow(
        purpose=notice.purpose,
        version=notice.version,
        texts=texts,
        terms=terms_document(notice.terms),
        sha256=dict(notice.sha256),
        published=work.now,
        profile=notice.profile,
        audience=notice.audience,
        superseded=None,
    )
    work.session.add(kept)
    work.session.flush()


def _end_dependents(work: UnitOfWork, before: Notice | None, after: Notice, label: str) -> int:
    """End what rests on other terms, and return how many consents that were. What is done with everybody's data is done with children's too."""
    resting = [ConsentRow.purpose == after.purpose, ConsentRow.ended.is_(None)]
    if after.audience is Audience.CHILDREN:
        resting.append(ConsentRow.audience == Audience.CHILDREN)
    else:
        holding = AssessmentRow.purpose == after.purpose, AssessmentRow.expires > work.now
        work.session.execute(update(AssessmentRow).where(*holding, AssessmentRow.terms_sha256 != terms_sha256(after.terms)).values(expires=work.now))
    if before is None or not binds_otherwise(before, after):
        return 0
    rows = list(work.session.scalars(select(ConsentRow).where(*resting)))
    for row in rows:
        end(work, row, Ending.TERMS, Author(label))
    return len(rows)
