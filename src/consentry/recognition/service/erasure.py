"""Withdrawing: the consent ends, the vault destroys key and template, and its signed word becomes a certificate that anyone can check.

What the vault has not confirmed is asked again until it has, whatever dies meanwhile. After a restore its tombstones end what a backup revived.
"""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

from consentry.consent import service as consents
from consentry.consent.model import Purpose
from consentry.ledger.model import Act
from consentry.ledger.service import receipts, record
from consentry.platform.errors import ConflictError, ConsentryError
from consentry.platform.events import EventName
from consentry.recognition.client import vault_client
from consentry.recognition.messages import Revoke, SignedErasure, TombstoneList, Tombstones
from consentry.recognition.records import ErasureRow, newest_tombstone, pending_erasures, take_number, vault_keys
from consentry.recognition.seals import opened_erasure
from consentry.recognition.service.errands import attempt_each
from consentry.recognition.service.incidents import ITSELF
from consentry.recognition.service.outcomes import pinned_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from consentry.consent.model import Via, Withdrawal
    from consentry.ledger.model import JSONValue, SealedBundle
    from consentry.platform.events import Delivery, Handler
    from consentry.platform.site import Site
    from consentry.recognition.messages import Erased, Tombstone

__all__ = ["ENDING", "erase_pending", "erasure_certificate", "reconcile_tombstones", "withdraw", "withdraw_by_holder"]

_OVER = (EventName.CONSENT_WITHDRAWN, EventName.CONSENT_INVALIDATED, EventName.CONSENT_EXPIRED)
_RESTORED = "the vault had erased it before the backup was restored"

log = logging.getLogger(__name__)


def withdraw(site: Site, secret: str, via: Via) -> Withdrawal:
    """End the consent that the secret belongs to, and have the vault erase its template before the answer where the vault is there.

    Raises:
        ConsentryError: As ``consent.service.withdraw``. That the vault is away is none: the consent is over, and the vault is asked until it has erased.
    """
    return _with_template(site, consents.withdraw(site, secret, via))


def withdraw_by_holder(site: Site, label: str, consent: str) -> Withdrawal:
    """Do the same for a person who is signed in, and whose consent the caller knows it to be; see ``consent.service.withdraw_by_holder``."""
    return _with_template(site, consents.withdraw_by_holder(site, label, consent))


def erase_pending(site: Site) -> int:
    """Ask the vault to erase what it has not confirmed yet, and return how many erasures it confirmed now; a job of every few seconds.

    Raises:
        ConsentryError: ``vault.away``, or the first of the failures, once everything was asked for; what is left is asked for with the next run.
    """
    with site.database.reading() as session:
        waiting = [Revoke(row.person, row.consent, Purpose(row.purpose)) for row in pending_erasures(session)]
    return attempt_each(waiting, lambda question: _erase(site, question))


def erasure_certificate(site: Site, secret: str) -> SealedBundle:
    """Return the proof that the template of a secret's consent is gone: the vault's signed word in the log, and the entries of the vault's keys.

    ``consentry ledger verify`` checks it offline.

    Raises:
        NotFoundError: ``consent.secret``.
        ConflictError: ``recognition.not-erased`` where the vault has not confirmed it yet, or nobody asked for it.
    """
    consent = consents.consent_by_secret(site, secret).id
    with site.database.reading() as session:
        row = session.get(ErasureRow, consent)
        entries = [] if row is None or row.entry is None else [row.entry, *(key.entry for key in vault_keys(session).values())]
    if not entries:
        mend = "Withdraw first; where that was done, ask again in a minute."
        raise ConflictError("recognition.not-erased", "erasure", "the vault has not confirmed it yet", mend)
    return receipts(site, ITSELF, sorted(set(entries)))


def reconcile_tombstones(site: Site) -> int:
    """End every consent that the vault has erased and the records do not know of, as after a restore; return how many tombstones were new.

    Raises:
        ConflictError: ``vault.away``: then nobody is recognised either.
    """
    many, more = 0, True
    with site.database.reading() as session:
        since = newest_tombstone(session)
    while more:
        answer = vault_client(site.store.places).ask(Tombstones(since), TombstoneList)
        _take_tombstones(site, answer.tombstones)
        many, more = many + len(answer.tombstones), answer.more and bool(answer.tombstones)
        since = max((tombstone.sequence for tombstone in answer.tombstones), default=since)
    return many


def _with_template(site: Site, ended: Withdrawal) -> Withdrawal:
    """Have the template erased of a consent that is over; where the vault is away, the job asks it again."""
    _want_erased(site, ended.consent, ended.person, ended.purpose)
    try:
        _erase(site, Revoke(ended.person, ended.consent, ended.purpose))
    except ConsentryError as error:
        log.warning("the vault will be asked again to erase: %s [%s]", error, error.code)
    return ended


def _on_ended(site: Site, delivery: Delivery) -> None:
    """Remember that a template must go. That it does is for the job that asks the vault: an event is given up after some tries, an erasure never."""
    told: Mapping[str, object] = delivery.event.payload
    _want_erased(site, str(told["consent"]), str(told["person"]), Purpose(str(told["purpose"])))


ENDING: Mapping[EventName, Sequence[Handler]] = dict.fromkeys(_OVER, (_on_ended,))
"""What is done when a consent is over: its template must go."""


def _want_erased(site: Site, consent: str, person: str, purpose: Purpose) -> None:
    with site.database.transaction() as session:
        if session.get(ErasureRow, consent) is None:
            session.add(ErasureRow(consent=consent, person=person, purpose=purpose, asked=site.clock.now(), sequence=None, entry=None))


def _erase(site: Site, question: Revoke) -> None:
    _confirm(site, question, vault_client(site.store.places).ask(question, SignedErasure))


def _confirm(site: Site, question: Revoke, answer: SignedErasure) -> None:
    erased = opened_erasure(answer, pinned_keys(site))
    if (erased.person, erased.consent, erased.purpose) != (question.person, question.consent, question.purpose):
        raise ConflictError("vault.answer", "the vault", "it erased something else than was asked", "Look at its log, and at the list of incidents.")
    with site.database.transaction() as session:
        row = session.get_one(ErasureRow, question.consent)
        if row.entry is None:
            take_number(session, erased.sequence, site.clock.now())
            row.sequence, row.entry = erased.sequence, _enter(site, session, erased, answer)


def _enter(site: Site, session: Session, erased: Erased, answer: SignedErasure) -> int:
    details: dict[str, JSONValue] = {
        "consent": erased.consent,
        "person": erased.person,
        "sequence": erased.sequence,
        "stores": list(erased.stores),
        "erasure": answer.erasure,
        "signature": answer.signature,
        "key": base64.b64encode(vault_keys(session)[answer.epoch].public_key).decode(),
    }
    return record(session, Act(ITSELF.label, "recognition.erased", f"consent:{erased.consent}", erased.purpose, details=details), site.clock.now())


def _take_tombstones(site: Site, found: Sequence[Tombstone]) -> None:
    if not found:
        return
    consents.mark_withdrawn(site, [tombstone.consent for tombstone in found], _RESTORED)
    for tombstone in found:
        _want_erased(site, tombstone.consent, tombstone.person, tombstone.purpose)
    try:
        erase_pending(site)
    except ConsentryError as error:
        # The consents are over and the vault has erased them: what fails is only asked again.
        log.warning("the vault will be asked again to confirm what it erased: %s [%s]", error, error.code)
