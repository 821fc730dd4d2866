"""Processes with users of their own."""

from __future__ import annotations

import os
import select
import socket
from pathlib import Path

import pytest

from consentry.platform.processes.accounts import Account, Part, account_of, accounts
from consentry.platform.processes.child import Fork, PipedSpec, WebSpec
from tests.platform.processes.actors import wait_for

DEBIAN_PYTHON = Path("/usr/bin/python3")
IDENTITY = "import os; print('{\"ids\": %s}' % list((*os.getresuid(), *os.getresgid(), *os.getgroups())), flush=True); input()"


def test_every_part_has_an_account_of_its_own() -> None:
    found = [account_of(part) for part in Part]
    assert len({account.user for account in found}) == len({account.group for account in found}) == len(Part)
    assert 0 not in {account.user for account in found}


@pytest.mark.parametrize(("user", "one_user", "apart"), [(0, False, True), (0, True, False), (1000, False, False), (1000, True, False)])
def test_only_root_gives_processes_users_of_their_own(monkeypatch: pytest.MonkeyPatch, user: int, one_user: bool, apart: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert (accounts(one_user=one_user) is not None) == apart


@pytest.mark.skipif(os.geteuid() != 0 or not DEBIAN_PYTHON.exists(), reason="reason: only root can give processes other users, and they need a Python")
def test_a_process_started_by_root_has_nothing_left_of_root() -> None:
    fork = Fork(PipedSpec("vault", (str(DEBIAN_PYTHON), "-I", "-c", IDENTITY), Account(64802, 64802)))
    wait_for(lambda: select.select([fork.channel.socket], [], [], 0)[0])
    said, _ = fork.channel.read()
    fork.close()
    fork.process.wait(60)
    assert said == [{"ids": [64802] * 6}]


def test_an_order_never_shows() -> None:
    assert "hunter2" not in repr(PipedSpec("camera:door", ("python",), order=b"rtsp://user:hunter2@camera/"))


def test_a_process_inherits_its_own_sockets_and_no_other() -> None:
    program = "import os, sys; os.write(int(os.environ['CONSENTRY_LINK']), b'{\"open\": %d}\\n' % len(os.listdir('/proc/self/fd')))"
    with socket.create_server(("127.0.0.1", 0)) as listener, open(os.devnull, "rb") as other:  # noqa: PTH123 - any descriptor
        os.set_inheritable(other.fileno(), True)  # noqa: FBT003 - the standard library's signature
        fork = Fork(WebSpec((os.path.realpath("/proc/self/exe"), "-I", "-c", program), listener.fileno()))
        fork.process.wait(60)
        documents, _ = fork.channel.read()
        fork.close()
    # Standard input, output and errors, the listener, the link, and the folder that is being listed.
    assert documents == [{"open": 6}]
