"""Who may reach what when each process has a user of its own: given before anything starts, or refused with a mend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.errors import InputError
from consentry.platform.keys.ownership import give_to_processes
from consentry.platform.processes.accounts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from consentry.platform.processes.accounts import Account
    from consentry.platform.settings.store import Places

__all__ = ["prepare", "run_folder"]

_ONE_USER, _WITH_GROUP = 0o700, 0o2750
_MEND = "Move it to where other accounts may look (such as /opt or /srv), or set [processes] one_user = true."


def run_folder(places: Places) -> Path:
    """Return the folder of the vault's socket."""
    return places.root / "run"


def prepare(file: Path, places: Places, accounts: Mapping[Part, Account] | None, read_by_cameras: Iterable[Path] = ()) -> None:
    """Make the folders that are missing and give each process what is its own.

    ``read_by_cameras``: files and folders that camera workers read, such as weights and recordings.

    Raises:
        InputError: ``serve.unreachable`` where a process's user cannot reach what it needs.
    """
    run = run_folder(places)
    run.mkdir(parents=True, exist_ok=True)
    run.chmod(_ONE_USER)
    if accounts is None:
        return
    give_to_processes(file, places, accounts)
    web, vault, camera = (accounts[part] for part in (Part.WEB, Part.VAULT, Part.CAMERA))
    # The folder's group passes to the socket, so that the web process may connect and nobody else.
    os.chown(run, vault.user, web.group)
    run.chmod(_WITH_GROUP)
    package = Path(__file__).parents[2]
    for account, paths in ((web, (package, file)), (vault, (package, places.vault_key)), (camera, (package, *read_by_cameras))):
        _check_reach(account, paths)


def _check_reach(account: Account, paths: Iterable[Path]) -> None:
    """Ask a process of that user, for rights depend on every folder on the way."""
    program = "import os, sys; sys.exit(next((path for path in sys.argv[1:] if not os.access(path, os.R_OK)), None))"
    command = [sys.executable, "-I", "-c", program, *map(str, paths)]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter
            command, user=account.user, group=account.group, extra_groups=(), capture_output=True, text=True, check=False
        )
    except OSError:
        raise _unreachable(sys.executable, account) from None
    if done.returncode:
        raise _unreachable((done.stderr.strip().splitlines() or [sys.executable])[-1], account)


def _unreachable(path: str, account: Account) -> InputError:
    return InputError("serve.unreachable", path, f"user {account.user}, which a process runs as, may not read it", _MEND)
