"""A shop for browser tests: founded as `consentry init` would, with two days of figures that came in as a camera's messages do."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyotp

from consentry.alarms import service as alarms
from consentry.alarms.model import AlarmKind, Sighting
from consentry.cameras.intake import Intake
from consentry.cameras.service import note_settings
from consentry.cameras.stills import Stills
from consentry.consent import service as consent
from consentry.consent.requests import RequestKind
from consentry.counting.folds import LineCount, ZoneCount
from consentry.counting.messages import DWELL_BUCKETS, AreaDwell, HealthReport, HourReport, MinuteReport, Started, to_line
from consentry.platform.actors import operator
from consentry.platform.migrations.run import migrate
from consentry.platform.opening import open_site
from consentry.platform.processes.messages import Delivery
from consentry.platform.settings.founding import found_site
from consentry.staff import service as staff
from consentry.staff.model import OneTimeCode, Role, SecondFactorNeeded
from tests.consent import shop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from consentry.counting.messages import Message
    from consentry.platform.site import Site

OPERATOR = operator("test")
PASSWORD = "seven quiet herons at dusk"  # noqa: S105 - of accounts that live as long as a test
LAN_NAME = "shop.test"
WIDTH, HEIGHT = 1280, 720
OPENS, CLOSES = 9, 21
RUN = "run-1"
BATCH = 200
HALF_MINUTE_S = 30
ROWS, COLUMNS = 9, 16

CAMERAS = """
[[camera]]
id = "front"
name = { zh = "正门", en = "Front door" }
source = "rtsp://viewer:{secret}@192.0.2.10/stream"
zone_type = "entrance"
basis = "anonymous-counting"
retention = "400 days"
sign.text = { zh = "此处统计人数，不识别任何人。", en = "People are counted here; nobody is recognised." }
sign.place = "门左侧，视线高度"
sign.photo = "sign.jpg"
sign.placed_on = 2026-01-31
detector = "rtmdet"
  [[camera.line]]
  id = "door"  # the tape on the floor
  name = { zh = "正门入口", en = "Main doorway" }
  from = [200, 430]
  to = [1080, 460]
  [[camera.line]]
  id = "stock"
  name = { zh = "库房通道", en = "Stockroom passage" }
  from = [1120, 200]
  to = [1120, 520]
  staff_only = true
  entrance = false
  [[camera.area]]
  id = "window"
  name = { zh = "橱窗", en = "Shop window" }
  corners = [[120, 120], [460, 110], [480, 330], [130, 350]]

[[camera]]
id = "side"
name = { zh = "侧门", en = "Side entrance" }
source = "rtsp://viewer:{secret}@192.0.2.11/stream"
zone_type = "entrance"
basis = "anonymous-counting"
retention = "400 days"
sign.text = { zh = "此处统计人数，不识别任何人。", en = "People are counted here; nobody is recognised." }
sign.place = "侧门右侧"
sign.photo = "sign.jpg"
sign.placed_on = 2026-01-31
  [[camera.line]]
  id = "side"
  name = { zh = "侧门入口", en = "Side doorway" }
  from = [300, 400]
  to = [900, 400]

[[camera]]
id = "terrace"
name = { zh = "露台", en = "Terrace" }
zone_type = "outdoor-path"

[[accuracy]]
camera = "front"
measured_on = 2026-06-12
detector = "rtmdet"
crossings = 412
error_percent = -1.2
low = -3.4
high = 1.1

[recognition]
embedder = "mobilefacenet"

[[purpose]]
id = "greeting"
method = "1:N"
retention = "90 days"
validity = "365 days"
alternatives = ["desk", "qr"]

[[station]]
id = "welcome"
name = { zh = "迎宾台", en = "Welcome kiosk" }
purposes = ["greeting"]
enrols = true
"""


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the tests; ``secret`` is that of its authenticator."""

    name: str
    role: Role
    secret: str | None = None

    @property
    def code(self) -> str:
        return pyotp.TOTP(self.secret or "").now()


def afternoon_zone(now: datetime) -> str:
    """Return a zone in which it is about three in the afternoon now, so that a test at any hour sees a day with figures."""
    ahead = (15 - now.hour + 12) % 24 - 12
    return "Etc/GMT" if ahead == 0 else f"Etc/GMT{-ahead:+d}"


def found(folder: Path, now: datetime, **answers: object) -> Path:
    """Found an empty site and return its settings file."""
    given = {
        "site.name": {"zh": "滨江路旗舰店", "en": "Riverside flagship"},
        "site.id": "riverside",
        "site.controller": {"zh": "示例零售有限公司", "en": "Example Retail Ltd"},
        "site.contact": "privacy@example.com",
        "site.zone": afternoon_zone(now),
        "site.hours.monday": ["09:00-21:00"],
        "processes.one_user": True,
    }
    founded = found_site(folder, given | {key.replace("__", "."): value for key, value in answers.items()}, now)
    with open_site(founded.file) as site:
        migrate(site.database)
    return founded.file


def add_cameras(file: Path) -> None:
    """Give a founded site its cameras, and hours on every day."""
    text = file.read_text(encoding="utf-8")
    days = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    opened = "".join(f'{day} = ["09:00-21:00"]\n' for day in days)
    text = text.replace('monday = ["09:00-21:00"]\n', f'monday = ["09:00-21:00"]\n{opened}', 1)
    file.write_text(text + CAMERAS, encoding="utf-8")
    (file.parent / "sign.jpg").write_bytes(b"\xff\xd8\xff\xd9")


def fill(file: Path) -> None:
    """Let figures of yesterday and today come in, raise alarms, and note the settings in the ledger."""
    with open_site(file) as site:
        note_settings(site)
        intake = Intake(site, Stills())
        deliveries = [Delivery(seq, camera, _document(message)) for seq, (camera, message) in enumerate(_history(site), 1)]
        for start in range(0, len(deliveries), BATCH):
            intake.take(deliveries[start : start + BATCH])
        for kind, subject in ((AlarmKind.CAMERA_STOPPED, "side"), (AlarmKind.DISK_LOW, "data"), (AlarmKind.CAMERA_GAP, "front")):
            alarms.observe(site, Sighting(kind, subject, present=True, at=site.clock.now()))


def open_greeting(file: Path) -> None:
    """Publish a notice and sign its assessment; let one person agree and ask for a copy."""
    with open_site(file) as site:
        shop.open_purpose(site)
        given = shop.agree(site)
        consent.file_request(site, RequestKind.COPY, secret=given.withdraw_secret, contact="138 0000 0000", words="Everything you hold on me, please.")


def _document(message: Message) -> dict[str, object]:
    document: dict[str, object] = json.loads(to_line(message))
    return document


def _history(site: Site) -> Iterator[tuple[str, Message]]:
    now = site.clock.now()
    today = _midnight(site, now)
    opens = today - timedelta(hours=6)
    for camera, lines in (("front", ("door", "stock")), ("side", ("side",))):
        yield camera, Started(RUN, opens.timestamp(), "rtmdet", lines, ("window",) if camera == "front" else (), WIDTH, HEIGHT)
        at = opens
        while at < now - timedelta(minutes=1):
            yield camera, _minute(camera, lines, at, today)
            at += timedelta(minutes=1)
    for hour in range(9, int((now - today).total_seconds() // 3600)):
        yield "front", _hour(today + timedelta(hours=hour))
    yield "front", HealthReport(RUN, now.timestamp(), "live", "", 14.8, 3, 0, 120.0, 241.0)


def _midnight(site: Site, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(site.settings.site.zone)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _minute(camera: str, lines: Sequence[str], at: datetime, today: datetime) -> MinuteReport:
    hour = ((at - today).total_seconds() / 3600) % 24
    start = int(at.timestamp() // 60 * 60)
    if camera == "front" and 12 <= hour < 12.75 and at >= today:
        return MinuteReport(RUN, start, "missing", 0.0)
    busy = 1.2 + 1.6 * math.exp(-(((hour - 13.5) / 2.2) ** 2)) + 2.2 * math.exp(-(((hour - 18.5) / 1.8) ** 2))
    share = 1.0 if camera == "front" else 0.45
    wave = (start // 60 * 7919) % 13 / 13
    if not OPENS <= hour < CLOSES:
        busy = 0.0
    counts = [LineCount(line, *(_people(busy, share, wave) if line != "stock" else (0, 0, 0, 0))) for line in lines]
    areas = [ZoneCount("window", int(busy * wave * 2), int(busy))] if camera == "front" else []
    return MinuteReport(RUN, start, "counted", 1.0, tuple(counts), tuple(areas))


def _people(busy: float, share: float, wave: float) -> tuple[int, int, int, int]:
    entered, left = round(busy * share * (0.4 + wave)), round(busy * share * (0.35 + (1 - wave)) * 0.93)
    return entered, left, max(0, round(entered * 0.7)), max(0, round(left * 0.7))


def _hour(at: datetime) -> HourReport:
    counts = tuple(max(0, round(14 * math.exp(-(((bucket - 7) / 3) ** 2)))) for bucket in range(len(DWELL_BUCKETS) + 1))
    near = [[math.exp(-(((row - 5) / 2.2) ** 2) - ((column - 8) / 4.5) ** 2) for column in range(COLUMNS)] for row in range(ROWS)]
    seconds = tuple(round(400 * cell) if cell > 0.06 else 0 for cells in near for cell in cells)
    return HourReport(RUN, int(at.timestamp()), (AreaDwell("window", counts),), ROWS, COLUMNS, seconds)


def employ(file: Path, name: str, role: Role, *, second_factor: bool = False) -> Person:
    """Give somebody an account, as an invitation that was accepted would."""
    with open_site(file) as site:
        if role is Role.ADMINISTRATOR:
            path = staff.first_administrator_link(site)
            assert path is not None
        else:
            path = staff.invite(site, OPERATOR, name, role).path
        signed_in = staff.accept_link(site, path.partition("token=")[2], name, PASSWORD, "127.0.0.1")
        if not second_factor:
            return Person(name, role)
        actor = staff.actor_of(site, signed_in.token)
        assert actor is not None
        begun = staff.begin_one_time_codes(site, actor)
        code = _code_before(begun.secret)
        staff.finish_one_time_codes(site, actor, begun.ticket, "Phone", code)
        return Person(name, role, begun.secret)


def _code_before(secret: str) -> str:
    """Return the code of the half minute before this one, which holds until this one ends; one that ends at once is waited for."""
    left = HALF_MINUTE_S - time.time() % HALF_MINUTE_S
    if left < HALF_MINUTE_S / 3:
        time.sleep(left)
    return pyotp.TOTP(secret).at(datetime.now(UTC) - timedelta(seconds=HALF_MINUTE_S))


def token_of(file: Path, person: Person) -> str:
    """Sign somebody in without a browser and return the session's token."""
    with open_site(file) as site:
        outcome = staff.sign_in(site, person.name, PASSWORD, "127.0.0.1")
        if isinstance(outcome, SecondFactorNeeded):
            outcome = staff.finish_sign_in(site, outcome.ticket, OneTimeCode(person.code), "127.0.0.1")
        return outcome.token
