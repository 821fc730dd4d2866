"""Small processes for the supervisor's tests: a web process that writes down what it hears, and workers of every temper."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WEB = """
import asyncio, json, os, signal, sys
from consentry.platform.processes.link import LINK_VARIABLE, LISTENER_VARIABLE, WebLink, inherited_socket

async def main(heard, wishes):
    link, listener = WebLink(inherited_socket(LINK_VARIABLE)), inherited_socket(LISTENER_VARIABLE)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: os._exit(0))
    await link.ready()
    with open(heard, "a") as file:
        async for delivery in link:
            file.write(json.dumps({"web": os.getpid(), "camera": delivery.camera, **delivery.message}) + "\\n")
            file.flush()
            if not os.path.exists(wishes + ".forgetful"):
                await link.ack(delivery.seq)
            while os.path.exists(wishes):
                wish = json.loads(open(wishes).read())
                os.unlink(wishes)
                await link.send(wish)

asyncio.run(main(*sys.argv[1:]))
"""

COUNTING = """
import json, select, sys, time
order = json.loads(sys.stdin.readline())
number = 0
while True:
    print(json.dumps({"type": "minute", "run": order["run"], "start": 60 * number}), flush=True)
    number += 1
    if select.select([sys.stdin], [], [], 0.05)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        print(json.dumps({"type": "still", "request": json.loads(line)["still"]}), flush=True)
"""

SILENT = 'import time; print(\'{"type": "health"}\', flush=True); time.sleep(600)'
STUBBORN = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: print(\'{"type": "health"}\', flush=True); time.sleep(0.05)'
BABBLING = "import time; print('this is no message', flush=True); time.sleep(600)"
FAILING = "raise SystemExit(2)"


def python(program: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program, *arguments)


@dataclass
class Heard:
    """What the web process wrote down."""

    path: Path

    def all(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines() if line.endswith("}")]

    def changes(self, name: str) -> list[tuple[str, int | None]]:
        return [(message["event"], message["exit"]) for message in self.all() if message["type"] == "process" and message["name"] == name]

    def of(self, camera: str, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.all() if message["camera"] == camera and message["type"] == kind]


def wait_for(happened: Callable[[], object], within: float = 120.0) -> None:
    """Wait until something happened; fail when it does not, generously late."""
    end = time.monotonic() + within
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
