"""The camera worker, ``python -m consentry.counting.worker``: one camera counted in a process without records, keys or faces.

It reads one order from standard input, and afterwards requests for stills until that closes, which ends it. It writes messages to
standard output, logs to standard error, and nothing else anywhere (``docs/processes.md``).
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from pathlib import Path

from consentry.counting.order import CameraOrder
from consentry.platform.logs import write_logs
from consentry.platform.sandbox import allow_sockets, deny_writing, forbid_dumps_and_privileges
from consentry.video.address import Kind, parse_address

__all__ = ["main"]

_NETWORK = {Kind.RTSP, Kind.HTTP}
log = logging.getLogger(__name__)


def main() -> int:
    """Carry out the order on standard input; return 0 when told to stop, 2 when the order cannot be carried out."""
    order = CameraOrder.from_line(sys.stdin.readline())
    write_logs()
    _confine(order)
    # Loaded late: it loads libraries that start threads, which a confinement that comes later would not bind.
    from consentry.counting.camera import work  # noqa: PLC0415

    return work(order, sys.stdin, sys.stdout.buffer)


def _confine(order: CameraOrder) -> None:
    """Give up what counting does not need. It comes before the libraries below, which start threads."""
    address = parse_address(order.source)
    forbid_dumps_and_privileges()
    # Names of hosts are looked up over UDP and through local sockets; a recording and a webcam need no socket at all.
    allow_sockets([socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK] if address.kind in _NETWORK else [])
    writable = [Path(os.devnull), *([Path(address.target)] if address.kind is Kind.WEBCAM else [])]
    if not deny_writing(except_to=[path for path in writable if path.exists()]):
        log.warning("this kernel has no Landlock: nothing but this program's own care keeps it from writing files")


if __name__ == "__main__":
    sys.exit(main())
