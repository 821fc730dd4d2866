"""The whole way with nothing pretended but the calibration: real vault, real station worker, real networks, portraits in the public domain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from matplotlib import cbook
from skimage import data

from consentry.consent.model import Via
from consentry.platform.backup.templates import load_templates, save_templates
from consentry.recognition import service
from consentry.recognition.client import station_socket
from consentry.recognition.model import TicketKind
from consentry.recognition.station.model import CapturePhase, StationOrder
from tests.consent.shop import agree, open_purpose
from tests.recognition.house import DESK, STATION, Device, House, founded, order_of
from tests.recognition.vault.running import REAL, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.platform.site import Site
    from consentry.recognition.answers import CaptureView
    from consentry.recognition.model import StationTicket

    Picture = NDArray[np.uint8]

pytestmark = pytest.mark.slow

PATIENCE_S = 120.0
"""Seconds within which a capture must end that should: its ticket holds for a minute at most."""
TRIES = 6
"""A ticket to identify holds for ten seconds, in which a busy machine may not have seen enough; whoever stands there presses the button again."""
IN_VAIN_S = 4.0
"""Seconds for which a capture is fed that must not."""


def astronaut() -> Picture:
    """Return head and shoulders of Eileen Collins (NASA, public domain), uint8 [640, 640, 3], BGR."""
    portrait: Picture = data.astronaut()[0:300, 70:370]  # type: ignore[no-untyped-call]
    return np.asarray(cv2.resize(portrait[:, :, ::-1], (640, 640), interpolation=cv2.INTER_CUBIC), np.uint8)


def admiral() -> Picture:
    """Return Grace Hopper (US Navy, public domain), uint8 [606, 512, 3], BGR."""
    picture = cv2.imread(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def frames(picture: Picture) -> Iterator[bytes]:
    """Yield what a camera would send of somebody who stands almost still: a little moved, a little noise."""
    draw = np.random.default_rng(5)
    while True:
        moved = np.roll(picture, tuple(draw.integers(-2, 3, 2)), (0, 1)).astype(np.int16) + draw.normal(0, 2, picture.shape).astype(np.int16)
        yield cv2.imencode(".jpg", np.clip(moved, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


@contextmanager
def worker_of(site: Site, vault_socket: str, models: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the kiosk's real worker."""
    zone = (0.1, 0.05, 0.9, 0.95)
    socket = str(station_socket(site.store.places, STATION))
    order = StationOrder(STATION, socket, vault_socket, (os.getuid(),), zone, "yunet", "mobilefacenet", attested=True, models=str(models))
    command = [sys.executable, "-m", "consentry.recognition.station"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(order.to_line())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["type"] == "beat"
        yield process
        process.stdin.close()


@pytest.fixture
def house(shared: Path) -> Iterator[House]:
    """Return a site whose kiosk has a real worker; the vault is started by each test."""
    with founded() as (site, clock), ExitStack() as stack:
        open_purpose(site)
        order = replace(order_of(site), models=str(shared / "models"))
        stack.enter_context(worker_of(site, order.stations_socket, shared / "models"))
        yield House(site, clock, order, station=None, device=Device())  # type: ignore[arg-type]


def shown(house: House, ticket: StationTicket, picture: Picture, patience_s: float = PATIENCE_S) -> CaptureView:
    """Show a picture until the capture ends, or patience does."""
    until = time.monotonic() + patience_s
    for frame in frames(picture):
        view = service.feed(house.site, ticket.id, frame)
        if view.phase in {CapturePhase.DONE, CapturePhase.REFUSED} or time.monotonic() > until:
            return view
    raise AssertionError


def decision(house: House, picture: Picture) -> str:
    """Identify somebody beside whom a member of staff stands."""
    for _ in range(TRIES):
        view = shown(house, house.ticket(TicketKind.IDENTIFY, attendant=DESK), picture)
        if view.outcome is not None:
            return str(view.outcome.decision)
    pytest.fail("no capture was decided")


def test_a_person_is_enrolled_recognised_and_after_withdrawing_known_nowhere_any_more(house: House, tmp_path: Path) -> None:
    places = house.site.store.places
    with running(house.order, REAL):
        house.pair()
        given = agree(house.site, station=STATION, staff=DESK)
        alone = shown(house, house.ticket(TicketKind.ENROL, given.consent), astronaut(), IN_VAIN_S)
        assert alone.phase is not CapturePhase.DONE, "a still picture never passes unattended"
        enrolled = shown(house, house.ticket(TicketKind.ENROL, given.consent, attendant=DESK), astronaut())
        assert enrolled.outcome is not None, enrolled
        assert (enrolled.outcome.decision, enrolled.outcome.consent) == ("accept", given.consent)
        assert decision(house, astronaut()) == "accept"
        assert decision(house, admiral()) in {"reject", "unsure"}
    assert save_templates(places, tmp_path / "templates")
    with running(house.order, REAL):
        assert decision(house, astronaut()) == "accept", "templates are there again after a restart"
        service.withdraw(house.site, given.withdraw_secret, Via.KIOSK)
        assert decision(house, astronaut()) == "reject"
    with running(house.order, REAL):
        assert decision(house, astronaut()) == "reject", "nor after a restart"
    load_templates(places, tmp_path / "templates")
    with running(house.order, REAL):
        assert decision(house, astronaut()) == "reject", "nor from a restored backup"
    assert service.erasure_certificate(house.site, given.withdraw_secret).data
