"""Lockdown and free access: one person proposes it, another confirms it within minutes, both with their password; any one of them ends it.

Fire is no mode that anybody sets: it comes from a door's fire input and wins over every mode.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.happenings import ModeState, ModeStep
from consentry.access.model import DoorMode
from consentry.access.records.modes import ModeRow, standing
from consentry.access.work import PURPOSE, changed
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.settings.model import Settings
    from consentry.platform.site import Site

__all__ = ["CONFIRMED_WITHIN", "confirm_mode", "doors_of_area", "end_mode", "modes", "propose_mode", "standing_modes"]

CONFIRMED_WITHIN = timedelta(minutes=5)
_SETTABLE = frozenset({DoorMode.LOCKDOWN, DoorMode.FREE})


@permits(Permission.SET_DOOR_MODE)
def propose_mode(site: Site, actor: Actor, mode: DoorMode, doors: Sequence[str], reason: str) -> ModeState:
    """Propose lockdown or free access of doors; nothing changes before another person confirms it.

    Raises:
        DeniedError: ``door-mode.person`` for anybody but a member of staff who is signed in.
        InputError: ``door-mode.mode`` for any other mode, such as fire; ``door-mode.doors`` without a door, or with one that the settings do not name.
    """
    _require_person(actor)
    why = stated(reason, longest=300)
    if mode not in _SETTABLE:
        raise InputError(
            "door-mode.mode", f"mode {mode}", "people set lockdown and free access alone", "Fire comes from the fire input; normal is the end of a mode."
        )
    wanted = _known(site.settings, doors)
    with writing(site) as work:
        row = ModeRow(id=new_id(work.now), mode=mode, doors=wanted, reason=why, by=actor.label, proposed=work.now, expires=work.now + CONFIRMED_WITHIN)
        work.session.add(row)
        _record(work, row, actor, "access.mode-proposed", why)
        return _shown(row, work.now)


@permits(Permission.SET_DOOR_MODE)
def confirm_mode(site: Site, actor: Actor, mode: str) -> ModeState:
    """Confirm what another person proposed; it goes to the controllers with their next report.

    Raises:
        NotFoundError: ``door-mode.unknown``.
        DeniedError: ``door-mode.person``; ``door-mode.same-person`` for whoever proposed it.
        ConflictError: ``door-mode.step`` where it is confirmed or ended already, or was proposed too long ago.
    """
    _require_person(actor)
    with writing(site) as work:
        row = _row(work.session, mode)
        if row.by == actor.label:
            raise DeniedError("door-mode.same-person", actor.label, "it proposed the mode itself", "Let another person look at it and confirm it.")
        _require_step(row, work.now, ModeStep.PROPOSED)
        row.confirmed_by, row.confirmed = actor.label, work.now
        changed(work)
        _record(work, row, actor, "access.mode-set", row.reason)
        return _shown(row, work.now)


@permits(Permission.SET_DOOR_MODE)
def end_mode(site: Site, actor: Actor, mode: str, reason: str) -> ModeState:
    """End a mode that stands, or take back a proposal; one person suffices.

    Raises:
        NotFoundError: ``door-mode.unknown``.
        DeniedError: ``door-mode.person``.
        ConflictError: ``door-mode.step`` where it is over already.
    """
    _require_person(actor)
    why = stated(reason, longest=300)
    with writing(site) as work:
        row = _row(work.session, mode)
        _require_step(row, work.now, ModeStep.PROPOSED, ModeStep.STANDING)
        row.ended_by, row.ended = actor.label, work.now
        changed(work)
        _record(work, row, actor, "access.mode-ended", why)
        return _shown(row, work.now)


@permits(Permission.VIEW_DOORS)
def modes(site: Site, actor: Actor, limit: int = 50) -> tuple[ModeState, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return modes and proposals, the newest first."""
    with reading(site) as work:
        found = select(ModeRow).order_by(ModeRow.id.desc()).limit(limit)
        return tuple(_shown(row, work.now) for row in work.session.scalars(found))


def standing_modes(session: Session) -> dict[str, DoorMode]:
    """Return the modes of doors that two people set, for their snapshots: where both are set, lockdown holds."""
    found = dict[str, DoorMode]()
    for row in standing(session):
        for door in row.doors:
            mode = DoorMode(row.mode)
            found[door] = mode if mode is DoorMode.LOCKDOWN else found.get(door, mode)
    return found


def doors_of_area(settings: Settings, area: str) -> tuple[str, ...]:
    """Return the doors that lead into an area."""
    return tuple(door.id for door in settings.doors if door.leads_into == area)


def _require_person(actor: Actor) -> None:
    """Refuse programs and the operator: the ledger is to name two people who looked."""
    if actor.kind is not ActorKind.STAFF or actor.session is None:
        raise DeniedError("door-mode.person", actor.label, "only people who are signed in set a mode", "Sign in at the console.")


def _known(settings: Settings, doors: Sequence[str]) -> list[str]:
    wanted = sorted(set(doors))
    if not wanted or any(settings.door(door) is None for door in wanted):
        raise InputError("door-mode.doors", "doors", "there is none, or one that the settings do not name", "Look at the list of doors.")
    return wanted


def _row(session: Session, mode: str) -> ModeRow:
    found = session.get(ModeRow, mode[:36])
    if found is None:
        raise NotFoundError("door-mode.unknown", "mode", "there is none of that id", "Look at the list of modes.")
    return found


def _require_step(row: ModeRow, now: datetime, *allowed: ModeStep) -> None:
    step = _step(row, now)
    if step not in allowed:
        raise ConflictError("door-mode.step", f"mode {row.id}", f"it is {step} already", "Look at the list of modes; propose it anew where it is still wanted.")


def _step(row: ModeRow, now: datetime) -> ModeStep:
    if row.ended is not None:
        return ModeStep.ENDED
    if row.confirmed is not None:
        return ModeStep.STANDING
    return ModeStep.PROPOSED if now < row.expires else ModeStep.LAPSED


def _record(work: UnitOfWork, row: ModeRow, actor: Actor, action: str, reason: str) -> None:
    details = {"mode": row.mode, "doors": list(row.doors), "proposed_by": row.by}
    work.record(Act(actor.label, action, f"door-mode:{row.id}", PURPOSE, reason, details))


def _shown(row: ModeRow, now: datetime) -> ModeState:
    return ModeState(
        row.id,
        DoorMode(row.mode),
        tuple(row.doors),
        row.reason,
        _step(row, now),
        row.by,
        row.proposed,
        row.expires,
        row.confirmed_by,
        row.confirmed,
        row.ended_by,
        row.ended,
    )
