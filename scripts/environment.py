"""Make a virtual environment hold exactly what the named requirement lists pin.

    python3 scripts/environment.py .venv app dev --package

Runs with the system's Python before anything is installed, so it uses the standard library alone. Each list is
``requirements/<name>.txt``. What was installed is remembered by hash inside the environment: an unchanged list is not
installed again, a new list is added, and a changed list or an interrupted installation makes the environment anew.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
PACKAGE = "package"
# Two warnings of pip say nothing here: its own age, and that a container's user is root.
PIP_SETTINGS = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}


class Environment:
    """A virtual environment and the record, kept inside it, of what was installed."""

    def __init__(self, folder: Path) -> None:
        """Name the environment's ``folder``, which need not exist."""
        self.folder = folder
        self.python = folder / "bin" / "python"
        self._record = folder / "consentry-installed.json"

    def installed(self) -> dict[str, str]:
        """Return the digest of each part that was installed whole; empty when the environment cannot be trusted."""
        try:
            parts = json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return parts if isinstance(parts, dict) and self._starts() else {}

    def remember(self, parts: dict[str, str]) -> None:
        """Record ``parts`` in one step, so that a power cut leaves the old record or the new one."""
        draft = self._record.with_suffix(".draft")
        draft.write_text(json.dumps(parts, indent=2), encoding="utf-8")
        draft.replace(self._record)

    def forget(self) -> None:
        """Drop the record before pip runs: without it the next run starts anew instead of trusting half an installation."""
        self._record.unlink(missing_ok=True)

    def create(self) -> None:
        """Make the environment from nothing."""
        print(f"Making {self.folder.name} with Python {sys.version.split()[0]}", flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", self.folder], check=True)

    def pip_install(self, *arguments: str | Path) -> None:
        """Run ``pip install`` without resolving: the lists are complete, so dependencies are never looked up."""
        command = [self.python, "-m", "pip", "-qq", "install", "--no-deps", *arguments]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **PIP_SETTINGS})

    def _starts(self) -> bool:
        """Tell whether the environment's interpreter still runs; an upgrade of the system may have removed it."""
        try:
            return subprocess.run([self.python, "-c", ""], check=False).returncode == 0
        except OSError:
            return False


def digest(*parts: bytes) -> str:
    """Return the SHA-256 of ``parts``, in hexadecimal digits."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def wanted_parts(lists: list[str], *, package: bool) -> dict[str, str]:
    """Return the digest of every part that the environment should hold, in the order of installation."""
    parts = {name: digest((REQUIREMENTS / f"{name}.txt").read_bytes()) for name in lists}
    if package:
        # An editable installation points at this folder, so it is stale once the folder has moved.
        parts[PACKAGE] = digest((ROOT / "pyproject.toml").read_bytes(), os.fsencode(ROOT))
    return parts


def install(environment: Environment, wanted: dict[str, str]) -> None:
    """Bring ``environment`` to hold ``wanted``, doing nothing where it already does."""
    held = environment.installed()
    if wanted.items() <= held.items():
        return
    if not held or any(held[name] != value for name, value in wanted.items() if name in held and name != PACKAGE):
        environment.create()
        held = {}
    missing = [name for name, value in wanted.items() if held.get(name) != value]
    environment.forget()
    for name in missing:
        install_part(environment, name)
    environment.remember({**held, **wanted})


def install_part(environment: Environment, name: str) -> None:
    """Install one requirement list by its hashes, or the package itself."""
    if name == PACKAGE:
        environment.pip_install("--no-build-isolation", "--editable", ROOT)
        return
    print(f"Installing requirements/{name}.txt into {environment.folder.name} (the first time only)", flush=True)
    environment.pip_install("--require-hashes", "--requirement", REQUIREMENTS / f"{name}.txt")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second ``make`` in the same checkout wait for the first instead of installing over it."""
    descriptor = os.open(REQUIREMENTS, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def complaint() -> str | None:
    """Return why this Python cannot make the environment and what to do, or None where it can."""
    if sys.version_info < OLDEST_PYTHON:
        return f"python3: version {sys.version.split()[0]} is too old. Install Python 3.11 or newer, then run: make PYTHON=python3.11 ..."
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian ships it apart, in python3-venv
    except ImportError:
        return "python3: the module venv is incomplete. Run as root: apt-get install -y --no-install-recommends python3-venv"
    return None


def main() -> int:
    """Read the command line, make the environment, return the exit code."""
    parser = argparse.ArgumentParser(description="Make a virtual environment from pinned, hash-checked requirement lists.")
    parser.add_argument("folder", type=Path, help="the environment, such as .venv")
    parser.add_argument("lists", nargs="+", help="names under requirements/, without .txt")
    parser.add_argument("--package", action="store_true", help="install this project too, editable")
    arguments = parser.parse_args()
    problem = complaint()
    if problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    try:
        with one_at_a_time():
            install(Environment(ROOT / arguments.folder), wanted_parts(arguments.lists, package=arguments.package))
    except subprocess.CalledProcessError as failure:
        print(f"error: {arguments.folder}: installation stopped with exit {failure.returncode}. Run the command again: it starts anew.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
