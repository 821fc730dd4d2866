"""Who is who: one party for each appearance, joined where keyed hashes agree, or where staff saw a paper that says so.

Nothing here decides anything: a link is evidence with a grade, and the judge reads it. Equal hashes join a party to the oldest one that has the hash,
so that a number that comes back a hundred times makes a hundred links and no more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import or_, select

from consentry.attribution import model
from consentry.attribution.model import Grade, IdentityKind
from consentry.attribution.numbers import phone_hash
from consentry.attribution.records.people import LinkRow, PartyRow
from consentry.attribution.work import ITSELF, PEOPLE, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import check_text, stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.attribution.numbers import NumberHash
    from consentry.attribution.visiting import PartyKind
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = [
    "Join",
    "add",
    "alias_of",
    "appearances",
    "chunks",
    "erase",
    "existing",
    "identify",
    "join",
    "link_of",
    "links_of",
    "reachable",
    "relate",
    "restrict",
]

_NAMED_AT_ONCE = 500
"""How many ids one query names; SQLite takes at most 999 values."""
_RELATION = re.compile(r"[a-z][a-z_]{2,23}")
_NO_RELATION = frozenset({IdentityKind.ID, IdentityKind.PHONE, IdentityKind.FACE, "self"})
"""What staff cannot say: that two are one person is for numbers and readers to show."""


class Join(NamedTuple):
    """That ``a`` and ``b`` are one person, are not, or are kin (``kind`` as in :class:`model.Link`); who says so, and which paper they saw."""

    a: str
    b: str
    kind: str
    grade: Grade
    by: str
    proof: str | None = None
    reason: str = ""


def add(  # noqa: PLR0913 - what an appearance may leave
    work: UnitOfWork,
    project: str,
    kind: PartyKind,
    *,
    alias: str | None = None,
    mask: str | None = None,
    phone: str | None = None,
    document: NumberHash | None = None,
    grade: Grade = Grade.LOGGED,
) -> str:
    """Put down that somebody appeared, join them to whoever has the same numbers, and return their pseudonym.

    Raises:
        InputError: ``phone.form``.
    """
    row = PartyRow(id=new_id(work.now), project=project, kind=kind, mask=mask, added=work.now)
    if alias:
        row.wrapped, row.sealed = sealed(work.keys, PEOPLE, row.id, {"alias": alias})
    work.session.add(row)
    work.session.flush()
    identify(work, row.id, phone=phone, document=document, grade=grade)
    return row.id


def identify(work: UnitOfWork, party: str, *, phone: str | None = None, document: NumberHash | None = None, grade: Grade = Grade.LOGGED) -> list[model.Link]:
    """Give a party the numbers that became known, and return the links that this makes.

    Args:
        work: The transaction.
        party: Whose numbers they are.
        phone: In clear; only its hash is kept.
        document: As a reader or ``numbers.document_hash`` returned it.
        grade: How well it is confirmed: ``TWO_SIDED`` by a reader or by both sides, ``LOGGED`` otherwise.

    Raises:
        InputError: ``phone.form``.
        NotFoundError: ``party.unknown``.
        ConflictError: ``party.other-number`` where the party has another number of that kind; the first one stands.
    """
    row = existing(work.session, party)
    made: list[model.Link] = []
    if phone is not None:
        made += _take(work, row, IdentityKind.PHONE, phone_hash(work.keys, row.project, phone), grade)
    if document is not None:
        made += _take(work, row, IdentityKind.ID, document, grade)
    return made


def join(work: UnitOfWork, found: Join) -> list[model.Link]:
    """Put down a link and enter it; return it, or nothing where it is on record already.

    Raises:
        NotFoundError: ``party.unknown``.
        InputError: ``party.same`` where both ends are one party, ``party.project`` where they belong to two projects.
    """
    a, b = sorted((found.a, found.b))
    first, second = existing(work.session, a), existing(work.session, b)
    if a == b:
        raise InputError("party.same", "link", "both ends are the same party", "Name two appearances.")
    if first.project != second.project:
        raise InputError("party.project", "link", "they belong to two projects", "People of different projects are never joined.")
    known = select(LinkRow.id).where(LinkRow.a == a, LinkRow.b == b, LinkRow.kind == found.kind, LinkRow.grade == found.grade)
    if work.session.scalar(known) is not None:
        return []
    details = {"with": b, "kind": found.kind, "grade": found.grade.value, "project": first.project}
    entry = work.record(Act(found.by, "attribution.linked", f"party:{a}", PURPOSE, found.reason, details))
    row = LinkRow(id=new_id(work.now), project=first.project, a=a, b=b, kind=found.kind, grade=found.grade)
    row.at, row.by, row.proof, row.entry = work.now, found.by, found.proof, entry
    work.session.add(row)
    work.session.flush()
    return [link_of(row)]


@permits(Permission.RECORD_DEALS)
def relate(  # noqa: PLR0913 - both ends, what they are to each other, and why
    site: Site, actor: Actor, a: str, b: str, kind: str, *, proof: str, reason: str
) -> model.Link | None:
    """Put down that two people are kin (``spouse``, ``parent``, ``sibling``, ...) or ``not_same``, on a paper that was seen; None where it was known.

    Raises:
        InputError: ``party.relation`` for what only numbers and readers can show, ``input.text`` without proof or reason, ``party.same`` or ``party.project``.
        NotFoundError: ``party.unknown``.
    """
    if not _RELATION.fullmatch(kind) or kind in _NO_RELATION:
        mend = "Name kin, such as spouse, parent or child, or not_same."
        raise InputError("party.relation", "link", "staff cannot put down this kind", mend)
    seen, why = check_text(proof, "proof", shortest=2), stated(reason, longest=300)
    with writing(site) as work:
        made = join(work, Join(a, b, kind, Grade.LOGGED, actor.label, seen, why))
    return made[0] if made else None


def links_of(session: Session, parties: Iterable[str]) -> list[model.Link]:
    """Return every link that one of the parties is an end of, oldest first."""
    found: dict[str, LinkRow] = {}
    for some in chunks(parties):
        rows = session.scalars(select(LinkRow).where(or_(LinkRow.a.in_(some), LinkRow.b.in_(some))))
        found.update((row.id, row) for row in rows)
    return [link_of(row) for _, row in sorted(found.items())]


def reachable(session: Session, parties: Iterable[str]) -> set[str]:
    """Return the parties and everybody whom links join to them, however many lie between: a superset of every cluster around them."""
    known: set[str] = set()
    fresh = set(parties)
    while fresh:
        known |= fresh
        fresh = {end for link in links_of(session, fresh) for end in (link.a, link.b)} - known
    return known


def alias_of(work: UnitOfWork, party: str) -> str | None:
    """Return how somebody wants to be called, or None where nobody knows, or knows any more."""
    row = work.session.get(PartyRow, party)
    if row is None or row.wrapped is None or row.sealed is None:
        return None
    return opened(work.keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed)).get("alias")


def erase(work: UnitOfWork, party: str) -> bool:
    """Delete what names a party: alias, mask, hashes. The pseudonym and its links stay, so that verdicts can be checked. Return whether there was any."""
    row = work.session.get(PartyRow, party)
    if row is None or row.erased is not None:
        return False
    row.wrapped = row.sealed = row.mask = row.phone = row.document = row.restricted_until = None
    row.erased = work.now
    return True


def restrict(work: UnitOfWork, party: str, until: datetime) -> bool:
    """Delete alias and mask of a party, and keep its hashes for the claim that lives until then. Return whether the party was not erased before."""
    row = work.session.get(PartyRow, party)
    if row is None or row.erased is not None:
        return False
    row.wrapped = row.sealed = row.mask = None
    row.restricted_until = until
    return True


def chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """Return the different names in lists that a query can take."""
    every = sorted(set(names))
    for start in range(0, len(every), _NAMED_AT_ONCE):
        yield every[start : start + _NAMED_AT_ONCE]


def appearances(session: Session, party: str) -> set[str]:
    """Return the appearances of one person: those that numbers join."""
    known: set[str] = set()
    fresh = {party}
    while fresh:
        known |= fresh
        joined = (link for link in links_of(session, fresh) if link.kind in {IdentityKind.PHONE, IdentityKind.ID})
        fresh = {end for link in joined for end in (link.a, link.b)} - known
    return known


def _take(work: UnitOfWork, row: PartyRow, kind: IdentityKind, number: NumberHash, grade: Grade) -> list[model.Link]:
    column, name = (PartyRow.phone, "phone") if kind is IdentityKind.PHONE else (PartyRow.document, "document")
    held: bytes | None = getattr(row, name)
    if held is not None and held not in number.known_as:
        mend = "The first one stands; record another appearance for the other number."
        raise ConflictError("party.other-number", f"party {row.id}", f"it has another {name} number", mend)
    if row.erased is not None:
        return []
    same = select(PartyRow.id).where(PartyRow.project == row.project, column.in_(number.known_as), PartyRow.id != row.id)
    oldest = work.session.scalar(same.order_by(PartyRow.id).limit(1))
    setattr(row, name, number.newest)
    work.session.flush()
    return join(work, Join(row.id, oldest, kind, grade, ITSELF.label)) if oldest else []


def existing(session: Session, party: str) -> PartyRow:
    """Return the row of a party.

    Raises:
        NotFoundError: ``party.unknown``.
    """
    row = session.get(PartyRow, party)
    if row is None:
        raise NotFoundError("party.unknown", "party", "there is none of that id", "Look at the list again.")
    return row


def link_of(row: LinkRow) -> model.Link:
    """Return a link as the judge reads it."""
    return model.Link(row.a, row.b, row.kind, Grade(row.grade), row.at, row.id)
