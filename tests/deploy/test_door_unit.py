"""The service of a door controller: systemd can read its unit, and it promises what a door needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNIT = (DEPLOY / "consentry-door.service").read_text(encoding="utf-8")
ACCOUNT = (DEPLOY / "consentry-door.sysusers").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="reason: systemd-analyze is not installed (apt-get install systemd)")
@pytest.mark.parametrize("question", [("verify", "--man=no"), ("security", "--offline=yes", "--threshold=40")])
def test_systemd_finds_nothing_wrong_with_the_unit_and_calls_it_well_confined(tmp_path: Path, question: tuple[str, ...]) -> None:
    unit = tmp_path / "consentry-door.service"
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT, flags=re.MULTILINE), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", *question, str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "consentry-door.service:" in line]
    assert (done.returncode, complaints) == (0, []), done.stdout + done.stderr


@pytest.mark.parametrize("promise", ["Type=notify", "Restart=always", "WatchdogSec=30", "CapabilityBoundingSet=", "StateDirectoryMode=0700", "UMask=0077"])
def test_the_unit_keeps_its_promises(promise: str) -> None:
    assert promise in UNIT.splitlines()


def test_doors_do_not_wait_for_the_network() -> None:
    assert "network" not in "".join(line for line in UNIT.splitlines() if line.startswith(("After=", "Wants=", "Requires=")))


def test_the_units_user_is_one_of_its_own() -> None:
    (user,) = re.findall(r"^User=(\S+)$", UNIT, re.MULTILINE)
    assert re.search(rf"^u {user} ", ACCOUNT, re.MULTILINE)
