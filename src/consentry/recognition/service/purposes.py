"""Which purposes run now, and what keeps the others from running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.consent import service as consents
from consentry.consent.model import Blocker, Purpose
from consentry.platform.errors import ConflictError
from consentry.recognition.answers import PurposeState
from consentry.recognition.client import vault_client
from consentry.recognition.messages import Status, VaultStatus
from consentry.recognition.records import paired_stations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.platform.site import Site

__all__ = ["demand_open", "purpose_state", "purposes_open", "vault_status"]

_AWAY = Blocker("vault.away", "保险库进程没有应答；它会自动重启，请稍候。", "The vault does not answer; it is started again by itself, wait some seconds.")
_NOT_SEPARATE = Blocker(
    "vault.not-separate",
    "保险库与网页进程以同一系统用户运行；请以 root 启动服务，且不要设置 one_user。",
    "Vault and web process run as one user; start the server as root, without one_user.",
)
_FAMILY = Blocker(
    "vault.family",
    "保险库使用的模板模型与设置不同；请重新载入设置。",
    "The vault makes templates with another model than the settings name; read the settings anew.",
)
_OFF = Blocker("vault.off", "保险库尚未启用该用途；请重新载入设置。", "The vault does not have this purpose yet; read the settings anew.")
_NO_CALIBRATION = Blocker(
    "vault.no-calibration",
    "没有经签名的阈值文件；请先测量并运行 consentry recognition calibrate。",
    "There is no signed file of thresholds; measure, then run consentry recognition calibrate.",
)
_NOT_CERTIFIED = Blocker(
    "vault.not-certified",
    "所测误差未达到门禁要求；请换用达到要求的模板模型。",
    "The measured errors miss what a door needs; use a model that meets it.",
)
_NO_STATION = Blocker("station.none", "没有为该用途配对的识别点。", "No station is paired for this purpose.")
_STOPPED = Blocker(
    "station.stopped",
    "该用途的所有识别点都因异常停用；请由负责人检查后恢复。",
    "Every station for this purpose was stopped by an incident; a person must look and resume it.",
)


def purposes_open(site: Site) -> tuple[PurposeState, ...]:
    """Return every purpose of the settings with what blocks it. Anybody may know."""
    status = _status_or_none(site)
    return tuple(_state(site, Purpose(terms.id), status) for terms in site.settings.purposes)


def purpose_state(site: Site, purpose: Purpose) -> PurposeState:
    """Return one purpose with what blocks it; one that the settings do not name is blocked by that."""
    return _state(site, purpose, _status_or_none(site))


def demand_open(site: Site, purpose: Purpose) -> None:
    """Pass where a purpose runs.

    Raises:
        ConflictError: The code of the first thing that blocks it, such as ``vault.away``.
    """
    blockers = purpose_state(site, purpose).blockers
    if blockers:
        raise ConflictError(blockers[0].code, f"purpose {purpose}", "it does not run now", blockers[0].en)


def vault_status(site: Site) -> VaultStatus:
    """Return how the vault is.

    Raises:
        ConflictError: ``vault.away``.
    """
    return vault_client(site.store.places).ask(Status(), VaultStatus)


def _status_or_none(site: Site) -> VaultStatus | None:
    try:
        return vault_status(site)
    except ConflictError:
        return None


def _state(site: Site, purpose: Purpose, status: VaultStatus | None) -> PurposeState:
    own = (*_of_vault(site, purpose, status), *_of_stations(site, purpose))
    return PurposeState(purpose, (*consents.purpose_blockers(site, purpose), *own))


def _of_vault(site: Site, purpose: Purpose, status: VaultStatus | None) -> Iterator[Blocker]:
    if status is None:
        yield _AWAY
        return
    if not status.separate:
        yield _NOT_SEPARATE
    elif purpose not in status.purposes:
        yield _OFF
    if status.family != site.settings.recognition.embedder:
        yield _FAMILY
    if status.calibration is None:
        yield _NO_CALIBRATION
    elif purpose is Purpose.DOOR_ACCESS and not status.certified:
        yield _NOT_CERTIFIED


def _of_stations(site: Site, purpose: Purpose) -> Iterator[Blocker]:
    with site.database.reading() as session:
        paired = paired_stations(session)
    found = [paired[station.id] for station in site.settings.stations if station.id in paired and purpose in map(Purpose, station.purposes)]
    if not found:
        yield _NO_STATION
    elif all(station.stopped for station in found):
        yield _STOPPED
