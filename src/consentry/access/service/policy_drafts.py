"""The draft of the next policy: one for the site, kept until it is applied or thrown away. Whoever changes it names the state that they saw.

So nothing that somebody else did meanwhile is written over unseen, and what was begun at one desk goes on at another.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from consentry.access.policy_text import draft_document
from consentry.access.records.policies import PolicyDraftRow
from consentry.access.register import KeptDraft, PolicyDraft
from consentry.access.service.policies import drafted, enter_policy, policy_in_force
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import StaleError
from consentry.platform.ids import new_id
from consentry.staff.rules import check_text, stated

if TYPE_CHECKING:
    from consentry.access.model import Policy
    from consentry.access.register import AppliedPolicy
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["apply_draft", "discard_draft", "keep_draft", "kept_draft", "policy_of_draft", "rename_draft"]

_ONLY = 1
LONGEST_NAME: Final = 80


@permits(Permission.MANAGE_DOORS)
def kept_draft(site: Site, actor: Actor) -> KeptDraft | None:  # noqa: ARG001 - the guard reads the actor
    """Return the draft of the site, None where nobody began one."""
    with reading(site) as work:
        row = work.session.get(PolicyDraftRow, _ONLY)
        return None if row is None else _shown(row)


@permits(Permission.MANAGE_DOORS)
def policy_of_draft(site: Site, actor: Actor, draft: PolicyDraft) -> Policy:  # noqa: ARG001 - the guard reads the actor
    """Return the policy that a draft makes of the doors as the settings name them now.

    Raises:
        InputError: ``policy.…`` as the draft's reader says, such as for a door that the settings name no longer.
        NotFoundError: ``door-group.unknown``.
    """
    with reading(site) as work:
        return drafted(work, draft, policy_in_force(work).version + 1)


@permits(Permission.MANAGE_DOORS)
def keep_draft(site: Site, actor: Actor, draft: PolicyDraft, seen: str | None) -> KeptDraft:
    """Keep a draft in the place of the state ``seen`` of the one before; None begins one where there is none.

    Raises:
        InputError: ``policy.…`` as the draft's reader says.
        NotFoundError: ``door-group.unknown``.
        StaleError: ``policy-draft.changed`` where it stands otherwise by now.
    """
    with writing(site) as work:
        version = policy_in_force(work).version
        text = canonical(draft_document(drafted(work, draft, version + 1))).decode()
        row = _begun(work, actor, version) if seen is None else _seen(work, seen)
        row.document = text
        _mark(work, row, actor)
        return _shown(row)


@permits(Permission.MANAGE_DOORS)
def rename_draft(site: Site, actor: Actor, seen: str, name: str) -> KeptDraft:
    """Call the draft by a name that says what it is for.

    Raises:
        InputError: ``input.text``.
        StaleError: ``policy-draft.changed``.
    """
    called = check_text(name, "name", longest=LONGEST_NAME)
    with writing(site) as work:
        row = _seen(work, seen)
        row.name = called
        _mark(work, row, actor)
        return _shown(row)


@permits(Permission.MANAGE_DOORS)
def discard_draft(site: Site, actor: Actor, seen: str) -> None:  # noqa: ARG001 - the guard reads the actor
    """Throw the draft away; what is in force stays.

    Raises:
        StaleError: ``policy-draft.changed`` where it stands otherwise by now.
    """
    with writing(site) as work:
        work.session.delete(_seen(work, seen))


@permits(Permission.MANAGE_DOORS)
def apply_draft(site: Site, actor: Actor, seen: str, expected_version: int, reason: str) -> AppliedPolicy:
    """Put the draft in force as it was ``seen``, and keep it no longer; see :func:`policies.apply_policy`.

    Raises:
        InputError: ``policy.…`` as the draft's reader says; ``input.text`` without a reason.
        NotFoundError: ``door-group.unknown``.
        StaleError: ``policy-draft.changed``; ``policy.changed`` where another version is in force than the one it was compared with.
    """
    why = stated(reason)
    with writing(site) as work:
        row = _seen(work, seen)
        applied = enter_policy(work, actor.label, _document(row), expected_version, why)
        work.session.delete(row)
        return applied


def _begun(work: UnitOfWork, actor: Actor, version: int) -> PolicyDraftRow:
    """Begin a draft.

    Raises:
        StaleError: ``policy-draft.changed`` where somebody began one meanwhile.
    """
    if work.session.get(PolicyDraftRow, _ONLY) is not None:
        raise _changed()
    row = PolicyDraftRow(id=_ONLY, name="", version=version, begun=work.now, begun_by=actor.label)
    work.session.add(row)
    return row


def _seen(work: UnitOfWork, seen: str) -> PolicyDraftRow:
    """Return the draft in the state that somebody saw.

    Raises:
        StaleError: ``policy-draft.changed``.
    """
    row = work.session.get(PolicyDraftRow, _ONLY)
    if row is None or row.edit != seen:
        raise _changed()
    return row


def _changed() -> StaleError:
    problem = "somebody changed it, applied it or threw it away since you saw it"
    return StaleError("policy-draft.changed", "policy draft", problem, "Look at it as it is now, and make your change there.")


def _mark(work: UnitOfWork, row: PolicyDraftRow, actor: Actor) -> None:
    row.edit, row.edited, row.edited_by = new_id(work.now), work.now, actor.label


def _document(row: PolicyDraftRow) -> PolicyDraft:
    return PolicyDraft(json.loads(row.document))


def _shown(row: PolicyDraftRow) -> KeptDraft:
    return KeptDraft(row.name, _document(row), row.edit, row.version, row.begun, row.begun_by, row.edited, row.edited_by)
