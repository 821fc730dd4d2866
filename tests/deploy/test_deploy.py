"""What the service and the container promise stands in their files, and systemd can read its one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from consentry.platform.processes.accounts import Part, account_of

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNIT = (DEPLOY / "consentry.service").read_text(encoding="utf-8")
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
ACCOUNTS = (DEPLOY / "consentry.sysusers").read_text(encoding="utf-8")
ANALYZE = shutil.which("systemd-analyze")


def analyzed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let systemd look at the unit, with a program in place of the one that is not installed here."""
    unit = folder / "consentry.service"
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT, flags=re.MULTILINE), encoding="utf-8")
    return subprocess.run(["systemd-analyze", *arguments, str(unit)], capture_output=True, text=True, check=False)


@pytest.mark.skipif(ANALYZE is None, reason="reason: systemd-analyze is not installed (apt-get install systemd)")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    done = analyzed(tmp_path, "verify", "--man=no")
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "consentry.service" in line]
    assert (done.returncode, complaints) == (0, [])


@pytest.mark.skipif(ANALYZE is None, reason="reason: systemd-analyze is not installed (apt-get install systemd)")
def test_systemd_calls_the_unit_well_confined(tmp_path: Path) -> None:
    done = analyzed(tmp_path, "security", "--offline=yes", "--threshold=50")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("promise", ["Type=notify", "WatchdogSec=60", "ProtectSystem=strict", "NoNewPrivileges=yes", "LimitCORE=0", "Restart=always"])
def test_the_unit_keeps_its_promises(promise: str) -> None:
    assert promise in UNIT.splitlines()


def test_the_unit_stops_later_than_the_site_needs() -> None:
    match = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert match is not None
    assert int(match[1]) > 10


def test_every_process_has_its_account() -> None:
    assert {line.split()[1] for line in ACCOUNTS.splitlines() if line.startswith("u ")} == {f"consentry-{part}" for part in Part}


def test_the_container_runs_as_a_user_that_is_not_root_with_a_read_only_root() -> None:
    *_, final = CONTAINER.split("FROM ")
    user = re.search(r"^USER (\d+):(\d+)$", final, re.MULTILINE)
    assert user is not None
    assert int(user[1]) == account_of(Part.WEB).user
    assert re.findall(r"^VOLUME (.*)$", CONTAINER, re.MULTILINE) == ["/site"], "one place alone is writable"
    (run,) = re.findall(r"podman run -d(?:.*\\\n)*.*", CONTAINER)
    assert all(option in run for option in ("--read-only", "--cap-drop=all", "no-new-privileges"))


def test_the_commands_of_the_container_are_those_that_it_runs() -> None:
    """The image has no entry point, so that a command is written whole; and inside, nobody knows the name of the machine."""
    assert "ENTRYPOINT" not in CONTAINER
    commands = [line.removeprefix("#").strip() for line in CONTAINER.splitlines() if " consentry init " in line or " staff first" in line]
    assert all(" consentry consentry " in command for command in commands)
    assert ["--lan-name" in command for command in commands] == [True, False]


def test_the_containers_user_has_the_group_that_it_runs_with() -> None:
    user = re.search(r"^USER (\d+):(\d+)$", CONTAINER, re.MULTILINE)
    assert user is not None
    assert f"groupadd --system --gid {user[2]} consentry" in CONTAINER
    assert f"useradd --system --uid {user[1]} --gid consentry" in CONTAINER


def test_the_container_installs_only_what_is_locked() -> None:
    installs = re.findall(r"pip install (.*)", CONTAINER)
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert all("--no-deps" in install for install in installs), "the list is whole, and leaves out on purpose what some packages ask for"
    assert "HEALTHCHECK" in CONTAINER


def test_every_file_that_the_container_copies_is_there() -> None:
    copied = [name for line in re.findall(r"^COPY (?!--)(.*) \S+$", CONTAINER, re.MULTILINE) for name in line.split()]
    assert copied
    assert [name for name in copied if not (DEPLOY.parent / name).exists()] == []
