"""Signing in people who have an account and are no staff, such as agents and residents: each kind with accounts, sessions and counters of its own.

A name that nobody has meets the same work, the same answer and the same delays as one that somebody has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import system
from consentry.platform.errors import SignInError
from consentry.staff import attempts
from consentry.staff.passwords import hash_password, is_outdated, verify_password
from consentry.staff.rules import ACCOUNT_LIMIT, ADDRESS_LIMIT, PAIR_LIMIT, address_group, name_key
from consentry.staff.tokens import Kind, digest
from consentry.staff.work import writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.platform.actors import ActorKind
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = ["IDLE_LIFE", "SEEN_TO", "SESSION_LIFE", "HeldSession", "Known", "Outsiders", "Proved", "is_held", "refusal"]

IDLE_LIFE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=7)
SEEN_TO = timedelta(minutes=1)
"""How exactly a session's last use is kept, so that not every request writes."""


class HeldSession(Protocol):
    """What a table of sessions says of one."""

    last_seen: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """An account that may sign in, and the hash of its passphrase, None where it has none yet."""

    account: str
    passphrase: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proved:
    """A passphrase that was right: whose, the hash it was compared with, and the hash to keep from now on. ``counters`` are to be cleared."""

    account: str
    hashed: str = field(repr=False)
    renewed: str = field(repr=False)
    counters: attempts.Counters = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outsiders:
    """A kind of people outside of staff. ``part``: the slice whose acts the ledger shows, for ``purpose``; ``known`` finds who may sign in under a name."""

    kind: ActorKind
    part: str
    purpose: str
    known: Callable[[Session, SiteKeys, str], Known | None]

    def prove(self, site: Site, name: str, passphrase: str, address: str) -> Proved:
        """Check a passphrase that came from a network ``address``.

        Raises:
            SignInError: ``sign-in.refused``, whatever was wrong.
            TooManyError: ``sign-in.wait``.
        """
        counters = self._counters(site.keys, name, address)
        with writing(site) as work:
            at_limit = attempts.charge(work, counters)
            found = self.known(work.session, work.keys, name)
        hashed = found.passphrase if found else None
        # Outside the transaction: hashing takes a tenth of a second, and nobody else could write meanwhile.
        right = verify_password(hashed, passphrase)
        if not right or found is None or hashed is None:
            if at_limit:
                self._note_limit(site, found.account if found else "unknown", address)
            raise refusal()
        return Proved(found.account, hashed, hash_password(passphrase) if is_outdated(hashed) else hashed, counters)

    def token_digest(self, keys: SiteKeys, kind: Kind, token: str) -> bytes:
        """Return the keyed hash of a token of these people: of a session or of a link."""
        return digest(keys, kind, f"{self.kind}\0{token}")

    def _counters(self, keys: SiteKeys, name: str, address: str) -> attempts.Counters:
        """Return what a try counts against: names of each kind of people apart, addresses together."""
        who, where = f"{self.kind}\0{name_key(name)}", address_group(address)
        pair = attempts.Counter(digest(keys, Kind.PAIR, f"{who}\0{where}"), PAIR_LIMIT)
        account = attempts.Counter(digest(keys, Kind.NAME, who), ACCOUNT_LIMIT)
        return attempts.Counters((pair, account), (attempts.Counter(digest(keys, Kind.ADDRESS, where), ADDRESS_LIMIT),))

    def _note_limit(self, site: Site, account: str, address: str) -> None:
        """Write into the ledger that guessing was slowed down; single failures are not written, or strangers could fill it."""
        with writing(site) as work:
            action, details = f"{self.part}.{self.kind}-sign-in-delayed", {"address": work.address_mark(address)}
            record(work.session, Act(system("sign-in").label, action, f"{self.kind}:{account}", self.purpose, details=details), work.now)


def is_held(session: HeldSession, now: datetime) -> bool:
    """Return whether a session still holds: neither idle too long nor past its end."""
    return now < session.expires and now - session.last_seen < IDLE_LIFE


def refusal() -> SignInError:
    """Return the one answer to everything that is wrong."""
    return SignInError("sign-in.refused", "sign-in", "name or passphrase is wrong", "Check them and try again.")
