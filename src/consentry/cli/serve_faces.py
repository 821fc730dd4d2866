"""What ``consentry serve`` runs to recognise those who agreed: the vault, and a worker for each station."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.consent.grants import KEY_PURPOSE as GRANTS
from consentry.consent.model import Purpose
from consentry.platform.keys import SiteKeys
from consentry.platform.processes.accounts import Part
from consentry.platform.processes.child import PipedSpec
from consentry.platform.settings.faces import ComparisonMethod
from consentry.recognition.calibration import KEY_PURPOSE as CALIBRATIONS
from consentry.recognition.client import station_socket, vault_socket, vault_stations_socket
from consentry.recognition.station.model import StationOrder
from consentry.recognition.vault.order import VaultOrder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.platform.processes.accounts import Account
    from consentry.platform.settings.faces import Station
    from consentry.platform.settings.store import SettingsStore

__all__ = ["station_specs", "vault_spec"]

_VAULT_COMMAND = (sys.executable, "-m", "consentry.recognition.vault")
_STATION_COMMAND = (sys.executable, "-m", "consentry.recognition.station")
# Libraries would start a thread for every core of the machine, and the allocator an arena for each.
_ENVIRONMENT = (("MALLOC_ARENA_MAX", "2"), ("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1"))

log = logging.getLogger(__name__)


def vault_spec(store: SettingsStore, accounts: Mapping[Part, Account] | None, models: str | None) -> PipedSpec:
    """Return the vault: which keys of the site it believes, who may ask it, and what it recognises for.

    Raises:
        KeyStoreError: Where the site's key cannot be read.
    """
    order = _vault_order(store, accounts, models)
    return PipedSpec("vault", _VAULT_COMMAND, accounts[Part.VAULT] if accounts else None, _ENVIRONMENT, order.to_line().encode())


def station_specs(store: SettingsStore, accounts: Mapping[Part, Account] | None, models: str | None) -> list[PipedSpec]:
    """Return a worker for each station; none where web process and vault are one user, since then nobody is recognised."""
    stations = store.current.stations
    if accounts is None:
        for station in stations:
            log.warning("station %s stays off: vault and web process run as one user", station.id)
        return []
    return [_station(store, accounts, station, models) for station in stations]


def _vault_order(store: SettingsStore, accounts: Mapping[Part, Account] | None, models: str | None) -> VaultOrder:
    places, settings = store.places, store.current
    keys = SiteKeys.open(places.main_key, data_folder=places.data)
    return VaultOrder(
        key=str(places.vault_key),
        data=str(places.data),
        keystore=str(places.person_keys),
        socket=str(vault_socket(places)),
        stations_socket=str(vault_stations_socket(places)),
        askers=_askers(accounts, Part.WEB),
        station_askers=_askers(accounts, Part.STATION),
        grant_keys=_public_keys(keys, GRANTS),
        calibration_keys=_public_keys(keys, CALIBRATIONS),
        calibration=_calibration(store),
        family=str(settings.recognition.embedder) if settings.purposes else None,
        profile=str(settings.recognition.profile),
        target_fpir=settings.recognition.target_fpir,
        purposes=tuple(Purpose(purpose.id) for purpose in settings.purposes),
        identifies=tuple(Purpose(purpose.id) for purpose in settings.purposes if purpose.method is ComparisonMethod.ONE_TO_MANY),
        separate=accounts is not None,
        models=models,
    )


def _station(store: SettingsStore, accounts: Mapping[Part, Account], station: Station, models: str | None) -> PipedSpec:
    places, recognition = store.places, store.current.recognition
    order = StationOrder(
        station=station.id,
        socket=str(station_socket(places, station.id)),
        vault_socket=str(vault_stations_socket(places)),
        askers=_askers(accounts, Part.WEB),
        zone=station.zone,
        detector=str(recognition.detector),
        family=str(recognition.embedder),
        attested=True,
        models=models,
    )
    return PipedSpec(f"station:{station.id}", _STATION_COMMAND, accounts[Part.STATION], _ENVIRONMENT, order.to_line().encode())


def _askers(accounts: Mapping[Part, Account] | None, part: Part) -> tuple[int, ...]:
    """Return the users that may ask: whoever runs the supervisor, and the part's own user."""
    return (os.getuid(), *((accounts[part].user,) if accounts else ()))


def _public_keys(keys: SiteKeys, purpose: str) -> dict[int, str]:
    return {epoch: keys.signing_key(purpose, epoch=epoch).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex() for epoch in keys.epochs}


def _calibration(store: SettingsStore) -> str | None:
    """Return the text of the calibration file; one that cannot be read is named in the log, and then nobody is matched."""
    name = store.current.recognition.calibration
    if name is None:
        return None
    try:
        return store.places.file(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        log.warning("the calibration file %s cannot be read, and nobody is matched without it: %s", name, error)
        return None
