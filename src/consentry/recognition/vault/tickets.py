"""The ticket office: stations come with a signed act of a person, and leave with a ticket."""

from __future__ import annotations

import base64
import secrets
from collections import defaultdict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from consentry.platform.errors import InputError
from consentry.recognition.codec import from_text
from consentry.recognition.model import Activation, StationTicket, TicketKind
from consentry.recognition.refusals import RefusalCode, refusal
from consentry.recognition.rules import StationRights, activation_problem, ticket_for, ticket_problem

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.recognition.messages import MintTicket, RegisterStation
    from consentry.recognition.rules import VaultScope
    from consentry.recognition.vault.registers import Registers

__all__ = ["TicketOffice"]

_TICKET_BYTES = 16
_COORDINATE_BYTES = 32
_SIGNATURE_BYTES = 2 * _COORDINATE_BYTES
_MINUTE = timedelta(minutes=1)


class TicketOffice:
    """Registers stations, mints their tickets and takes them in, each once."""

    def __init__(self, registers: Registers, scope: VaultScope) -> None:
        """Take the registers and what this vault may do at all."""
        self._registers = registers
        self._scope = scope
        self._minted: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def register(self, station: RegisterStation) -> None:
        """Register a station or change it.

        Raises:
            InputError: ``vault.message`` where its key is none.
        """
        try:
            EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64.b64decode(station.public_key, validate=True))
        except ValueError:
            mend = "Send the uncompressed point of a P-256 key, in base64."
            raise InputError("vault.message", "public_key", "it is no P-256 key", mend) from None
        self._registers.put_station(station)

    def remove(self, station: str) -> None:
        """Forget a station."""
        self._registers.remove_station(station)
        self._minted.pop(station, None)

    def mint(self, question: MintTicket, now: datetime) -> StationTicket:
        """Return a ticket for a signed activation.

        Raises:
            InputError: ``vault.message`` where it is no activation.
            ConflictError: With the code of the reason why not.
        """
        activation = from_text(Activation, question.activation)
        found = self._registers.station(activation.station)
        if found is None:
            raise refusal(RefusalCode.STATION_UNKNOWN)
        registered, rights = found
        if not _is_signed(question, registered.public_key):
            raise refusal(RefusalCode.SIGNATURE)
        minted = self._recent(activation.station, now)
        problem = activation_problem(activation, rights, self._scope, minted, now)
        if problem:
            raise refusal(problem)
        ticket = ticket_for(activation, secrets.token_hex(_TICKET_BYTES), now, question.attended_by)
        self._registers.issue(ticket, activation.counter, now)
        minted.append(now)
        return ticket

    def take(self, number: str, kind: TicketKind, now: datetime) -> tuple[StationTicket, StationRights]:
        """Use a ticket up and return it with the rights of its station.

        Raises:
            ConflictError: With the code of the reason why not.
        """
        held = self._registers.ticket(number)
        found = self._registers.station(held.ticket.station) if held else None
        problem = ticket_problem(held, kind, found[1] if found else None, now)
        if problem or held is None or found is None:
            raise refusal(problem or RefusalCode.TICKET_UNKNOWN)
        self._registers.use(number)
        if held.ticket.purpose not in self._scope.purposes:
            raise refusal(RefusalCode.OFF)
        return held.ticket, found[1]

    def _recent(self, station: str, now: datetime) -> deque[datetime]:
        minted = self._minted[station]
        while minted and now - minted[0] >= _MINUTE:
            minted.popleft()
        return minted


def _is_signed(question: MintTicket, public_key: str) -> bool:
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64.b64decode(public_key))
        signature = base64.b64decode(question.signature, validate=True)
        if len(signature) != _SIGNATURE_BYTES:
            return False
        r, s = (int.from_bytes(part, "big") for part in (signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:]))
        key.verify(encode_dss_signature(r, s), question.activation.encode(), ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
