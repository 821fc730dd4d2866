"""Enrolling and removing one's own second factors. All of it needs the password to have been given minutes ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError, SignInError
from consentry.staff import attempts, sessions
from consentry.staff.accounts import existing, factors_of, shown_factor
from consentry.staff.authenticator import address_for_authenticators, matching_step, new_secret, seal, unseal
from consentry.staff.factors import add_factor, credentials_of, forget_factors, one_time_codes, security_key
from consentry.staff.factors import renew_recovery_codes as renew_codes
from consentry.staff.model import Enrolled, FactorKind, OneTimeCodeEnrolment, Role, SecurityKeyEnrolment
from consentry.staff.records import FactorRow, TicketRow
from consentry.staff.rules import SECOND_FACTOR_ROLES, check_text
from consentry.staff.security_keys import new_challenge, read_registration, registration_options, relying_party
from consentry.staff.tickets import TicketPurpose, issue, pending
from consentry.staff.work import account_label, reading, writing

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import SecondFactor
    from consentry.staff.work import UnitOfWork

__all__ = [
    "begin_one_time_codes",
    "begin_security_key",
    "finish_one_time_codes",
    "finish_security_key",
    "own_second_factors",
    "remove_second_factor",
    "renew_recovery_codes",
]


@permits(Permission.MANAGE_OWN_ACCOUNT)
def own_second_factors(site: Site, actor: Actor) -> tuple[SecondFactor, ...]:
    """Return the actor's second factors, oldest first."""
    with reading(site) as work:
        return tuple(shown_factor(row) for row in factors_of(work.session, actor.id))


@permits(Permission.MANAGE_OWN_ACCOUNT)
def begin_one_time_codes(site: Site, actor: Actor) -> OneTimeCodeEnrolment:
    """Return a new secret for an authenticator; ``finish_one_time_codes`` proves that it arrived there.

    Raises:
        DeniedError: ``access.confirm``.
        SignInError: ``access.not-signed-in``.
    """
    with writing(site) as work:
        account = existing(work.session, _confirmed(work, actor))
        secret = new_secret()
        ticket = issue(work, account.id, TicketPurpose.ONE_TIME_CODES, secret=seal(site.keys, account.id, secret))
        return OneTimeCodeEnrolment(ticket, secret, address_for_authenticators(secret, account.name, site.settings.site.name.en))


@permits(Permission.MANAGE_OWN_ACCOUNT)
def finish_one_time_codes(site: Site, actor: Actor, ticket: str, label: str, code: str) -> Enrolled:
    """Add an authenticator that shows ``code`` now, under a ``label`` that tells it apart.

    Raises:
        SignInError: ``staff.wrong-code``, ``sign-in.expired``, ``access.not-signed-in``.
        DeniedError: ``access.confirm``.
        TooManyError: ``sign-in.wait``.
        ConflictError: ``staff.too-many-factors``.
    """
    tidy = check_text(label, "label", longest=64)
    with writing(site) as work:
        row = _own_ticket(work, actor, ticket, TicketPurpose.ONE_TIME_CODES)
        attempts.charge(work, attempts.of_session(site.keys, str(actor.session)))
        sealed = row.secret or b""
        step = matching_step(unseal(site.keys, actor.id, sealed), code, work.now, after=0)
        if step is not None:
            return _enrolled(work, actor, row, one_time_codes(tidy, sealed, step))
    mend = "Wait for the next one and enter that; check that the authenticator's clock and this machine's are right."
    raise SignInError("staff.wrong-code", "one-time code", "it is not the one that the authenticator should show now", mend)


@permits(Permission.MANAGE_OWN_ACCOUNT)
def begin_security_key(site: Site, actor: Actor) -> SecurityKeyEnrolment:
    """Return what the browser needs to register a security key.

    Raises:
        DeniedError: ``access.confirm``.
        SignInError: ``access.not-signed-in``.
    """
    with writing(site) as work:
        account = existing(work.session, _confirmed(work, actor))
        challenge = new_challenge()
        options = registration_options(relying_party(site.settings), account.id, account.name, challenge, credentials_of(work, account.id))
        return SecurityKeyEnrolment(issue(work, account.id, TicketPurpose.SECURITY_KEY, challenge=challenge), options)


@permits(Permission.MANAGE_OWN_ACCOUNT)
def finish_security_key(site: Site, actor: Actor, ticket: str, label: str, answer: str) -> Enrolled:
    """Add the security key that answered, under a ``label`` that tells it apart. A ticket is good for one answer.

    Raises:
        SignInError: ``staff.wrong-key``, ``sign-in.expired``, ``access.not-signed-in``.
        DeniedError: ``access.confirm``.
        ConflictError: ``staff.too-many-factors``, or the key is enrolled already.
    """
    tidy = check_text(label, "label", longest=64)
    with writing(site) as work:
        row = _own_ticket(work, actor, ticket, TicketPurpose.SECURITY_KEY)
        key = read_registration(relying_party(site.settings), row.challenge or b"", answer)
        if key is not None:
            return _enrolled(work, actor, row, security_key(tidy, key))
        work.session.delete(row)
    raise SignInError("staff.wrong-key", "security key", "its answer does not belong to this site and this attempt", "Begin again.")


@permits(Permission.MANAGE_OWN_ACCOUNT)
def remove_second_factor(site: Site, actor: Actor, factor: str) -> None:
    """Remove one of the actor's own second factors; with the last one the recovery codes go.

    Raises:
        NotFoundError: ``staff.no-factor``.
        ConflictError: ``staff.second-factor-needed`` for the last one of a role that demands one.
        DeniedError: ``access.confirm``.
    """
    with writing(site) as work:
        account = existing(work.session, _confirmed(work, actor))
        row = work.session.get(FactorRow, factor) if factor.isprintable() else None
        if row is None or row.account != account.id:
            raise NotFoundError("staff.no-factor", "second factor", "there is none of that id", "List your second factors.")
        if len(factors_of(work.session, account.id)) > 1:
            work.session.delete(row)
        elif Role(account.role) in SECOND_FACTOR_ROLES:
            raise ConflictError("staff.second-factor-needed", "second factor", f"the role {account.role} needs one", "Add another one first.")
        else:
            forget_factors(work, account.id)
        work.record(actor, "staff.second-factor-removed", account_label(account.id), kind=row.kind)


@permits(Permission.MANAGE_OWN_ACCOUNT)
def renew_recovery_codes(site: Site, actor: Actor) -> tuple[str, ...]:
    """Return new recovery codes, shown once; the old ones are void.

    Raises:
        ConflictError: ``staff.no-second-factor``.
        DeniedError: ``access.confirm``.
    """
    with writing(site) as work:
        account = _confirmed(work, actor)
        if not factors_of(work.session, account):
            raise ConflictError("staff.no-second-factor", "recovery codes", "there is no second factor to recover from", "Enrol one first.")
        work.record(actor, "staff.recovery-codes-renewed", account_label(account))
        return renew_codes(work, account)


def _confirmed(work: UnitOfWork, actor: Actor) -> str:
    """Return the account of an actor who is signed in and gave the password minutes ago."""
    account = sessions.current(work, actor).account
    actor.require_confirmation(work.now)
    return account


def _own_ticket(work: UnitOfWork, actor: Actor, text: str, purpose: TicketPurpose) -> TicketRow:
    account = _confirmed(work, actor)
    row = pending(work, text, purpose)
    if row.account != account:
        raise SignInError("sign-in.expired", "second factor", "it was begun by another account", "Begin again.")
    return row


def _enrolled(work: UnitOfWork, actor: Actor, ticket: TicketRow, factor: FactorRow) -> Enrolled:
    codes = add_factor(work, actor.id, factor)
    work.session.delete(ticket)
    work.session.flush()
    attempts.refund(work, attempts.of_session(work.keys, str(actor.session)), 1)
    work.record(actor, "staff.second-factor-added", account_label(actor.id), kind=FactorKind(factor.kind))
    return Enrolled(sessions.rotate(work, sessions.current(work, actor)), codes)
