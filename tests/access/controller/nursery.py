"""``python -m tests.access.controller.nursery``: gives birth to real controllers in a blink, because everything is loaded already.

On stdin, one JSON object a line: ``{"data": folder, "server": address or null}``. Each gets the line ``{"pid": number}``. A controller itself is driven
through two pipes in its data folder: ``do`` (lines such as ``card 04a1``, ``press 1201#``, ``code CG1...``, ``input 1 1``, ``limit 65536``) and ``done``
(what its strike was told). Its clock is the machine's plus the first number of the file ``clock``; the seconds that it counts are plus the second.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.access.controller import link, running
from consentry.access.controller.devices import Devices, open_devices
from consentry.platform.errors import ConsentryError
from consentry.platform.logs import write_logs

if TYPE_CHECKING:
    from consentry.access.hardware.simulator import SimulatedDevice

SYNC_S = 0.1


class ShiftedClock:
    """The machine's clock and what a file adds to it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._shift(0))

    def elapsed(self) -> float:
        return time.monotonic() + self._shift(1)

    def _shift(self, place: int) -> float:
        return float(self._file.read_text().split()[place])


def live(data: Path, server: str | None) -> None:
    """Be a controller until somebody ends it."""
    clock = ShiftedClock(data / "clock")
    running._elapsed = clock.elapsed  # noqa: SLF001 - days go by in a moment
    link.SYNC_S = SYNC_S
    running.open_devices = lambda file: driven(open_devices(file), data)  # type: ignore[attr-defined] # the device's other end is a pipe
    with (data / "log").open("a", encoding="utf-8") as log:
        write_logs(log)
        running.run_doors(running.DoorPlan(data, data / "policy", server, None, data / "door.toml"), clock)


def driven(devices: Devices, data: Path) -> Devices:
    """Let the pipes play the people at the door."""
    device: SimulatedDevice = devices.lines["sim"].device(0)  # type: ignore[assignment] # the file names a simulator
    done = os.open(data / "done", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    release = device.release

    def released(number: int, seconds: float) -> None:
        os.write(done, f"released {seconds}\n".encode())
        release(number, seconds)

    device.release = released  # type: ignore[method-assign] # whoever listens hears the strike
    threading.Thread(target=obey, args=(device, data / "do"), daemon=True).start()
    return devices


def obey(device: SimulatedDevice, pipe: Path) -> None:
    with pipe.open(encoding="utf-8") as lines:
        for line in lines:
            what, _, rest = line.strip().partition(" ")
            match what:
                case "card":
                    device.card(bytes.fromhex(rest))
                case "press":
                    device.press(rest)
                case "code":
                    device.code(rest)
                case "input":
                    number, closed = rest.split()
                    device.close_circuit(int(number), closed=closed == "1")
                case "limit":
                    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
                    resource.setrlimit(resource.RLIMIT_FSIZE, (int(rest) if rest != "none" else hard, hard))


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        wish = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = 0
            try:
                live(Path(wish["data"]), wish["server"])
            except ConsentryError as error:
                (Path(wish["data"]) / "error").write_text(error.code)
                code = error.exit_code
            finally:
                os._exit(code)
        sys.stdout.write(json.dumps({"pid": child}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
