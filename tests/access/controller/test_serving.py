"""The page of a door takes readings from itself alone, and tells whoever stands there no more than they may know."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.access.controller.serving import TOKEN_MARK, DoorPage, Standing, Told, door_app
from consentry.access.model import AccessEvent
from consentry.access.proving import CardShown, CodeShown, PinShown
from tests.api.client import Client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import httpx

    from consentry.access.proving import Shown

OWN = "http://127.0.0.1:8099"
PAGE = DoorPage("lobby", "closed", "normal", {"pin": "ok"}, tablet=True, asks_pin=True)
GATE = DoorPage("gate", "closed", "normal", {"card": "ok"}, tablet=False)


class Keeper:
    """Answers as it is told to, and remembers what was shown."""

    def __init__(self) -> None:
        self.told = Told(granted=True, reason=AccessEvent.GRANTED, release_s=5.0)
        self.shown: list[Shown] = []
        self.seen: list[str | None] = []

    def show(self, shown: Shown) -> Told:
        self.shown.append(shown)
        return self.told

    def standing(self, page: str | None = None) -> Standing:
        self.seen.append(page)
        return Standing("main", 7, expired=False, online=True, server=None, doors=(PAGE, GATE), unit_digits=5, clock_in_doubt=True)

    def face_address(self, door: str, back: str) -> str | None:
        return None if door == "gate" else f"https://site.example/{door}?back={back}"


class Page:
    """A page of the door, as a browser holds it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "index.html").write_text(f'<meta name="door-token" content="{TOKEN_MARK}">', encoding="utf-8")
        (folder / "page.js").write_text("// nothing", encoding="utf-8")
        monkeypatch.setattr("consentry.access.controller.serving._TABLET", folder)
        self.keeper, self.seconds = Keeper(), 0.0
        self.client = Client(door_app(self.keeper, elapsed=lambda: self.seconds), base=OWN)
        self.token = self.get("/").text.split('content="')[1].split('"')[0]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def read(self, body: dict[str, Any], headers: Mapping[str, str | bytes] | None = None) -> httpx.Response:
        return self.client.post("/read", json=body, headers={"Origin": OWN, "X-Door-Token": self.token} if headers is None else headers)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(tmp_path, monkeypatch)


CARD = CardShown("lobby", "text", b"0412345678")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"code": " CG1.a.b\n"}, CodeShown("lobby", "CG1.a.b")),
        ({"card": "0412345678\r"}, CARD),
        ({"card": "04:A1:b2:c3\n"}, CardShown("lobby", "uid", bytes.fromhex("04a1b2c3"))),
        ({"card": "04a1b2c3d4e5f6"}, CardShown("lobby", "uid", bytes.fromhex("04a1b2c3d4e5f6"))),
        ({"card": "0412345678", "pin": "804417"}, PinShown("lobby", CARD, "804417")),
        ({"unit": "31201", "pin": "739152"}, PinShown("lobby", "31201", "739152")),
        ({"pin": "739152"}, PinShown("lobby", "", "739152")),
        ({"unit": "31201", "pin": "739152", "took_ms": 8250}, PinShown("lobby", "31201", "739152", timedelta(seconds=8.25))),
    ],
)
def test_what_the_page_read_is_decided_about(page: Page, body: dict[str, object], shown: Shown) -> None:
    answer = page.read({"door": "lobby", **body})
    assert answer.json() == {"granted": True, "reason": "granted", "release_s": 5.0, "delay_s": 0.0, "waits": None, "locked_s": 0.0}
    assert page.keeper.shown == [shown]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8099"},
        {"X-Door-Token": ""},
        {"X-Door-Token": "guessed"},
        {"X-Door-Token": "ü".encode()},
    ],
)
def test_a_reading_from_anywhere_else_is_refused(page: Page, headers: dict[str, str | bytes]) -> None:
    answer = page.read({"door": "lobby", "code": "x"}, {"Origin": OWN, "X-Door-Token": page.token} | headers)
    assert (answer.status_code, page.keeper.shown) == (403, [])


def test_a_reading_without_an_origin_is_refused(page: Page) -> None:
    answer = page.read({"door": "lobby", "code": "x"}, {"X-Door-Token": page.token})
    assert answer.status_code == 403


def test_a_page_that_names_itself_after_the_address_is_refused(page: Page) -> None:
    for path in ("/", "/state"):
        assert page.get(path, Host="rebound.example").status_code == 421


@pytest.mark.parametrize("door", ["gate", "cellar"])
def test_only_a_door_with_a_software_reader_takes_readings(page: Page, door: str) -> None:
    assert page.read({"door": door, "code": "x"}).status_code == 404
    assert page.keeper.shown == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"door": "lobby"},
        {"door": "lobby", "code": "x", "pin": "123456"},
        {"door": "lobby", "unit": "1201"},
        {"door": "lobby", "code": "x", "card": "1"},
        {"door": "lobby", "code": "x" * 5000},
        {"door": "lobby", "code": "x", "person": "p1"},
        {"door": "lobby", "unit": "1201", "pin": 123456},
        {"door": "lobby", "unit": "1201", "pin": "123456", "took_ms": -1},
    ],
)
def test_what_is_no_reading_is_refused_and_no_pin_is_repeated(page: Page, body: dict[str, Any]) -> None:
    answer = page.read(body)
    assert (answer.status_code, page.keeper.shown) == (422, [])
    assert "123456" not in answer.text


def test_a_body_without_end_is_refused(page: Page) -> None:
    assert page.read({"door": "lobby", "code": "x" * 20_000}).status_code == 413


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (AccessEvent.DENIED_UNKNOWN_CREDENTIAL, "denied-incorrect-authentication-factor"),
        (AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR, "denied-incorrect-authentication-factor"),
        (AccessEvent.DENIED_AUTHENTICATION_FACTOR_STOLEN, "denied-incorrect-authentication-factor"),
        (AccessEvent.DENIED_LOCKOUT, "denied-lockout"),
        (AccessEvent.DENIED_OUT_OF_TIME_RANGE, "denied-out-of-time-range"),
    ],
)
def test_whoever_tries_does_not_learn_whether_a_number_exists_or_a_card_is_searched_for(page: Page, reason: AccessEvent, said: str) -> None:
    page.keeper.told = Told(granted=False, reason=reason)
    assert page.read({"door": "lobby", "code": "x"}).json()["reason"] == said


@pytest.mark.parametrize("own", [True, False])
def test_the_state_tells_how_the_doors_stand_and_to_the_page_alone_what_goes_on_there(page: Page, own: bool) -> None:
    state = page.get("/state?door=lobby", **({"X-Door-Token": page.token} if own else {}))
    contact = "closed" if own else None
    assert state.json() == {
        "controller": "main",
        "snapshot": 7,
        "expired": False,
        "online": True,
        "server": None,
        "doors": [
            {"id": "lobby", "contact": contact, "mode": "normal", "readers": {"pin": "ok"}, "tablet": True, "asks_pin": own},
            {"id": "gate", "contact": contact, "mode": "normal", "readers": {"card": "ok"}, "tablet": False, "asks_pin": False},
        ],
        "unit_digits": 5,
        "pin_digits": None,
        "clock_in_doubt": True,
    }
    assert state.headers["Cache-Control"] == "no-store"
    assert page.keeper.seen == ["lobby" if own else None], "nobody else passes for the page"


def test_a_page_whose_token_is_of_an_earlier_start_learns_that_it_must_be_loaded_anew(page: Page) -> None:
    assert page.get("/state?door=lobby", **{"X-Door-Token": "earlier"}).status_code == 403
    assert page.keeper.seen == []


def test_more_than_two_readings_a_second_at_one_door_are_refused_until_it_was_quiet(page: Page) -> None:
    answers = [page.read({"door": "lobby", "code": "x"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert "door.too-fast" in answers[-1].text
    assert len(page.keeper.shown) == 2
    page.seconds += 0.5
    assert page.read({"door": "lobby", "code": "x"}).status_code == 200


def test_the_page_loads_what_is_its_own_and_nothing_else(page: Page) -> None:
    policy = page.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.get("/tablet/page.js").status_code == 200
    assert page.get("/tablet/../serving.py").status_code == 404


def test_every_start_has_a_token_of_its_own(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Page(tmp_path, monkeypatch).token != page.token
