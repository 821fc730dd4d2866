"""What a station signs: its key shows that a statement is its own, whatever it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from consentry.platform.errors import ConflictError, ProofError
from consentry.recognition.activations import read_signed
from consentry.recognition.model import AgreementClaim
from consentry.recognition.records import paired_station

if TYPE_CHECKING:
    from consentry.consent.model import Choice
    from consentry.platform.site import Site

__all__ = ["demand_claim", "signed_by"]

Statement = TypeVar("Statement")


def signed_by(site: Site, station: str, kind: type[Statement], text: str, signature: str) -> Statement:
    """Return the statement once the station's key has signed it; until then every station looks the same to a stranger.

    Raises:
        ProofError: ``station.signature``.
        InputError: ``vault.message`` where the text is no ``kind``.
        ConflictError: ``station.stopped``.
    """
    with site.database.reading() as session:
        paired = paired_station(session, station)
    if paired is None:
        raise ProofError("station.signature", "station", "the station's key did not sign it", "Pair the device with the station again.")
    statement = read_signed(kind, text, signature, paired.public_key)
    if paired.stopped is not None:
        mend = "A person must look at the incident and resume the station; use the other way meanwhile."
        raise ConflictError("station.stopped", f"station {station}", f"it was stopped: {paired.stopped}", mend)
    return statement


def demand_claim(site: Site, choice: Choice, claim: str, signature: str) -> None:
    """Demand that the station of a choice signed that the choice was made at it.

    Args:
        site: The site.
        choice: The yes; an act makes one consent, so no claim serves twice.
        claim: Canonical JSON of an ``AgreementClaim``.
        signature: Of the station's key over it, base64 of r ‖ s.

    Raises:
        ProofError: ``station.signature``, or ``station.claim`` where the station signed another act, text, purpose or place.
        InputError: ``vault.message`` where the text is no claim.
        ConflictError: ``station.stopped``.
    """
    station = choice.station or ""
    made = AgreementClaim(station, choice.purpose, choice.action_id, choice.notice_sha256)
    if signed_by(site, station, AgreementClaim, claim, signature) != made:
        raise ProofError("station.claim", f"station {station}", "it signed another yes than this one", "Load the page anew.")
