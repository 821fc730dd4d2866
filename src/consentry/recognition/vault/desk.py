"""The vault as a whole: one question in, one answer out, one at a time, and never an exception."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from datetime import UTC
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from consentry.platform.errors import ConsentryError, InputError
from consentry.recognition import messages
from consentry.recognition.calibration import Signer, parse_calibration, verify
from consentry.recognition.refusals import RefusalCode, refusal
from consentry.recognition.rules import TOMBSTONES_KEPT
from consentry.recognition.vault.buffers import wiped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from consentry.ledger.model import JSONValue
    from consentry.platform.clock import Clock
    from consentry.recognition.messages import Answer, StationQuestion, WebQuestion
    from consentry.recognition.vault.captures import Captures
    from consentry.recognition.vault.enrolled import Enrolled
    from consentry.recognition.vault.notary import Notary
    from consentry.recognition.vault.order import VaultOrder
    from consentry.recognition.vault.registers import Registers
    from consentry.recognition.vault.tickets import TicketOffice

    Header = Mapping[str, JSONValue]

__all__ = ["Desk"]

_TOMBSTONES_AT_ONCE = 200

log = logging.getLogger(__name__)


class Desk:
    """Answers the web process and the station workers; safe for any number of threads."""

    def __init__(  # noqa: PLR0913 - it stands in front of everything else
        self,
        order: VaultOrder,
        clock: Clock,
        *,
        office: TicketOffice,
        captures: Captures | None,
        enrolled: Enrolled,
        notary: Notary,
        registers: Registers,
    ) -> None:
        """Take the order and what carries it out. ``captures``: None where nobody may be recognised."""
        self._order = order
        self._clock = clock
        self._office = office
        self._captures = captures
        self._enrolled = enrolled
        self._notary = notary
        self._registers = registers
        self._calibration_sha256: str | None = None
        self._lock = Lock()
        if order.calibration is not None:
            self._try_calibration(order.calibration)

    def answer_web(self, header: Header, body: bytearray) -> Answer:
        """Return the answer to a question of the web process."""
        return self._answer(lambda now: self._of_web(_without_body(messages.read_web_question(header), body), now))

    def answer_station(self, header: Header, body: bytearray) -> Answer:
        """Return the answer to a question of a station worker; ``body`` is overwritten."""
        with wiped(body):
            return self._answer(lambda now: self._of_station(messages.read_station_question(header), body, now))

    def settle(self) -> None:
        """Overwrite what is left of the last faces; comes after an answer was sent."""
        with self._lock:
            if self._captures is not None:
                self._captures.settle(self._clock.now())

    def _answer(self, ask: Callable[[datetime], Answer]) -> Answer:
        try:
            with self._lock:
                return ask(self._clock.now().astimezone(UTC))
        except ConsentryError as error:
            return messages.Refused(error.code, error.problem, error.mend)
        except (sqlite3.Error, OSError) as error:
            log.error("the vault's records fail: %s", type(error).__name__)  # noqa: TRY400 - a traceback may show what was in them
            return _refused(RefusalCode.STORAGE)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with one question, the vault goes on
            log.error("a question to the vault failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may show a vector
            return _refused(RefusalCode.FAILED)

    def _of_web(self, question: WebQuestion, now: datetime) -> Answer:
        match question:
            case messages.MintTicket():
                return messages.MintedTicket(self._office.mint(question, now))
            case messages.Revoke():
                return self._revoke(question, now)
            case messages.Status() | messages.Tombstones() | messages.Population() | messages.FetchToken():
                return self._told(question, now)
            case _:
                self._change(question)
                return messages.Done()

    def _change(self, question: messages.Change) -> None:
        match question:
            case messages.RegisterStation():
                self._office.register(question)
            case messages.RemoveStation():
                self._office.remove(question.station)
            case messages.Suspend():
                self._suspend(question.consent)
            case messages.Resume():
                self._resume(question.consent)
            case messages.LoadCalibration():
                self._load_calibration(question.document)
            case messages.RotateTransform():
                self._rotate(question)

    def _told(self, question: messages.Status | messages.Tombstones | messages.Population | messages.FetchToken, now: datetime) -> Answer:
        match question:
            case messages.Status():
                return self._status()
            case messages.Tombstones():
                # Asked for every half minute, whether or not anybody withdraws.
                self._registers.forget_tombstones(now - TOMBSTONES_KEPT)
                found = self._registers.tombstones(question.since, _TOMBSTONES_AT_ONCE)
                return messages.TombstoneList(tuple(found), more=len(found) == _TOMBSTONES_AT_ONCE)
            case messages.Population():
                return messages.PopulationCount({purpose: self._enrolled.count(purpose) for purpose in self._order.purposes})
            case messages.FetchToken():
                return messages.IssuedToken(self._recognising().token(question.ticket, now))

    def _of_station(self, question: StationQuestion, body: bytearray, now: datetime) -> Answer:
        captures = self._recognising()
        match question:
            case messages.Enrol():
                return captures.enrol(question, body, now)
            case messages.Verify():
                return captures.verify(question, body, now)
            case messages.Identify():
                return captures.identify(question, body, now)

    def _recognising(self) -> Captures:
        if self._captures is None:
            raise refusal(RefusalCode.OFF)
        return self._captures

    def _status(self) -> messages.VaultStatus:
        captures = self._captures
        certified = captures is not None and captures.is_certified_for_doors
        return messages.VaultStatus(
            site=self._notary.site,
            profile=self._order.profile,
            separate=self._order.separate,
            purposes=self._order.purposes if captures else (),
            family=self._enrolled.space.family or None,
            calibration=self._calibration_sha256,
            certified=certified,
            keys=self._notary.public_keys,
            sequence=self._registers.sequence,
            stations=self._registers.station_count(),
        )

    def _revoke(self, question: messages.Revoke, now: datetime) -> messages.SignedErasure:
        """Erase a consent everywhere. Every step is repeated when the question is, and at the next start."""
        _check_id(question.consent)
        tombstone = self._registers.bury(question.person, question.consent, question.purpose, now)
        if self._captures is not None:
            self._captures.forget(question.consent)
        self._enrolled.erase([question.consent])
        return self._notary.erasure(tombstone)

    def _suspend(self, consent: str) -> None:
        _check_id(consent)
        self._registers.suspend(consent)
        self._enrolled.suspend(consent)

    def _resume(self, consent: str) -> None:
        _check_id(consent)
        self._registers.resume(consent)
        self._enrolled.resume(consent)

    def _rotate(self, question: messages.RotateTransform) -> None:
        if question.purpose not in self._enrolled.space.numbers:
            raise refusal(RefusalCode.OFF)
        number, epoch = self._registers.renew_transform(question.purpose, self._notary.epoch)
        self._enrolled.renew(question.purpose, number, epoch)

    def _load_calibration(self, document: str) -> None:
        captures = self._recognising()
        calibration = parse_calibration(document)
        keys = {epoch: bytes.fromhex(key) for epoch, key in self._order.calibration_keys.items()}
        verify(calibration, keys, tuple(Signer) if self._order.accept_test_calibration else (Signer.SITE,))
        captures.calibrate(calibration)
        self._calibration_sha256 = hashlib.sha256(document.encode()).hexdigest()

    def _try_calibration(self, document: str) -> None:
        try:
            self._load_calibration(document)
        except ConsentryError as error:
            log.error("there is no calibration: %s [%s]", error, error.code)  # noqa: TRY400 - an error meant for the reader


def _without_body(question: WebQuestion, body: bytearray) -> WebQuestion:
    if body:
        raise InputError("vault.message", "body", "this question has none", "Send a message of docs/vault.md.")
    return question


def _check_id(text: str) -> None:
    try:
        if str(UUID(text)) == text:
            return
    except ValueError:
        pass
    raise InputError("vault.message", "consent", "it is no id of a consent", "Send the id that consent.service gave.")


def _refused(code: RefusalCode) -> messages.Refused:
    error = refusal(code)
    return messages.Refused(error.code, error.problem, error.mend)
