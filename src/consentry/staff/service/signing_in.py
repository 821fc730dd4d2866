"""Signing in: password, then a second factor where the account has one; confirming and changing the password later.

A name that nobody has meets the same work, the same answer and the same delays as one that somebody has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.actors import Permission, permits, system
from consentry.platform.errors import NotFoundError, SignInError
from consentry.staff import attempts, sessions
from consentry.staff.accounts import active_by_name, existing, factors_of
from consentry.staff.factors import credentials_of, is_proven
from consentry.staff.model import AccountState, FactorKind, SecondFactorNeeded, SignedIn
from consentry.staff.passwords import hash_password, is_outdated, verify_password
from consentry.staff.rules import TICKET_LIFE, check_password
from consentry.staff.security_keys import new_challenge, relying_party, sign_in_options
from consentry.staff.tickets import TicketPurpose, issue, pending
from consentry.staff.work import account_label, reading, writing

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.attempts import Counters
    from consentry.staff.model import Proof
    from consentry.staff.records import AccountRow
    from consentry.staff.work import UnitOfWork

__all__ = ["change_password", "confirm", "finish_sign_in", "security_key_options", "sign_in"]

# The charges of one success: one for the password, one for the second factor.
_PASSWORD_ONLY, _BOTH_STEPS = 1, 2


def sign_in(site: Site, name: str, password: str, address: str) -> SignedIn | SecondFactorNeeded:
    """Check a password that came from a network ``address``.

    Raises:
        SignInError: ``sign-in.refused``, whatever was wrong.
        TooManyError: ``sign-in.wait``.
    """
    counters = attempts.of_sign_in(site.keys, name, address)
    with writing(site) as work:
        at_limit = attempts.charge(work, counters)
        row = active_by_name(work.session, name)
        account, hashed = (row.id, row.password) if row else (None, None)
    # Outside the transaction: hashing takes a tenth of a second, and nobody else could write meanwhile.
    right = verify_password(hashed, password)
    if not right or account is None or hashed is None:
        _note_limit(site, account, address, reached=at_limit)
        raise _refusal()
    renewed = hash_password(password) if is_outdated(hashed) else hashed
    with writing(site) as work:
        current = existing(work.session, account)
        if (current.state, current.password) != (AccountState.ACTIVE, hashed):
            raise _refusal()
        current.password = renewed
        return _after_password(work, current, counters, address)


def security_key_options(site: Site, ticket: str) -> str:
    """Return, as JSON for ``navigator.credentials.get``, what a security key is asked for the sign-in that ``ticket`` began.

    Raises:
        SignInError: ``sign-in.expired``.
        NotFoundError: ``sign-in.no-security-key``.
    """
    with writing(site) as work:
        row = pending(work, ticket, TicketPurpose.SIGN_IN)
        known = credentials_of(work, row.account)
        if not known:
            raise NotFoundError("sign-in.no-security-key", "sign-in", "the account has no security key", "Use a one-time code.")
        row.challenge = new_challenge()
        return sign_in_options(relying_party(site.settings), row.challenge, known)


def finish_sign_in(site: Site, ticket: str, proof: Proof, address: str) -> SignedIn:
    """Finish what ``sign_in`` began, with a proof of a second factor.

    Raises:
        SignInError: ``sign-in.refused`` or ``sign-in.expired``.
        TooManyError: ``sign-in.wait``.
    """
    with writing(site) as work:
        row = pending(work, ticket, TicketPurpose.SIGN_IN)
        account = existing(work.session, row.account)
        counters = attempts.of_sign_in(site.keys, account.name, address)
        at_limit = attempts.charge(work, counters)
        # A refusal must not roll back the charge nor bring the challenge to life again, so it is raised after the commit.
        if is_proven(work, row, proof):
            work.session.delete(row)
            attempts.refund(work, counters, _BOTH_STEPS)
            return sessions.start(work, account, address)
    _note_limit(site, account.id, address, reached=at_limit)
    raise _refusal()


@permits(Permission.MANAGE_OWN_ACCOUNT)
def confirm(site: Site, actor: Actor, password: str) -> SignedIn:
    """Take the password again, for acts that need it to have been given minutes ago. The session goes on under a new token.

    Raises:
        SignInError: ``sign-in.refused``, or nobody is signed in.
        TooManyError: ``sign-in.wait``; strangers cannot bring it about.
    """
    counters = _check_own_password(site, actor, password)
    with writing(site) as work:
        row = sessions.current(work, actor)
        attempts.refund(work, counters, _PASSWORD_ONLY)
        work.record(actor, "staff.confirmed", f"session:{row.id}")
        return sessions.rotate(work, row)


@permits(Permission.MANAGE_OWN_ACCOUNT)
def change_password(site: Site, actor: Actor, password: str, new_password: str) -> SignedIn:
    """Change one's own password. Every other session of the account ends; this one goes on under a new token.

    Raises:
        SignInError: ``sign-in.refused`` where the present password is wrong, or nobody is signed in.
        InputError: the new one is refused (``rules.check_password``).
        TooManyError: ``sign-in.wait``.
    """
    with reading(site) as work:
        check_password(new_password, existing(work.session, sessions.current(work, actor).account).name)
    counters = _check_own_password(site, actor, password)
    hashed = hash_password(new_password)
    with writing(site) as work:
        row = sessions.current(work, actor)
        existing(work.session, row.account).password = hashed
        attempts.refund(work, counters, _PASSWORD_ONLY)
        sessions.end_all(work, row.account, besides=row.id)
        work.record(actor, "staff.password-changed", account_label(actor.id))
        return sessions.rotate(work, row)


def _check_own_password(site: Site, actor: Actor, password: str) -> Counters:
    with writing(site) as work:
        row = sessions.current(work, actor)
        counters = attempts.of_session(site.keys, row.id)
        attempts.charge(work, counters)
        hashed = existing(work.session, row.account).password
    if not verify_password(hashed, password):
        raise _refusal()
    return counters


def _after_password(work: UnitOfWork, account: AccountRow, counters: Counters, address: str) -> SignedIn | SecondFactorNeeded:
    ways = tuple(dict.fromkeys(FactorKind(factor.kind) for factor in factors_of(work.session, account.id)))
    if ways:
        return SecondFactorNeeded(issue(work, account.id, TicketPurpose.SIGN_IN), ways, work.now + TICKET_LIFE)
    attempts.refund(work, counters, _PASSWORD_ONLY)
    return sessions.start(work, account, address)


def _note_limit(site: Site, account: str | None, address: str, *, reached: bool) -> None:
    """Write into the ledger that guessing was slowed down; single failures are not written, or strangers could fill it."""
    if not reached:
        return
    with writing(site) as work:
        target = account_label(account or "unknown")
        work.record(system("sign-in"), "staff.sign-in-delayed", target, address=work.address_mark(address))


def _refusal() -> SignInError:
    return SignInError("sign-in.refused", "sign-in", "name, password or second factor is wrong", "Check them and try again.")
