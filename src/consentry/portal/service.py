"""What anybody may know of a site, read from the running system."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from consentry import __version__
from consentry.cameras.service import list_cameras
from consentry.consent import service as consent
from consentry.ledger.rules.notes import note_text, verifier_key_text
from consentry.ledger.service import latest_checkpoint, log_key
from consentry.platform.actors import system
from consentry.portal.model import CameraCheck, CountedPlace, FacePurpose, Notice, SelfCheck
from consentry.portal.place import serves
from consentry.recognition import service as recognition
from consentry.statistics.kept import kept_columns

if TYPE_CHECKING:
    from consentry.cameras.model import CameraView
    from consentry.platform.settings.camera import Camera
    from consentry.platform.site import Site
    from consentry.recognition.answers import PurposeState

__all__ = ["RECOGNITION_PARTS", "face_purposes", "notice", "self_check"]

RECOGNITION_PARTS = ("consentry.recognition", "consentry.vision.faces")
"""The parts that could recognise somebody; a system without recognition does not have them."""


def notice(site: Site) -> Notice:
    """Return who counts, where, and how to reach them."""
    identity = site.settings.site
    places = tuple(_place(camera, site.store.lacking(camera)) for camera in site.settings.cameras)
    return Notice(identity.name.model_dump(), identity.controller.model_dump(), identity.contact, places)


def self_check(site: Site) -> SelfCheck:
    """Return what the system says of itself at this moment."""
    checkpoint = latest_checkpoint(site)
    return SelfCheck(
        at=site.clock.now(),
        version=__version__,
        settings_digest=site.store.digest,
        cameras=tuple(_checked(view) for view in list_cameras(site, system("portal"))),
        columns=kept_columns(site),
        recognition_parts=tuple(part for part in RECOGNITION_PARTS if find_spec(part)),
        checkpoint=note_text(checkpoint) if checkpoint else None,
        checkpoint_key=verifier_key_text(log_key(site)) if checkpoint else None,
    )


def face_purposes(site: Site) -> tuple[FacePurpose, ...]:
    """Return the purposes that may recognise those who agree: none where no notice was published."""
    found = (_face_purpose(site, state) for state in recognition.purposes_open(site))
    return tuple(purpose for purpose in found if purpose is not None)


def _face_purpose(site: Site, state: PurposeState) -> FacePurpose | None:
    """Take lengths and machine from the notice, which binds the site, and not from the settings."""
    notice = consent.current_notice(site, state.purpose)
    if notice is None:
        return None
    stations = tuple(station.name for station in site.settings.stations if serves(station, state.purpose))
    terms = notice.terms
    return FacePurpose(state.purpose, state.open, stations, terms.retention, terms.validity, terms.storage_device)


def _place(camera: Camera, missing: tuple[str, ...]) -> CountedPlace:
    sign = camera.sign
    return CountedPlace(
        id=camera.id,
        name=camera.name.model_dump(),
        zone_type=camera.zone_type,
        sign=sign.text.model_dump() if sign and sign.text else None,
        sign_place=sign.place if sign else None,
        sign_since=sign.placed_on if sign else None,
        retention=camera.retention,
        second_use=camera.secondary_use.necessity if camera.secondary_use else None,
        missing=missing,
    )


def _checked(view: CameraView) -> CameraCheck:
    """Say of a camera's detector only what runs: one that is off finds nobody."""
    off = view.health.run is None
    return CameraCheck(view.name, view.health.state, view.health.since, None if off else view.detector)
