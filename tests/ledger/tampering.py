"""Everything that somebody with a database client may do to the log by hand, and which entries the audit must then point at."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, insert, select, text, update

from consentry.ledger.records import AttestationRow, CheckpointRow, EntryRow, HeadRow, NodeRow
from consentry.ledger.rules.canonical import canonical, parse
from consentry.ledger.rules.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["TAMPERINGS", "Blamed", "rebuild_tree"]


class Blamed(NamedTuple):
    """Where the first bad index must lie, both included."""

    first: int
    last: int


Tampering = Callable[["Session", random.Random], Blamed]


def size_of(session: Session) -> int:
    return session.execute(select(func.count()).select_from(EntryRow)).scalar_one()


def some_entry(session: Session, chance: random.Random) -> int:
    """Return the number of an entry that has a body."""
    return chance.choice(list(session.execute(select(EntryRow.number).where(EntryRow.body.is_not(None)).order_by(EntryRow.number)).scalars()))


def or_what_it_excused(session: Session, number: int) -> Blamed:
    """Blame ``number``, or an erased entry before it: without its tombstone nothing excuses that its body is gone."""
    erased = session.execute(select(EntryRow.number).where(EntryRow.body.is_(None), EntryRow.number < number)).scalars()
    return Blamed(min([number, *erased]), number)


def flipped(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def rebuild_tree(session: Session) -> None:
    """Compute every subtree and the head anew, as a careful forger would."""
    tree = Frontier()
    leaves = session.execute(select(EntryRow.leaf).order_by(EntryRow.number)).scalars()
    nodes = [{"number": node.span.number, "hash": node.hash} for leaf in leaves for node in tree.append(leaf)]
    session.execute(delete(NodeRow))
    if nodes:
        session.execute(insert(NodeRow), nodes)
    session.execute(update(HeadRow).values(size=tree.size, frontier=tree.to_bytes()))


def rewrite(session: Session, number: int) -> None:
    """Let an entry say something else, and give it the hash of what it says."""
    row = session.execute(select(EntryRow.body, EntryRow.salt).where(EntryRow.number == number)).one()
    body = canonical({**parse(row.body), "reason": "forged"})  # type: ignore[dict-item]
    session.execute(update(EntryRow).where(EntryRow.number == number).values(body=body, leaf=leaf_hash(body, row.salt)))


def shift(session: Session, start: int, by: int) -> None:
    """Move entries from ``start`` on to other numbers, in two steps because each number is unique at all times."""
    for statement in ("number = -number - 1000000 WHERE number >= :start", "number = -number - 1000000 + :by WHERE number < 0"):
        session.execute(text(f"UPDATE ledger_entry SET {statement}"), {"start": start, "by": by})  # noqa: S608 - our own statement


def delete_entry(session: Session, chance: random.Random) -> Blamed:
    number = chance.randrange(size_of(session))
    session.execute(delete(EntryRow).where(EntryRow.number == number))
    return or_what_it_excused(session, number)


def delete_entry_and_close_the_gap(session: Session, chance: random.Random) -> Blamed:
    number = chance.randrange(size_of(session) - 1)
    session.execute(delete(EntryRow).where(EntryRow.number == number))
    shift(session, number + 1, -1)
    rebuild_tree(session)
    return Blamed(0, number)


def cut_off_the_end(session: Session, chance: random.Random) -> Blamed:
    size = size_of(session)
    kept = chance.randrange(size)
    session.execute(delete(EntryRow).where(EntryRow.number >= kept))
    return or_what_it_excused(session, kept)


def append_without_the_head(session: Session, chance: random.Random) -> Blamed:
    size = size_of(session)
    body = canonical({"forged": chance.random() < 2})
    session.execute(insert(EntryRow).values(number=size, body=body, salt=bytes(32), leaf=leaf_hash(body, bytes(32)), action="camera.started", at=0))
    return Blamed(size, size)


def insert_in_the_middle(session: Session, chance: random.Random) -> Blamed:
    number = chance.randrange(size_of(session))
    source = some_entry(session, chance)
    row = session.execute(select(EntryRow.body, EntryRow.salt, EntryRow.leaf, EntryRow.action, EntryRow.at).where(EntryRow.number == source)).one()
    shift(session, number, 1)
    session.execute(insert(EntryRow).values(number=number, **row._mapping))  # noqa: SLF001 - SQLAlchemy's public name
    rebuild_tree(session)
    return Blamed(0, number if number != source else number + 1)


def insert_at_a_made_up_number(session: Session, chance: random.Random) -> Blamed:
    size = size_of(session)
    number = chance.choice([-5, 2**40])
    session.execute(insert(EntryRow).values(number=number, leaf=bytes(32)))
    return Blamed(0, 0) if number < 0 else Blamed(size, size)


def swap_two(session: Session, chance: random.Random) -> Blamed:
    first = some_entry(session, chance)
    second = chance.choice([number for number in range(size_of(session)) if number != first])
    for old, new in ((first, -1), (second, first), (-1, second)):
        session.execute(update(EntryRow).where(EntryRow.number == old).values(number=new))
    rebuild_tree(session)
    return Blamed(0, max(first, second))


def edit_body(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    body = session.execute(select(EntryRow.body).where(EntryRow.number == number)).scalar_one()
    assert body
    session.execute(update(EntryRow).where(EntryRow.number == number).values(body=flipped(body, chance)))
    return or_what_it_excused(session, number)


def edit_salt(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    salt = session.execute(select(EntryRow.salt).where(EntryRow.number == number)).scalar_one()
    assert salt
    session.execute(update(EntryRow).where(EntryRow.number == number).values(salt=flipped(salt, chance)))
    return or_what_it_excused(session, number)


def edit_leaf(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    session.execute(update(EntryRow).where(EntryRow.number == number).values(leaf=chance.randbytes(32)))
    return or_what_it_excused(session, number)


def edit_columns(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    changes: list[dict[str, object]] = [{"action": "door.opened"}, {"at": 5}, {"action": None}]
    session.execute(update(EntryRow).where(EntryRow.number == number).values(**chance.choice(changes)))
    return Blamed(number, number)


def rewrite_one(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    rewrite(session, number)
    return Blamed(0, number)


def rewrite_one_and_the_tree(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    rewrite(session, number)
    rebuild_tree(session)
    return Blamed(0, number)


def remove_body(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    session.execute(update(EntryRow).where(EntryRow.number == number).values(body=None, salt=None, action=None, at=None))
    return or_what_it_excused(session, number)


def remove_salt(session: Session, chance: random.Random) -> Blamed:
    number = some_entry(session, chance)
    session.execute(update(EntryRow).where(EntryRow.number == number).values(salt=None))
    return or_what_it_excused(session, number)


def put_a_body_back(session: Session, chance: random.Random) -> Blamed:  # noqa: ARG001 - the shape of a tampering
    number = session.execute(select(EntryRow.number).where(EntryRow.body.is_(None))).scalars().first()
    assert number is not None
    source = session.execute(select(EntryRow.body, EntryRow.salt).where(EntryRow.number == 1)).one()
    session.execute(update(EntryRow).where(EntryRow.number == number).values(body=source.body, salt=source.salt))
    return Blamed(number, number)


def edit_node(session: Session, chance: random.Random) -> Blamed:
    number = chance.randrange(session.execute(select(func.count()).select_from(NodeRow)).scalar_one())
    session.execute(update(NodeRow).where(NodeRow.number == number).values(hash=chance.randbytes(32)))
    return Blamed(0, size_of(session))


def delete_node(session: Session, chance: random.Random) -> Blamed:
    number = chance.randrange(session.execute(select(func.count()).select_from(NodeRow)).scalar_one())
    session.execute(delete(NodeRow).where(NodeRow.number == number))
    return Blamed(0, size_of(session))


def insert_node(session: Session, chance: random.Random) -> Blamed:
    session.execute(insert(NodeRow).values(number=chance.choice([-1, 10**6]), hash=chance.randbytes(32)))
    return Blamed(0, size_of(session))


def edit_head(session: Session, chance: random.Random) -> Blamed:
    size = size_of(session)
    frontier = session.execute(select(HeadRow.frontier)).scalar_one()
    changes: list[dict[str, object]] = [
        {"size": size - 1},
        {"size": size + 1},
        {"size": 0},
        {"genesis": 1},
        {"frontier": flipped(frontier, chance)},
        {"frontier": frontier[:-1]},
        {"frontier": b""},
    ]
    session.execute(update(HeadRow).values(**chance.choice(changes)))
    return Blamed(0, size)


def delete_head(session: Session, chance: random.Random) -> Blamed:  # noqa: ARG001 - the shape of a tampering
    session.execute(delete(HeadRow))
    return Blamed(0, 0)


def some_checkpoint(session: Session, chance: random.Random) -> int:
    return chance.choice(list(session.execute(select(CheckpointRow.size).order_by(CheckpointRow.size)).scalars()))


def delete_checkpoint(session: Session, chance: random.Random) -> Blamed:
    size = some_checkpoint(session, chance)
    session.execute(delete(CheckpointRow).where(CheckpointRow.size == size))
    return Blamed(size - 1, size - 1)


def edit_checkpoint(session: Session, chance: random.Random) -> Blamed:
    size = some_checkpoint(session, chance)
    note = session.execute(select(CheckpointRow.note).where(CheckpointRow.size == size)).scalar_one()
    place = chance.randrange(len(note))
    changed = chance.choice([note[:place] + chr(ord(note[place]) ^ 1) + note[place + 1 :], note + note.splitlines()[-1] + "\n", note[:-1], ""])
    session.execute(update(CheckpointRow).where(CheckpointRow.size == size).values(note=changed))
    return Blamed(size - 1, size - 1)


def move_checkpoint(session: Session, chance: random.Random) -> Blamed:
    size = some_checkpoint(session, chance)
    session.execute(update(CheckpointRow).where(CheckpointRow.size == size).values(size=size + 10**6))
    return Blamed(size - 1, size - 1)


def insert_checkpoint(session: Session, chance: random.Random) -> Blamed:
    note = session.execute(select(CheckpointRow.note)).scalars().first()
    size = chance.choice([number for number in range(2, size_of(session)) if not session.get(CheckpointRow, number)])
    session.execute(insert(CheckpointRow).values(size=size, note=note))
    return Blamed(size - 1, size - 1)


def delete_attestation(session: Session, chance: random.Random) -> Blamed:
    number = chance.choice(list(session.execute(select(AttestationRow.number)).scalars()))
    session.execute(delete(AttestationRow).where(AttestationRow.number == number))
    return Blamed(number, number)


def edit_attestation(session: Session, chance: random.Random) -> Blamed:
    number = chance.choice(list(session.execute(select(AttestationRow.number)).scalars()))
    changes: list[dict[str, object]] = [{"value": b"other"}, {"kind": "other"}, {"size": 3}]
    session.execute(update(AttestationRow).where(AttestationRow.number == number).values(**chance.choice(changes)))
    return Blamed(number, number)


def insert_attestation(session: Session, chance: random.Random) -> Blamed:
    number = chance.choice([0, 1])
    session.execute(insert(AttestationRow).values(number=number, size=7, kind="cosignature", value=b"forged"))
    return Blamed(number, number)


TAMPERINGS: tuple[Tampering, ...] = (
    delete_entry,
    delete_entry_and_close_the_gap,
    cut_off_the_end,
    append_without_the_head,
    insert_in_the_middle,
    insert_at_a_made_up_number,
    swap_two,
    edit_body,
    edit_salt,
    edit_leaf,
    edit_columns,
    rewrite_one,
    rewrite_one_and_the_tree,
    remove_body,
    remove_salt,
    put_a_body_back,
    edit_node,
    delete_node,
    insert_node,
    edit_head,
    delete_head,
    delete_checkpoint,
    edit_checkpoint,
    move_checkpoint,
    insert_checkpoint,
    delete_attestation,
    edit_attestation,
    insert_attestation,
)
