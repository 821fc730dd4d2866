"""The tables of the device file: lines, and what hangs on them at each door."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, Strict, model_validator

from consentry.access.model import ReaderKind
from consentry.platform.settings.values import Flag, Part, PortNumber, Slug, refusal

__all__ = ["BridgeLine", "DoorPart", "GpioLine", "HttpLine", "InputPoint", "Layout", "LinePart", "MqttLine", "OsdpLine", "Point", "ReaderPart", "SimulatedLine"]

_Words = Annotated[str, Strict(), Field(min_length=1, max_length=200)]
_Topic = Annotated[str, Strict(), Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=100)]
_Baud = Literal[9600, 19200, 38400, 57600, 115200, 230400]
_Number = Annotated[int, Strict(), Field(ge=0, le=511)]
_Address = Annotated[int, Strict(), Field(ge=0, le=126)]


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine itself, so that nothing of it goes over a wire."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _encrypted(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise refusal("devices.url", "it is no web address of a device", 'Write it as "https://relay.example".')
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise refusal("devices.unencrypted", "orders to unlock would go over the network unencrypted", "Write https, with the device's authority in ca.")
    return url


def _served(kinds: tuple[ReaderKind, ...]) -> tuple[ReaderKind, ...]:
    if {ReaderKind.FACE, ReaderKind.CONCIERGE} & set(kinds):
        raise refusal("devices.serves", "no device on a line reads faces, and none is a person", "Write card, pin or qr.")
    return kinds


class OsdpLine(Part):
    """An RS-485 bus with OSDP devices; their keys stand in ``osdp_keys``."""

    driver: Literal["osdp"]
    id: Slug = Field(description="What points name it by, and the key file.")
    port: _Words = Field(description="The serial port.")
    baud: _Baud = Field(default=9600, description="Bits a second, as the devices are set.")


class BridgeLine(Part):
    """A small device with Wiegand readers and relays on a serial port."""

    driver: Literal["bridge"]
    id: Slug = Field(description="What points name it by.")
    port: _Words = Field(description="The serial port.")
    baud: _Baud = Field(default=115200, description="Bits a second.")


class MqttLine(Part):
    """A relay device behind an MQTT broker."""

    driver: Literal["mqtt"]
    id: Slug = Field(description="What points name it by.")
    host: _Words = Field(description="The broker.")
    port: PortNumber = Field(default=8883, description="Its port.")
    tls: Flag = Field(default=True, description="Off only for a broker on this machine.")
    ca: _Words | None = Field(default=None, description="PEM file of the broker's authority; without it, the system's.")
    user: _Words | None = Field(default=None, description="The broker's account for this controller.")
    password_file: _Words | None = Field(default=None, description="File of mode 600 with its password.")
    prefix: _Topic = Field(description="The device's topics: PREFIX/orders and PREFIX/says.")

    @model_validator(mode="after")
    def _check(self) -> MqttLine:
        if not self.tls and not is_this_machine(self.host):
            mend = "Take tls = false out, and name the broker's authority in ca."
            raise refusal("devices.unencrypted", "orders to unlock would go over the network unencrypted", mend)
        return self


class HttpLine(Part):
    """A relay device with a web address."""

    driver: Literal["http"]
    id: Slug = Field(description="What points name it by.")
    url: Annotated[_Words, AfterValidator(_encrypted)] = Field(description="Its address, https but on this machine.")
    token_file: _Words = Field(description="File of mode 600 with the token that it wants.")
    ca: _Words | None = Field(default=None, description="PEM file of the device's authority; without it, the system's.")


class GpioLine(Part):
    """A GPIO chip of this machine."""

    driver: Literal["gpio"]
    id: Slug = Field(description="What points name it by.")
    chip: _Words = Field(default="/dev/gpiochip0", description="The chip's device.")


class SimulatedLine(Part):
    """A device in memory, for trials."""

    driver: Literal["simulator"]
    id: Slug = Field(description="What points name it by.")


LinePart = Annotated[OsdpLine | BridgeLine | MqttLine | HttpLine | GpioLine | SimulatedLine, Field(discriminator="driver")]


class Point(Part):
    """A strike on a line."""

    line: Slug = Field(description="The line.")
    address: _Address = Field(default=0, description="The OSDP device; other lines have one device and no addresses.")
    number: _Number = Field(default=0, description="Which of the device's outputs, inputs or readers, from 0; the line of a GPIO chip.")


class InputPoint(Point):
    """An input on a line."""

    at_rest: Literal["closed", "open"] | None = Field(
        default=None, description="Its circuit while nothing happens: closed unless said otherwise, so that a cut wire is noticed; open for an exit button."
    )


class ReaderPart(Point):
    """A reader beside the door."""

    id: Slug = Field(description="Its name in events; one controller has it once.")
    serves: Annotated[tuple[ReaderKind, ...], AfterValidator(_served)] = Field(min_length=1, description="What it reads: card, pin, qr.")


class DoorPart(Part):
    """A door of the settings, and what hangs on lines there."""

    id: Slug = Field(description="The door's id in the settings.")
    strike: Point = Field(description="What holds it shut.")
    contact: InputPoint | None = Field(default=None, description="The contact in its frame, closed while the door is.")
    fire: InputPoint | None = Field(default=None, description="The fire panel's contact. It only tells; the release in a fire is wired.")
    exit: InputPoint | None = Field(default=None, description="The exit button or sensor.")
    tamper: InputPoint | None = Field(default=None, description="The cabinet's contact; readers tell of their own housing by themselves.")
    reader: tuple[ReaderPart, ...] = Field(default=(), description="The readers.")


class Layout(Part):
    """The whole device file."""

    osdp_keys: _Words | None = Field(default=None, description="File of mode 600 with the keys of the OSDP devices.")
    line: tuple[LinePart, ...] = Field(min_length=1, description="The lines.")
    door: tuple[DoorPart, ...] = Field(min_length=1, description="The doors.")
