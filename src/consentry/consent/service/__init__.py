"""What is done with consent: publishing notices, signing assessments, yes and no, withdrawing, asking for one's rights, ending in time.

Staff act with an ``Actor`` that holds the permission. Visitors have no account: what they hold, a secret or a number, is their right.
"""

from __future__ import annotations

from consentry.consent.service.asking import answer_request, file_request, overdue_requests, request_details, request_state, requests
from consentry.consent.service.assessments import assessments, purpose_blockers, sign_assessment
from consentry.consent.service.expiry import expire
from consentry.consent.service.giving import give, grant_of, least_age, may_prompt, note_enrolled, note_visit, refuse
from consentry.consent.service.guardians import ask_guardian, end_under_age, guardian_question, guardians_may_decide
from consentry.consent.service.notices import current_notice, notices, publish_notice, text_shown
from consentry.consent.service.retention import JOBS, forget_old, lag
from consentry.consent.service.viewing import (
    consent_by_secret,
    consents,
    consents_of,
    copy_of,
    is_suspended,
    is_valid,
    movements_until,
    receipts_of,
    standing,
    state_of,
)
from consentry.consent.service.withdrawing import (
    confirm_lost,
    consents_by_phone,
    mark_withdrawn,
    report_lost,
    restore_lost,
    withdraw,
    withdraw_by_holder,
    withdraw_within,
)

__all__ = [
    "JOBS",
    "answer_request",
    "ask_guardian",
    "assessments",
    "confirm_lost",
    "consent_by_secret",
    "consents",
    "consents_by_phone",
    "consents_of",
    "copy_of",
    "current_notice",
    "end_under_age",
    "expire",
    "file_request",
    "forget_old",
    "give",
    "grant_of",
    "guardian_question",
    "guardians_may_decide",
    "is_suspended",
    "is_valid",
    "lag",
    "least_age",
    "mark_withdrawn",
    "may_prompt",
    "movements_until",
    "note_enrolled",
    "note_visit",
    "notices",
    "overdue_requests",
    "publish_notice",
    "purpose_blockers",
    "receipts_of",
    "refuse",
    "report_lost",
    "request_details",
    "request_state",
    "requests",
    "restore_lost",
    "sign_assessment",
    "standing",
    "state_of",
    "text_shown",
    "withdraw",
    "withdraw_by_holder",
    "withdraw_within",
]
