"""Lets nobody past without a consent: checks each grant at the moment of its use."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.consent import grants
from consentry.platform.errors import ProofError
from consentry.recognition import rules
from consentry.recognition.refusals import RefusalCode, refusal
from consentry.recognition.vault import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.consent.model import ConsentGrant
    from consentry.recognition.model import StationTicket
    from consentry.recognition.vault.enrolled import Enrolled
    from consentry.recognition.vault.registers import Registers
    from consentry.recognition.vault.templates import StoredTemplate

__all__ = ["Gate", "Policy"]

_GRANT_CODES = {"grant.epoch": RefusalCode.GRANT_EPOCH}


@dataclass(frozen=True, slots=True)
class Policy:
    """What the site has set: its id, the public keys that sign its grants (by epoch), the rate to keep, and whether tokens hold the templates."""

    site: str
    grant_keys: Mapping[int, bytes]
    target_fpir: float
    in_tokens: bool


class Gate:
    """Knows the site's keys, the revocation list and who is enrolled."""

    def __init__(self, policy: Policy, enrolled: Enrolled, registers: Registers) -> None:
        """Take what the site has set, and where to look."""
        self.policy = policy
        self._enrolled = enrolled
        self._registers = registers

    def granted(self, text: str, ticket: StationTicket, now: datetime) -> tuple[bytes, ConsentGrant]:
        """Return the grant that came with an enrolment, as bytes and read.

        Raises:
            ConflictError: With the code of the reason why it gives no leave.
        """
        try:
            data = base64.b64decode(text, validate=True)
            grant = grants.verified(data, self.policy.grant_keys)
        except ProofError as error:
            raise refusal(_GRANT_CODES.get(error.code, RefusalCode.GRANT)) from None
        except ValueError:  # no base64
            raise refusal(RefusalCode.GRANT) from None
        terms = rules.GrantTerms(self.policy.site, ticket.purpose, self._enrolled.space.family, ticket.consent or "")
        problem = self._problem(grant, terms, now)
        if problem:
            raise refusal(problem)
        return data, grant

    def problem(self, stored: StoredTemplate, now: datetime) -> RefusalCode | None:
        """Return why the consent of a template is not valid now, by its signature, the lists of revoked and resting consents, and the clock."""
        template = stored.template
        try:
            grant = grants.verified(template.grant, self.policy.grant_keys)
        except ProofError as error:
            return _GRANT_CODES.get(error.code, RefusalCode.GRANT)
        terms = rules.GrantTerms(self.policy.site, template.purpose, self._enrolled.space.family, template.consent)
        return self._problem(grant, terms, now)

    def _problem(self, grant: ConsentGrant, terms: rules.GrantTerms, now: datetime) -> RefusalCode | None:
        problem = rules.grant_problem(grant, terms, self._registers.revoked, now)
        rests = grant.consent in self._registers.suspended
        return problem or (RefusalCode.GRANT_SUSPENDED if rests else None)

    def named(self, token: str, ticket: StationTicket) -> StoredTemplate:
        """Return the record that a token names, which must be the one of the ticket.

        Raises:
            ConflictError: ``vault.token`` or ``vault.grant-revoked``.
        """
        consent = tokens.consent_of(token) if self.policy.in_tokens else token
        if consent != ticket.consent:
            raise refusal(RefusalCode.TOKEN)
        if consent in self._registers.revoked:
            raise refusal(RefusalCode.GRANT_REVOKED)
        stored = self._enrolled.find(consent)
        if stored is None or stored.template.purpose is not ticket.purpose:
            raise refusal(RefusalCode.TOKEN)
        return stored
