"""Which doors somebody may pass at some time: what a resident chooses among, for a guest, for a code on the telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.model import ReaderKind
from consentry.access.records.people import MembershipRow
from consentry.access.register import PersonKind
from consentry.access.residence import OwnDoor
from consentry.access.service.people import person_row
from consentry.access.service.policies import policy_in_force

if TYPE_CHECKING:
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["doors_of", "named"]


def doors_of(work: UnitOfWork, person: str) -> tuple[OwnDoor, ...]:
    """Return the doors that some rule lets somebody pass, by their groups or those of their host; when, the rule says.

    Raises:
        NotFoundError: ``door-person.unknown``.
    """
    row = person_row(work.session, person)
    through = row.host if row.kind in {PersonKind.GUEST, PersonKind.DELEGATE} else row.id
    groups = set(work.session.scalars(select(MembershipRow.group).where(MembershipRow.person == through)))
    rules = [rule for rule in policy_in_force(work).rules if rule.group in groups]
    never = {door for rule in rules if rule.deny and rule.schedule is None for door in rule.doors}
    allowed = {door for rule in rules if not rule.deny for door in rule.doors} - never
    confined = allowed if row.doors is None else allowed & set(row.doors)
    return tuple(named(work.site, door.id) for door in work.site.settings.doors if door.id in confined)


def named(site: Site, door: str) -> OwnDoor:
    """Return a door with its name; one that the settings name no longer is called by its id."""
    found = site.settings.door(door)
    if found is None:
        return OwnDoor(door, door, door, ())
    zh, en = (found.name.zh, found.name.en) if found.name else (door, door)
    return OwnDoor(door, zh, en, tuple(ReaderKind(reader) for reader in found.readers))
