"""Groups of people, which the policy's rules name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.records.people import GROUP, DoorGroupRow, MembershipRow, group_row
from consentry.access.register import Group
from consentry.access.service.policies import groups_in_force
from consentry.access.work import PURPOSE, changed
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.staff.rules import check_text

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["groups", "put_group", "remove_group"]

_LONGEST = 80


@permits(Permission.VIEW_DOORS)
def groups(site: Site, actor: Actor) -> list[Group]:  # noqa: ARG001 - the guard reads the actor
    """Return every group, in the order of their ids."""
    with reading(site) as work:
        return [Group(row.id, row.zh, row.en) for row in work.session.scalars(select(DoorGroupRow).order_by(DoorGroupRow.id))]


@permits(Permission.MANAGE_DOORS)
def put_group(site: Site, actor: Actor, group: Group) -> Group:
    """Add a group, or call it otherwise.

    Raises:
        InputError: ``door-group.id``, ``input.text``.
    """
    if GROUP.fullmatch(group.id) is None:
        raise InputError("door-group.id", "group", "its id is not 1 to 40 small letters, digits and hyphens", "Write one such as `residents`.")
    tidy = Group(group.id, check_text(group.zh, "group", longest=_LONGEST), check_text(group.en, "group", longest=_LONGEST))
    with writing(site) as work:
        work.session.merge(DoorGroupRow(id=tidy.id, zh=tidy.zh, en=tidy.en))
        work.record(Act(actor.label, "access.group-put", f"door-group:{tidy.id}", PURPOSE, details={"zh": tidy.zh, "en": tidy.en}))
    return tidy


@permits(Permission.MANAGE_DOORS)
def remove_group(site: Site, actor: Actor, group: str) -> None:
    """Remove a group that has nobody and that no rule names.

    Raises:
        NotFoundError: ``door-group.unknown``.
        ConflictError: ``door-group.in-use``.
    """
    with writing(site) as work:
        row = group_row(work.session, group)
        if row is None:
            raise NotFoundError("door-group.unknown", f"group {group[:40]}", "there is none of that id", "List the groups.")
        member = work.session.scalar(select(MembershipRow.person).where(MembershipRow.group == group).limit(1))
        if member is not None or group in groups_in_force(work):
            raise ConflictError("door-group.in-use", f"group {group}", "somebody is in it, or a rule names it", "Move its people and its rules first.")
        work.session.delete(row)
        work.record(Act(actor.label, "access.group-removed", f"door-group:{group}", PURPOSE))
        changed(work)
