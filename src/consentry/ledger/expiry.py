"""The end of what entries say: after the retention of the settings their bodies are erased, their hashes stay (PIPL 19, R51)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from consentry.ledger.log import append, lock_head
from consentry.ledger.model import Act
from consentry.ledger.records import EntryRow
from consentry.ledger.rules.entries import ERASED, PERMANENT, to_milliseconds
from consentry.platform.actors import system

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["expire_bodies"]

AT_ONCE = 500
"""Entries erased in one transaction, so that nobody waits long for the log."""

_ACTOR = system("retention").label


def expire_bodies(site: Site) -> int:
    """Erase what outlived ``[retention] ledger_bodies``, a tombstone each, and return how many entries that were.

    Where two people erase an entry at once (``service.erase``), here the retention job erases it and the settings in force, named by their hash,
    are the second word: whoever applied them decided it, and stands in the log.
    """
    erased = 0
    while count := _expire_some(site):
        erased += count
    return erased


def _expire_some(site: Site) -> int:
    now = site.clock.now()
    before = to_milliseconds(now - site.settings.retention.ledger_bodies)
    by: list[str] = [_ACTOR, f"settings:{site.store.digest}"]
    with site.database.transaction() as session:
        lock_head(session)
        over = select(EntryRow.number, EntryRow.action).where(EntryRow.at < before, EntryRow.action.not_in(PERMANENT)).order_by(EntryRow.number).limit(AT_ONCE)
        old = session.execute(over).all()
        if not old:
            return 0
        numbers = [row.number for row in old]
        session.execute(update(EntryRow).where(EntryRow.number.in_(numbers)).values(body=None, salt=None, action=None, at=None))
        tombstones = [Act(_ACTOR, ERASED, f"entry:{row.number}", "erasure", "retention", {"index": row.number, "action": row.action, "by": by}) for row in old]
        append(session, tombstones, now)
    return len(old)
