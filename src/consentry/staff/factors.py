"""Second factors in the records: whether a proof holds, and enrolling new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.platform.errors import ConflictError
from consentry.platform.ids import new_id
from consentry.staff.accounts import factors_of
from consentry.staff.authenticator import matching_step, unseal
from consentry.staff.model import FactorKind, OneTimeCode, RecoveryCode
from consentry.staff.records import FactorRow, RecoveryCodeRow
from consentry.staff.security_keys import RegisteredKey, credential_of, read_answer, relying_party
from consentry.staff.tokens import Kind, digest, new_recovery_code

if TYPE_CHECKING:
    from consentry.staff.model import Proof, SecurityKeyAnswer
    from consentry.staff.records import TicketRow
    from consentry.staff.work import UnitOfWork

__all__ = ["add_factor", "credentials_of", "forget_factors", "is_proven", "one_time_codes", "renew_recovery_codes", "security_key"]

RECOVERY_CODES = 10
MOST_FACTORS = 10


def is_proven(work: UnitOfWork, ticket: TicketRow, proof: Proof) -> bool:
    """Return whether ``proof`` is of a second factor of the ticket's account. What proves once is used up."""
    if isinstance(proof, OneTimeCode):
        return _code_holds(work, ticket.account, proof)
    if isinstance(proof, RecoveryCode):
        return _recovery_code_holds(work, ticket.account, proof)
    return _answer_holds(work, ticket, proof)


def add_factor(work: UnitOfWork, account: str, factor: FactorRow) -> tuple[str, ...]:
    """Add a second factor; the account's first one brings recovery codes, which are returned.

    Raises:
        ConflictError: ``staff.too-many-factors``.
    """
    before = len(factors_of(work.session, account))
    if before >= MOST_FACTORS:
        raise ConflictError("staff.too-many-factors", "second factor", f"the account has {before}", "Remove one that is no longer used.")
    factor.id, factor.account, factor.created = new_id(work.now), account, work.now
    work.session.add(factor)
    return renew_recovery_codes(work, account) if before == 0 else ()


def renew_recovery_codes(work: UnitOfWork, account: str) -> tuple[str, ...]:
    """Make new recovery codes and forget the old ones."""
    work.session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account == account))
    codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
    work.session.add_all(RecoveryCodeRow(digest=_code_digest(work, account, code, work.keys.epoch), account=account) for code in codes)
    return codes


def forget_factors(work: UnitOfWork, account: str) -> None:
    """Remove every second factor and recovery code of an account."""
    work.session.execute(delete(FactorRow).where(FactorRow.account == account))
    work.session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account == account))


def credentials_of(work: UnitOfWork, account: str) -> list[bytes]:
    """Return the credential ids of an account's security keys."""
    return [row.credential for row in factors_of(work.session, account) if row.credential is not None]


def one_time_codes(label: str, sealed: bytes, step: int) -> FactorRow:
    """Return a new authenticator, whose code of ``step`` was used to prove that it works."""
    return FactorRow(kind=FactorKind.ONE_TIME_CODES, label=label, secret=sealed, last_step=step)


def security_key(label: str, key: RegisteredKey) -> FactorRow:
    """Return a new security key."""
    return FactorRow(kind=FactorKind.SECURITY_KEY, label=label, credential=key.credential, public_key=key.public_key, signatures=key.signatures)


def _code_holds(work: UnitOfWork, account: str, proof: OneTimeCode) -> bool:
    for row in factors_of(work.session, account):
        if row.secret is None:
            continue
        step = matching_step(unseal(work.keys, account, row.secret), proof.code, work.now, row.last_step)
        if step is not None:
            row.last_step, row.last_used = step, work.now
            return True
    return False


def _recovery_code_holds(work: UnitOfWork, account: str, proof: RecoveryCode) -> bool:
    # Codes lie in a drawer for years; those printed before the keys were rotated still hold.
    digests = [_code_digest(work, account, proof.code, epoch) for epoch in work.keys.epochs]
    used = delete(RecoveryCodeRow).where(RecoveryCodeRow.digest.in_(digests))
    return work.session.scalar(used.returning(RecoveryCodeRow.account)) is not None


def _answer_holds(work: UnitOfWork, ticket: TicketRow, proof: SecurityKeyAnswer) -> bool:
    # A challenge is for one answer, right or wrong.
    challenge, ticket.challenge = ticket.challenge, None
    row = _answering(work, ticket.account, proof)
    if challenge is None or row is None or row.public_key is None or row.credential is None:
        return False
    key = RegisteredKey(row.credential, row.public_key, row.signatures)
    signatures = read_answer(relying_party(work.site.settings), challenge, proof.answer, key)
    if signatures is None:
        return False
    row.signatures, row.last_used = signatures, work.now
    return True


def _answering(work: UnitOfWork, account: str, proof: SecurityKeyAnswer) -> FactorRow | None:
    credential = credential_of(proof.answer)
    return work.session.scalar(select(FactorRow).where(FactorRow.account == account, FactorRow.credential == credential)) if credential else None


def _code_digest(work: UnitOfWork, account: str, code: str, epoch: int) -> bytes:
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return digest(work.keys, Kind.RECOVERY_CODE, f"{account}\0{plain}", epoch)
