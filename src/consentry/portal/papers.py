"""Receipts as they are shown and printed: the proof, and apart from it the secret that withdraws."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.consent import service as consent
from consentry.ledger.rules.receipt_code import to_code
from consentry.platform.settings.faces import ComparisonMethod
from consentry.portal.place import public_address
from consentry.portal.qr import QrCode, qr_code
from consentry.portal.rendering import speech_of

if TYPE_CHECKING:
    from fastapi import Request

    from consentry.consent.model import Given, Purpose
    from consentry.ledger.model import SealedBundle
    from consentry.platform.site import Site
    from consentry.portal.place import Place

__all__ = ["Proof", "Receipt", "proof_of", "receipt_of"]


@dataclass(frozen=True, slots=True)
class Proof:
    """A sealed bundle to take away: its QR code where it fits into one, and its file in base64."""

    proof_qr: QrCode | None
    file: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Receipt(Proof):
    """What a yes gave the person.

    ``enrol_by``: when it ends unless a face was enrolled. ``record_qr``: where a face is compared with one record alone, the number that names it.
    """

    purpose: Purpose
    given: str
    expires: str
    enrol_by: str
    record: str
    place: str
    secret: str
    secret_qr: QrCode | None
    withdraw_address: str
    record_qr: QrCode | None


def proof_of(sealed: SealedBundle, name: str) -> Proof:
    """Return a bundle as it is handed out; ``name``: what its file is called, without its end."""
    return Proof(qr_code(to_code(sealed.data)), base64.b64encode(sealed.data).decode(), f"{name}.json")


def receipt_of(request: Request, site: Site, place: Place, purpose: Purpose, given: Given) -> Receipt:
    """Return the receipt of a consent that was given just now."""
    proof = proof_of(given.receipt, f"consent-{given.consent}")
    found = consent.consent_by_secret(site, given.withdraw_secret)
    spoken = speech_of(request, site)
    terms = site.settings.purpose(purpose)
    one_to_one = terms is not None and terms.method is ComparisonMethod.ONE_TO_ONE
    address = public_address(request, site, "/withdraw")
    return Receipt(
        proof_qr=proof.proof_qr,
        file=proof.file,
        file_name=proof.file_name,
        purpose=purpose,
        given=spoken.moment(found.given),
        expires=spoken.moment(found.expires),
        enrol_by=spoken.moment(found.enrol_by or found.expires),
        record=given.consent,
        place=spoken.own((place.station.name if place.station else site.settings.site.name).model_dump()),
        secret=given.withdraw_secret,
        secret_qr=qr_code(f"{address}#{given.withdraw_secret}"),
        withdraw_address=address.partition("?")[0],
        record_qr=qr_code(given.consent) if one_to_one else None,
    )
