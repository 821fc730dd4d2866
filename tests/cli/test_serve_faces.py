"""``consentry serve`` as root: vault and station workers run as users of their own, and one that is killed takes no other with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import ConflictError
from consentry.platform.processes.accounts import Part, account_of
from consentry.platform.processes.control import running_server
from consentry.platform.settings.founding import found_site
from consentry.platform.settings.store import Places, SettingsStore
from consentry.recognition.client import StationClient, VaultClient, station_socket, vault_socket
from consentry.recognition.messages import Status, VaultStatus
from consentry.recognition.station.model import CapturePhase, Frame
from tests.platform.processes.actors import wait_for
from tests.recognition.house import STATION, settings_text

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = Path(f"/usr/bin/python3.{sys.version_info.minor}")
"""An interpreter that every user may read, which that of the tests need not be."""
PROGRAM = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0 or not PYTHON.exists(), reason="reason: only root can give processes other users, and they need a Python"),
]
PARTS = {"web": Part.WEB, "vault": Part.VAULT, f"station:{STATION}": Part.STATION}


@contextmanager
def serving(models: Path) -> Iterator[tuple[Places, Path]]:
    """Serve a site that may greet, in a folder that every user may pass; yield its places and the file of its log."""
    answers = {
        "site.id": "shop",
        "site.name": {"zh": "店", "en": "Shop"},
        "site.zone": "Asia/Shanghai",
        "site.controller": {"zh": "甲", "en": "Controller"},
        "site.contact": "100",
    }
    with tempfile.TemporaryDirectory(prefix="serve") as name:
        Path(name).chmod(0o755)
        file = found_site(Path(name) / "site", answers, datetime.now(UTC)).file
        file.write_text(file.read_text(encoding="utf-8") + settings_text(""), encoding="utf-8")
        log = Path(name) / "log"
        command = [str(PYTHON), "-c", PROGRAM, "serve", "--config", str(file), "--port", "0"]
        environment = {**os.environ, "CONSENTRY_MODELS": str(models), "PYTHONPATH": os.pathsep.join(sys.path)}
        with log.open("w") as stderr, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline().startswith("Consentry serves"), log.read_text()
                yield SettingsStore(file).places, log
                process.terminate()
                assert process.wait(60) == 0
            finally:
                process.kill()


def processes(places: Places) -> dict[str, int]:
    """Return the server's children by the part whose user they run as."""
    server = running_server(places.data)
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    users = {account_of(part).user: name for name, part in PARTS.items()}
    # One that was forked a moment ago is root's still.
    return {users[user]: int(child) for child in children if (user := uid_of(int(child))) in users}


def uid_of(process: int) -> int | None:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(next(line for line in lines if line.startswith("Uid:")).split()[1])


def vault_answers(places: Places) -> bool:
    try:
        return VaultClient(vault_socket(places)).ask(Status(), VaultStatus).separate
    except ConflictError:
        return False


def station_answers(places: Places) -> bool:
    try:
        return StationClient(station_socket(places, STATION)).ask(Frame("0")).state is CapturePhase.REFUSED
    except ConflictError:
        return False


def is_back(places: Places, part: str, before: int) -> bool:
    """Tell whether another process plays the part."""
    return processes(places).get(part, before) != before


def test_a_killed_vault_or_station_worker_is_started_again_and_the_others_go_on(shared: Path) -> None:
    with serving(shared / "models") as (places, _):
        wait_for(lambda: vault_answers(places) and station_answers(places))
        for victim, answers in (("vault", vault_answers), (f"station:{STATION}", station_answers)):
            before = processes(places)
            assert set(before) == set(PARTS)
            os.kill(before[victim], signal.SIGKILL)
            wait_for(partial(is_back, places, victim, before[victim]))
            wait_for(partial(answers, places))
            after = processes(places)
            assert {name: pid for name, pid in after.items() if name != victim} == {name: pid for name, pid in before.items() if name != victim}
