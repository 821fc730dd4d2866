"""One server for one data folder, which others find and may ask to read the settings anew."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import ConflictError
from consentry.platform.processes.control import LOCK_NAME, ask_reload, only_server, running_server

if TYPE_CHECKING:
    from pathlib import Path

SERVER = """
import signal, sys
from pathlib import Path
from consentry.platform.processes.control import only_server
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
with only_server(Path(sys.argv[1])):
    print("serving", flush=True)
    print(signal.Signals(signal.sigwait([signal.SIGHUP])).name, flush=True)
"""


def test_a_second_server_is_refused_and_the_first_is_found_and_asked(tmp_path: Path) -> None:
    assert running_server(tmp_path) is None
    assert not ask_reload(tmp_path)
    with subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "serving\n"
        assert running_server(tmp_path) == server.pid
        with pytest.raises(ConflictError) as refused, only_server(tmp_path):
            pass
        assert refused.value.code == "serve.running"
        assert running_server(tmp_path) == server.pid, "whoever was refused wrote nothing"
        assert ask_reload(tmp_path)
        assert server.stdout.readline() == "SIGHUP\n"
    assert running_server(tmp_path) is None


def test_the_lock_of_a_killed_server_is_free(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        server.send_signal(signal.SIGKILL)
    with only_server(tmp_path):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("text")
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"), only_server(tmp_path):
        pass
    assert (tmp_path / "precious").read_text() == "text"
