"""A resident chooses their PIN. They give their passphrase again, and tries are counted: each one could be a guess at what a flatmate chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.service.own_ways import set_own_pin
from consentry.access.service.resident_sessions import current_resident
from consentry.access.service.residents import RESIDENTS, resident_label
from consentry.access.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError
from consentry.staff import attempts
from consentry.staff import work as staff_work
from consentry.staff.passwords import verify_password
from consentry.staff.rules import Limit
from consentry.staff.tokens import Kind

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = ["TRIES", "choose_own_pin"]

TRIES: Final = Limit(5)
"""How many tries in a row are free; each further one doubles the delay, up to four an hour. A PIN that is set costs a try too."""


@permits(Permission.LIVE_HERE)
def choose_own_pin(site: Site, actor: Actor, passphrase: str, pin: str, duress: str | None = None) -> None:
    """Set the resident's PIN as :func:`own_ways.set_own_pin` does, after their passphrase was given again. What is refused stands in the ledger.

    Raises:
        TooManyError: ``sign-in.wait`` after too many tries, right or wrong.
        InputError: ``resident.passphrase``; else as ``set_own_pin``.
        ConflictError: as ``set_own_pin``.
    """
    with reading(site) as work:
        hashed = current_resident(work, actor).passphrase
    with staff_work.writing(site) as counting:
        attempts.charge(counting, _tries(site.keys, actor.id))
    try:
        _check_passphrase(hashed, passphrase)
        set_own_pin(site, actor, pin, duress)
    except InputError as error:
        _record_refusal(site, actor, error.code)
        raise


def _tries(keys: SiteKeys, resident: str) -> attempts.Counters:
    return attempts.Counters((attempts.Counter(RESIDENTS.token_digest(keys, Kind.NAME, f"pin\0{resident}"), TRIES),))


def _check_passphrase(hashed: str | None, passphrase: str) -> None:
    """Compare outside of a transaction: hashing takes a tenth of a second."""
    if not verify_password(hashed, passphrase):
        raise InputError("resident.passphrase", "passphrase", "it is not the one of this account", "Type it again.")


def _record_refusal(site: Site, actor: Actor, code: str) -> None:
    with writing(site) as work:
        work.record(Act(actor.label, "access.pin-refused", resident_label(actor.id), PURPOSE, details={"why": code}))
