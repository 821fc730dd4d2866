"""``/public/controllers`` and ``/public/doors`` for devices at doors, whose signature or ticket is their credential, and ``/doors/controllers`` for staff."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Response

from consentry.access.api.event_shapes import (
    AdmissionIn,
    AdmissionOut,
    ControllerCodeOut,
    ControllerOut,
    ControllerPairingIn,
    PairedControllerOut,
    ReadinessOut,
    SyncIn,
    SyncOut,
)
from consentry.access.controller.sync_text import SignedSync
from consentry.access.service import admissions, controllers, readiness, syncing
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.staff.rules import SHORTEST_REASON

__all__ = ["routers"]

_devices = ApiRouter(prefix="/public/controllers", tag="doors")
_doors = ApiRouter(prefix="/public/doors", tag="doors")
_staff = ApiRouter(prefix="/doors/controllers", tag="doors")

routers = (_devices, _doors, _staff)
"""The routers of controllers, to be served under ``/api/v1``."""

_UNWRITTEN = "no-store"
_KEY_BYTES = 32


@_devices.post("/pair", permission=PUBLIC)
def complete_controller_pairing(site: SiteDep, device: ControllerPairingIn, response: Response) -> PairedControllerOut:
    """Make the device that sends the code a controller."""
    response.headers["Cache-Control"] = _UNWRITTEN
    keys = _key(device.signing_key, "signing_key"), _key(device.exchange_key, "exchange_key")
    return PairedControllerOut.model_validate(controllers.complete_controller_pairing(site, device.code, *keys))


@_devices.post("/{controller}/sync", permission=PUBLIC)
def sync_controller(site: SiteDep, controller: str, said: SyncIn, response: Response) -> SyncOut:
    """Take a controller's signed report, and answer with what it must know. The same report again does no harm."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return SyncOut.model_validate(syncing.sync(site, controller, SignedSync(said.text, said.signature)))


@_doors.get("/{door}/ways", permission=PUBLIC)
def read_door_ways(site: SiteDep, door: str, response: Response) -> ReadinessOut:
    """Return which ways through a door work now."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return ReadinessOut.model_validate(readiness.door_readiness(site, door))


@_doors.post("/{door}/admissions", permission=PUBLIC)
def admit_face(site: SiteDep, door: str, recognised: AdmissionIn, response: Response) -> AdmissionOut:
    """Turn the ticket with which somebody was just recognised at this door into what its reader is shown, once."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return AdmissionOut.model_validate(admissions.admit_face(site, door, recognised.ticket))


@_staff.get("", permission=Permission.VIEW_DOORS)
def list_controllers(site: SiteDep, actor: ActorDep) -> list[ControllerOut]:
    """List every controller that a door of the settings names."""
    return [ControllerOut.model_validate(found) for found in controllers.controllers(site, actor)]


@_staff.post("/{controller}/pairing-code", permission=Permission.MANAGE_DOORS)
def start_controller_pairing(site: SiteDep, actor: ActorDep, controller: str, response: Response) -> ControllerCodeOut:
    """Show a code that makes one device the controller, within ten minutes."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return ControllerCodeOut.model_validate(controllers.pair_controller(site, actor, controller))


@_staff.delete("/{controller}/pairing", permission=Permission.MANAGE_DOORS, status_code=HTTPStatus.NO_CONTENT)
def revoke_controller(site: SiteDep, actor: ActorDep, controller: str, reason: Annotated[str, Query(min_length=SHORTEST_REASON, max_length=300)]) -> None:
    """Let a device be the controller no more, such as a stolen one."""
    controllers.revoke_controller(site, actor, controller, reason)


def _key(text: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise InputError("controller.key", name, "it is not base64 of 32 bytes", "Send the raw public key in base64.")
    return raw
