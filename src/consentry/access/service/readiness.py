"""Whether each way through each door works: at start, and while the site runs. A face that would be the only way is stopped, and staff are told (R61)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.access.model import ReaderKind
from consentry.access.records.controllers import DoorStateRow, FaceStopRow, paired_controllers
from consentry.access.service.controllers import is_away
from consentry.access.service.door_alarms import show_findings
from consentry.access.service.orders import require_door
from consentry.access.ways import Obstacle, readiness_of
from consentry.access.work import ITSELF, PURPOSE, changed
from consentry.alarms.model import AlarmKind
from consentry.consent.model import Purpose
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.recognition import service as recognition

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from consentry.access.happenings import DoorReadiness
    from consentry.platform.actors import Actor
    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.site import Site

__all__ = ["door_readiness", "follow", "readiness"]

_NO_STATION: Obstacle = ("station.none", "该门没有设置识别点。", "No station is set up for this door.")
_UNPAIRED: Obstacle = ("station.unpaired", "该门的识别点尚未配对。", "The station of this door is not paired.")
_STOPPED: Obstacle = ("station.stopped", "该门的识别点因异常停用；请负责人检查。", "The station of this door was stopped by an incident; a person must look.")
_AWAY: Obstacle = (
    "controller.away",
    "门禁控制器未联机，无法确认其他方式是否可用。",
    "The controller does not report: whether the other ways work is not known.",
)


@permits(Permission.VIEW_DOORS)
def readiness(site: Site, actor: Actor) -> tuple[DoorReadiness, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return the ways through every door of the settings, and which of them work now."""
    return _readiness(site, site.settings.doors)


def door_readiness(site: Site, door: str) -> DoorReadiness:
    """Return the ways through one door. Anybody may know, who stands before it.

    Raises:
        NotFoundError: ``door.unknown``.
    """
    return _readiness(site, [require_door(site, door)])[0]


def follow(site: Site) -> None:
    """Stop face readers that must not run and let those run that may again; the next snapshots say so. Staff are told of each door. A job."""
    found = _readiness(site, site.settings.doors)
    codes = {ready.door: way.code for ready in found for way in ready.ways if way.reader is ReaderKind.FACE and way.code is not None}
    with reading(site) as work:
        stands = {row.door: row.code for row in work.session.scalars(select(FaceStopRow))}
        now = work.now
    if codes != stands:
        _write(site, stands, codes)
    show_findings(site, {AlarmKind.FACE_ALONE: {ready.door for ready in found if ready.face_sole}}, now)


def _readiness(site: Site, doors: Collection[DoorSettings]) -> tuple[DoorReadiness, ...]:
    obstacles = _face_obstacles(site, [door for door in doors if "face" in door.readers])
    with reading(site) as work:
        told = {row.door: row.readers for row in work.session.scalars(select(DoorStateRow))}
    return tuple(
        readiness_of(
            door.id,
            [ReaderKind(reader) for reader in door.readers],
            {ReaderKind(reader): how == "ok" for reader, how in told.get(door.id, {}).items()},
            obstacles.get(door.id),
        )
        for door in doors
    )


def _face_obstacles(site: Site, doors: Collection[DoorSettings]) -> Mapping[str, Obstacle]:
    """Return what keeps faces from being used at doors; the vault is asked once."""
    if not doors:
        return {}
    blockers = recognition.purpose_state(site, Purpose.DOOR_ACCESS).blockers
    if blockers:
        return {door.id: (blockers[0].code, blockers[0].zh, blockers[0].en) for door in doors}
    stations = {state.station: state for state in recognition.stations(site, ITSELF)}
    with reading(site) as work:
        here = {name for name, row in paired_controllers(work.session).items() if row.seen is not None and not is_away(row, work.now)}
    found = dict[str, Obstacle]()
    for door in doors:
        station = stations.get(door.station or "")
        if station is None:
            found[door.id] = _NO_STATION
        elif station.paired is None:
            found[door.id] = _UNPAIRED
        elif station.stopped is not None:
            found[door.id] = _STOPPED
        elif door.controller not in here:
            found[door.id] = _AWAY
    return found


def _write(site: Site, before: Mapping[str, str], codes: Mapping[str, str]) -> None:
    with writing(site) as work:
        work.session.execute(delete(FaceStopRow).where(FaceStopRow.door.not_in(codes)))
        for door, code in codes.items():
            if before.get(door) != code:
                work.session.merge(FaceStopRow(door=door, code=code, since=work.now))
                work.record(Act(ITSELF.label, "access.face-stopped", f"door:{door}", PURPOSE, details={"code": code}))
        for door in before.keys() - codes.keys():
            work.record(Act(ITSELF.label, "access.face-resumed", f"door:{door}", PURPOSE))
        if before.keys() != codes.keys():
            changed(work)
