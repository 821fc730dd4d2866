"""Signing impact assessments, and what keeps a purpose from running."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.consent.model import Assessment, Audience, Method
from consentry.consent.records import AssessmentRow, assessment_of, newest_assessment, newest_notice
from consentry.consent.rules.assessments import Wanted, blockers, check_draft, language_blockers
from consentry.consent.rules.guardians import child_blockers
from consentry.consent.rules.notices import terms_sha256
from consentry.ledger.model import Act
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.work import reading, writing
from consentry.platform.actors import ActorKind, Permission, permits
from consentry.platform.errors import DeniedError

if TYPE_CHECKING:
    from consentry.consent.model import AssessmentDraft, Blocker, Notice, Purpose
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["assessment_for", "assessments", "blockers_for_children", "blockers_now", "purpose_blockers", "sign_assessment"]

_SECTIONS = ("lawfulness", "impact", "risks", "protection", "why_no_code")


@permits(Permission.SIGN_ASSESSMENT)
def sign_assessment(site: Site, actor: Actor, draft: AssessmentDraft) -> Assessment:
    """Sign an assessment: a named member of staff answers for it, and the ledger keeps the hash of every word.

    Raises:
        DeniedError: ``assessment.signer`` where a key, the command line or the system would sign.
        InputError: ``assessment.sections`` or ``assessment.expiry``.
    """
    if actor.kind is not ActorKind.STAFF:
        raise DeniedError("assessment.signer", actor.label, "an assessment is signed by a named person", "Sign in with an account of your own.")
    with writing(site) as work:
        check_draft(draft, work.now)
        last = work.session.scalar(select(func.max(AssessmentRow.version)).where(AssessmentRow.purpose == draft.purpose)) or 0
        sections = {name: getattr(draft, name).strip() for name in _SECTIONS}
        terms = terms_sha256(draft.terms)
        signed = Assessment(draft.purpose, last + 1, **sections, signed_by=actor.label, signed=work.now, expires=draft.expires, terms_sha256=terms)
        work.session.add(AssessmentRow(**asdict(signed)))
        details = {"sha256": sha256(canonical(sections)).hexdigest(), "terms_sha256": terms, "expires": draft.expires.isoformat()}
        work.record(Act(actor.label, "consent.assessment-signed", f"assessment:{draft.purpose}:{signed.version}", draft.purpose, details=details))
        return signed


@permits(Permission.VIEW_CONSENTS)
def assessments(site: Site, actor: Actor) -> list[Assessment]:  # noqa: ARG001 - the guard reads the actor
    """Return every assessment, newest first for each purpose."""
    with reading(site) as work:
        rows = work.session.scalars(select(AssessmentRow).order_by(AssessmentRow.purpose, AssessmentRow.version.desc()))
        return [assessment_of(row) for row in rows]


def purpose_blockers(site: Site, purpose: Purpose) -> tuple[Blocker, ...]:
    """Return what keeps a purpose from running as far as settings, notice and assessment go; nothing where it may run. Anybody may know."""
    with reading(site) as work:
        return blockers_now(work, purpose)


def blockers_now(work: UnitOfWork, purpose: Purpose) -> tuple[Blocker, ...]:
    """Return the same within a transaction."""
    notice = newest_notice(work.session, purpose)
    missing = language_blockers(notice, [language.value for language in work.site.settings.site.languages])
    return (*blockers(purpose, notice, assessment_for(work, purpose, notice), _wanted(work.site, purpose), work.now), *missing)


def blockers_for_children(work: UnitOfWork, purpose: Purpose) -> tuple[Blocker, ...]:
    """Return what keeps guardians from deciding for children: all that keeps the purpose from running, and what the notice for children lacks."""
    everybody, children = (newest_notice(work.session, purpose, audience) for audience in Audience)
    missing = language_blockers(children, [language.value for language in work.site.settings.site.languages])
    return (*blockers_now(work, purpose), *child_blockers(everybody, children), *missing)


def assessment_for(work: UnitOfWork, purpose: Purpose, notice: Notice | None) -> Assessment | None:
    """Return the assessment that a purpose rests on."""
    return newest_assessment(work.session, purpose, terms_sha256(notice.terms) if notice else None)


def _wanted(site: Site, purpose: Purpose) -> Wanted | None:
    found = site.settings.purpose(purpose)
    if found is None:
        return None
    recognition = site.settings.recognition
    return Wanted(Method(found.method), recognition.embedder.value, found.retention, found.validity, recognition.profile)
