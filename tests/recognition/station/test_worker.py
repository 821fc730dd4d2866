"""The station worker as the process that it is: what it answers, what it opens, what it cannot reach, and when it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.recognition import wire
from consentry.recognition.messages import SignedOutcome, read_station_question, written
from consentry.recognition.model import TICKET_S
from consentry.recognition.station.model import Begin, CapturePhase, CaptureState, Frame, StationOrder
from tests.recognition.station.captures import ATTENDED, FAMILY, TICKET, WHOLE, Obedient
from tests.vision.faces.scenes import encoded, flat, portrait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.recognition.messages import StationQuestion
    from consentry.recognition.station.model import Question

pytestmark = pytest.mark.slow

CALLS = "open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,truncate,socket,connect,io_uring_setup"
STRACE = shutil.which("strace")
WORKER = ("-m", "consentry.recognition.station")
LEISURE = 12
AT_LEISURE = f"""
import runpy
from consentry.recognition.station import station
station.TICKET_S *= {LEISURE}
runpy.run_module("consentry.recognition.station", run_name="__main__")
"""
"""A worker whose tickets last longer: a busy machine looks at fewer than ten frames a second, and it is frames that a person needs."""


@dataclass
class Running:
    """A worker, where it listens, and what the vault beside it was asked."""

    process: subprocess.Popen[str]
    order: StationOrder
    asked: list[tuple[StationQuestion, int]]

    def ask(self, question: Question, body: bytes = b"") -> CaptureState:
        return CaptureState.from_document(self.send(wire.encode(question.to_document(), body)))

    def send(self, data: bytes) -> dict[str, object]:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(60)
            sock.connect(self.order.socket)
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            return dict(wire.receive(sock)[0])

    def beat(self) -> dict[str, object]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        return dict(json.loads(line))


@contextmanager
def working(folder: Path, *wrapper: str, program: tuple[str, ...] = WORKER, askers: tuple[int, ...] | None = None) -> Iterator[Running]:
    order = StationOrder(
        TICKET.station, str(folder / "station.sock"), str(folder / "vault.sock"), askers or (os.getuid(),), WHOLE, "centerface", FAMILY, attested=True
    )
    asked: list[tuple[StationQuestion, int]] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(order.vault_socket)
        listener.listen()
        threading.Thread(target=_play_vault, args=(listener, asked), daemon=True).start()
        command = [*wrapper, sys.executable, *program]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            process.stdin.write(order.to_line())
            process.stdin.flush()
            try:
                running = Running(process, order, asked)
                assert running.beat()["type"] == "beat"
                yield running
            finally:
                process.kill()
        listener.shutdown(socket.SHUT_RDWR)


def _play_vault(listener: socket.socket, asked: list[tuple[StationQuestion, int]]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            header, body = wire.receive(connection)
            asked.append((read_station_question(header), len(body)))
            wire.send(connection, written(SignedOutcome("{}", "c2lnbmF0dXJl", 1)))


def begin_now() -> Begin:
    return Begin(replace(ATTENDED, expires=datetime.now(UTC) + timedelta(seconds=60)), grant="Z3JhbnQ=")


def enrol(worker: Running) -> CaptureState:
    frame = encoded(flat(portrait("astronaut")))
    state = worker.ask(begin_now())
    while state.state not in {CapturePhase.DONE, CapturePhase.REFUSED}:
        state = worker.ask(Frame(ATTENDED.id), frame)
    return state


def test_a_worker_enrols_survives_garbage_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with working(tmp_path) as worker:
        assert enrol(worker).state is CapturePhase.DONE
        ((question, sent),) = worker.asked
        assert question.TYPE == "enrol"
        assert sent % (112 * 112 * 3) == 0
        assert sent // (112 * 112 * 3) in {3, 4, 5}
        header = struct.pack(">I", 2) + b"{}"
        for garbage in (b"\x00", b"\xff" * 64, b"GET / HTTP/1.1\r\n\r\n", header, header + struct.pack(">I", 1 << 31), header + struct.pack(">I", 0)):
            answer = CaptureState.from_document(worker.send(garbage))
            assert answer.refusal is not None
            assert answer.refusal.code == "station.message"
        picture = worker.ask(replace(begin_now(), ticket=replace(begin_now().ticket, id="77" * 16)))
        assert picture.state is CapturePhase.LOOKING
        refused = worker.ask(Frame("77" * 16), b"\xff\xd8" + bytes(600_000) + b"\xff\xd9")
        assert refused.refusal is not None
        assert refused.refusal.code == "station.picture"
        beats = [json.dumps(worker.beat())]
        while '"begun": 2' not in beats[-1] and len(beats) < 40:
            beats.append(json.dumps(worker.beat()))
        beats.append(json.dumps(worker.beat()))
        assert '"done": 1, "dropped": 0' in beats[-1]
        assert '"station.picture": 1' in beats[-1]
        assert worker.process.stdin is not None
        worker.process.stdin.close()
        assert worker.process.wait(60) == 0


def test_a_person_who_does_what_is_asked_at_ten_frames_a_second_is_identified_before_the_ticket_ends(tmp_path: Path) -> None:
    person = Obedient()
    with working(tmp_path, program=("-c", AT_LEISURE)) as worker:
        state = worker.ask(Begin(replace(TICKET, expires=datetime.now(UTC) + timedelta(seconds=LEISURE * TICKET_S))))
        for _ in range(round(TICKET_S * 10)):
            state = worker.ask(Frame(TICKET.id), encoded(person(state.state)))
            if state.state in {CapturePhase.DONE, CapturePhase.REFUSED}:
                break
        assert state.state is CapturePhase.DONE, state
        ((question, sent),) = worker.asked
        assert question.TYPE == "identify"
        assert sent == 112 * 112 * 3


def test_nobody_but_the_askers_gets_an_answer(tmp_path: Path) -> None:
    with working(tmp_path, askers=(os.getuid() + 1,)) as worker, pytest.raises((EOFError, OSError)):
        worker.send(wire.encode(begin_now().to_document()))


@pytest.mark.skipif(STRACE is None, reason="strace is not installed, and it is what sees the system calls")
def test_a_worker_at_work_writes_no_file_and_makes_no_socket_but_local_ones(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with working(tmp_path, "strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={CALLS}") as worker:
        assert enrol(worker).state is CapturePhase.DONE
        assert worker.process.stdin is not None
        worker.process.stdin.close()
        worker.process.wait(60)
    calls = trace.read_text(encoding="utf-8")
    assert "yunet" in calls or "centerface" in calls
    done = [line for line in calls.splitlines() if not re.search(r"= -1 E", line)]
    writing = [
        line for line in done if re.search(r"O_WRONLY|O_RDWR|O_CREAT|creat\(|mkdir|rename|truncate\(|\b(un|sym)?link(at)?\(", line) and "/dev/null" not in line
    ]
    assert writing == []
    assert {family for line in done for family in re.findall(r"socket\((AF_\w+)", line)} <= {"AF_UNIX"}


def test_a_worker_loads_no_keys_no_records_no_embedder_and_nothing_of_the_vault() -> None:
    program = """
import sys
from consentry.recognition.station import __main__, sight, station, vault_link
print("\\n".join(sys.modules))
"""
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "consentry.recognition.station.capture" in loaded
    kept_away = ("cryptography", "sqlalchemy", "fastapi", "consentry.platform.keys", "consentry.platform.database", "consentry.recognition.vault")
    assert [name for name in loaded if name.startswith(kept_away) or "embedder" in name] == []
