"""Who may reach what when each process has a user of its own: given before anything starts, or refused with a mend."""

from __future__ import annotations

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.errors import InputError
from consentry.platform.keys.ownership import give_to_processes
from consentry.platform.processes.accounts import Part
from consentry.platform.settings.founding import make_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from consentry.platform.processes.accounts import Account
    from consentry.platform.settings.store import Places

__all__ = ["Meeting", "meeting_place", "prepare", "run_folder"]

_ONE_USER, _WITH_GROUP, _PASSABLE = 0o700, 0o2750, 0o711
_MEND = "Move it to where other accounts may look (such as /opt or /srv), or set [processes] one_user = true."


class Meeting(StrEnum):
    """Where two kinds of processes meet at a Unix socket: a folder each, which only these two may enter."""

    VAULT = "vault"
    """The vault listens, the web process asks."""
    VAULT_STATIONS = "vault-stations"
    """The vault listens, station workers ask."""
    STATIONS = "stations"
    """Station workers listen, the web process asks."""


_LISTENS_AND_ASKS = {
    Meeting.VAULT: (Part.VAULT, Part.WEB),
    Meeting.VAULT_STATIONS: (Part.VAULT, Part.STATION),
    Meeting.STATIONS: (Part.STATION, Part.WEB),
}


def run_folder(places: Places) -> Path:
    """Return the folder of all sockets."""
    return places.root / "run"


def meeting_place(places: Places, meeting: Meeting) -> Path:
    """Return the folder of the sockets of one meeting."""
    return run_folder(places) / meeting


def prepare(
    file: Path,
    places: Places,
    accounts: Mapping[Part, Account] | None,
    read_by_cameras: Iterable[Path] = (),
    weights: Iterable[Path] = (),
) -> None:
    """Make the folders that are missing and give each process what is its own.

    ``read_by_cameras``: files and folders that camera workers read, such as weights and recordings. ``weights``: those that vault and station
    workers read.

    Raises:
        InputError: ``serve.unreachable`` where a process's user cannot reach what it needs.
    """
    make_folders(places)
    for folder in (run_folder(places), *(meeting_place(places, meeting) for meeting in Meeting)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_ONE_USER)
    if accounts is None:
        return
    give_to_processes(file, places, accounts)
    _give_sockets(places, accounts)
    package = Path(__file__).parents[2]
    reads: dict[Part, tuple[Path, ...]] = {
        Part.WEB: (package, file),
        Part.VAULT: (package, places.vault_key, places.templates, places.person_keys, *weights),
        Part.CAMERA: (package, *read_by_cameras),
        Part.STATION: (package, *weights),
    }
    for part, paths in reads.items():
        _check_reach(accounts[part], paths)


def _give_sockets(places: Places, accounts: Mapping[Part, Account]) -> None:
    os.chown(run_folder(places), 0, 0)
    run_folder(places).chmod(_PASSABLE)
    for meeting, (listener, asker) in _LISTENS_AND_ASKS.items():
        folder = meeting_place(places, meeting)
        # The folder's group passes to its sockets, so that those who ask may connect and nobody else.
        os.chown(folder, accounts[listener].user, accounts[asker].group)
        folder.chmod(_WITH_GROUP)


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
