"""Keeps the gaps of cameras in step with what is known of them; each step is an entry of the ledger, so that no gap can vanish (R75)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.cameras import records
from consentry.cameras.rules import changes, gaps
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import system
from consentry.platform.events import Event, EventName, publish

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.cameras.model import CameraGap
    from consentry.cameras.rules import Changes
    from consentry.platform.site import Site

__all__ = ["PURPOSE", "known_anew", "refold", "watch_silence"]

PURPOSE = "counting"
"""The purpose that the ledger's entries about cameras name."""

_ACTOR = system("cameras").label


def known_anew(session: Session, camera: str, since: datetime, now: datetime) -> Changes:
    """Return what becomes of a camera's gaps on record, after something about the time from ``since`` on, or nothing until ``now``, became known."""
    begin = records.fold_begin(session, camera, since)
    folded = [gap for gap in gaps(records.timeline(session, camera, begin), now) if gap.end is None or gap.end > begin]
    return changes(records.recorded_gaps(session, camera, begin), folded)


def refold(session: Session, camera: str, since: datetime, now: datetime) -> None:
    """Put the gaps of a camera in step with what is known, and each change into the ledger."""
    became = known_anew(session, camera, since, now)
    for gap in became.filled:
        records.drop_gap(session, gap)
        _enter(session, "camera.gap-filled", gap, now)
    for before, after in became.changed:
        records.save_gap(session, after, now)
        _enter(session, _step(before, after), after, now)
    for gap in became.found:
        named = records.save_gap(session, gap, now)
        _enter(session, "camera.gap", named, now)
        publish(session, Event(EventName.CAMERA_GAP, _document(named)), now)


def watch_silence(site: Site) -> None:
    """Open a gap for every camera that has been silent for too long. It writes only where one is."""
    now = site.clock.now()
    with site.database.reading() as session:
        silent = [camera for camera in sorted(records.runs_known(session)) if known_anew(session, camera, now, now).found]
    if silent:
        with site.database.transaction() as session:
            for camera in silent:
                refold(session, camera, now, now)


def _step(before: CameraGap, after: CameraGap) -> str:
    return "camera.gap-ended" if before.end is None and after.end else "camera.gap-amended"


def _enter(session: Session, action: str, gap: CameraGap, now: datetime) -> None:
    # The detail is text of a camera's process, which anyone may have broken into; the ledger takes none of it.
    details = {key: value for key, value in _document(gap).items() if key in {"gap", "start", "end"}}
    record(session, Act(_ACTOR, action, f"camera:{gap.camera}", PURPOSE, gap.cause, details), now)


def _document(gap: CameraGap) -> dict[str, str | None]:
    end = gap.end.isoformat() if gap.end else None
    return {"gap": gap.id, "camera": gap.camera, "start": gap.start.isoformat(), "end": end, "cause": gap.cause.value}
