"""What staff do with cameras: look at their state and gaps, draw lines and areas, look at a pixelated still, start one anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.cameras import records
from consentry.cameras.applied import note_settings, replace_settings
from consentry.cameras.gaps import PURPOSE, watch_silence
from consentry.cameras.geometry import GeometryFaultsError, area_members, faults, geometry_of, line_members
from consentry.cameras.link import connection_of, serve_link
from consentry.cameras.model import CameraView, SignRecord
from consentry.cameras.rules import shown_health
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError, StaleError
from consentry.platform.ids import new_id
from consentry.platform.settings.editing import with_members
from consentry.video.address import redacted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from consentry.cameras.model import AreaDraft, CameraGap, CameraHealth, Fault, Geometry, LineDraft, Still
    from consentry.platform.actors import Actor
    from consentry.platform.settings.changes import Change
    from consentry.platform.settings.model import Camera, Sign
    from consentry.platform.site import Site

__all__ = [
    "GeometryFaultsError",
    "apply_settings",
    "camera",
    "check_geometry",
    "forget_old",
    "gaps",
    "geometry",
    "health",
    "list_cameras",
    "note_settings",
    "request_still",
    "restart",
    "save_geometry",
    "serve_link",
    "watch_silence",
]

STILL_WITHIN_S = 5.0
"""Seconds within which a camera that sees something has sent its still."""

LONGEST_REASON = 300


@permits(Permission.VIEW_CAMERAS)
def list_cameras(site: Site, actor: Actor) -> list[CameraView]:  # noqa: ARG001 - the guard reads the actor
    """Return every camera of the settings, in their order, with what is known of it."""
    with site.database.reading() as session:
        heard = {found.id: records.health_of(session, found.id) for found in site.settings.cameras}
    return [_view(site, found, heard[found.id]) for found in site.settings.cameras]


@permits(Permission.VIEW_CAMERAS)
def camera(site: Site, actor: Actor, name: str) -> CameraView:  # noqa: ARG001 - as above
    """Return one camera.

    Raises:
        NotFoundError: ``camera.unknown``.
    """
    found = _settings_of(site, name)
    with site.database.reading() as session:
        return _view(site, found, records.health_of(session, name))


@permits(Permission.VIEW_CAMERAS)
def health(site: Site, actor: Actor, name: str) -> CameraHealth:
    """Return how a camera is.

    Raises:
        NotFoundError: ``camera.unknown``.
    """
    return camera(site, actor, name).health


@permits(Permission.VIEW_CAMERAS)
def gaps(  # noqa: PLR0913 - a list's filters
    site: Site,
    actor: Actor,  # noqa: ARG001 - as above
    name: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 200,
) -> list[CameraGap]:
    """Return when a camera did not count, newest first: gaps that touch the time from ``start`` to ``end``.

    Raises:
        NotFoundError: ``camera.unknown``.
    """
    _settings_of(site, name)
    with site.database.reading() as session:
        return records.list_gaps(session, name, (start, end), limit)


@permits(Permission.VIEW_CAMERAS)
def geometry(site: Site, actor: Actor, name: str) -> Geometry:  # noqa: ARG001 - as above
    """Return the lines and areas of a camera.

    Raises:
        NotFoundError: ``camera.unknown``.
    """
    return _geometry(site, _settings_of(site, name))


@permits(Permission.EDIT_CAMERAS)
def check_geometry(site: Site, actor: Actor, name: str, lines: Sequence[LineDraft], areas: Sequence[AreaDraft]) -> list[Fault]:  # noqa: ARG001 - as above
    """Return everything for which these lines and areas could not count; none where they can.

    Raises:
        NotFoundError: ``camera.unknown``.
        ConflictError: ``camera.no-picture``: its picture's size is not known yet.
    """
    return _faults(site, _settings_of(site, name), lines, areas)


@permits(Permission.EDIT_CAMERAS)
def save_geometry(  # noqa: PLR0913 - what is drawn, and on what it was drawn
    site: Site, actor: Actor, name: str, lines: Sequence[LineDraft], areas: Sequence[AreaDraft], *, etag: str
) -> Geometry:
    """Put lines and areas in force: in the settings file, whose comments stay, in the ledger, and at the camera.

    ``etag``: that of the geometry that was edited.

    Raises:
        NotFoundError: ``camera.unknown``.
        ConflictError: ``camera.no-picture``.
        StaleError: ``geometry.stale`` or ``settings.stale``: somebody else changed them meanwhile.
        GeometryFaultsError: with every fault.
        SettingsError: a name or a number that settings refuse.
    """
    found = _settings_of(site, name)
    if _geometry(site, found).etag != etag:
        raise StaleError("geometry.stale", f"camera {name!r}", "its lines or areas were changed meanwhile", "Load them again and repeat the change.")
    wrong = _faults(site, found, lines, areas)
    if wrong:
        raise GeometryFaultsError(name, wrong)
    expected = site.store.digest
    text = with_members(site.store.text, f"camera.{name}.line", line_members(lines))
    text = with_members(text, f"camera.{name}.area", area_members(areas))
    replace_settings(site, actor.label, text, expected, "lines and areas")
    connection_of(site).ask_reload()
    return _geometry(site, _settings_of(site, name))


@permits(Permission.EDIT_SETTINGS)
def apply_settings(site: Site, actor: Actor, text: str, expected: str, reason: str) -> list[Change]:
    """Put another text of the settings in force, in the ledger, and at the supervisor.

    ``expected``: the digest of the text that the new one was made from.

    Raises:
        SettingsError: with every problem of the text; nothing changed.
        StaleError: ``settings.stale``.
    """
    changes = replace_settings(site, actor.label, text, expected, reason)
    connection_of(site).ask_reload()
    return changes


@permits(Permission.VIEW_STILL)
def request_still(site: Site, actor: Actor, name: str, reason: str) -> Still:
    """Return a strongly pixelated still of what a camera sees now, for drawing on. The look and its reason go into the ledger first.

    Raises:
        NotFoundError: ``camera.unknown``.
        InputError: ``camera.no-reason``.
        ConflictError: ``cameras.no-supervisor``, or ``camera.no-still``: none came within five seconds.
    """
    _settings_of(site, name)
    connection = connection_of(site)
    _enter(site, actor, "camera.still", name, reason)
    request = new_id(site.clock.now())
    connection.stills.expect(request, name)
    connection.ask_still(name, request)
    still = connection.stills.wait(request, STILL_WITHIN_S)
    if still is None:
        problem = "it sent no still, so it probably sees nothing now"
        raise ConflictError("camera.no-still", f"camera {name!r}", problem, "Look at its state; try again once it is live.")
    return still


@permits(Permission.EDIT_CAMERAS)
def restart(site: Site, actor: Actor, name: str, reason: str) -> None:
    """Start a camera's process anew.

    Raises:
        NotFoundError: ``camera.unknown``.
        InputError: ``camera.no-reason``.
        ConflictError: ``cameras.no-supervisor``.
    """
    _settings_of(site, name)
    connection = connection_of(site)
    _enter(site, actor, "camera.restart", name, reason)
    connection.ask_restart(name)


def forget_old(site: Site) -> None:
    """Delete what is older than the retention of each camera's figures; a job. The ledger keeps its entries."""
    now = site.clock.now()
    with site.database.transaction() as session:
        for name in sorted(records.runs_known(session)):
            found = site.settings.camera(name)
            kept = found.retention if found and found.retention else site.settings.retention.figures
            records.forget_before(session, name, now - kept)


def _settings_of(site: Site, name: str) -> Camera:
    found = site.settings.camera(name)
    if found is None:
        raise NotFoundError("camera.unknown", f"camera {name!r}", "the settings have no such camera", "Look at the list of cameras.")
    return found


def _view(site: Site, found: Camera, heard: CameraHealth) -> CameraView:
    missing = site.store.lacking(found)
    return CameraView(
        id=found.id,
        name={"zh": found.name.zh, "en": found.name.en},
        source=redacted(found.source) if found.source else None,
        zone_type=found.zone_type,
        basis=found.basis,
        retention=found.retention,
        detector=found.detector,
        sign=_sign(found.sign) if found.sign else None,
        missing=missing,
        health=shown_health(heard, missing, site.clock.now()),
        lines=tuple(line.id for line in found.lines),
        areas=tuple(area.id for area in found.areas),
    )


def _sign(sign: Sign) -> SignRecord:
    text = {"zh": sign.text.zh, "en": sign.text.en} if sign.text else None
    return SignRecord(text, sign.place, sign.photo, sign.placed_on)


def _geometry(site: Site, found: Camera) -> Geometry:
    with site.database.reading() as session:
        return geometry_of(found, records.newest_run(session, found.id))


def _faults(site: Site, found: Camera, lines: Sequence[LineDraft], areas: Sequence[AreaDraft]) -> list[Fault]:
    drawn_on = _geometry(site, found)
    if drawn_on.width is None or drawn_on.height is None:
        mend = "Lines and areas can be drawn once the camera has sent its first picture."
        raise ConflictError("camera.no-picture", f"camera {found.id!r}", "the size of its picture is not known yet", mend)
    return faults(lines, areas, drawn_on.width, drawn_on.height)


def _enter(site: Site, actor: Actor, action: str, name: str, reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        mend = f"Say why, in at most {LONGEST_REASON} characters; it is kept in the ledger."
        raise InputError("camera.no-reason", f"camera {name!r}", "the reason is missing or too long", mend)
    now = site.clock.now()
    with site.database.transaction() as session:
        record(session, Act(actor.label, action, f"camera:{name}", PURPOSE, reason.strip()), now)
