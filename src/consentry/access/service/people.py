"""People of the doors: entering, changing and ending them. Nobody is named but to whoever gives a reason, which the ledger keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from consentry.access.marks import inner_unit
from consentry.access.records.people import DoorPersonRow, MembershipRow, group_row
from consentry.access.register import PersonKind, PersonName, PersonTerms, PersonView
from consentry.access.service import credentials
from consentry.access.service.keyed import Kind, keyed
from consentry.access.service.units import check_new_unit
from consentry.access.work import PEOPLE, PURPOSE, changed, person_label
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import check_text, stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from consentry.access.register import PersonDraft
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import Reason

__all__ = [
    "MOST_DESCRIBED",
    "add_person",
    "change_person",
    "describe_people",
    "end_person",
    "enter",
    "leave",
    "name_of",
    "people",
    "person",
    "person_row",
    "rename_person",
    "set_suspended",
    "unit_of",
    "unname",
    "view",
]

MOST_DESCRIBED = 200
"""People who are looked at for one reason: a page of a list."""
_LONGEST_NAME = 64
_LONGEST_TICKET = 64
_AT_ONCE: Final = 500
"""Ids in one query; SQLite takes at most 32,766 parameters."""


@permits(Permission.MANAGE_CREDENTIALS)
def people(  # noqa: PLR0913 - a list's filters
    site: Site,
    actor: Actor,  # noqa: ARG001 - the guard reads the actor
    *,
    unit: str | None = None,
    group: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[PersonView]:
    """Return people by pseudonym, the newest first: of one unit, of one group, or all. ``before`` is the last id that the caller has.

    Raises:
        InputError: ``access.unit``, ``paging.cursor-unknown``.
        NotFoundError: ``door-group.unknown``.
    """
    wanted = select(DoorPersonRow).order_by(DoorPersonRow.id.desc()).limit(limit)
    if unit is not None:
        wanted = wanted.where(DoorPersonRow.unit.in_(keyed(site.keys, Kind.UNIT, inner_unit(unit)).known_as))
    if group is not None:
        wanted = wanted.where(DoorPersonRow.id.in_(select(MembershipRow.person).where(MembershipRow.group == group)))
    if before is not None:
        if not credentials.IDENTIFIER.fullmatch(before):
            raise InputError("paging.cursor-unknown", "cursor", "it does not come from this list", "Send the `next` of a page unchanged.")
        wanted = wanted.where(DoorPersonRow.id < before)
    with reading(site) as work:
        if group is not None:
            _demand_group(work.session, group)
        rows = list(work.session.scalars(wanted))
        members = _groups_of(work.session, [row.id for row in rows])
        return [view(row, members.get(row.id, ())) for row in rows]


@permits(Permission.MANAGE_CREDENTIALS)
def person(site: Site, actor: Actor, name: str) -> PersonView:  # noqa: ARG001 - the guard reads the actor
    """Return one person by pseudonym.

    Raises:
        NotFoundError: ``door-person.unknown``.
    """
    with reading(site) as work:
        return _viewed(work, person_row(work.session, name))


@permits(Permission.MANAGE_CREDENTIALS)
def describe_people(site: Site, actor: Actor, names: Sequence[str], reason: Reason) -> Mapping[str, PersonName]:
    """Return name and unit of some people. Who looked, at whom and why is written into the ledger. Whoever is erased is left out.

    Raises:
        InputError: ``input.text`` without a reason and a ticket, ``door-person.too-many`` for more than ``MOST_DESCRIBED``.
        NotFoundError: ``door-person.unknown``.
    """
    why, ticket, wanted = stated(reason.text), check_text(reason.ticket, "ticket", longest=_LONGEST_TICKET), sorted(set(names))
    if len(wanted) > MOST_DESCRIBED:
        raise InputError("door-person.too-many", "people", f"more than {MOST_DESCRIBED} at once", "Look at fewer at a time.")
    with writing(site) as work:
        found = {name: name_of(work, person_row(work.session, name)) for name in wanted}
        work.record(Act(actor.label, "access.people-viewed", "door-people", PURPOSE, why, {"ticket": ticket, "people": wanted}))
    return {name: said for name, said in found.items() if said is not None}


@permits(Permission.MANAGE_CREDENTIALS)
def add_person(site: Site, actor: Actor, draft: PersonDraft) -> PersonView:
    """Enter somebody; they pass no door before they hold a credential.

    Raises:
        InputError: ``input.text``, ``access.unit``, ``door-person.validity``, ``door-person.host``, ``door.unknown``.
        NotFoundError: ``door-group.unknown``, ``door-person.unknown`` for the host.
    """
    with writing(site) as work:
        return enter(work, actor.label, draft)


@permits(Permission.MANAGE_CREDENTIALS)
def change_person(site: Site, actor: Actor, name: str, terms: PersonTerms, reason: str) -> PersonView:
    """Put other terms in the place of somebody's.

    Raises:
        InputError: as :func:`add_person`.
        NotFoundError: as :func:`add_person`.
        ConflictError: ``door-person.left``.
    """
    why = stated(reason)
    with writing(site) as work:
        row = _present(work.session, name)
        _set_terms(work, row, terms)
        work.record(Act(actor.label, "access.person-changed", person_label(name), PURPOSE, why, {"groups": sorted(terms.groups)}))
        changed(work)
        return _viewed(work, row)


@permits(Permission.MANAGE_CREDENTIALS)
def rename_person(site: Site, actor: Actor, name: str, said: PersonName, reason: str) -> None:
    """Write somebody's name or unit anew. A PIN that went with another unit ends: it would open under a number that is theirs no more.

    Raises:
        InputError: ``input.text``, ``access.unit``.
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``door-person.left``.
    """
    why = stated(reason)
    with writing(site) as work:
        row = _present(work.session, name)
        before = row.unit
        _seal(work, row, said)
        if before is not None and row.unit != before:
            credentials.end_unit_pins(work, actor.label, name)
        work.record(Act(actor.label, "access.person-renamed", person_label(name), PURPOSE, why))
        changed(work)


@permits(Permission.MANAGE_CREDENTIALS)
def set_suspended(site: Site, actor: Actor, name: str, reason: str, *, suspended: bool) -> PersonView:
    """Let nothing of somebody's open any door, or let it again.

    Raises:
        InputError: ``input.text`` without a reason.
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``door-person.left``.
    """
    why = stated(reason)
    with writing(site) as work:
        row = _present(work.session, name)
        if row.suspended != suspended:
            row.suspended = suspended
            work.record(Act(actor.label, "access.person-suspended" if suspended else "access.person-resumed", person_label(name), PURPOSE, why))
            changed(work)
        return _viewed(work, row)


@permits(Permission.MANAGE_CREDENTIALS)
def end_person(site: Site, actor: Actor, name: str, reason: str) -> None:
    """End everything that somebody holds, and what others hold through them: they moved out, or work here no more. Ending twice is no error.

    Raises:
        InputError: ``input.text`` without a reason.
        NotFoundError: ``door-person.unknown``.
    """
    why = stated(reason)
    with writing(site) as work:
        leave(work, actor.label, person_row(work.session, name), why)


def enter(work: UnitOfWork, label: str, draft: PersonDraft) -> PersonView:
    """Enter somebody in an open transaction; see :func:`add_person`."""
    row = DoorPersonRow(id=new_id(work.now), kind=draft.kind, added=work.now, suspended=False, left=None)
    _seal(work, row, draft.name)
    _set_terms(work, row, draft.terms)
    details = {"kind": str(draft.kind), "groups": sorted(draft.terms.groups), "host": draft.terms.host}
    work.record(Act(label, "access.person-added", person_label(row.id), PURPOSE, details=details))
    changed(work)
    return _viewed(work, row)


def leave(work: UnitOfWork, label: str, row: DoorPersonRow, reason: str = "") -> None:
    """End somebody in an open transaction, with everybody who is here through them."""
    if row.left is not None:
        return
    row.left = work.now
    credentials.end_all(work, label, row.id, reason)
    work.record(Act(label, "access.person-ended", person_label(row.id), PURPOSE, reason))
    changed(work)
    for guest in work.session.scalars(select(DoorPersonRow).where(DoorPersonRow.host == row.id, DoorPersonRow.left.is_(None))):
        leave(work, label, guest, reason)


def person_row(session: Session, name: str) -> DoorPersonRow:
    """Return somebody's row.

    Raises:
        NotFoundError: ``door-person.unknown``.
    """
    row = session.get(DoorPersonRow, name) if credentials.IDENTIFIER.fullmatch(name) else None
    if row is None:
        raise NotFoundError("door-person.unknown", "person", "there is none of that id", "List the people.")
    return row


def name_of(work: UnitOfWork, row: DoorPersonRow) -> PersonName | None:
    """Return what names somebody, None where that is erased. Only for the person, their host, and whoever gave a reason."""
    if row.wrapped is None or row.sealed is None:
        return None
    said = opened(work.keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))
    return PersonName(said["name"], said.get("unit"))


def unname(row: DoorPersonRow) -> None:
    """Delete what names somebody."""
    row.wrapped, row.sealed, row.unit = None, None, None


def unit_of(work: UnitOfWork, row: DoorPersonRow) -> str | None:
    """Return the unit after which somebody's PIN is entered."""
    said = name_of(work, row)
    return said.unit if said else None


def view(row: DoorPersonRow, groups: Iterable[str]) -> PersonView:
    """Return a row as it is shown: without a name."""
    terms = PersonTerms(
        groups=tuple(groups),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        host=row.host,
        doors=None if row.doors is None else tuple(row.doors),
        passback_exempt=row.passback_exempt,
        longer_release=row.longer_release,
    )
    return PersonView(row.id, PersonKind(row.kind), terms, row.suspended, row.added, row.left, erased=row.sealed is None)


def _viewed(work: UnitOfWork, row: DoorPersonRow) -> PersonView:
    work.session.flush()
    return view(row, _groups_of(work.session, [row.id]).get(row.id, ()))


def _groups_of(session: Session, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        wanted = select(MembershipRow.person, MembershipRow.group).where(MembershipRow.person.in_(some)).order_by(MembershipRow.group)
        for one, group in session.execute(wanted):
            found[one] = (*found.get(one, ()), group)
    return found


def _present(session: Session, name: str) -> DoorPersonRow:
    row = person_row(session, name)
    if row.left is not None:
        raise ConflictError("door-person.left", person_label(name), "they left already", "Enter them anew.")
    return row


def _seal(work: UnitOfWork, row: DoorPersonRow, said: PersonName) -> None:
    texts = {"name": check_text(said.name, "name", longest=_LONGEST_NAME)}
    if said.unit is not None:
        check_new_unit(work, said.unit, row.id)
        texts["unit"] = said.unit.strip()
    row.unit = None if said.unit is None else keyed(work.keys, Kind.UNIT, inner_unit(said.unit)).newest
    row.wrapped, row.sealed = sealed(work.keys, PEOPLE, row.id, texts)


def _set_terms(work: UnitOfWork, row: DoorPersonRow, terms: PersonTerms) -> None:
    credentials.check_span(terms.valid_from, terms.valid_until, "door-person.validity")
    credentials.check_doors(work.site, terms.doors)
    _set_host(work, row, terms.host)
    row.valid_from, row.valid_until = terms.valid_from, terms.valid_until
    row.doors = None if terms.doors is None else sorted(set(terms.doors))
    row.passback_exempt, row.longer_release = terms.passback_exempt, terms.longer_release
    work.session.add(row)
    work.session.flush()
    _set_groups(work.session, row.id, terms.groups)


def _set_host(work: UnitOfWork, row: DoorPersonRow, host: str | None) -> None:
    """Set who answers for somebody: a member who is here, so that nobody is here through a circle."""
    if row.kind == PersonKind.MEMBER:
        if host is not None:
            raise InputError("door-person.host", "person", "who lives or works here has no host", "Leave the host out.")
        return
    if host is None:
        raise InputError("door-person.host", "person", f"a {row.kind} without a host holds nothing", "Name who answers for them.")
    if _present(work.session, host).kind != PersonKind.MEMBER:
        raise InputError("door-person.host", "host", "only somebody who lives or works here can be one", "Name a member.")
    row.host = host


def _demand_group(session: Session, group: str) -> None:
    if group_row(session, group) is None:
        raise NotFoundError("door-group.unknown", "group", "there is none of that id", "List the groups, or add it.")


def _set_groups(session: Session, name: str, groups: Iterable[str]) -> None:
    wanted = set(groups)
    for group in sorted(wanted):
        _demand_group(session, group)
    session.execute(delete(MembershipRow).where(MembershipRow.person == name))
    session.add_all(MembershipRow(person=name, group=group) for group in sorted(wanted))
