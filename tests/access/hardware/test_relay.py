"""What a relay device says and hears: noise on the serial line, retained messages at the broker, who answers at the web address."""

from __future__ import annotations

import ssl
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt import publish

from consentry.access.hardware import bridge, http_relay, relay
from consentry.access.hardware.board import Board
from consentry.access.hardware.bridge import SerialBridge
from consentry.access.hardware.http_relay import HttpRelay, WebPlace
from consentry.access.hardware.mqtt import MqttRelay
from consentry.access.hardware.points import DeviceStrike
from consentry.access.hardware.ports import DeviceError, ReadKind
from consentry.access.hardware.relay_text import Answered, framed, read_order, take_message, unframed
from consentry.access.hardware.simulated_relay import RelayByBroker, RelayBySerial, RelayByWeb, SimulatedRelay, card_message
from consentry.platform.errors import MissingPartError
from tests.access.hardware.rigs import CARD, PREFIX, TOKEN, Certificate, mosquitto, own_certificate, serial_pair, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paho.mqtt.publish import MessageDict

    from consentry.access.hardware.board import Heard
    from consentry.access.hardware.relay import RelayDevice


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less between two tries, and longer for what a busy machine is late with."""
    monkeypatch.setattr(relay, "CONFIRMED_WITHIN_S", 30)
    monkeypatch.setattr(bridge, "REOPENS_S", 0.1)
    monkeypatch.setattr(http_relay, "ASKS_EVERY_S", 0.05)


def in_service(device: RelayDevice) -> bool:
    try:
        device.board.check()
    except DeviceError:
        return False
    return True


@pytest.fixture
def plugged_in() -> Iterator[tuple[RelayBySerial, RelayDevice]]:
    with serial_pair() as (device_end, port), closing(RelayBySerial(SimulatedRelay(), device_end)) as far, closing(SerialBridge(port, 115200)) as line:
        assert until(lambda: in_service(line.device(0)))
        yield far, line.device(0)


def test_a_message_in_a_frame_is_checked_as_in_nmea() -> None:
    # The example of the frame's arithmetic is NMEA 0183's own GPGLL sentence.
    assert framed("GPGLL,5300.97914,N,00259.98174,E,125926,A").endswith(b"*28\n")


@given(st.text(st.characters(min_codepoint=0x30, max_codepoint=0x7E), min_size=1, max_size=60), st.data())
def test_one_changed_byte_of_a_frame_is_always_noticed(message: str, data: st.DataObject) -> None:
    frame = framed(message).removesuffix(b"\n")
    assert unframed(frame) == message
    place = data.draw(st.integers(0, len(frame) - 1))
    changed = frame[:place] + bytes([frame[place] ^ data.draw(st.integers(1, 255))]) + frame[place + 1 :]
    assert unframed(changed) != message or changed.upper() == frame


@given(st.one_of(st.text(max_size=80), st.from_regex(r"[HWTANRLSQ](,[0-9A-F]{0,12}){0,4}", fullmatch=True)))
def test_any_message_is_taken_or_left(message: str) -> None:
    board = Board("device")
    answered = take_message(board, message)
    assert answered is None or isinstance(answered, Answered)
    read_order(message)


def first_reads(device: RelayDevice) -> list[Heard]:
    """Return what comes, once something does."""
    found: list[Heard] = []

    def look() -> bool:
        found.extend(device.board.take_reads(0))
        return bool(found)

    assert until(look)
    return found


def test_noise_split_lines_and_a_wrong_parity_bring_no_card(plugged_in: tuple[RelayBySerial, RelayDevice]) -> None:
    far, device = plugged_in
    good, value = framed(card_message(CARD)), int(card_message(CARD).rsplit(",", 1)[1], 16)
    far.send(b"\x00\xff$W,0,26\n" + good[:-3] + b"00\n" + framed(f"W,0,26,{value ^ 4:X}") + b"$$$" * 900 + b"\n$W,0,26,torn" + good[:7])
    far.send(good[7:])
    assert [(heard.kind, heard.data) for heard in first_reads(device)] == [(ReadKind.CARD, CARD)]


def test_the_text_of_a_code_is_read(plugged_in: tuple[RelayBySerial, RelayDevice]) -> None:
    far, device = plugged_in
    far.say(f"T,0,{'CG1.访客'.encode().hex().upper()}")
    assert [(heard.kind, heard.data.decode()) for heard in first_reads(device)] == [(ReadKind.QR, "CG1.访客")]


def test_a_strike_that_the_device_does_not_have_is_refused(plugged_in: tuple[RelayBySerial, RelayDevice]) -> None:
    with pytest.raises(DeviceError) as caught:
        DeviceStrike(plugged_in[1], 5).release(1)
    assert caught.value.code == "device.refused"


def test_an_order_that_is_not_confirmed_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "CONFIRMED_WITHIN_S", 0.3)
    deaf = Deaf()
    with serial_pair() as (device_end, port), closing(RelayBySerial(deaf, device_end)), closing(SerialBridge(port, 115200)) as line:
        device = line.device(0)
        assert until(lambda: in_service(device))
        with pytest.raises(DeviceError) as caught:
            DeviceStrike(device, 0).release(60)
        assert caught.value.code == "device.unconfirmed"
        assert until(lambda: not deaf.strikes.unlocked(0))


class Deaf(SimulatedRelay):
    """Does what it is told and never says so."""

    def obey(self, message: str) -> str | None:
        super().obey(message)
        return None


def test_a_bridge_that_is_unplugged_and_plugged_in_again_comes_back(tmp_path: Path) -> None:
    port = tmp_path / "port"
    with serial_pair() as (first_end, first_port):
        port.symlink_to(first_port)
        line = SerialBridge(str(port), 115200)
        with closing(RelayBySerial(SimulatedRelay(), first_end)):
            assert until(lambda: in_service(line.device(0)))
    with closing(line), serial_pair() as (second_end, second_port):
        assert until(lambda: not in_service(line.device(0)))
        port.unlink()
        port.symlink_to(second_port)
        with closing(RelayBySerial(SimulatedRelay(), second_end)):
            assert until(lambda: in_service(line.device(0)))
            DeviceStrike(line.device(0), 0).release(1)


def test_a_retained_order_opens_nothing_and_a_retained_card_is_nobodys() -> None:
    with mosquitto() as broker:
        old: list[MessageDict | tuple[str, str | bytes | bytearray | int | float | None, int, bool]] = [
            (f"{PREFIX}/orders", "R,1,0,60000", 1, True),
            (f"{PREFIX}/says", card_message(CARD), 1, True),
        ]
        publish.multiple(old, hostname=broker.host, port=broker.port)
        far = SimulatedRelay()
        with closing(RelayByBroker(far, broker, PREFIX)), closing(MqttRelay(broker, PREFIX)) as line:
            assert until(lambda: in_service(line.device(0)))
            # And what is published to be retained while both listen is not believed either.
            publish.multiple(old, hostname=broker.host, port=broker.port)
            DeviceStrike(line.device(0), 0).lock()
            assert not far.strikes.unlocked(0)
            assert line.device(0).board.take_reads(0) == ()


def test_nothing_that_was_ordered_without_a_broker_is_sent_later() -> None:
    with mosquitto() as broker, closing(MqttRelay(broker, PREFIX)) as line:
        pass
    with pytest.raises(DeviceError, match="not connected"):
        line.device(0).release(0, 60)


# paho lets go of a socket whose handshake failed without closing it.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_a_broker_is_only_trusted_with_its_certificate(certificate: Certificate) -> None:
    far = SimulatedRelay()
    with mosquitto(certificate) as broker, closing(RelayByBroker(far, broker, PREFIX)), closing(MqttRelay(broker, PREFIX)) as line:
        assert until(lambda: in_service(line.device(0)))
        with closing(MqttRelay(replace(broker, ca=None), PREFIX)) as stranger:
            assert not until(lambda: in_service(stranger.device(0)), 0.4)


def test_a_web_relay_is_only_trusted_with_its_certificate(certificate: Certificate) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    with closing(RelayByWeb(SimulatedRelay(), TOKEN, context)) as far:
        with closing(HttpRelay(WebPlace(far.url, TOKEN, certificate.chain))) as line:
            assert until(lambda: in_service(line.device(0)))
        with closing(HttpRelay(WebPlace(far.url, TOKEN))) as line, pytest.raises(DeviceError, match=r"(?i)certificate"):
            line.send("Q,1")


def test_a_web_relay_that_wants_another_token_is_out_of_service() -> None:
    with closing(RelayByWeb(SimulatedRelay(), TOKEN)) as far, closing(HttpRelay(WebPlace(far.url, "another"))) as line:
        with pytest.raises(DeviceError, match="401") as caught:
            line.send("R,1,0,1000")
        assert "another" not in str(caught.value)


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(MissingPartError, match=r"consentry\[doors\]") as caught:
        SerialBridge("/dev/null", 9600)
    assert caught.value.code == "part.doors"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return own_certificate(tmp_path_factory.mktemp("tls"))
