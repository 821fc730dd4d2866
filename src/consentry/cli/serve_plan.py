"""What ``consentry serve`` runs, from the settings in force: web process, vault, a worker for each station and each camera that lacks nothing."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.cli.serve_faces import station_specs, vault_spec
from consentry.counting.model import Line, Point, Region, Zone
from consentry.counting.order import CameraOrder
from consentry.platform.errors import ConsentryError
from consentry.platform.processes.accounts import Part
from consentry.platform.processes.child import PipedSpec, WebSpec
from consentry.platform.settings.addresses import recording, source_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.platform.processes.accounts import Account
    from consentry.platform.processes.child import ChildSpec
    from consentry.platform.settings.camera import Camera
    from consentry.platform.settings.store import SettingsStore

__all__ = ["WORKER_COMMAND", "WORKER_ENVIRONMENT", "ServePlan"]

_WEB_COMMAND = (sys.executable, "-m", "consentry.cli.web")
WORKER_COMMAND = (sys.executable, "-m", "consentry.counting.worker")
# Libraries would start a thread for every core of the machine in every worker, and the allocator an arena for each.
WORKER_ENVIRONMENT = (("MALLOC_ARENA_MAX", "2"), ("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1"))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServePlan:
    """The settings, the number of the listening socket and who each process runs as."""

    store: SettingsStore
    listener: int
    accounts: Mapping[Part, Account] | None

    def read(self) -> list[ChildSpec]:
        """Read the settings and return what is to run; cameras that cannot are named in the log and left out.

        Raises:
            SettingsError: With every problem of the file; the settings in force stay.
            KeyStoreError: Where the site's key cannot be read.
        """
        self.store.reload()
        cameras = [spec for camera in self.store.current.cameras if (spec := self._camera(camera)) is not None]
        web = WebSpec((*_WEB_COMMAND, "--config", str(self.store.path)), self.listener, self._account(Part.WEB))
        models = _models()
        return [web, vault_spec(self.store, self.accounts, models), *station_specs(self.store, self.accounts, models), *cameras]

    def read_by_cameras(self) -> list[Path]:
        """Return the files and folders that the cameras' workers read."""
        recordings = [recording(camera, self.store.places) for camera in self.store.current.cameras]
        return [*(path for path in recordings if path and path.exists()), *self.weights()]

    def weights(self) -> list[Path]:
        """Return the folders of weights that there are."""
        models = _models()
        return [Path(models)] if models and Path(models).exists() else []

    def _account(self, part: Part) -> Account | None:
        return None if self.accounts is None else self.accounts[part]

    def _camera(self, camera: Camera) -> PipedSpec | None:
        lacking = self.store.lacking(camera)
        if lacking:
            log.warning("camera %s stays off, for its settings lack: %s", camera.id, ", ".join(lacking))
            return None
        try:
            order = self._order(camera)
        except ConsentryError as error:
            log.warning("camera %s stays off: %s [%s]", camera.id, error, error.code)
            return None
        return PipedSpec(f"camera:{camera.id}", WORKER_COMMAND, self._account(Part.CAMERA), WORKER_ENVIRONMENT, order.to_line().encode())

    def _order(self, camera: Camera) -> CameraOrder:
        sign = camera.sign.text if camera.sign else None
        return CameraOrder(
            camera.id,
            source_address(camera, self.store.places),
            sign.en if sign else "",
            tuple(Line(line.id, Point(*line.start), Point(*line.end)) for line in camera.lines),
            tuple(Zone(area.id, tuple(Point(*corner) for corner in area.corners)) for area in camera.areas),
            Region(*camera.region) if camera.region else None,
            camera.detector,
            models=_models(),
        )


def _models() -> str | None:
    """Return the folder of weights that this user has, for a worker's own user has another home."""
    given = os.environ.get("CONSENTRY_MODELS")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "consentry" / "models"
    return given or (str(cache) if cache.is_dir() else None)
