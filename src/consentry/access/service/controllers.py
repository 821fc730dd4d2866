"""Controllers of doors: a code shown by staff makes a device one, its key signs whatever it reports, and a lost one is revoked at once."""

from __future__ import annotations

import base64
import secrets
from collections import defaultdict
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.access.controller.sealing import seal_secret
from consentry.access.controller.sync_text import GENESIS
from consentry.access.happenings import ControllerCode, ControllerState, PairedController
from consentry.access.marks import controller_secret
from consentry.access.records.controllers import ControllerPairingRow, ControllerRow, OrderRow, paired_controller, paired_controllers
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.policies import ControllerSnapshotRow
from consentry.access.service.uses import count_uses
from consentry.access.work import PURPOSE, changed
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.keys import SiteKeys
    from consentry.platform.settings.model import Settings
    from consentry.platform.site import Site

__all__ = [
    "AWAY_AFTER",
    "SNAPSHOT_KEY",
    "complete_controller_pairing",
    "controller_label",
    "controllers",
    "doors_by_controller",
    "is_away",
    "pair_controller",
    "revoke_controller",
    "secret_of",
]

CODE_LASTS = timedelta(minutes=10)
AWAY_AFTER = timedelta(seconds=30)
"""How long after its last report a controller counts as away; it reports every two seconds."""
SNAPSHOT_KEY = "access-snapshots"
"""The purpose of the site's Ed25519 key that signs snapshots."""
_SECRET = "access-controller"  # noqa: S105 - the purpose of a key
_CODES = "access-pairing"
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 10
"""49 bits: ten minutes find nothing, with the two tries a second that an address has that did not sign in (``platform.http.limits``)."""


@permits(Permission.MANAGE_DOORS)
def pair_controller(site: Site, actor: Actor, controller: str) -> ControllerCode:
    """Return a code that makes one device the controller, within ten minutes; a code shown before for it holds no more.

    Raises:
        NotFoundError: ``controller.unknown`` where no door of the settings names it.
    """
    _require_known(site.settings, controller)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    with writing(site) as work:
        expires = work.now + CODE_LASTS
        work.session.execute(delete(ControllerPairingRow).where(ControllerPairingRow.controller == controller))
        row = ControllerPairingRow(code=_code_mark(site.keys, code, site.keys.epoch), controller=controller, made_by=actor.label, expires=expires)
        work.session.add(row)
        work.record(Act(actor.label, "access.controller-pairing-started", controller_label(controller), PURPOSE))
    return ControllerCode(controller, code, expires)


def complete_controller_pairing(site: Site, code: str, signing_key: bytes, exchange_key: bytes) -> PairedController:
    """Make the device that sends the code the controller; another device that was it is it no more.

    Args:
        site: The site.
        code: As staff see it; blanks, hyphens and the case of letters do not matter.
        signing_key: Ed25519, 32 bytes, of a key that was never another controller's.
        exchange_key: X25519, 32 bytes.

    Raises:
        NotFoundError: ``controller.code`` where the code is wrong, used or too old.
        InputError: ``controller.key-used``.
        ProofError: ``access.exchange-key``.
    """
    with writing(site) as work:
        pairing = _pairing(work, code)
        if work.session.scalar(select(ControllerRow.id).where(ControllerRow.signing_key == signing_key)) is not None:
            raise InputError("controller.key-used", "signing key", "it is, or was, that of another controller", "Make a new key for each pairing.")
        _retire(work, pairing.controller)
        row = _new_controller(work, pairing, signing_key, exchange_key)
        work.session.delete(pairing)
        changed(work)
        details = {"device": row.id, "key_sha256": sha256(signing_key).hexdigest()}
        work.record(Act(row.paired_by, "access.controller-paired", controller_label(row.controller), PURPOSE, details=details))
        sealed = seal_secret(exchange_key, row.controller, secret_of(site.keys, row))
        key = site.keys.signing_key(SNAPSHOT_KEY).public_key().public_bytes_raw()
        return PairedController(row.controller, site.settings.site.id, base64.b64encode(key).decode(), sealed, work.now)


@permits(Permission.MANAGE_DOORS)
def revoke_controller(site: Site, actor: Actor, controller: str, reason: str) -> None:
    """Let a device be the controller no more, such as a stolen one: it gets nothing from now on, and its secret compares with nothing.

    What it holds already opens its doors until its snapshot expires, unless somebody takes its power: the reader of a reason may have to go there.

    Raises:
        NotFoundError: ``controller.unpaired`` where no device is it.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason, longest=300)
    with writing(site) as work:
        row = paired_controller(work.session, controller)
        if row is None:
            raise NotFoundError("controller.unpaired", "controller", "no device is it", "Look at the list of controllers.")
        _retire(work, controller)
        work.session.execute(delete(ControllerSnapshotRow).where(ControllerSnapshotRow.controller == controller))
        changed(work)
        work.record(Act(actor.label, "access.controller-revoked", controller_label(controller), PURPOSE, why, {"device": row.id}))


@permits(Permission.VIEW_DOORS)
def controllers(site: Site, actor: Actor) -> tuple[ControllerState, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return every controller that a door of the settings names, and how it stands."""
    with reading(site) as work:
        paired = paired_controllers(work.session)
        doors = doors_by_controller(site.settings)
        return tuple(_state(name, doors[name], paired.get(name), work.now) for name in sorted(doors))


def secret_of(keys: SiteKeys, row: ControllerRow) -> bytes:
    """Return the secret of a controller's device, 32 bytes: another device of the same controller has another."""
    return controller_secret(keys.derive(_SECRET, epoch=row.epoch), row.id)


def controller_label(controller: str) -> str:
    """Return how the ledger names a controller."""
    return f"controller:{controller}"


def doors_by_controller(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the doors of each controller."""
    found = defaultdict[str, list[str]](list)
    for door in settings.doors:
        found[door.controller].append(door.id)
    return {controller: tuple(doors) for controller, doors in found.items()}


def is_away(row: ControllerRow, now: datetime) -> bool:
    """Tell whether a device that is a controller has not reported for too long."""
    return now - (row.seen or row.paired) > AWAY_AFTER


def _require_known(settings: Settings, controller: str) -> None:
    if controller not in doors_by_controller(settings):
        raise NotFoundError("controller.unknown", "controller", "no door of the settings names it", "Look at the [[door]] tables of the settings.")


def _code_mark(keys: SiteKeys, code: str, epoch: int) -> bytes:
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    return sha256(keys.derive(_CODES, epoch=epoch) + plain.encode("utf-8", "surrogatepass")).digest()


def _pairing(work: UnitOfWork, code: str) -> ControllerPairingRow:
    marks = [_code_mark(work.keys, code, epoch) for epoch in work.keys.epochs]
    found = work.session.scalar(select(ControllerPairingRow).where(ControllerPairingRow.code.in_(marks), ControllerPairingRow.expires > work.now))
    if found is None:
        raise NotFoundError("controller.code", "pairing code", "it is wrong, was used, or is too old", "Ask staff to show a new one.")
    if found.controller not in doors_by_controller(work.site.settings):
        raise ConflictError("controller.unknown", "pairing code", "no door of the settings names its controller any more", "Look at the [[door]] tables.")
    return found


def _new_controller(work: UnitOfWork, pairing: ControllerPairingRow, signing_key: bytes, exchange_key: bytes) -> ControllerRow:
    row = ControllerRow(
        id=new_id(work.now),
        controller=pairing.controller,
        signing_key=signing_key,
        exchange_key=exchange_key,
        epoch=work.keys.epoch,
        paired=work.now,
        paired_by=pairing.made_by,
        head=GENESIS,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _retire(work: UnitOfWork, controller: str) -> None:
    """Let no device be a controller any more. It will tell nothing now: a host's yes that it may have heard counts as used."""
    row = paired_controller(work.session, controller)
    if row is None:
        return
    row.revoked = work.now
    limited = select(OrderRow.credential, OrderRow.door).join(CredentialRow, CredentialRow.id == OrderRow.credential).where(CredentialRow.uses.is_not(None))
    count_uses(work, row.id, [(credential, door) for credential, door in work.session.execute(limited.where(OrderRow.device == row.id)) if credential])
    work.session.execute(delete(OrderRow).where(OrderRow.device == row.id))


def _state(controller: str, doors: tuple[str, ...], row: ControllerRow | None, now: datetime) -> ControllerState:
    if row is None:
        return ControllerState(controller, doors, None, None, None, None, 0, 0, 0, away=False)
    key = sha256(row.signing_key).hexdigest()
    skew = round(row.skew_ms / 1000)
    return ControllerState(controller, doors, row.paired, row.paired_by, key, row.seen, skew, row.snapshot, row.acknowledged, is_away(row, now))
