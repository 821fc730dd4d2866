"""From a door's page to the server's face reader and back: only the door's own controller names the way back, and its page is all there is to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from consentry.access.controller import serving
from consentry.access.controller.serving import DoorPage, Standing, Told, door_app
from consentry.access.controller.way_back import face_address, is_vouched
from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.service import way_back
from consentry.access.ways import readiness_of
from consentry.platform.errors import DeniedError, NotFoundError
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.portal.stations import router
from tests.access.events.lodge import Controller, Lodge, lodge_on
from tests.api.client import Client

if TYPE_CHECKING:
    from consentry.access.proving import Shown
    from consentry.platform.database import Database

KEY = Ed25519PrivateKey.from_private_bytes(b"d" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
BACK = "https://10.0.0.7:8099/?door=front&en=Front"
TABLET = Path(serving.__file__).parent / "tablet"


def asked(key: Ed25519PrivateKey = KEY, door: str = "front", back: str = BACK) -> dict[str, str]:
    """Return what a controller gives the server."""
    return {name: values[0] for name, values in parse_qs(urlsplit(face_address("https://site.example/", key, door, back)).query).items()}


class Keeper:
    """A controller whose server is there, or is not."""

    def __init__(self, *, online: bool) -> None:
        self.online = online

    def show(self, shown: Shown) -> Told:  # noqa: ARG002 - of the port
        return Told(granted=False, reason=AccessEvent.DENIED_OTHER)

    def standing(self, page: str | None = None) -> Standing:  # noqa: ARG002 - of the port
        return Standing("main", 7, expired=False, online=self.online, server=None, doors=(DoorPage("front", "closed", "normal", {}, tablet=True),))

    def face_address(self, door: str, back: str) -> str | None:
        return face_address("https://site.example", KEY, door, back) if self.online else None


@pytest.fixture
def lodge(sqlite_database: Database, tmp_path: Path) -> Lodge:
    return lodge_on(sqlite_database, tmp_path)


@pytest.fixture
def visitor(lodge: Lodge) -> Client:
    app = FastAPI()
    serve_site(app, lodge.site, lambda _site, _request: None, RateLimit(1e6, 1_000_000))
    app.include_router(router)
    return Client(app)


def stations_work(monkeypatch: pytest.MonkeyPatch, *, works: bool) -> None:
    ways = [ReaderKind.CARD, ReaderKind.FACE] if works else [ReaderKind.FACE]
    told = dict.fromkeys(ReaderKind, True)
    monkeypatch.setattr(way_back, "door_readiness", lambda _, door: readiness_of(door, ways, told, None))


def test_the_server_believes_the_key_of_the_controller_about_that_door_and_that_address_alone() -> None:
    proof = asked()["proof"]
    assert asked()["back"] == BACK
    assert is_vouched(PUBLIC, "front", BACK, proof)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for key, door, back in ((other, "front", BACK), (PUBLIC, "gate", BACK), (PUBLIC, "front", BACK + "x")):
        assert not is_vouched(key, door, back, proof)
    for garbage in ("", "a", "é", "A" * 88):
        assert not is_vouched(PUBLIC, "front", BACK, garbage)


@pytest.mark.parametrize("back", ["javascript:alert(1)", "//elsewhere.example", "data:text/html,x", "https://x/" + "a" * 2000])
def test_what_is_no_address_of_a_page_is_refused_whoever_signed_it(back: str) -> None:
    assert not is_vouched(PUBLIC, "front", back, asked(back=back)["proof"])


def test_the_page_leads_to_the_server_and_names_itself_or_says_at_once_that_no_face_is_recognised() -> None:
    answer = Client(door_app(Keeper(online=True)), base="http://127.0.0.1:8099").get("/face?door=front&en=Front&as=en")
    given = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.status_code == 303
    assert (given["back"], given["lang"]) == (["http://127.0.0.1:8099/?door=front&en=Front&as=en"], ["en"])
    for query in ("door=front", "door=front&en=" + "x" * 2000):
        away = Client(door_app(Keeper(online=len(query) > 99)), base="http://127.0.0.1:8099").get(f"/face?{query}")
        assert away.headers["location"] == f"http://127.0.0.1:8099/?{query}#face=unavailable"


def test_somebody_from_a_door_is_led_to_its_station_and_the_page_there_leads_back(lodge: Lodge, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stations_work(monkeypatch, works=True)
    main = lodge.controller()
    answer = visitor.get(f"/door/front/face?{urlencode(asked(main.key))}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/kiosk/front-eye/recognise/door_access?door=front&back=https%3A%2F%2F10.0.0.7")


def test_where_no_face_is_recognised_they_come_back_to_the_other_ways(lodge: Lodge, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stations_work(monkeypatch, works=False)
    monkeypatch.setattr(way_back, "door_readiness", lambda _, door: readiness_of(door, [ReaderKind.CARD], {}, None))
    answer = visitor.get(f"/door/front/face?{urlencode(asked(lodge.controller().key))}")
    assert answer.headers["location"] == f"{BACK}#face=unavailable"


def test_a_station_that_closes_while_they_stand_there_sends_them_back_too(lodge: Lodge, visitor: Client) -> None:
    page, given = "/kiosk/front-eye/recognise/door_access", urlencode({"door": "front", **asked(lodge.controller().key)})
    answer = visitor.get(f"{page}?{given}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BACK}#face=unavailable")
    assert visitor.get(page).status_code == 404


def test_a_screen_whose_controller_is_not_believed_goes_back_by_itself_and_not_to_where_it_says(lodge: Lodge, visitor: Client) -> None:
    lodge.controller()
    for path in (f"/door/front/face?{urlencode(asked())}", f"/kiosk/front-eye/recognise/door_access?{urlencode({'door': 'front', **asked()})}"):
        answer = visitor.get(path)
        assert answer.status_code == 403
        assert "return.js" in answer.text
        assert "data-return" in answer.text
        assert "10.0.0.7" not in answer.text


def test_nobody_is_sent_to_an_address_that_the_door_s_controller_did_not_sign(lodge: Lodge, visitor: Client) -> None:
    main, garage = lodge.controller(), lodge.controller("garage")
    revoked = Controller(lodge.site)
    for key in (KEY, garage.key, revoked.key):
        assert visitor.get(f"/door/front/face?{urlencode(asked(key))}").status_code == 403
    with pytest.raises(DeniedError, match="vouch"):
        way_back.require_way_back(lodge.site, "front", BACK + "#x", asked(main.key)["proof"])
    with pytest.raises(NotFoundError):
        way_back.require_way_back(lodge.site, "cellar", BACK, asked(main.key, "cellar")["proof"])


def test_the_page_holds_all_it_needs_and_makes_no_markup_of_text() -> None:
    texts = {file.name: file.read_text(encoding="utf-8") for file in TABLET.iterdir()}
    loaded = set(re.findall(r'(?:from "\./|/tablet/)([\w.]+)"', "".join(texts.values())))
    assert loaded | {"index.html"} == set(texts)
    assert [name for name, text in texts.items() if re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|https?://|\sstyle=|\son\w+=", text)] == []


def test_both_languages_have_the_same_words_and_one_for_each_reason_that_may_be_said() -> None:
    words = (TABLET / "words.js").read_text(encoding="utf-8")
    chinese, english = words.split("  en: {")
    keys = [re.findall(r'(?:^\s+|, )([a-z_]+|"[a-z-]+"): ["\[{]', half, re.MULTILINE) for half in (chinese.split('"zh-CN": {')[1], english)]
    assert keys[0] == keys[1]
    said = {reason.value for reason in serving.SAID} - {"granted", "verification-required"}
    assert {f'"{reason}"' for reason in said} <= set(keys[0])
    used = re.findall(r'data-t="(\w+)"', (TABLET / "index.html").read_text(encoding="utf-8"))
    assert set(used) <= set(keys[0])
