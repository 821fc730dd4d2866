"""The policy of the doors: a draft is compared with what is in force before it is applied, and every version stays on record."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.model import Door, Policy, ReaderKind
from consentry.access.policy_text import draft_document, policy_document, read_draft, read_policy
from consentry.access.records.controllers import stopped_faces
from consentry.access.records.people import DoorGroupRow
from consentry.access.records.policies import PolicyRow
from consentry.access.register import AppliedPolicy, PolicyDraft, PolicyPreview
from consentry.access.rules.compare import compare, compare_doors
from consentry.access.service.gathering import people_here
from consentry.access.work import PURPOSE, changed
from consentry.ledger.model import Act
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError, StaleError
from consentry.platform.settings.doors import DoorReader
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from consentry.access.rules.compare import Change, DoorChange
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.site import Site

__all__ = [
    "apply_policy",
    "current_draft",
    "drafted",
    "enter_policy",
    "groups_in_force",
    "policies",
    "policy_in_force",
    "policy_of_controller",
    "preview_policy",
]


@permits(Permission.VIEW_DOORS)
def current_draft(site: Site, actor: Actor) -> tuple[int, PolicyDraft]:  # noqa: ARG001 - the guard reads the actor
    """Return the version in force, 0 before the first, and the draft that would change nothing: where editing begins."""
    with reading(site) as work:
        policy = policy_in_force(work)
    return policy.version, PolicyDraft(draft_document(policy))


@permits(Permission.VIEW_DOORS)
def policies(site: Site, actor: Actor) -> list[AppliedPolicy]:  # noqa: ARG001 - the guard reads the actor
    """Return every version that was applied, the newest first."""
    with reading(site) as work:
        return [_shown(row) for row in work.session.scalars(select(PolicyRow).order_by(PolicyRow.version.desc()))]


@permits(Permission.MANAGE_DOORS)
def preview_policy(site: Site, actor: Actor, draft: PolicyDraft) -> PolicyPreview:  # noqa: ARG001 - the guard reads the actor
    """Return what a draft would change, for whom and at which doors for everybody, without applying it.

    Raises:
        InputError: ``policy.…`` as the draft's reader says.
        NotFoundError: ``door-group.unknown`` for a group that a rule names.
    """
    with reading(site) as work:
        before = policy_in_force(work)
        after = drafted(work, draft, before.version + 1)
        return PolicyPreview(before.version, _sha256(_text(after)), _changes(work, before, after), compare_doors(before, after))


@permits(Permission.MANAGE_DOORS)
def apply_policy(site: Site, actor: Actor, draft: PolicyDraft, expected_version: int, reason: str) -> AppliedPolicy:
    """Put a draft in force, with the next report of every controller. Applying again what is in force changes nothing.

    ``expected_version``: the one that the draft was compared with.

    Raises:
        InputError: ``policy.…`` as the draft's reader says; ``input.text`` without a reason.
        NotFoundError: ``door-group.unknown``.
        StaleError: ``policy.changed`` where another version is in force.
    """
    why = stated(reason)
    with writing(site) as work:
        return enter_policy(work, actor.label, draft, expected_version, why)


def enter_policy(work: UnitOfWork, label: str, draft: PolicyDraft, expected_version: int, why: str) -> AppliedPolicy:
    """Put a draft in force in an open transaction; see :func:`apply_policy`."""
    row = _newest(work.session)
    before = policy_in_force(work)
    if before.version != expected_version:
        problem = f"version {before.version} is in force, and it was compared with {expected_version}"
        raise StaleError("policy.changed", "policy", problem, "Look at what it would change now, and apply it again.")
    after = drafted(work, draft, before.version + 1)
    text = _text(after)
    if row is not None and row.sha256 == _sha256(text):
        return _shown(row)
    summary = _summary(_changes(work, before, after), compare_doors(before, after))
    return _shown(_record(work, label, after, text, summary, why))


def policy_in_force(work: UnitOfWork) -> Policy:
    """Return the policy that holds now at the doors of the settings; before the first was applied, nobody passes any.

    A door that the settings name no longer stands in no rule's way: what names it grants nothing.
    """
    row = _newest(work.session)
    settings = work.site.settings
    empty = Policy(row.version if row else 0, settings.site.zone, tuple(_door(door) for door in settings.doors))
    if row is None:
        return empty
    said = json.loads(row.document)
    terms = {door["id"]: door for door in said["doors"]}
    whole = json.loads(canonical(policy_document(empty)))
    doors = [{**door, **terms.get(door["id"], {})} for door in whole["doors"]]
    return read_policy({**whole, **said, "doors": doors})


def policy_of_controller(work: UnitOfWork, controller: str) -> Policy:
    """Return of the policy what one controller must know: its own doors, and what is said of them. A face reader that is out of service stands at none."""
    policy = policy_in_force(work)
    own = {door.id for door in work.site.settings.doors if door.controller == controller}
    stopped = stopped_faces(work.session)
    doors = tuple(_without_face(door) if door.id in stopped else door for door in policy.doors if door.id in own)
    rules = tuple(replace(rule, doors=tuple(door for door in rule.doors if door in own)) for rule in policy.rules)
    named = tuple(rule for rule in rules if rule.doors)
    schedules = {rule.schedule for rule in named} | {door.first_card for door in doors}
    areas = {area for door in doors for area in (door.from_area, door.to_area)}
    return replace(
        policy,
        doors=doors,
        rules=named,
        schedules=tuple(one for one in policy.schedules if one.id in schedules),
        passback={area: mode for area, mode in sorted(policy.passback.items()) if area in areas},
    )


def groups_in_force(work: UnitOfWork) -> frozenset[str]:
    """Return the groups that the policy in force names."""
    policy = policy_in_force(work)
    return frozenset({rule.group for rule in policy.rules}.union(*(door.first_card_groups for door in policy.doors)))


def _without_face(door: Door) -> Door:
    return replace(door, readers=tuple(reader for reader in door.readers if reader is not ReaderKind.FACE))


def _door(door: DoorSettings) -> Door:
    """Return a door as the settings set it up."""
    return Door(
        id=door.id,
        readers=tuple(ReaderKind(reader) for reader in door.readers),
        from_area=door.leads_from,
        to_area=door.leads_into,
        unlock_s=door.unlock_s,
        longer_unlock_s=door.longer_unlock_s,
        held_s=door.held_open_s,
        delay_s={ReaderKind(reader): seconds for reader in DoorReader if (seconds := door.wait.of(reader))},
        face_one_to_n=door.face_one_to_n,
    )


def drafted(work: UnitOfWork, draft: PolicyDraft, version: int) -> Policy:
    """Return the policy that a draft makes, as the version ``version``.

    Raises:
        InputError: ``policy.…`` as the draft's reader says.
        NotFoundError: ``door-group.unknown`` for a group that a rule names.
    """
    settings = work.site.settings
    policy = read_draft(draft.document, version=version, zone=settings.site.zone, doors=[_door(door) for door in settings.doors])
    known = set(work.session.scalars(select(DoorGroupRow.id)))
    named = {rule.group for rule in policy.rules}.union(*(door.first_card_groups for door in policy.doors))
    for group in sorted(named - known):
        raise NotFoundError("door-group.unknown", f"group {group[:40]}", "a rule names it, and there is none of that id", "Add the group first.")
    return policy


def _changes(work: UnitOfWork, before: Policy, after: Policy) -> Sequence[Change]:
    people = people_here(work.session)
    return compare(before, people, after, people)


def _summary(changes: Sequence[Change], doors: Sequence[DoorChange]) -> dict[str, int]:
    """Return how many people pass more or less, how many doors deal otherwise with everybody, and how many a first card unlocks at more hours."""
    return {
        "gains": len({one.person for one in changes if one.gained}),
        "loses": len({one.person for one in changes if one.lost}),
        "doors": len(doors),
        "unlocked_by_first_card": len([one for one in doors if one.unlocked]),
    }


def _record(work: UnitOfWork, label: str, policy: Policy, text: str, summary: dict[str, int], reason: str) -> PolicyRow:  # noqa: PLR0913, PLR0917 - a version's fields
    sha256 = _sha256(text)
    details: dict[str, JSONValue] = {"version": policy.version, "sha256": sha256, **summary}
    entry = work.record(Act(label, "access.policy-applied", "door-policy", PURPOSE, reason, details))
    row = PolicyRow(
        version=policy.version,
        document=text,
        sha256=sha256,
        reason=reason,
        summary=summary,
        applied=work.now,
        applied_by=label,
        entry=entry,
    )
    work.session.add(row)
    changed(work)
    return row


def _newest(session: Session) -> PolicyRow | None:
    return session.scalar(select(PolicyRow).order_by(PolicyRow.version.desc()).limit(1))


def _text(policy: Policy) -> str:
    return canonical(draft_document(policy)).decode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(row: PolicyRow) -> AppliedPolicy:
    return AppliedPolicy(
        version=row.version,
        sha256=row.sha256,
        document=json.loads(row.document),
        reason=row.reason,
        applied=row.applied,
        applied_by=row.applied_by,
        entry=row.entry,
        gains=row.summary["gains"],
        loses=row.summary["loses"],
    )
