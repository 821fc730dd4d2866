"""What of the register one controller must know: the people who may pass its doors, and of what they hold only what its readers can read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import or_, select

from consentry.access.model import ADMITS_BY, CredentialKind, CredentialState, Person, ReaderKind
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow, MembershipRow
from consentry.access.register import PersonKind, Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

    from consentry.access.model import Policy

__all__ = ["Gathered", "Kept", "gather", "people_here"]

_THROUGH_HOST = frozenset({PersonKind.GUEST, PersonKind.DELEGATE})
"""Who passes what their host passes; a contractor has groups of their own."""


class Kept(NamedTuple):
    """A credential as it is kept, and the doors that it is confined to at this controller: None for all."""

    id: str
    person: str
    kind: CredentialKind
    state: CredentialState
    valid_from: datetime | None
    valid_until: datetime | None
    doors: tuple[str, ...] | None
    uses: int | None
    needs_host: bool
    pass_id: str | None
    consent: str | None
    wrapped: bytes | None
    sealed: bytes | None
    with_card: str | None = None
    pin_digits: int | None = None
    unit_digits: int | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a snapshot is made of, still encrypted."""

    people: tuple[Person, ...]
    credentials: tuple[Kept, ...] = field(repr=False)


def gather(session: Session, policy: Policy) -> Gathered:
    """Return who may pass the doors of ``policy``, which are those of one controller, and with what."""
    everybody = _everybody(session)
    confined = _Confined(policy)
    held: dict[str, list[Kept]] = {}
    for row in session.execute(_standing()):
        if row.person in everybody:
            held.setdefault(row.person, []).append(Kept(*row)._replace(kind=CredentialKind(row.kind), state=CredentialState(row.state)))
    beside = {name: confined.told(everybody[name], some) for name, some in held.items()}
    names = sorted(name for name, some in beside.items() if some)
    hosts = {host for name in names if (host := everybody[name].person.host) is not None}
    people = [everybody[name].person for name in sorted({*names, *hosts} & everybody.keys())]
    return Gathered(tuple(people), tuple(one for name in names for one in beside[name]))


def people_here(session: Session) -> list[Person]:
    """Return everybody who is in the register now, as the doors know them."""
    return [known.person for _, known in sorted(_everybody(session).items())]


class _Known(NamedTuple):
    """Somebody, and the only doors that anything of theirs opens."""

    person: Person
    doors: frozenset[str] | None


def _everybody(session: Session) -> dict[str, _Known]:
    """Return who is here. Whoever is here through somebody is so no longer than their host."""
    groups: dict[str, list[str]] = {}
    for person, group in session.execute(select(MembershipRow.person, MembershipRow.group).order_by(MembershipRow.group)):
        groups.setdefault(person, []).append(group)
    columns = DoorPersonRow.__table__.c
    wanted = select(
        columns.id,
        columns.kind,
        columns.valid_from,
        columns.valid_until,
        columns.suspended,
        columns.host,
        columns.passback_exempt,
        columns.longer_release,
        columns.doors,
    )
    rows = session.execute(wanted.where(columns.left.is_(None))).all()
    own = {row.id: _Known(_person(row, tuple(groups.get(row.id, ()))), None if row.doors is None else frozenset(row.doors)) for row in rows}
    through = {row.id: own.get(row.host) for row in rows if row.host is not None}
    guests = {row.id for row in rows if row.kind in _THROUGH_HOST}
    return {name: known if name not in through else _hosted(known, through[name], own_groups=name not in guests) for name, known in own.items()}


def _person(row: Row[*tuple[Any, ...]], groups: tuple[str, ...]) -> Person:
    return Person(row.id, groups, row.valid_from, row.valid_until, row.suspended, row.host, row.passback_exempt, row.longer_release)


def _hosted(known: _Known, host: _Known | None, *, own_groups: bool) -> _Known:
    if host is None:
        return known._replace(person=replace(known.person, suspended=True))
    person, through = known.person, host.person
    hosted = replace(
        person,
        groups=person.groups if own_groups else through.groups,
        valid_from=max(_stated(person.valid_from, through.valid_from), default=None),
        valid_until=min(_stated(person.valid_until, through.valid_until), default=None),
        suspended=person.suspended or through.suspended,
    )
    doors = known.doors if own_groups or host.doors is None else host.doors & (known.doors if known.doors is not None else host.doors)
    return _Known(hosted, doors)


def _stated(*times: datetime | None) -> list[datetime]:
    return [time for time in times if time is not None]


def _standing() -> Select[*tuple[Any, ...]]:
    columns = CredentialRow.__table__.c
    wanted = [columns[name] for name in Kept._fields]
    lent = (columns.state == CredentialState.SUSPENDED) & (columns.why == Why.LENT)
    return select(*wanted).where(columns.state != CredentialState.ENDED, or_(columns.why.is_(None), ~lent)).order_by(columns.id)


def _opens_alone(one: Kept) -> bool:
    """Tell whether something is another way than the face: it works now, and waits for nobody else."""
    return one.kind is not CredentialKind.FACE and one.state is CredentialState.ACTIVE and not one.needs_host


class _Confined:
    """The doors of one controller: who reaches which, and what can be read there."""

    def __init__(self, policy: Policy) -> None:
        self._readers = {door.id: frozenset(door.readers) for door in policy.doors}
        self._of_group: dict[str, frozenset[str]] = {}
        for rule in policy.rules:
            if not rule.deny:
                self._of_group[rule.group] = self._of_group.get(rule.group, frozenset()) | (frozenset(rule.doors) & self._readers.keys())
        self._reached: dict[tuple[str, ...], frozenset[str]] = {}

    def told(self, known: _Known, held: Sequence[Kept]) -> list[Kept]:
        """Return of what somebody holds that which can be read at a door that they may pass."""
        read = [(one, self._read(known, one)) for one in held]
        others = [doors for one, doors in read if _opens_alone(one)]
        beside = frozenset().union(*others)
        confined = [self._confined(known, one, doors, beside) for one, doors in read]
        return [one for one in confined if one is not None]

    def _read(self, known: _Known, one: Kept) -> frozenset[str]:
        """Return the doors where all that it takes can be read: for a PIN that goes with a card, the card too."""
        needed = {ADMITS_BY[one.kind], *([ReaderKind.CARD] if one.with_card is not None else [])}
        return frozenset(door for door in self._opened(known, one.doors) if needed <= self._readers[door])

    @staticmethod
    def _confined(known: _Known, one: Kept, read: frozenset[str], beside: frozenset[str]) -> Kept | None:
        """Return a credential as it is told, None where nothing reads it. A face opens only where something else of its person does too (R61)."""
        if one.kind is CredentialKind.FACE:
            read &= beside
        elif known.doors is None and one.doors is None:
            return one._replace(doors=None) if read else None
        return one._replace(doors=tuple(sorted(read))) if read else None

    def _opened(self, known: _Known, doors: Iterable[str] | None) -> frozenset[str]:
        groups = known.person.groups
        reached = self._reached.get(groups)
        if reached is None:
            reached = self._reached[groups] = frozenset().union(*(self._of_group.get(group, frozenset()) for group in groups))
        for limit in (known.doors, doors):
            if limit is not None:
                reached &= frozenset(limit)
        return reached
