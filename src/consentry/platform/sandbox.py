"""What a process gives up before it touches anything from outside: core dumps, new privileges, sockets, writing to the file system.

Linux only, through ctypes: ``prctl(2)``, ``seccomp(2)`` with a classic BPF program, and Landlock (``landlock(7)``). Seccomp and Landlock
hold for the calling thread and what it starts, so they come before any library that starts threads. Nothing given up can be had back.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["allow_sockets", "deny_writing", "die_with_parent", "forbid_dumps_and_privileges", "landlock_version"]

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2

_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_VERSION_FLAG = 1
_LANDLOCK_RULE_PATH_BENEATH = 1
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_CHANGE_FOLDERS = sum(1 << bit for bit in range(4, 13))  # REMOVE_DIR, REMOVE_FILE and every MAKE_*
_REFER_SINCE, _TRUNCATE_SINCE = 2, 3

# Of each machine: the architecture's number in a seccomp filter and the number of the system call socket(2).
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_IO_URING_SETUP = 425
_X32 = 0x40000000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 13, 0x80000000  # 13: EACCES

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid_dumps_and_privileges() -> None:
    """Leave no core dump (it would hold frames or keys), be readable by no other process of this user, and never gain a privilege."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when ``parent``, the process that started this one, dies; at once when it is dead already.

    A change of user takes this back (``prctl(2)``), so it comes after.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def allow_sockets(families: Iterable[socket.AddressFamily]) -> None:
    """Let this process make sockets of ``families`` alone; ``socket(2)`` for any other fails with EACCES. It keeps those it has.

    ``io_uring`` is refused as well: it makes sockets past ``socket(2)``. Raises ``OSError`` where the kernel or the machine has no filter.
    """
    architecture, socket_call = _machine()
    instructions = b"".join(_filter(architecture, socket_call, [int(family) for family in families]))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    program = _Program(len(instructions) // 8, instructions)
    _checked(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))


def landlock_version() -> int:
    """Return the version of Landlock that this kernel has, 0 where it has none."""
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION_FLAG)))


def deny_writing(*, except_to: Sequence[Path] = (), working_in: Sequence[Path] = ()) -> bool:
    """Let this process open no file for writing but those of ``except_to``, and make, remove or rename none; files open already stay so.

    In the folders ``working_in`` and below it keeps every right that its user has there. Returns whether the kernel can enforce it.
    """
    version = landlock_version()
    if not version:
        return False
    handled = _WRITE_FILE | _CHANGE_FOLDERS | (_REFER if version >= _REFER_SINCE else 0) | (_TRUNCATE if version >= _TRUNCATE_SINCE else 0)
    attribute = struct.pack("=Q", handled)
    ruleset = _checked(_libc.syscall(_LANDLOCK_CREATE_RULESET, attribute, ctypes.c_size_t(len(attribute)), 0))
    try:
        for path in except_to:
            _allow_writing(ruleset, path, handled & (_WRITE_FILE | _TRUNCATE))
        for folder in working_in:
            _allow_writing(ruleset, folder, handled)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _checked(_libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return True


def _allow_writing(ruleset: int, path: Path, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", access, descriptor)
        _checked(_libc.syscall(_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0))
    finally:
        os.close(descriptor)


def _machine() -> tuple[int, int]:
    try:
        return _MACHINES[platform.machine()]
    except KeyError:
        msg = f"no seccomp filter for the machine {platform.machine()}"
        raise OSError(msg) from None


def _filter(architecture: int, socket_call: int, families: Sequence[int]) -> list[bytes]:
    """Return the instructions; a jump's two numbers say how many instructions to skip when it holds and when not."""
    allowed = [_instruction(_JUMP_EQUAL, family, len(families) - index, 0) for index, family in enumerate(families)]
    return [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_JUMP_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_JUMP_AT_LEAST, _X32, len(families) + 3, 0),
        _instruction(_JUMP_EQUAL, _IO_URING_SETUP, len(families) + 2, 0),
        _instruction(_JUMP_EQUAL, socket_call, 0, len(families) + 2),
        _instruction(_LOAD, _FIRST_ARGUMENT_AT),
        *allowed,
        _instruction(_RETURN, _REFUSE),
        _instruction(_RETURN, _ALLOW),
    ]


def _instruction(code: int, value: int, holds: int = 0, fails: int = 0) -> bytes:
    return struct.pack("=HBBI", code, holds, fails, value)


def _prctl(option: int, value: int) -> None:
    _checked(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
