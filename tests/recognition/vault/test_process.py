"""The vault as a process: confined before it holds anything, deaf to strangers, unharmed by what it is sent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from consentry.platform.sandbox import landlock_version
from consentry.recognition import messages, wire
from consentry.recognition.model import Decision
from consentry.recognition.vault.server import MOST_CONNECTIONS
from tests.recognition.vault import world
from tests.recognition.vault.running import REAL, running


@pytest.fixture
def site(tmp_path: Path) -> world.Site:
    return world.Site(tmp_path)


def raw(path: str, data: bytes) -> bytes:
    """Send bytes and return everything that comes back until the vault hangs up."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(path)
        with suppress(ConnectionError):
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: sock.recv(65536), b""))
        return b""


def test_somebody_enrols_is_known_at_a_station_withdraws_and_is_known_no_more(site: world.Site) -> None:
    order = site.order()
    ask = world.asking(order)
    with running(order):
        assert ask(site.registration()) == messages.Done()
        grant, answer = world.enrol(site, ask, 5)
        assert world.outcome(ask, answer).decision is Decision.ACCEPT
        found = world.outcome(ask, world.identify(site, ask, 5))
        assert (found.decision, found.person, found.consent) == (Decision.ACCEPT, grant.person, grant.consent)
        world.is_(messages.SignedErasure, ask(messages.Revoke(grant.person, grant.consent, grant.purpose)))
        assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.REJECT
    with running(order):
        assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.REJECT


def test_templates_are_there_again_after_a_restart(site: world.Site) -> None:
    order = site.order()
    ask = world.asking(order)
    with running(order):
        ask(site.registration())
        world.enrol(site, ask, 5)
    with running(order):
        assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.ACCEPT


def test_it_says_how_it_is_with_the_embedder_that_the_site_uses(site: world.Site, shared: Path) -> None:
    order = replace(site.order(), models=str(shared / "models"))
    with running(order, REAL):
        status = world.is_(messages.VaultStatus, world.asking(order)(messages.Status()))
    assert (status.family, status.separate, status.certified, status.sequence) == ("mobilefacenet", True, True, 0)


def test_it_answers_nobody_but_those_of_its_order_at_each_door(site: world.Site) -> None:
    stranger = (os.getuid() + 1,)
    for changed, open_path, closed_path in (
        (replace(site.order(), askers=stranger), "stations_socket", "socket"),
        (replace(site.order(), station_askers=stranger), "socket", "stations_socket"),
    ):
        with running(changed):
            question = wire.encode(messages.written(messages.Status()))
            assert raw(getattr(changed, closed_path), question) == b""
            assert raw(getattr(changed, open_path), question)


def test_each_door_takes_its_own_questions_only(site: world.Site) -> None:
    order = site.order()
    identify = messages.Identify("0" * 32, world.LIVE)
    with running(order):
        assert world.refused(world.over(order.socket, identify, bytes(192))) == "vault.message"
        assert world.refused(world.over(order.stations_socket, messages.Status())) == "vault.message"


def test_nobody_else_may_reach_its_sockets(site: world.Site) -> None:
    order = site.order()
    with running(order):
        assert [Path(path).stat().st_mode & 0o7 for path in (order.socket, order.stations_socket)] == [0, 0]


def test_it_is_confined_in_every_thread(site: world.Site, shared: Path) -> None:
    with running(replace(site.order(), models=str(shared / "models")), REAL) as process:
        tasks = [dict(line.split(":\t") for line in (task / "status").read_text().splitlines() if ":\t" in line) for task in tasks_of(process.pid)]
        limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert {(task["Seccomp"], task["NoNewPrivs"]) for task in tasks} == {("2", "1")}
    assert next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]


def test_neither_records_nor_routes_nor_a_network_are_loaded_with_it() -> None:
    program = (
        "import sys, consentry.recognition.vault.__main__, consentry.recognition.vault.opening\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'sqlalchemy', 'fastapi', 'httpx', 'uvicorn', 'nicegui', 'av'}),\n"
        "      *(name for name in sys.modules if name == 'consentry.platform.database'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def tasks_of(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


@pytest.mark.skipif(not landlock_version(), reason="reason: this kernel has no Landlock")
def test_it_can_write_into_its_two_folders_and_nowhere_else(site: world.Site) -> None:
    program = (
        "import sys, pathlib, socket\n"
        "from consentry.recognition.vault.order import VaultOrder\n"
        "from consentry.recognition.vault.process import _confine\n"
        "order = VaultOrder.from_line(sys.stdin.readline()); _confine(order)\n"
        "def tried(act):\n"
        "    try: act(); return 'done'\n"
        "    except OSError: return 'refused'\n"
        "data = pathlib.Path(order.data)\n"
        "for folder in (pathlib.Path(order.keystore), data / 'vault', data, pathlib.Path('/tmp'), pathlib.Path(order.key).parent):\n"
        "    print(tried(lambda: (folder / 'tried').write_text('x')), end=' ')\n"
        "print(tried(lambda: socket.socket(socket.AF_INET)), tried(lambda: socket.socket(socket.AF_INET6)), tried(lambda: socket.socket(socket.AF_UNIX)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=site.order().to_line(), capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["done", "done", "refused", "refused", "refused", "refused", "refused", "done"]


@pytest.mark.parametrize("harm", ["missing", "exposed", "damaged"])
def test_it_does_not_start_without_a_guarded_sound_key(site: world.Site, harm: str) -> None:
    order = site.order()
    key = Path(order.key)
    match harm:
        case "missing":
            key.unlink()
        case "exposed":
            key.chmod(0o644)
        case _:
            key.write_text("nothing of the kind")
    done = subprocess.run([sys.executable, "-m", REAL], input=order.to_line(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"keys.{harm}" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_its_model_it_recognises_nobody_and_hears_whoever_withdraws(site: world.Site, tmp_path: Path) -> None:
    order = replace(site.order(), models=str(tmp_path))
    ask = world.asking(order)
    grant = site.grant()
    with running(order, REAL):
        assert world.is_(messages.VaultStatus, ask(messages.Status())).purposes == ()
        world.is_(messages.SignedErasure, ask(messages.Revoke(grant.person, grant.consent, grant.purpose)))


FRAMES = {
    "nothing": b"",
    "half a length": b"\x00\x00",
    "a huge header": b"\xff\xff\xff\xff",
    "a header that ends early": b"\x00\x00\x00\x10{}",
    "no JSON": b"\x00\x00\x00\x04null\x00\x00\x00\x00",
    "not canonical": b'\x00\x00\x00\x13{"type" : "status"}\x00\x00\x00\x00',
    "a huge body": b'\x00\x00\x00\x11{"type":"status"}\xff\x00\x00\x00',
    "no type": b"\x00\x00\x00\x02{}\x00\x00\x00\x00",
    "a body that no question of this door has": b'\x00\x00\x00\x11{"type":"status"}\x00\x00\x00\x01x',
}


def test_whatever_it_is_sent_it_refuses_and_goes_on(site: world.Site) -> None:
    order = site.order()
    with running(order):
        for name, frame in FRAMES.items():
            answer = raw(order.socket, frame)
            if frame:
                assert answer == b"" or world.refused(messages.read_answer(wire.decode(answer)[0])) == "vault.message", name
        world.is_(messages.VaultStatus, world.asking(order)(messages.Status()))


def test_silent_connections_keep_nobody_else_out_for_good(site: world.Site) -> None:
    order = site.order()
    with running(order), ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS + 5):
            sock = stack.enter_context(socket.socket(socket.AF_UNIX))
            sock.settimeout(60)
            sock.connect(order.socket)
        # The door for stations is another one, and this one is open again once the silent are gone.
        assert world.refused(world.over(order.stations_socket, messages.Status())) == "vault.message"
        stack.close()
        world.is_(messages.VaultStatus, world.asking(order)(messages.Status()))
