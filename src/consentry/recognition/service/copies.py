"""A person's own copy, with when and where their face was looked at for a consent of theirs, as the log keeps it (PIPL 45, R55)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.consent import service as consents
from consentry.ledger.lookup import entries_of
from consentry.ledger.work import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from consentry.ledger.model import Entry, JSONValue
    from consentry.platform.site import Site

__all__ = ["copy_of"]

_AT_ONCE = timedelta(days=7)
"""How much of the log is read at a time: a busy site decides some hundred times a day."""
_INSTANT = timedelta(milliseconds=1)


def copy_of(site: Site, secret: str) -> dict[str, JSONValue]:
    """Return what ``consent.service.copy_of`` does, and ``recognitions``: each outcome for a consent of the person, oldest first.

    They go to ``movements_until``; where that is None, the secret tells none (``consent.service.movements_until``). One whose entry was erased from
    the log is not told, and nor is a face that was rejected: nobody knows whose it was.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    kept, until = consents.copy_of(site, secret), consents.movements_until(site, secret)
    if until is None:
        return {**kept, "movements_until": None, "recognitions": []}
    mine = consents.consents_of(site, secret)
    names = {one.id for one in mine}
    found = _decided(site, min(one.given for one in mine), until)
    told = [_told(entry) for entry in found if entry.act.details.get("consent") in names]
    return {**kept, "movements_until": until.isoformat(), "recognitions": told}


def _decided(site: Site, since: datetime, until: datetime) -> Iterator[Entry]:
    while since <= until:
        with reading(site) as work:
            yield from entries_of(work.session, ("recognition.decided",), since, min(since + _AT_ONCE - _INSTANT, until))
        since += _AT_ONCE


def _told(entry: Entry) -> JSONValue:
    said = {name: entry.act.details.get(name) for name in ("kind", "decision", "consent")}
    return {"at": entry.at.isoformat(), "station": entry.act.object.removeprefix("station:"), "purpose": entry.act.purpose, **said, "entry": entry.index}
