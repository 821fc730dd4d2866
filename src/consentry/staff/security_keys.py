"""Security keys and passkeys as second factors (WebAuthn level 3): what browsers are asked, and whether they answered it.

A key is bound to the relying party's id, the first name of ``[web] names``; a browser that came by another name or by a bare address cannot use it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

import webauthn
from webauthn.helpers import options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from consentry.platform.settings.model import TlsMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.platform.settings.model import Settings

__all__ = [
    "RegisteredKey",
    "RelyingParty",
    "credential_of",
    "new_challenge",
    "read_answer",
    "read_registration",
    "registration_options",
    "relying_party",
    "sign_in_options",
]

_TIMEOUT_MS = 120_000
_DEFAULT_PORTS = {"https": 443, "http": 80}
# All that the library and its decoders raise for what a hostile client can send.
_UNREADABLE = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, struct.error)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom a security key signs for: ``id`` is a host name, ``origins`` where browsers may come from, such as ``https://shop.lan:8000``."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """What is kept of a security key: its credential id, its public key (COSE) and how many signatures it said it made."""

    credential: bytes
    public_key: bytes
    signatures: int


def relying_party(settings: Settings) -> RelyingParty:
    """Return whom security keys sign for on this site."""
    web = settings.web
    scheme = "http" if web.tls.mode is TlsMode.OFF else "https"
    name = next((name for name in web.names if not _is_address(name)), "localhost")
    port = "" if web.port == _DEFAULT_PORTS[scheme] else f":{web.port}"
    return RelyingParty(name, settings.site.name.en, (f"{scheme}://{name}{port}",))


def new_challenge() -> bytes:
    """Return 64 random bytes."""
    return webauthn.helpers.generate_challenge()


def registration_options(party: RelyingParty, account: str, name: str, challenge: bytes, known: Sequence[bytes]) -> str:
    """Return, as JSON, what a browser needs to register a key that is not among the ``known`` credentials."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=account.encode(),
        user_name=name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
    )
    return options_to_json(options)


def sign_in_options(party: RelyingParty, challenge: bytes, known: Sequence[bytes]) -> str:
    """Return, as JSON, what a browser needs to let one of the ``known`` credentials answer."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return options_to_json(options)


def read_registration(party: RelyingParty, challenge: bytes, answer: str) -> RegisteredKey | None:
    """Return the key that a browser registered, or None where ``answer`` does not belong to the challenge and this site."""
    try:
        seen = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=list(party.origins)
        )
    except _UNREADABLE:
        return None
    return RegisteredKey(seen.credential_id, seen.credential_public_key, seen.sign_count)


def credential_of(answer: str) -> bytes | None:
    """Return which credential claims to have answered, or None where that cannot be read."""
    try:
        return webauthn.helpers.parse_authentication_credential_json(answer).raw_id
    except _UNREADABLE:
        return None


def read_answer(party: RelyingParty, challenge: bytes, answer: str, key: RegisteredKey) -> int | None:
    """Return the key's new signature count, or None where ``answer`` is not its answer, or its count ran backwards as a copy's would."""
    try:
        seen = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.signatures,
        )
    except _UNREADABLE:
        return None
    return seen.new_sign_count if seen.credential_id == key.credential else None


def _descriptors(credentials: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=credential) for credential in credentials]


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
