from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from consentry.access.controller.devices import open_devices, read_layout
from consentry.access.hardware.ports import Answer, DeviceError
from consentry.access.hardware.simulator import SimulatedDevice
from consentry.access.model import ContactState, ReaderKind
from consentry.platform.errors import KeyStoreError, SettingsError
from consentry.platform.settings.problems import InvalidSettingsError

if TYPE_CHECKING:
    from pathlib import Path

SIMULATED = """
[[line]]
driver = "simulator"
id = "trial"

[[door]]
id = "lobby"
strike = { line = "trial" }
contact = { line = "trial", number = 0 }
fire = { line = "trial", number = 1 }
exit = { line = "trial", number = 2 }
tamper = { line = "trial", number = 3 }

[[door.reader]]
id = "lobby-in"
line = "trial"
serves = ["card", "pin"]

[[door]]
id = "lobby-out"
strike = { line = "trial" }

[[door.reader]]
id = "lobby-away"
line = "trial"
number = 1
serves = ["qr"]
"""
OSDP = """
osdp_keys = "keys"

[[line]]
driver = "osdp"
id = "bus"
port = "/dev/no-such-port"

[[door]]
id = "lobby"
strike = { line = "bus", address = 3 }
"""


def simulated(line: str) -> str:
    return f'[[line]]\nid = "trial"\n{line}\n[[door]]\nid = "lobby"\nstrike = {{ line = "trial" }}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "door.toml"


def written(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_whole_door_stands_as_the_file_says(file: Path) -> None:
    with open_devices(written(file, SIMULATED)) as devices:
        lobby, device = devices.doors["lobby"], devices.lines["trial"]
        assert isinstance(device, SimulatedDevice)
        for number, closed in enumerate((False, True, False, False)):
            device.close_circuit(number, closed=closed)
        device.card(b"abcd")
        assert [(reader.id, reader.serves) for reader in lobby.readers] == [("lobby-in", (ReaderKind.CARD, ReaderKind.PIN))]
        assert [read.data for read in lobby.readers[0].reads()] == [b"abcd"]
        assert lobby.contact is not None
        assert lobby.contact.state() is ContactState.OPEN
        assert lobby.fire is not None
        assert not lobby.fire.active()
        assert lobby.exit is not None
        assert not lobby.exit.pressed()
        assert [tamper.tampered() for tamper in lobby.tampers] == [False, True]
        lobby.readers[0].show(Answer.GRANTED)
        assert list(device.shown) == [(0, Answer.GRANTED)]


def test_a_cut_fire_wire_is_a_fire_and_a_silent_panel_an_error(file: Path) -> None:
    with open_devices(written(file, SIMULATED)) as devices:
        fire, device = devices.doors["lobby"].fire, devices.lines["trial"]
        assert isinstance(device, SimulatedDevice)
        assert fire is not None
        with pytest.raises(DeviceError, match="input 1"):
            fire.active()
        device.close_circuit(1, closed=False)
        assert fire.active()


def test_two_doors_that_share_a_strike_do_not_cut_each_other_short(file: Path) -> None:
    with open_devices(written(file, SIMULATED)) as devices:
        assert devices.doors["lobby"].strike is devices.doors["lobby-out"].strike


def test_closing_locks_every_strike(file: Path) -> None:
    with open_devices(written(file, SIMULATED)) as devices:
        device = devices.lines["trial"]
        assert isinstance(device, SimulatedDevice)
        devices.doors["lobby"].strike.release(60)
        assert device.strikes.unlocked(0)
    assert not device.strikes.unlocked(0)


@pytest.mark.parametrize(
    ("text", "said", "code"),
    [
        ("[[line]\n", "TOML", "settings.toml"),
        (simulated('driver = "telepathy"'), "line[0]", "settings.union-tag-invalid"),
        (simulated('driver = "simulator"\nspeed = 3'), "line 4, line[0].speed: there is no such key", "settings.unknown-key"),
        (simulated('driver = "bridge"'), "line[0].port: it is missing", "settings.missing"),
        (simulated('driver = "bridge"\nport = "x"\nbuad = 9600'), "Did you mean 'baud'?", "settings.unknown-key"),
        (simulated('driver = "http"\nurl = "http://relay.example"\ntoken_file = "t"'), "unencrypted", "devices.unencrypted"),
        (simulated('driver = "http"\nurl = "ftp://relay.example"\ntoken_file = "t"'), "no web address", "devices.url"),
        (simulated('driver = "http"\nurl = "https://me:secret@relay.example"\ntoken_file = "t"'), "no web address", "devices.url"),
        (simulated('driver = "mqtt"\nhost = "broker.example"\ntls = false\nprefix = "a"'), "unencrypted", "devices.unencrypted"),
        (simulated('driver = "mqtt"\nhost = "broker.example"\nprefix = "a/#"'), "line[0].prefix", "settings.string-pattern-mismatch"),
        (SIMULATED.replace('strike = { line = "trial" }', 'strike = { line = "trail" }', 1), "no line 'trail'", "devices.unknown-line"),
        (SIMULATED.replace('id = "lobby-out"', 'id = "lobby"'), "'lobby' stands there more than once", "devices.twice"),
        (SIMULATED.replace('id = "lobby-away"', 'id = "lobby-in"'), "door[1].reader[0].id", "devices.twice"),
        (SIMULATED.replace("number = 1\nserves", "number = 0\nserves"), "another reader is the same one", "devices.shared-reader"),
        (SIMULATED.replace("number = 1\nserves", "address = 2\nserves"), "door[1].reader[0].address", "devices.address"),
        (SIMULATED.replace('serves = ["qr"]', 'serves = ["face"]'), "door[1].reader[0].serves", "devices.serves"),
        (SIMULATED.replace('serves = ["qr"]', "serves = []"), "door[1].reader[0].serves", "settings.out-of-range"),
        (SIMULATED.replace('"simulator"', '"gpio"'), "a GPIO chip has no readers", "devices.no-readers"),
        (simulated('driver = "gpio"') + 'exit = { line = "trial" }', "both a strike and an input", "devices.both-ways"),
        (SIMULATED + "weight = 3\n", "door[1].reader[0].weight", "settings.unknown-key"),
        ("[[door]]\nid = 'a'\nstrike = { line = 'b' }", "line: it is missing", "settings.missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str, code: str) -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        read_layout(text, "door.toml")
    assert said in "\n".join(str(problem) for problem in caught.value.problems)
    assert code in {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80", "https://relay.example/a"])
def test_an_address_on_this_machine_or_encrypted_is_taken(url: str) -> None:
    assert read_layout(simulated(f'driver = "http"\nurl = "{url}"\ntoken_file = "t"'), "door.toml").line[0].id == "trial"


def test_a_missing_file_is_told(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"door\.toml: it cannot be read"):
        open_devices(file)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (f"bus/3 {bytes(range(0x30, 0x40)).hex()}", "osdp.install-key"),
        (f"bus/3 {'00' * 16}", "osdp.install-key"),
        ("bus/3 0123", "osdp.keys"),
        ("bus/3 " + "0123456789abcdef" * 2 + "\nbus/4 " + "0123456789ABCDEF" * 2, "osdp.key-shared"),
        ("bus/3 " + "0123456789abcdef" * 2 + "\nbus/3 " + "0123456789abcdee" * 2, "osdp.key-shared"),
        ("# none\n\nbus/4 " + "0123456789abcdef" * 2, "osdp.no-key"),
    ],
)
def test_keys_that_protect_nothing_are_refused_and_not_repeated(file: Path, keys: str, code: str) -> None:
    written(file.parent / "keys", keys)
    with pytest.raises(KeyStoreError) as caught:
        open_devices(written(file, OSDP))
    assert caught.value.code == code
    assert "0123456789" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_keys_that_others_may_read_are_refused(file: Path, mode: int) -> None:
    written(file.parent / "keys", f"bus/3 {secrets.token_hex(16)}", mode)
    with pytest.raises(KeyStoreError) as caught:
        open_devices(written(file, OSDP))
    assert caught.value.code == "devices.secret-exposed"


def test_a_port_that_is_not_there_is_told_and_what_was_opened_is_closed(file: Path) -> None:
    written(file.parent / "keys", f"bus/3 {secrets.token_hex(16)}")
    with pytest.raises(DeviceError, match="/dev/no-such-port"):
        open_devices(written(file, OSDP))


def test_a_chip_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(DeviceError, match="/dev/no-such-chip"):
        open_devices(written(file, simulated('driver = "gpio"\nchip = "/dev/no-such-chip"')))
