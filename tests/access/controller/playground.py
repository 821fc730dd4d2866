"""Real controllers of the small house, a server whose moods can be chosen, and what the journal says afterwards, read as anybody could who has the file."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consentry.access.controller.identity import Identity, keep_identity
from consentry.access.controller.sync_text import Chained, SignedSync, is_signed, milliseconds, read_sync
from consentry.access.snapshot_text import write_snapshot
from tests.access.proofs.house import NOW, SITE, UID, house

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.access.model import Snapshot
    from tests.access.proofs.house import House

SNAPSHOT_KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
CARD = f"card {UID.hex()}"
CONTACT, FIRE, EXIT = 0, 1, 2
PATIENCE_S = 60.0

DEVICES = """
[[line]]
driver = "simulator"
id = "sim"
[[door]]
id = "gate"
strike = {line = "sim"}
contact = {line = "sim", number = 0}
fire = {line = "sim", number = 1}
exit = {line = "sim", number = 2}
tamper = {line = "sim", number = 3}
reader = [{id = "gate-reader", line = "sim", serves = ["card", "qr"]}]
"""


def snapshot(number: int = 7, **changes: object) -> Snapshot:
    """Return the small house's, with another number and what else is to be different."""
    return replace(house().compiled.snapshot, number=number, **changes)  # type: ignore[arg-type] # by name


def signed_snapshot(found: Snapshot, key: Ed25519PrivateKey = SNAPSHOT_KEY) -> str:
    return write_snapshot(found, key)


@dataclass
class Server:
    """Takes reports as the real one does: once each, in order. ``mood`` is asked at each report: ``good``, ``deaf`` (it keeps nothing and fails), ``mute``
    (it keeps everything and fails to say so) or ``forgetful`` (it says an older number)."""

    mood: Callable[[], str] = lambda: "good"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    kept: list[Chained] = field(default_factory=list)
    counters: list[int] = field(default_factory=list)
    reports: int = 0
    held: int = 0
    doubts: bool = False
    snapshot: str | None = None
    snapshot_number: int = 0
    orders: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""

    def take(self, said: SignedSync) -> dict[str, Any] | None:
        """Return the answer to a report, None for a failure."""
        assert is_signed(said, SIGNING_KEY.public_key().public_bytes_raw())
        report = read_sync(said.text)
        mood = self.mood()
        if mood == "deaf":
            return None
        for one in report.events:
            if one.event.seq == len(self.kept) + 1:
                assert not self.kept or one.before == self.kept[-1].hash
                self.kept.append(one)
            elif one.event.seq <= len(self.kept):
                assert self.kept[one.event.seq - 1] == one, "what comes again is the same"
        self.counters.append(report.counter)
        self.reports, self.held, self.doubts = self.reports + 1, report.snapshot, report.clock_jumped
        if mood == "mute":
            return None
        newer = self.snapshot if self.snapshot_number > report.snapshot else None
        known = len(self.kept) if mood == "good" else len(self.kept) // 2
        return {"acknowledged": known, "snapshot": newer, "orders": self.orders, "server_time": milliseconds(self.clock())}


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = server.take(SignedSync(said["text"], said["signature"]))
            body = json.dumps(answer).encode()
            self.send_response(200 if answer is not None else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    server.address = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()


class Nursery:
    """Gives birth to controllers; see :mod:`tests.access.controller.nursery`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.access.controller.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
        )
        assert self._line() == "ready\n"

    def start(self, data: Path, server: str | None) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"data": str(data), "server": server}) + "\n")
        self._process.stdin.flush()
        pid: int = json.loads(self._line())["pid"]
        return pid

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@dataclass
class Gate:
    """A data folder and the controller that lives in it."""

    nursery: Nursery | None
    data: Path
    pid: int | None = None
    _do: int = -1

    @property
    def journal(self) -> Path:
        return self.data / "journal.db"

    def found(self, policy: Snapshot) -> Gate:
        """Make the data folder of a paired controller; its clock stands at the house's time."""
        self.data.mkdir()
        keep_identity(self.data, Identity("main", SITE, SNAPSHOT_KEY.public_key().public_bytes_raw(), SIGNING_KEY, house().secrets))
        (self.data / "policy").write_text(signed_snapshot(policy), encoding="utf-8")
        (self.data / "door.toml").write_text(DEVICES, encoding="utf-8")
        self.set_clock((NOW - datetime.now(UTC)).total_seconds(), 0.0)
        return self

    def set_clock(self, shift_s: float, slept_s: float) -> None:
        """Let the clock be off by ``shift_s`` and let so many more seconds have gone by."""
        (self.data / "clock.new").write_text(f"{shift_s} {slept_s}")
        (self.data / "clock.new").rename(self.data / "clock")

    def move_clock(self, by: timedelta, *, really: bool) -> None:
        """Set the clock, or let the time really go by."""
        shift, slept = map(float, (self.data / "clock").read_text().split())
        self.set_clock(shift + by.total_seconds(), slept + (by.total_seconds() if really else 0.0))

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float((self.data / "clock").read_text().split()[0]))

    def start(self, server: str | None = None) -> None:
        pipe = self.data / "do"
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
        self._do = os.open(pipe, os.O_RDWR)
        before = len(self.kinds()) if self.journal.exists() else 0
        assert self.nursery is not None
        self.pid = self.nursery.start(self.data, server)
        self.wait(lambda: self.journal.exists() and "started" in self.kinds()[before:], "it starts")
        self.do(f"input {CONTACT} 1", f"input {FIRE} 1", f"input {EXIT} 0", "input 3 1")

    def do(self, *lines: str) -> None:
        os.write(self._do, "".join(f"{line}\n" for line in lines).encode())

    def end(self, number: int = signal.SIGTERM) -> None:
        """End the controller, with SIGKILL at once."""
        assert self.pid is not None
        os.kill(self.pid, number)
        self.wait(lambda: not Path(f"/proc/{self.pid}").exists(), "it ends")
        os.close(self._do)
        self.pid = None

    def rows(self, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True)) as journal:
            try:
                return journal.execute(f"SELECT {columns} FROM event WHERE {where} ORDER BY seq").fetchall()  # noqa: S608 - columns of these tests
            except sqlite3.OperationalError:
                return []

    def kinds(self, where: str = "true") -> list[str]:
        return [kind for (kind,) in self.rows("kind", where)]

    def releases(self) -> int:
        """Return how often the strike was told to unlock."""
        done = self.data / "done"
        return len(done.read_text().splitlines()) if done.exists() else 0

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until, f"{what}: {self.kinds() if self.journal.exists() else ''} {self._logged()}"
            time.sleep(0.01)

    def decides(self, events: int) -> None:
        """Wait until so many events are in the journal."""
        self.wait(lambda: len(self.kinds()) >= events, "it decides")

    def shows(self, line: str, kind: str) -> None:
        """Do something at the door and wait until an event of a kind comes of it."""
        before = len(self.kinds(f"kind = '{kind}'"))
        self.do(line)
        self.wait(lambda: len(self.kinds(f"kind = '{kind}'")) > before, f"{line[:20]} comes to {kind}")

    def _logged(self) -> str:
        log = self.data / "log"
        return log.read_text()[-3000:] if log.exists() else ""


def code(shown: str) -> str:
    """Return the line that holds a code to the reader."""
    return f"code {shown}"


def guest(found: House) -> str:
    """Return the line that shows the guest's pass, which opens three times in all."""
    return code(found.guest_shown())
