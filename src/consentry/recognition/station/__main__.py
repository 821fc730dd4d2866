"""The station worker, ``python -m consentry.recognition.station``: without keys, records or templates; decodes frames so that nobody else must.

It reads one order from standard input and ends when that closes. It beats on standard output, logs to standard error, and writes nothing
anywhere else (``docs/stations.md``).
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from pathlib import Path

from consentry.platform.clock import SystemClock
from consentry.platform.errors import ConsentryError
from consentry.platform.logs import write_logs
from consentry.platform.sandbox import allow_sockets, deny_writing, forbid_dumps_and_privileges
from consentry.recognition.station.model import StationOrder
from consentry.recognition.station.serving import listening, serve

__all__ = ["main"]

log = logging.getLogger(__name__)


def main() -> int:
    """Carry out the order on standard input; return 0 when told to stop, 2 when the order cannot be carried out."""
    order = StationOrder.from_line(sys.stdin.readline())
    write_logs()
    if order.models is not None:
        os.environ["CONSENTRY_MODELS"] = order.models
    with listening(Path(order.socket)) as listener:
        _confine()
        return _work(order, listener)


def _confine() -> None:
    """Give up what this work does not need. It comes before the libraries below, which start threads, and after the socket was made."""
    forbid_dumps_and_privileges()
    allow_sockets([socket.AF_UNIX])
    if not deny_writing(except_to=[Path(os.devnull)]):
        log.warning("this kernel has no Landlock: nothing but this program's own care keeps it from writing files")


def _work(order: StationOrder, listener: socket.socket) -> int:
    # Loaded late: they load libraries that start threads, which a confinement that comes later would not bind.
    from consentry.recognition.station.sight import open_sight  # noqa: PLC0415
    from consentry.recognition.station.station import Station  # noqa: PLC0415
    from consentry.recognition.station.vault_link import VaultLink  # noqa: PLC0415

    try:
        sight = open_sight(order)
    except ConsentryError as error:
        log.error("%s [%s]", error, error.code)  # noqa: TRY400 - an error meant for the reader needs no traceback
        return error.exit_code
    station = Station(order.station, sight, VaultLink(order.vault_socket), SystemClock(), time.monotonic)
    serve(listener, order.askers, station, sys.stdin, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
