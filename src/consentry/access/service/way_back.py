"""Who comes from a door's page to have their face recognised, and where they go afterwards: only to the page of that door's own controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.controller.way_back import is_vouched
from consentry.access.model import ReaderKind
from consentry.access.records.controllers import paired_controller
from consentry.access.service.orders import require_door
from consentry.access.service.readiness import door_readiness
from consentry.ledger.work import reading
from consentry.platform.errors import DeniedError

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["face_station", "require_way_back"]


def require_way_back(site: Site, door: str, back: str, proof: str) -> None:
    """Check that ``back`` is a page of the controller that decides for a door now.

    Raises:
        NotFoundError: ``door.unknown``.
        DeniedError: ``door.way-back`` where it is not.
    """
    found = require_door(site, door)
    with reading(site) as work:
        row = paired_controller(work.session, found.controller)
        vouched = row is not None and is_vouched(row.signing_key, door, back, proof)
    if not vouched:
        raise DeniedError("door.way-back", f"door {door}", "its controller does not vouch for the page that is to be shown afterwards", "Begin at the door.")


def face_station(site: Site, door: str) -> str | None:
    """Return the station that recognises faces for a door, None where it does not now.

    Raises:
        NotFoundError: ``door.unknown``.
    """
    works = any(way.works for way in door_readiness(site, door).ways if way.reader is ReaderKind.FACE)
    return require_door(site, door).station if works else None
