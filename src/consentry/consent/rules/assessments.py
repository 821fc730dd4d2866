"""Impact assessments (PIPL 55 and 56; FRT-M 9): what one must say, and what keeps a purpose from starting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.consent.model import Blocker, Purpose
from consentry.consent.rules.notices import is_readable, terms_sha256
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from consentry.consent.model import Assessment, AssessmentDraft, Method, Notice
    from consentry.platform.settings.faces import Profile

__all__ = ["LONGEST_LIFE", "LONGEST_SECTION", "SHORTEST_SECTION", "Wanted", "blockers", "check_draft", "language_blockers"]

LONGEST_LIFE = timedelta(days=1096)
"""How long an assessment may hold: three years."""
SHORTEST_SECTION, LONGEST_SECTION = 20, 10_000
"""Characters of a section; what is shorter says nothing."""

_NEEDS_NO_CODE = frozenset({Purpose.SALE_ATTRIBUTION})


def check_draft(draft: AssessmentDraft, now: datetime) -> None:
    """Refuse an assessment that leaves a section out or does not end.

    Raises:
        InputError: ``assessment.sections`` (names each of them) or ``assessment.expiry``.
    """
    sections = {"lawfulness": draft.lawfulness, "impact": draft.impact, "risks": draft.risks, "protection": draft.protection}
    if draft.purpose in _NEEDS_NO_CODE or draft.why_no_code:
        sections["why_no_code"] = draft.why_no_code
    if bad := [name for name, text in sections.items() if not (SHORTEST_SECTION <= len(text.strip()) <= LONGEST_SECTION and is_readable(text))]:
        problem = f"not {SHORTEST_SECTION} to {LONGEST_SECTION} printable characters: {', '.join(bad)}"
        raise InputError("assessment.sections", f"assessment of {draft.purpose}", problem, "Write each section out.")
    if not now < draft.expires <= now + LONGEST_LIFE:
        mend = f"Choose an end within {LONGEST_LIFE.days} days."
        raise InputError("assessment.expiry", f"assessment of {draft.purpose}", "it ends at no possible time", mend)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings want of a purpose; None of a purpose that is not in them."""

    method: Method
    model_family: str
    retention: timedelta
    validity: timedelta
    profile: Profile


def blockers(purpose: Purpose, notice: Notice | None, assessment: Assessment | None, wanted: Wanted | None, now: datetime) -> tuple[Blocker, ...]:
    """Return what keeps a purpose from running, as far as it is told by its newest notice and assessment and by the settings."""
    return (*_settings_blockers(notice, wanted), *_assessment_blockers(purpose, notice, assessment, now))


def language_blockers(notice: Notice | None, languages: Iterable[str]) -> tuple[Blocker, ...]:
    """Return whether the notice misses a language of the site's pages."""
    missing = sorted(set(languages) - set(notice.texts)) if notice else []
    if not missing:
        return ()
    listed = "、".join(missing), ", ".join(missing)
    return (Blocker("notice.language", f"告知书缺少语言：{listed[0]}。", f"The notice is not written in: {listed[1]}."),)


def _settings_blockers(notice: Notice | None, wanted: Wanted | None) -> Iterator[Blocker]:
    if wanted is None:
        yield Blocker("purpose.off", "设置中没有启用该用途。", "The settings do not name this purpose.")
    if notice is None:
        yield Blocker("notice.missing", "还没有发布告知书。", "No notice is published.")
    elif wanted is not None and wanted != _promised(notice):
        yield Blocker(
            "notice.terms",
            "告知书中的比对方式、模型、保存期限、有效期或模板存放方式与设置不一致；请发布新的告知书。",
            "The notice is for another method, model, retention, validity or profile (where templates lie) than the settings; publish a new one.",
        )


def _promised(notice: Notice) -> Wanted:
    terms = notice.terms
    return Wanted(terms.method, terms.model_family, terms.retention, terms.validity, notice.profile)


def _assessment_blockers(purpose: Purpose, notice: Notice | None, assessment: Assessment | None, now: datetime) -> tuple[Blocker, ...]:
    if assessment is None:
        return (Blocker("assessment.missing", "还没有签署影响评估。", "No impact assessment is signed."),)
    if assessment.expires <= now:
        return (Blocker("assessment.expired", "影响评估已失效，需要重新评估。", "The impact assessment has ended; assess anew."),)
    if notice is not None and assessment.terms_sha256 != terms_sha256(notice.terms):
        return (Blocker("assessment.terms", "影响评估针对的是其他条件。", "The impact assessment was made for other terms."),)
    if purpose in _NEEDS_NO_CODE and not assessment.why_no_code.strip():
        return (Blocker("assessment.why-no-code", "影响评估没有说明为何不能用二维码代替。", "The impact assessment does not say why a code does not suffice."),)
    return ()
