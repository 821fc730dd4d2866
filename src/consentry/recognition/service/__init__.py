"""What is done with recognition: purposes open, stations paired, faces used once, templates erased. The web process's side; the vault decides."""

from __future__ import annotations

from consentry.recognition.service.acceptances import accepted_consent
from consentry.recognition.service.capture import LARGEST_FRAME, end_capture, feed, holds_capture, request_ticket
from consentry.recognition.service.copies import copy_of
from consentry.recognition.service.erasure import ENDING, erase_pending, erasure_certificate, reconcile_tombstones, withdraw, withdraw_by_holder
from consentry.recognition.service.incidents import resume_station
from consentry.recognition.service.pairing import complete_pairing, pair_station, station_face, stations, unpair_station
from consentry.recognition.service.purposes import purpose_state, purposes_open, vault_status
from consentry.recognition.service.reviews import decide_review, reviews
from consentry.recognition.service.statements import demand_claim
from consentry.recognition.service.suspension import RESTING, tell_suspensions
from consentry.recognition.service.upkeep import erasures_waiting, forget_old, look_after, population

__all__ = [
    "HANDLERS",
    "LARGEST_FRAME",
    "accepted_consent",
    "complete_pairing",
    "copy_of",
    "decide_review",
    "demand_claim",
    "end_capture",
    "erase_pending",
    "erasure_certificate",
    "erasures_waiting",
    "feed",
    "forget_old",
    "holds_capture",
    "look_after",
    "pair_station",
    "population",
    "purpose_state",
    "purposes_open",
    "reconcile_tombstones",
    "request_ticket",
    "resume_station",
    "reviews",
    "station_face",
    "stations",
    "tell_suspensions",
    "unpair_station",
    "vault_status",
    "withdraw",
    "withdraw_by_holder",
]

HANDLERS = {**ENDING, **RESTING}
"""What this slice does when a consent is over, begins to rest, or holds again."""
