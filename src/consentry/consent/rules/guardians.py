"""When a guardian may decide for a child, and what that consent is worth (PIPL 31; FRT-M 7; R67, R68). In doubt the child is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from consentry.consent.model import Audience, Blocker, Purpose
from consentry.consent.rules.notices import DAY
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.consent.model import Consent, Guardian, Notice, NoticeTerms

__all__ = [
    "CHILD_PURPOSES",
    "LONGEST_CHILD_VALIDITY",
    "LONGEST_NAME",
    "QUESTION_LASTS",
    "as_staff_see",
    "check_guardian",
    "child_blockers",
    "child_terms",
    "child_validity",
]

CHILD_PURPOSES = frozenset({Purpose.GREETING, Purpose.DOOR_ACCESS})
"""What a guardian may agree to. Commission is no reason to process a child's face."""
LONGEST_CHILD_VALIDITY = 183 * DAY
LONGEST_NAME = 80
QUESTION_LASTS: Final = timedelta(minutes=15)
"""How long a guardian has to read and answer what staff opened for them."""


def child_validity(validity: timedelta) -> timedelta:
    """Return how long a guardian's consent holds, in whole days: half of an adult's, and never over half a year."""
    return min(validity // 2 // DAY * DAY, LONGEST_CHILD_VALIDITY)


def child_terms(terms: NoticeTerms) -> NoticeTerms:
    """Return the terms of a purpose for children: those of everybody, which the assessment was signed for, for a shorter time."""
    return replace(terms, validity=child_validity(terms.validity))


def check_guardian(guardian: Guardian, *, present: bool) -> None:
    """Refuse a guardian who has no name or is not there.

    Raises:
        InputError: ``guardian.name`` or ``guardian.present``.
    """
    if not (0 < len(guardian.name.strip()) <= LONGEST_NAME and guardian.name.isprintable()):
        raise InputError("guardian.name", "guardian", "the name is empty, too long or not printable", f"Write 1 to {LONGEST_NAME} characters.")
    if not present:
        raise InputError("guardian.present", "guardian", "the guardian is not present", "Only a guardian who is present can decide; offer the other ways.")


def as_staff_see(consent: Consent) -> Consent:
    """Return what staff see of a consent: of a child's neither pseudonym nor station, so that nothing ties its visits together (R69)."""
    return consent if consent.audience is Audience.EVERYBODY else replace(consent, person="", station=None)


def child_blockers(everybody: Notice | None, children: Notice | None) -> Iterator[Blocker]:
    """Yield what the notice for children lacks, where the one for everybody is ``everybody``."""
    if children is None:
        yield Blocker("guardian.notice-missing", "还没有发布未成年人告知书。", "No notice for children is published.")
    elif everybody is not None and (children.terms, children.profile) != (child_terms(everybody.terms), everybody.profile):
        yield Blocker(
            "guardian.notice-terms",
            "未成年人告知书的条件与现行告知书不符；请重新发布。",
            "The notice for children is for other terms than the one in force for everybody; publish a new one.",
        )
