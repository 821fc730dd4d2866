"""The supervisor with real processes: small programs stand for web, vault and workers."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import SettingsError
from consentry.platform.processes.child import PipedSpec, WebSpec
from consentry.platform.processes.rules import Patience
from consentry.platform.processes.supervisor import Supervisor
from tests.platform.processes.actors import BABBLING, COUNTING, FAILING, SILENT, STUBBORN, WEB, Heard, python, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from consentry.platform.processes.child import ChildSpec

pytestmark = pytest.mark.faults

QUICK = Patience(silence_s=15, sustained_s=0.2, ending_s=0.5, first_delay_s=0.05, longest_delay_s=0.2)
STRICT = replace(QUICK, silence_s=1.0)
"""With whoever is to be found silent; anybody else may be kept waiting by a busy machine."""


class House:
    """A supervisor's surroundings: its plan, which tests change, and what its web process hears."""

    def __init__(self, folder: Path, listener: socket.socket) -> None:
        self.heard, self.wishes = Heard(folder / "heard"), folder / "wish"
        web = WebSpec(python(WEB, str(folder / "heard"), str(self.wishes)), listener.fileno(), patience=QUICK)
        self.plan: dict[str, ChildSpec] = {"web": web}
        self.announced = 0
        self.refused = False
        self.supervisor = Supervisor(self.read, self.announce)
        self.code: int | None = None

    def read(self) -> list[ChildSpec]:
        if self.refused:
            raise SettingsError("settings.toml", "site.toml", "it is damaged", "Mend it.")
        return list(self.plan.values())

    def announce(self) -> None:
        self.announced += 1

    def add(self, name: str, program: str, run: str = "r", patience: Patience = QUICK) -> None:
        order = (json.dumps({"run": run}) + "\n").encode()
        self.plan[name] = PipedSpec(name, python(program), order=order, patience=patience)

    def process(self, name: str) -> int:
        child = self.supervisor._children[name]  # noqa: SLF001 - a test that kills must find whom
        wait_for(lambda: child.fork)
        assert child.fork is not None
        return child.fork.process.pid

    def has_heard(self, camera: str, many: int) -> bool:
        return len(self.heard.of(camera, "minute")) >= many

    def wish(self, request: dict[str, str]) -> None:
        part = self.wishes.with_suffix(".part")
        part.write_text(json.dumps(request))
        part.rename(self.wishes)

    @contextmanager
    def running(self, meanwhile: Callable[[], None]) -> Iterator[None]:
        """Run the supervisor, which belongs to the main thread for its signals, while ``meanwhile`` happens in another."""
        failure: list[BaseException] = []

        def act() -> None:
            try:
                meanwhile()
            except BaseException as error:  # noqa: BLE001 - it is raised again in the test's thread
                failure.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        thread = threading.Thread(target=act)
        thread.start()
        self.code = self.supervisor.run()
        thread.join()
        if failure:
            raise failure[0]
        yield


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield House(tmp_path, listener)


def test_every_message_reaches_the_web_process_with_its_camera_and_the_address_is_announced_once(house: House) -> None:
    house.add("camera:door", COUNTING)
    house.add("camera:gate", COUNTING)

    def meanwhile() -> None:
        wait_for(lambda: len(house.heard.of("door", "minute")) > 5 and len(house.heard.of("gate", "minute")) > 5)

    with house.running(meanwhile):
        starts = [message["start"] for message in house.heard.of("door", "minute")]
        assert starts == list(range(0, 60 * len(starts), 60))
        assert house.announced == 1
        assert house.code == 0


@pytest.mark.parametrize("victim", ["web", "camera:door", "vault"])
def test_a_killed_process_is_started_again_and_the_others_go_on(house: House, victim: str) -> None:
    house.add("camera:door", COUNTING)
    house.add("vault", COUNTING)
    before: dict[str, int] = {}

    def meanwhile() -> None:
        wait_for(lambda: house.heard.of("door", "minute"))
        before.update({name: house.process(name) for name in house.plan})
        os.kill(before[victim], signal.SIGKILL)
        wait_for(lambda: ("ended", -signal.SIGKILL) in house.heard.changes(victim) and house.heard.changes(victim)[-1][0] == "started")
        assert house.process(victim) != before[victim]
        assert all(house.process(name) == before[name] for name in house.plan if name != victim)

    with house.running(meanwhile):
        assert [event for event, _ in house.heard.changes(victim)][:4] == ["started", "ended", "restarting", "started"]


def test_what_a_killed_web_process_did_not_acknowledge_is_told_to_the_next(house: House) -> None:
    house.add("camera:door", COUNTING)
    forgetful = house.wishes.with_name("wish.forgetful")

    def meanwhile() -> None:
        wait_for(partial(house.has_heard, "door", 5))
        forgetful.touch()
        wait_for(partial(house.has_heard, "door", 25))
        forgetful.unlink()
        os.kill(house.process("web"), signal.SIGKILL)
        wait_for(partial(house.has_heard, "door", 60))

    with house.running(meanwhile):
        starts = [message["start"] for message in house.heard.of("door", "minute")]
        assert sorted(set(starts)) == list(range(0, 60 * len(set(starts)), 60)), "none is missing"
        assert len(starts) >= len(set(starts)) + 15, "those not acknowledged came again"


@pytest.mark.parametrize(("program", "code"), [(SILENT, -9), (BABBLING, -9), (FAILING, 2)], ids=["silent", "babbling", "failing"])
def test_one_that_falls_silent_babbles_or_fails_is_started_again_and_again(house: House, program: str, code: int) -> None:
    house.add("camera:door", program, patience=STRICT)

    def meanwhile() -> None:
        wait_for(lambda: house.heard.changes("camera:door").count(("ended", code)) >= 2)

    with house.running(meanwhile):
        assert house.announced == 1


def test_a_stop_kills_who_does_not_end_and_passes_on_what_was_said_last(house: House) -> None:
    house.add("camera:stubborn", STUBBORN)
    house.add("camera:door", COUNTING)

    def meanwhile() -> None:
        wait_for(lambda: house.heard.of("stubborn", "health") and house.heard.of("door", "minute"))

    began = time.monotonic()
    with house.running(meanwhile):
        assert house.heard.changes("camera:stubborn")[-1] == ("ended", -signal.SIGKILL)
        assert house.heard.changes("camera:door")[-1][0] == "ended"
    assert time.monotonic() - began < 60, "a stop that waits for no one ends"


def test_new_settings_start_renew_and_end_what_they_changed_and_nothing_else(house: House) -> None:
    for name in ("camera:same", "camera:changed", "camera:removed"):
        house.add(name, COUNTING)
    before: dict[str, int] = {}

    def meanwhile() -> None:
        wait_for(lambda: all(house.heard.of(name, "minute") for name in ("same", "changed", "removed")))
        before.update({name: house.process(name) for name in house.plan})
        house.add("camera:changed", COUNTING, run="s")
        house.add("camera:new", COUNTING)
        del house.plan["camera:removed"]
        os.kill(os.getpid(), signal.SIGHUP)
        wait_for(lambda: house.heard.of("new", "minute") and any(m["run"] == "s" for m in house.heard.of("changed", "minute")))
        wait_for(lambda: house.heard.changes("camera:removed")[-1][0] == "ended")
        assert house.process("camera:same") == before["camera:same"]
        assert house.process("web") == before["web"]

    with house.running(meanwhile):
        assert [message["type"] for message in house.heard.all()].count("settings") == 1
        assert [event for event, _ in house.heard.changes("camera:removed")] == ["started", "ended"]


def test_settings_that_are_refused_change_nothing(house: House) -> None:
    house.add("camera:door", COUNTING)

    def meanwhile() -> None:
        wait_for(lambda: house.heard.of("door", "minute"))
        before = house.process("camera:door")
        house.refused = True
        house.wish({"do": "reload"})
        many = len(house.heard.all())
        wait_for(lambda: len(house.heard.all()) > many + 10)
        assert house.process("camera:door") == before

    with house.running(meanwhile):
        assert "settings" not in [message["type"] for message in house.heard.all()]


def test_the_web_process_may_ask_for_a_still_and_for_a_restart(house: House) -> None:
    house.add("camera:door", COUNTING)

    def meanwhile() -> None:
        wait_for(lambda: house.heard.of("door", "minute"))
        before = house.process("camera:door")
        house.wish({"do": "still", "camera": "door", "request": "q1"})
        wait_for(lambda: [message["request"] for message in house.heard.of("door", "still")] == ["q1"])
        house.wish({"do": "restart", "camera": "door"})
        wait_for(lambda: house.heard.changes("camera:door").count(("started", None)) == 2)
        assert house.process("camera:door") != before

    with house.running(meanwhile):
        pass


def test_a_web_process_that_cannot_use_what_it_was_given_ends_everything_with_its_code(house: House) -> None:
    house.plan["web"] = WebSpec(python(FAILING), 0, patience=QUICK)
    house.add("camera:door", COUNTING)
    assert house.supervisor.run() == 2
    assert house.announced == 0


def test_no_process_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    killer = "import os,sys,time; print('{}', flush=True); os.kill(os.getppid(), 9); time.sleep(20); open(sys.argv[1], 'w')"
    program = f"""
from consentry.platform.processes.child import PipedSpec
from consentry.platform.processes.supervisor import Supervisor
spec = PipedSpec("vault", {python(killer, str(tmp_path / "alive"))!r})
Supervisor(lambda: [spec], print).run()
"""
    reading, writing = os.pipe()
    process = os.posix_spawn(python("")[0], python(program), {**os.environ, "PYTHONPATH": "src"}, file_actions=[(os.POSIX_SPAWN_DUP2, writing, 2)])
    os.close(writing)
    os.waitpid(process, 0)
    while os.read(reading, 4096):
        pass
    os.close(reading)
    assert not (tmp_path / "alive").exists()
