"""``consentry serve``: what it refuses before anything starts, what it says when it serves, and that it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from consentry.platform.clock import SystemClock
from consentry.platform.processes.control import ask_reload, running_server
from consentry.platform.settings.founding import found_site
from tests.platform.processes.actors import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"
INCOMPLETE = '\n[[camera]]\nid = "back"\nname = {zh = "后", en = "Back"}\nsource = "loop:absent.mp4"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    answers = {
        "site.id": "shop",
        "site.name": {"zh": "店", "en": "Shop"},
        "site.zone": "Asia/Shanghai",
        "site.controller": {"zh": "甲", "en": "Controller"},
        "site.contact": "100",
        "processes.one_user": True,
    }
    return found_site(tmp_path, answers, SystemClock().now()).file


def refused(file: Path) -> str:
    """Return the error of a start that is refused with exit code 2 and starts nothing."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, "serve", "--config", str(file), "--port", "0"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "started as process" not in done.stderr
    assert running_server(file.parent / "data") is None
    return done.stderr


@contextmanager
def serving(file: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve until the block ends, which must take less than ten seconds; yield the process and the address that it printed."""
    log = file.parent / "log"
    with log.open("w") as stderr:
        command = [sys.executable, "-c", PROGRAM, "serve", "--config", str(file), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line.startswith("Consentry serves http://127.0.0.1:"), log.read_text()
                yield process, line.split()[-1]
                process.terminate()
                assert process.wait(60) == 0
            finally:
                process.kill()


def messages(file: Path) -> list[str]:
    return [json.loads(line)["message"] for line in (file.parent / "log").read_text().splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("harm", "code"),
    [("no settings", "settings.unreadable"), ("unknown key", "settings.unknown-key"), ("no vault key", "keys.missing"), ("exposed key", "keys.exposed")],
)
def test_what_cannot_be_served_is_refused_before_anything_starts(file: Path, harm: str, code: str) -> None:
    match harm:
        case "no settings":
            file.unlink()
        case "unknown key":
            file.write_text(file.read_text().replace("[site]", '[site]\ncolour = "red"'))
        case "no vault key":
            (file.parent / "keys" / "vault.key").unlink()
        case _:
            (file.parent / "keys" / "main.key").chmod(0o644)
    assert code in refused(file)


@pytest.mark.slow
def test_a_site_is_served_and_cameras_that_lack_something_stay_off_and_are_named(file: Path) -> None:
    file.write_text(file.read_text() + INCOMPLETE)
    with serving(file) as (process, address):
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:  # noqa: S310 - the address is this test's own
            assert answer.status == 200
        assert running_server(file.parent / "data") == process.pid
        assert "another server" in refused_second(file)
    assert any(message.startswith("camera back stays off, for its settings lack: ") for message in messages(file))
    assert not any(message.startswith("camera:") for message in messages(file))


def refused_second(file: Path) -> str:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "serve", "--config", str(file), "--port", "0"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    return done.stderr


@pytest.mark.slow
def test_settings_that_became_damaged_change_nothing_when_read_anew(file: Path) -> None:
    with serving(file):
        file.write_text("this is not TOML")
        assert ask_reload(file.parent / "data")
        wait_for(lambda: any(message.startswith("the settings stay as they were") for message in messages(file)))
