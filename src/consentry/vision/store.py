"""Where weights lie on this machine: in an installed package or a folder, used only when size and SHA-256 agree with the manifest."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.errors import ModelError
from consentry.vision.installed import installed_file
from consentry.vision.manifest import Installed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from consentry.vision.manifest import ModelEntry, WeightsFile

__all__ = ["ModelStore", "open_store", "publish", "staged"]

Stamp = tuple[int, int, int]


def open_store() -> ModelStore:
    """Return the store of this process: ``$CONSENTRY_MODELS`` if set, then the user's cache (``$XDG_CACHE_HOME`` or ``~/.cache``)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "consentry" / "models"
    given = os.environ.get("CONSENTRY_MODELS")
    return ModelStore(cache, (Path(given), cache) if given else (cache,))


@dataclass(frozen=True, slots=True)
class ModelStore:
    """Folders that are searched in order, after the installed packages; only ``cache`` is ever written to.

    A file is read and hashed once per process: its size, time of change and inode stand for it afterwards.
    """

    cache: Path
    folders: tuple[Path, ...]
    _verified: dict[Path, Stamp] = field(default_factory=dict, repr=False, compare=False)

    def find(self, model: ModelEntry) -> Path | None:
        """Return the first file of the model's name, verified or not; None where there is none or the weights are embedded."""
        return next(iter(self._places(model)), None)

    def has(self, model: ModelEntry) -> bool:
        """Return whether the model can be used without fetching anything (its file is not hashed here)."""
        return model.weights is None or self.find(model) is not None

    def path(self, model: ModelEntry) -> Path:
        """Return the model's verified file.

        Raises:
            ModelError: ``model.embedded``, ``model.missing`` or ``model.damaged``.
        """
        if model.weights is None:
            raise ModelError("model.embedded", model.name, "its weights are part of an installed package, so there is no file", f"Use {model.name} directly")
        places = self._places(model)
        mend = f"Run: consentry models pull {model.name} (or, without a network: consentry models import DIR)"
        if not places:
            raise ModelError("model.missing", model.name, f"its file {model.weights.name} is not on this machine", mend)
        sound = next((place for place in places if self._is_sound(place, model.weights)), None)
        if sound is None:
            raise ModelError("model.damaged", str(places[0]), "it cannot be read, or its size or SHA-256 is not the one in the manifest", mend)
        return sound

    def import_from(self, folder: Path, models: Iterable[ModelEntry]) -> dict[str, Path]:
        """Copy the weights of ``models`` found anywhere in ``folder`` into the cache and return, by model, where each was found.

        Files are known by their content, whatever their name.

        Raises:
            ModelError: ``model.import`` where a file cannot be read or stored.
        """
        wanted = [(model.name, model.weights) for model in models if model.weights is not None]
        found: dict[str, Path] = {}
        try:
            for place in sorted(_files(folder)):
                for name, weights in wanted:
                    if name not in found and _is_copy(place, weights):
                        _copy(place, self.cache / weights.name)
                        found[name] = place
        except OSError as error:
            mend = "Make the folder readable and the cache writable (XDG_CACHE_HOME), then try again"
            raise ModelError("model.import", str(folder), f"a file cannot be copied ({error})", mend) from error
        return found

    def _places(self, model: ModelEntry) -> list[Path]:
        if model.weights is None:
            return []
        installed = installed_file(model.source.package) if isinstance(model.source, Installed) else None
        places = [folder / model.weights.name for folder in self.folders]
        return ([installed] if installed else []) + [place for place in places if _is_file(place)]

    def _is_sound(self, place: Path, weights: WeightsFile) -> bool:
        try:
            return self._agrees(place, weights)
        except OSError:
            return False

    def _agrees(self, place: Path, weights: WeightsFile) -> bool:
        state = place.stat()
        stamp = (state.st_size, state.st_mtime_ns, state.st_ino)
        if self._verified.get(place) == stamp:
            return True
        if not _is_copy(place, weights):
            return False
        self._verified[place] = stamp
        return True


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Give a temporary file beside ``target`` that becomes ``target`` when the block ends well and vanishes otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
        publish(Path(name), target)
    finally:
        Path(name).unlink(missing_ok=True)


def publish(part: Path, target: Path) -> None:
    """Put the finished file ``part`` in the place of ``target`` so that a crash leaves either the old state or the new one."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.chmod(0o644)
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _copy(source: Path, target: Path) -> None:
    with staged(target) as part:
        shutil.copyfile(source, part)


def _files(folder: Path) -> Iterator[Path]:
    return (place for place in folder.rglob("*") if place.is_file())


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except OSError:  # a folder that may not be looked into holds nothing for us
        return False


def _is_copy(place: Path, weights: WeightsFile) -> bool:
    return place.stat().st_size == weights.bytes and _sha256(place) == weights.sha256


def _sha256(place: Path) -> str:
    with place.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
