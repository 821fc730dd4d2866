"""Consent records after ISO/IEC TS 27560:2023 in the terms of DPV 2.3, with the fields that Chinese law asks for besides.

The JSON Schema is ``docs/schemas/consent-record.schema.json``. A record names the person by pseudonym and nothing else; it is stored as canonical JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.consent.model import Audience, ConsentState, Purpose
from consentry.consent.rules.choices import least_age
from consentry.consent.rules.notices import DAY
from consentry.ledger.rules.entries import milliseconds
from consentry.platform.settings.faces import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from consentry.consent.model import Choice, Consent, Notice, NoticeText
    from consentry.ledger.model import JSONValue

__all__ = ["SCHEMA_VERSION", "consent_record", "with_event"]

SCHEMA_VERSION = "ISO-IEC-TS-27560:2023/consentry-1"

_PURPOSE_TYPES: Final[Mapping[Purpose, str]] = {
    Purpose.GREETING: "dpv:CustomerManagement",
    Purpose.DOOR_ACCESS: "dpv:EnforceAccessControl",
    Purpose.SALE_ATTRIBUTION: "dpv:IdentityVerification",
}
_JURISDICTIONS: Final[Mapping[Profile, str]] = {Profile.CN: "CN", Profile.EU: "EU"}
"""Codes of ISO 3166-1, in which EU is reserved for the European Union."""
_RIGHTS = ("access", "copy", "transfer", "correct", "supplement", "delete", "restrict", "withdraw", "explain", "close-account")


def consent_record(consent: Consent, choice: Choice, notice: Notice, assessment: int, site: str) -> dict[str, JSONValue]:
    """Return the record of a consent that was given just now. ``assessment``: its version; ``site``: the site's id."""
    text = notice.texts[consent.language]
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": consent.id,
        "pii_principal_id": consent.person,
        "pii_processing": [_processing(consent, notice, text, assessment, site)],
        "parties": [_controller(text, site)],
        "events": [_event(consent, consent.state, consent.given, _who_gave(consent))],
        "cn": _chinese(consent, choice, notice, text),
    }


def with_event(record: Mapping[str, JSONValue], consent: Consent, state: ConsentState, at: datetime, by: str) -> dict[str, JSONValue]:
    """Return the record with one more event; ``by`` names whose act it is: the person's pseudonym, or the label of an actor."""
    events = record["events"]
    if not isinstance(events, list):
        msg = "a record has a list of events"
        raise TypeError(msg)
    return {**record, "events": [*events, _event(consent, state, at, by)]}


def _processing(consent: Consent, notice: Notice, text: NoticeText, assessment: int, site: str) -> dict[str, JSONValue]:
    terms = notice.terms
    return {
        "privacy_notice": f"notice:{notice.purpose}:{notice.version}",
        "language": consent.language,
        "purpose": text.purpose,
        "purpose_type": _PURPOSE_TYPES[consent.purpose],
        "lawful_basis": ["PIPL:29", "eu-gdpr:A9-2-a"],
        "pii_information": [_face_print()],
        "pii_controllers": [site],
        "collection_method": "live capture at a station that the person activates",
        "processing_method": f"{terms.method} {terms.model_family}",
        "storage_locations": [terms.storage_device],
        "retention_period": f"P{terms.retention // DAY}D",
        "processing_locations": [terms.storage_device],
        "geographic_restrictions": ["not sent outside the site"],
        "service": consent.purpose.value,
        "jurisdiction": _JURISDICTIONS[notice.profile],
        "recipient_third_parties": list(terms.recipients),
        "withdrawal_method": text.rights_channel,
        "privacy_rights": list(_RIGHTS),
        "impact_assessment": f"assessment:{consent.purpose}:{assessment}",
        "authority_party": text.complaint,
    }


def _face_print() -> dict[str, JSONValue]:
    return {
        "pii_type": "pd:FacialPrint",
        "pii_attribute_id": "face-template",
        "pii_optional": True,
        "sensitive_pii_category": True,
        "special_pii_category": True,
    }


def _controller(text: NoticeText, site: str) -> dict[str, JSONValue]:
    return {
        "party_id": site,
        "party_name": text.handler,
        "party_address": text.contact,
        "party_contact": text.officer,
        "party_role": "dpv:DataController",
        "party_type": "dpv:Organisation",
    }


def _event(consent: Consent, state: ConsentState, at: datetime, by: str) -> dict[str, JSONValue]:
    return {
        "event_time": milliseconds(at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "validity_duration": f"P{(consent.expires - consent.given) // DAY}D",
        "entity_id": by,
        "event_type": "dpv:ExplicitlyExpressedConsent",
        "event_state": f"dpv:{state}",
    }


def _chinese(consent: Consent, choice: Choice, notice: Notice, text: NoticeText) -> dict[str, JSONValue]:
    offered: Sequence[str] = [line.strip() for line in text.alternatives.splitlines() if line.strip()]
    return {
        "separate_consent_action_id": choice.action_id,
        "necessity_text": text.necessity,
        "rights_impact_text": text.impact,
        "alternative_offered": list(offered),
        "guardian": _guardian(choice),
        "storage_device_id": notice.terms.storage_device,
        "offdevice_transfer_consent": False,
        "cross_border_consent": False,
        "notice_sha256": consent.notice_sha256,
        "capture_point_id": consent.station,
        "staff_id": choice.staff.id if choice.staff else None,
        "age_declaration": f"{'under' if choice.guardian else 'at-least'}-{least_age(notice.profile)}",
    }


def _who_gave(consent: Consent) -> str:
    return consent.person if consent.audience is Audience.EVERYBODY else f"guardian-of:{consent.person}"


def _guardian(choice: Choice) -> JSONValue:
    """Return who decided for a child, without the name: that is kept encrypted apart and goes with the last consent, while records are evidence."""
    if choice.guardian is None:
        return None
    return {"name": "sealed", "relation": choice.guardian.relation.value, "verification": choice.guardian.verification.value}
