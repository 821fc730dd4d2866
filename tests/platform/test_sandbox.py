"""What a confined process can no longer do. Each case runs in a process of its own, for nothing given up comes back."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from consentry.platform.sandbox import landlock_version

if TYPE_CHECKING:
    from pathlib import Path


def told(program: str, *arguments: str) -> list[str]:
    """Return the lines that ``program`` prints; ``sandbox`` and ``tried`` (the result of a call, or the name of its error) are there for it."""
    head = """
        import os, resource, socket, sys
        from pathlib import Path
        from consentry.platform import sandbox
        def tried(call, *given):
            try:
                call(*given)
            except OSError as error:
                return type(error).__name__
            return "done"
    """
    text = textwrap.dedent(head) + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", text, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_only_the_allowed_families_of_sockets_can_be_made() -> None:
    program = """
        sandbox.allow_sockets([socket.AF_UNIX])
        for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
            print(family.name, tried(lambda: socket.socket(family, socket.SOCK_DGRAM).close()))
    """
    refused = [f"{name} PermissionError" for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET")]
    assert told(program) == ["AF_UNIX done", *refused]


def test_without_families_no_socket_can_be_made_also_by_threads_started_later_and_programs_run() -> None:
    program = """
        import subprocess, threading
        sandbox.allow_sockets([])
        later = threading.Thread(target=lambda: print(tried(socket.socket)))
        later.start()
        later.join()
        code = "import socket\\ntry:\\n socket.socket()\\nexcept PermissionError:\\n print('refused')"
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip())
    """
    assert told(program) == ["PermissionError", "refused"]


def test_a_ring_that_would_make_sockets_is_refused_too() -> None:
    program = """
        import ctypes
        sandbox.allow_sockets([])
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.syscall(425, 1, None), os.strerror(ctypes.get_errno()))
    """
    assert told(program) == ["-1 Permission denied"]


def test_sockets_that_are_open_already_go_on(tmp_path: Path) -> None:
    program = """
        ours, theirs = socket.socketpair()
        sandbox.allow_sockets([])
        ours.send(b"still here")
        print(theirs.recv(100).decode())
    """
    assert told(program, str(tmp_path)) == ["still here"]


@pytest.mark.skipif(not landlock_version(), reason="reason: this kernel has no Landlock")
def test_nothing_can_be_written_made_renamed_or_removed_but_what_is_excepted(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("as it was")
    program = """
        folder = Path(sys.argv[1])
        print(sandbox.deny_writing(except_to=[Path("/dev/null")]))
        print(tried((folder / "new").write_text, "x"), tried((folder / "there").write_text, "x"))
        print(tried((folder / "there").rename, folder / "moved"), tried((folder / "there").unlink), tried((folder / "deep").mkdir))
        print(tried(Path("/dev/null").write_text, "x"), (folder / "there").read_text())
    """
    refused = "PermissionError"
    assert told(program, str(tmp_path)) == ["True", f"{refused} {refused}", f"{refused} {refused} {refused}", "done as it was"]
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_no_core_is_dumped_and_no_other_process_may_look_in() -> None:
    program = """
        sandbox.forbid_dumps_and_privileges()
        print(resource.getrlimit(resource.RLIMIT_CORE))
        status = dict(line.split(":\\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\\t" in line)
        print(status["NoNewPrivs"], os.stat("/proc/self/fd").st_uid)
    """
    # A process that cannot be dumped belongs to root in /proc, whoever runs it.
    assert told(program) == ["(0, 0)", "1 0"]


@pytest.mark.faults
def test_a_process_dies_with_its_parent() -> None:
    limit = "import os, time; from consentry.platform.sandbox import die_with_parent; die_with_parent(os.getppid())"
    child = f"{limit}; print(os.getpid(), flush=True); time.sleep(20); print('survived')"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdecimal()
    process.kill()
    process.wait()
    assert process.stdout.read() == "", "the pipe closes when its last holder, the child, is gone"
    process.stdout.close()


def test_a_process_whose_parent_is_gone_before_it_asks_dies_at_once() -> None:
    program = "from consentry.platform.sandbox import die_with_parent; die_with_parent(1 << 30); print('alive')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")
