"""Making a device a station: staff show a code, the device sends its public key once, and the vault learns what it may activate."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete

from consentry.consent.model import Purpose
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConsentryError, NotFoundError
from consentry.recognition.answers import PairingCode, StationFace, StationState
from consentry.recognition.client import vault_client
from consentry.recognition.messages import Done, RegisterStation, RemoveStation
from consentry.recognition.records import PairingRow, StationRow, paired_station, paired_stations
from consentry.recognition.service.incidents import ITSELF

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.settings.model import Station
    from consentry.platform.site import Site
    from consentry.recognition.answers import PairedStation

__all__ = ["complete_pairing", "follow_settings", "pair_station", "register", "station_face", "stations", "unpair_station"]

CODE_LASTS = timedelta(minutes=10)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 10
"""49 bits: with two tries a second, ten minutes find nothing."""
_PURPOSE = "operation"


@permits(Permission.MANAGE_STATIONS)
def stations(site: Site, actor: Actor) -> tuple[StationState, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return every station of the settings, and how it stands."""
    with site.database.reading() as session:
        paired = paired_stations(session)
    return tuple(_state(station, paired.get(station.id)) for station in site.settings.stations)


@permits(Permission.MANAGE_STATIONS)
def pair_station(site: Site, actor: Actor, station: str) -> PairingCode:
    """Return a code that makes one device the station, within ten minutes; a code shown before for it holds no more.

    Raises:
        NotFoundError: ``station.unknown``.
    """
    _set_up(site, station)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    with site.database.transaction() as session:
        now = site.clock.now()
        session.execute(delete(PairingRow).where(PairingRow.station == station))
        session.add(PairingRow(code=_hash(code), station=station, made_by=actor.label, expires=now + CODE_LASTS))
        record(session, Act(actor.label, "station.pairing-started", f"station:{station}", _PURPOSE), now)
    return PairingCode(station, code, now + CODE_LASTS)


def complete_pairing(site: Site, code: str, public_key: bytes) -> StationFace:
    """Make the device that sends the code the station; ``public_key``: P-256, uncompressed point. Another device that was it is it no more.

    Raises:
        NotFoundError: ``station.code`` where the code is wrong, used or too old.
        ConflictError: ``vault.away`` and other refusals of the vault; the code can be used again.
    """
    now = site.clock.now()
    with site.database.reading() as session:
        found = session.get(PairingRow, _hash(code))
        if found is None or found.expires <= now:
            raise _no_code()
        station, made_by = found.station, found.made_by
    set_up = _set_up(site, station)
    register(site, set_up, public_key)
    with site.database.transaction() as session:
        used = session.get(PairingRow, _hash(code))
        if used is None:
            raise _no_code()
        session.delete(used)
        _save(session, set_up, public_key, made_by, now)
        details: dict[str, JSONValue] = {
            "key_sha256": sha256(public_key).hexdigest(),
            "purposes": [str(purpose) for purpose in set_up.purposes],
            "enrols": set_up.enrols,
        }
        record(session, Act(made_by, "station.paired", f"station:{station}", _PURPOSE, details=details), now)
    return _face(set_up)


@permits(Permission.MANAGE_STATIONS)
def unpair_station(site: Site, actor: Actor, station: str, reason: str) -> None:
    """Let the device be a station no more.

    Raises:
        NotFoundError: ``station.unknown``.
        ConflictError: ``vault.away``.
    """
    with site.database.reading() as session:
        if paired_station(session, station) is None:
            raise _unknown(station)
    _remove(site, station, actor.label, reason)


def station_face(site: Site, station: str) -> StationFace:
    """Return what a device may know of the station that it is, or is to become. Anybody may know.

    Raises:
        NotFoundError: ``station.unknown``.
    """
    return _face(_set_up(site, station))


def register(site: Site, station: Station, public_key: bytes) -> None:
    """Tell the vault what a station may do. Stations of the settings have cameras of their own, so that their captures are attested.

    Raises:
        ConflictError: ``vault.away``.
    """
    purposes = tuple(Purpose(purpose) for purpose in station.purposes)
    key = base64.b64encode(public_key).decode()
    vault_client(site.store.places).ask(RegisterStation(station.id, key, purposes, station.enrols, attested=True), Done)


def follow_settings(site: Site) -> None:
    """Tell the vault of stations whose settings changed, and take away those that the settings no longer name; a job.

    Raises:
        ConflictError: ``vault.away``.
    """
    with site.database.reading() as session:
        paired = paired_stations(session)
    for name, known in paired.items():
        station = site.settings.station(name)
        if station is None:
            _remove(site, name, ITSELF.label, "the settings no longer name it")
        elif known.registered != _registered(station):
            register(site, station, known.public_key)
            with site.database.transaction() as session:
                session.get_one(StationRow, name).registered = _registered(station)


def _remove(site: Site, station: str, label: str, reason: str) -> None:
    vault_client(site.store.places).ask(RemoveStation(station), Done)
    with site.database.transaction() as session:
        session.execute(delete(StationRow).where(StationRow.station == station))
        record(session, Act(label, "station.unpaired", f"station:{station}", _PURPOSE, reason), site.clock.now())


def _set_up(site: Site, station: str) -> Station:
    found = site.settings.station(station)
    if found is None:
        raise _unknown(station)
    return found


def _save(session: Session, station: Station, public_key: bytes, made_by: str, now: datetime) -> None:
    """Put down the pairing. A station that an incident stopped stays stopped: another device does not clear it."""
    row = session.get(StationRow, station.id) or StationRow(station=station.id, stopped=None, stopped_at=None)
    row.public_key, row.paired, row.paired_by, row.registered = public_key, now, made_by, _registered(station)
    session.add(row)


def _registered(station: Station) -> str:
    return json.dumps({"purposes": [str(purpose) for purpose in station.purposes], "enrols": station.enrols})


def _face(station: Station) -> StationFace:
    return StationFace(station.id, station.name, tuple(Purpose(purpose) for purpose in station.purposes), station.enrols)


def _state(station: Station, paired: PairedStation | None) -> StationState:
    face = _face(station)
    since, stopped, stopped_at = (paired.paired, paired.stopped, paired.stopped_at) if paired else (None, None, None)
    return StationState(face.station, face.name, face.purposes, face.enrols, since, stopped, stopped_at)


def _hash(code: str) -> bytes:
    return sha256(code.strip().upper().replace("-", "").encode("utf-8", "surrogatepass")).digest()


def _unknown(station: str) -> ConsentryError:
    return NotFoundError("station.unknown", f"station {station}", "there is no such station", "Look at the list of stations, or add it to the settings.")


def _no_code() -> ConsentryError:
    return NotFoundError("station.code", "pairing code", "it is wrong, was used, or is too old", "Ask staff to show a new one.")
