"""Clocks and answers of what people ask for (PIPL 45 to 50; R54, R57)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from consentry.consent.requests import Decision, RequestKind
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.consent.requests import Answer

__all__ = ["LATEST", "LONGEST_WORDS", "REMEDY", "check_answer", "due_at"]

LATEST = timedelta(days=15)
"""After this a request is late by any of the yardsticks: fifteen days, shorter than fifteen working days and than the month of GDPR 12(3)."""
LONGEST_WORDS = 1000
"""Characters of a request or of its answer."""

REMEDY: Final[Mapping[str, str]] = {
    "zh-CN": "如不同意本答复，您可以向履行个人信息保护职责的部门投诉、举报，也可以向人民法院提起诉讼。",
    "en": "If you disagree, you may complain to the authority for the protection of personal information, or go to court.",
}
"""What can be done against an answer (PIPL 50 and 65)."""

_SHORTEST_ANSWER = 4
_DUE: Final[Mapping[RequestKind, timedelta]] = {
    RequestKind.DELETE: timedelta(hours=24),
    RequestKind.CLOSE: timedelta(hours=24),
    RequestKind.RESTRICT: timedelta(hours=24),
    RequestKind.LOST: timedelta(hours=24),
}
_OTHERWISE = timedelta(days=7)


def due_at(kind: RequestKind, filed: datetime) -> datetime:
    """Return by when a request is to be answered."""
    return filed + _DUE.get(kind, _OTHERWISE)


def check_answer(answer: Answer) -> None:
    """Refuse an answer without words, a refusal without a ground, and a ground without a refusal.

    Raises:
        InputError: ``request.answer`` or ``request.ground``.
    """
    if not _SHORTEST_ANSWER <= len(answer.text.strip()) <= LONGEST_WORDS:
        problem = f"it does not have {_SHORTEST_ANSWER} to {LONGEST_WORDS} characters"
        raise InputError("request.answer", "answer", problem, "Write to the person what was done, or why not.")
    if (answer.decision is Decision.GRANTED) != (answer.ground is None):
        raise InputError("request.ground", "answer", "a refusal, and nothing else, has a ground", "Choose the ground that the person is told.")
