"""Numbers what the vault answers, durably, and signs it."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.recognition.codec import to_text
from consentry.recognition.messages import Erased, SignedErasure, SignedOutcome
from consentry.recognition.seals import OUTCOME_KEYS, SealKind, signed_bytes

if TYPE_CHECKING:
    from consentry.platform.keys import SiteKeys
    from consentry.recognition.messages import Tombstone
    from consentry.recognition.model import Outcome
    from consentry.recognition.vault.registers import Registers

__all__ = ["Notary"]

_STORES = ("gallery", "person-keys", "templates", "tokens")


class Notary:
    """Signs in the newest epoch of the vault's root."""

    def __init__(self, keys: SiteKeys, registers: Registers) -> None:
        """Take the root, and the registers that count."""
        self._key = keys.signing_key(OUTCOME_KEYS)
        self.site = keys.site
        self.epoch = keys.epoch
        self._registers = registers
        self.public_keys = {str(epoch): _public(keys, epoch) for epoch in keys.epochs}

    def outcome(self, draft: Outcome) -> SignedOutcome:
        """Return ``draft`` with the next number, signed."""
        text = to_text(replace(draft, sequence=self._registers.next_sequence()))
        return SignedOutcome(text, self._signature(SealKind.OUTCOME, text), self.epoch)

    def erasure(self, tombstone: Tombstone) -> SignedErasure:
        """Return, signed, that the consent of ``tombstone`` was erased."""
        text = to_text(Erased(tombstone.sequence, tombstone.at, tombstone.person, tombstone.consent, tombstone.purpose, _STORES))
        return SignedErasure(text, self._signature(SealKind.ERASURE, text), self.epoch)

    def _signature(self, kind: SealKind, text: str) -> str:
        return base64.b64encode(self._key.sign(signed_bytes(kind, text))).decode()


def _public(keys: SiteKeys, epoch: int) -> str:
    key = keys.signing_key(OUTCOME_KEYS, epoch=epoch).public_key()
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
