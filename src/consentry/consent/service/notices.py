"""Publishing notices and reading them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from consentry.consent.model import Ending, Notice
from consentry.consent.records import AssessmentRow, ConsentRow, NoticeRow, newest_notice, notice_of
from consentry.consent.rules.notices import binds_otherwise, check_notice, sha256_of, shown, terms_document, terms_sha256
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
def publish_notice(site: Site, actor: Actor, purpose: Purpose, texts: Mapping[str, NoticeText], terms: NoticeTerms) -> Notice:
    """Publish a notice; from now on it is the one that is shown.

    Where it binds otherwise than the one before, the consents given under that end in the same transaction (R7), and so do assessments that
    were made for other terms (R82).

    Raises:
        InputError: ``notice.languages``, ``notice.fields``, ``notice.wording`` or ``notice.terms``.
        ConflictError: ``notice.same`` where nothing is different.
    """
    check_notice(purpose, texts, terms, [language.value for language in site.settings.site.languages])
    with writing(site) as work:
        before = newest_notice(work.session, purpose)
        hashes = {language: sha256_of(shown(text, terms, language)) for language, text in texts.items()}
        profile = site.settings.recognition.profile
        if before is not None and (before.sha256, before.profile) == (hashes, profile):
            raise ConflictError("notice.same", f"notice of {purpose}", "it says what the one in force says", "Publish only what changes something.")
        notice = Notice(purpose, before.version + 1 if before else 1, dict(texts), terms, hashes, work.now, profile)
        _keep(work, notice)
        ended = _end_dependents(work, before, notice, actor.label)
        details: dict[str, JSONValue] = {"sha256": hashes, "terms_sha256": terms_sha256(terms), "profile": profile, "ended": ended}
        work.record(Act(actor.label, "consent.notice-published", f"notice:{purpose}:{notice.version}", purpose, details=details))
        return notice


@permits(Permission.VIEW_CONSENTS)
def notices(site: Site, actor: Actor) -> list[Notice]:  # noqa: ARG001 - the guard reads the actor
    """Return every notice, newest first for each purpose."""
    with reading(site) as work:
        rows = work.session.scalars(select(NoticeRow).order_by(NoticeRow.purpose, NoticeRow.version.desc()))
        return [notice_of(row) for row in rows]


def current_notice(site: Site, purpose: Purpose) -> Notice | None:
    """Return the notice in force, which anybody may read, or None."""
    with reading(site) as work:
        return newest_notice(work.session, purpose)


def text_shown(notice: Notice, language: str) -> str:
    """Return the exact text that is shown and whose hash a consent holds.

    Raises:
        InputError: ``consent.language``.
    """
    if language not in notice.texts:
        raise InputError("consent.language", f"notice of {notice.purpose}", "it is not written in this language", "Ask for one that it has.")
    return shown(notice.texts[language], notice.terms, language)


def _keep(work: UnitOfWork, notice: Notice) -> None:
    work.session.execute(update(NoticeRow).where(NoticeRow.purpose == notice.purpose, NoticeRow.superseded.is_(None)).values(superseded=work.now))
    texts = {language: asdict(text) for language, text in notice.texts.items()}
    kept = NoticeRow(
        purpose=notice.purpose,
        version=notice.version,
        texts=texts,
        terms=terms_document(notice.terms),
        sha256=dict(notice.sha256),
        published=work.now,
        profile=notice.profile,
        superseded=None,
    )
    work.session.add(kept)
    work.session.flush()


def _end_dependents(work: UnitOfWork, before: Notice | None, after: Notice, label: str) -> int:
    """End what rests on other terms, and return how many consents that were."""
    holding = AssessmentRow.purpose == after.purpose, AssessmentRow.expires > work.now
    work.session.execute(update(AssessmentRow).where(*holding, AssessmentRow.terms_sha256 != terms_sha256(after.terms)).values(expires=work.now))
    if before is None or not binds_otherwise(before, after):
        return 0
    rows = list(work.session.scalars(select(ConsentRow).where(ConsentRow.purpose == after.purpose, ConsentRow.ended.is_(None))))
    for row in rows:
        end(work, row, Ending.TERMS, Author(label))
    return len(rows)
