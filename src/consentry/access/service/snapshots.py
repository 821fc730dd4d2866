"""Snapshots: the whole truth of one controller's doors, signed. Made anew when something in it changed, or half of its time is over."""

from __future__ import annotations

import base64
import hashlib
import logging
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from consentry.access.marks import Secrets
from consentry.access.model import Credential, CredentialKind, EntryDigits, Snapshot
from consentry.access.records.controllers import paired_controller
from consentry.access.records.policies import ControllerSnapshotRow
from consentry.access.register import SealedSnapshot
from consentry.access.rules.pins import entry_digits
from consentry.access.service.cards import INNER
from consentry.access.service.controllers import SNAPSHOT_KEY, secret_of
from consentry.access.service.gathering import gather
from consentry.access.service.issuing import issuers
from consentry.access.service.modes import standing_modes
from consentry.access.service.pins import DURESS, NUMBER, SALT
from consentry.access.service.policies import policy_of_controller
from consentry.access.service.uses import used_elsewhere
from consentry.access.snapshot_text import read_snapshot, write_snapshot
from consentry.access.work import CREDENTIALS, revision
from consentry.ledger.signatures import public_bytes
from consentry.ledger.work import reading, writing
from consentry.platform.errors import NotFoundError, ProofError
from consentry.platform.keys.sealing import Sealed, opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from consentry.access.model import DoorMode, Issuer, Policy
    from consentry.access.records.controllers import ControllerRow
    from consentry.access.service.gathering import Gathered, Kept
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = ["newer_snapshot", "snapshot_for"]

_RENEWED = 2
"""A snapshot is issued anew when one part in so many of its time is over, so that a controller that is cut off then has the rest."""

# Two reports that come at once would gather the same twice.
_MAKING = Lock()

log = logging.getLogger(__name__)


def snapshot_for(site: Site, controller: str) -> SealedSnapshot:
    """Return the signed snapshot of a controller: its doors, the people who may pass them, the marks that its own secret makes.

    The number grows by one when what is in it changed, or when half of ``[access] offline_for`` is over; otherwise the same text is returned.

    Raises:
        NotFoundError: ``controller.unpaired`` where no device is the controller.
    """
    with _MAKING:
        _bring_up_to_date(site, controller)
        with reading(site) as work:
            row = work.session.get_one(ControllerSnapshotRow, controller)
            return SealedSnapshot(row.number, row.text, row.issued, row.expires)


def newer_snapshot(site: Site, controller: str, held: int) -> SealedSnapshot | None:
    """Return the snapshot of a controller where it is not the one of number ``held``; whoever holds it costs a few small queries.

    Raises:
        NotFoundError: ``controller.unpaired``.
    """
    with _MAKING:
        _bring_up_to_date(site, controller)
        with reading(site) as work:
            row = work.session.get_one(ControllerSnapshotRow, controller)
            return None if row.number == held else SealedSnapshot(row.number, row.text, row.issued, row.expires)


@dataclass(frozen=True, slots=True)
class _Content:
    """All that a snapshot is made of, still encrypted, and ``looked``: the state of records and settings in which it was gathered."""

    device: ControllerRow
    looked: str
    policy: Policy
    gathered: Gathered
    issuers: tuple[Issuer, ...]
    modes: Mapping[str, DoorMode]
    entry: EntryDigits

    @property
    def sha256(self) -> str:
        """Return the hash of everything that the controller would be told, before anything is decrypted for it."""
        told = (self.device.id, self.policy, self.gathered.people, tuple(map(tuple, self.gathered.credentials)), self.issuers, self.modes, self.entry)
        return hashlib.sha256(repr(told).encode()).hexdigest()


def _bring_up_to_date(site: Site, controller: str) -> None:
    with reading(site) as work:
        device = _device(work.session, controller)
        kept = work.session.get(ControllerSnapshotRow, controller)
        is_due = kept is None or kept.device != device.id or _is_due(kept, device, work)
        if kept is not None and not is_due and kept.looked == _looked(work):
            return
        content = _content(work, device)
        sha256 = content.sha256
        text = kept.text if kept is not None and kept.device == device.id else None
    if kept is not None and not is_due and kept.content == sha256:
        with writing(site) as work:
            work.session.get_one(ControllerSnapshotRow, controller).looked = content.looked
        return
    _issue(site, content, sha256, _marks_of(site, device, text) if text else {})


def _is_due(kept: ControllerSnapshotRow, device: ControllerRow, work: UnitOfWork) -> bool:
    """Tell whether a snapshot must be issued anew although nothing changed: in time, or because a backup of the server knows less than the controller."""
    return work.now >= kept.issued + (kept.expires - kept.issued) / _RENEWED or device.snapshot > kept.number


def _device(session: Session, controller: str) -> ControllerRow:
    device = paired_controller(session, controller)
    if device is None:
        raise NotFoundError("controller.unpaired", "controller", "no device is it", "Look at the list of controllers.")
    return device


def _looked(work: UnitOfWork) -> str:
    settings = work.site.settings
    told = (settings.site.id, settings.site.zone, settings.doors, settings.access, work.keys.epochs)
    return f"{revision(work.session)}:{hashlib.sha256(repr(told).encode()).hexdigest()}"


def _content(work: UnitOfWork, device: ControllerRow) -> _Content:
    policy = policy_of_controller(work, device.controller)
    doors = {door.id for door in policy.doors}
    modes = {door: mode for door, mode in sorted(standing_modes(work.session).items()) if door in doors}
    gathered = _with_uses_left(work.session, device, gather(work.session, policy))
    return _Content(device, _looked(work), policy, gathered, issuers(work), modes, _entry(work, gathered))


def _entry(work: UnitOfWork, gathered: Gathered) -> EntryDigits:
    access = work.site.settings.access
    pins = (one for one in gathered.credentials if one.kind is CredentialKind.PIN)
    return entry_digits(EntryDigits(access.unit_digits, access.pin_digits), (EntryDigits(one.unit_digits, one.pin_digits) for one in pins))


def _with_uses_left(session: Session, device: ControllerRow, gathered: Gathered) -> Gathered:
    """Return what a device is told: of limited uses those that no other device told of. Its own it takes off itself, also before it could report them."""
    elsewhere = used_elsewhere(session, device.id)
    told = (one if one.uses is None else one._replace(uses=max(0, one.uses - elsewhere.get(one.id, 0))) for one in gathered.credentials)
    return replace(gathered, credentials=tuple(told))


def _issue(site: Site, content: _Content, sha256: str, known: Mapping[str, Credential]) -> None:
    device = content.device
    secrets = Secrets(device.controller, secret_of(site.keys, device))
    credentials = tuple(_credential(site.keys, secrets, kept, known.get(kept.id)) for kept in content.gathered.credentials)
    with writing(site) as work:
        row = work.session.get(ControllerSnapshotRow, device.controller)
        number = max(row.number if row else 0, device.snapshot) + 1
        expires = work.now + site.settings.access.offline_for
        snapshot = Snapshot(
            number=number,
            site=site.keys.site,
            controller=device.controller,
            issued=work.now,
            expires=expires,
            policy=content.policy,
            people=content.gathered.people,
            credentials=credentials,
            issuers=content.issuers,
            modes=content.modes,
            entry=content.entry,
        )
        text = write_snapshot(snapshot, site.keys.signing_key(SNAPSHOT_KEY, epoch=device.epoch))
        values = {"device": device.id, "number": number, "content": sha256, "looked": content.looked}
        work.session.merge(ControllerSnapshotRow(controller=device.controller, **values, text=text, issued=work.now, expires=expires))


def _marks_of(site: Site, device: ControllerRow, text: str) -> dict[str, Credential]:
    """Return the credentials of the last snapshot by id, so that only new ones are decrypted: what a credential is marked by never changes."""
    key = public_bytes(site.keys.signing_key(SNAPSHOT_KEY, epoch=device.epoch))
    try:
        before = read_snapshot(text, key, site=site.keys.site, controller=device.controller)
    except ProofError as error:
        log.warning("the last snapshot of %s is made anew from the register: %s [%s]", device.controller, error, error.code)
        return {}
    return {one.id: one for one in before.credentials}


def _credential(keys: SiteKeys, secrets: Secrets, kept: Kept, known: Credential | None) -> Credential:
    number, salt, duress = None, None, None
    if kept.kind in {CredentialKind.PHONE, CredentialKind.GUEST}:
        mark = str(kept.pass_id)
    elif kept.kind is CredentialKind.FACE:
        mark = str(kept.consent)
    elif known is not None:
        mark, number, salt, duress = known.mark, known.number, known.salt, known.duress
    else:
        mark, number, salt, duress = _marks(keys, secrets, kept)
    return Credential(
        id=kept.id,
        person=kept.person,
        kind=kept.kind,
        mark=mark,
        state=kept.state,
        valid_from=kept.valid_from,
        valid_until=kept.valid_until,
        number=number,
        salt=salt,
        duress=duress,
        doors=kept.doors,
        uses=kept.uses,
        needs_host=kept.needs_host,
    )


def _marks(keys: SiteKeys, secrets: Secrets, kept: Kept) -> tuple[str, str | None, str | None, str | None]:
    """Return what the controller compares, made from what is kept encrypted: mark, number, salt, duress."""
    texts = opened(keys, CREDENTIALS, kept.id, Sealed(kept.wrapped or b"", kept.sealed or b""))
    marks = {name: secrets.mark(base64.b64decode(texts[name])) for name in (INNER, NUMBER, DURESS) if name in texts}
    return marks[INNER], marks.get(NUMBER), texts.get(SALT), marks.get(DURESS)
