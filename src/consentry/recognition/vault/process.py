"""The life of the vault process: confined first, then opened, then at the doors until standard input closes."""

from __future__ import annotations

import logging
import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.errors import ConsentryError
from consentry.platform.logs import write_logs
from consentry.platform.sandbox import allow_sockets, deny_writing, forbid_dumps_and_privileges
from consentry.recognition.vault.order import VaultOrder
from consentry.recognition.vault.server import Door, listening, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.recognition.vault.captures import Eye

__all__ = ["run"]

log = logging.getLogger(__name__)


def run(open_eye: Callable[[VaultOrder], Eye]) -> int:
    """Carry out the order on standard input until that closes; return 0, or the exit code of the error that stopped it.

    ``open_eye`` returns the embedder; it is called once this process is confined.
    """
    write_logs()
    order = VaultOrder.from_line(sys.stdin.readline())
    try:
        with ExitStack() as stack:
            listeners = [stack.enter_context(listening(Path(path))) for path in (order.socket, order.stations_socket)]
            _confine(order)
            # Loaded late: it loads libraries that start threads, which a confinement that comes later would not bind.
            from consentry.recognition.vault.opening import opened  # noqa: PLC0415

            desk = stack.enter_context(opened(order, open_eye))
            serve(
                [
                    Door(listeners[0], order.askers, desk.answer_web, desk.settle),
                    Door(listeners[1], order.station_askers, desk.answer_station, desk.settle),
                ]
            )
    except ConsentryError as error:
        log.error("%s [%s]", error, error.code)  # noqa: TRY400 - an error meant for the reader needs no traceback
        return error.exit_code
    return 0


def _confine(order: VaultOrder) -> None:
    """Give up dumps, privileges, every network, and writing anywhere but into the vault's two folders."""
    forbid_dumps_and_privileges()
    allow_sockets([socket.AF_UNIX])
    folders = [path for path in (Path(order.keystore), Path(order.data) / "vault") if path.is_dir()]
    if not deny_writing(except_to=[Path(os.devnull)], working_in=folders):
        log.warning("this kernel has no Landlock: nothing but this program's own care keeps it from writing files")
