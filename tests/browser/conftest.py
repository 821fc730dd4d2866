"""A real browser, and a shop that really runs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from consentry.platform.opening import open_site
from consentry.staff import service as staff
from consentry.staff.model import Role
from tests.browser.demo_sales import Sales, add_project, sell
from tests.browser.demo_site import LAN_NAME, Person, add_cameras, employ, fill, found, open_greeting, token_of
from tests.browser.running_site import served
from tests.browser.sales_office import opened_office
from tests.browser.stations import opened_shop
from tests.browser.windows import PATIENCE_MS, close_window, open_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.sales_office import SalesOffice
    from tests.browser.stations import Shop

CHROMIUM = Path("/usr/bin/chromium")
SHOTS = Path(__file__).resolve().parents[2] / "out" / "browser"
QUIET = ("--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync")
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


@dataclass(frozen=True, slots=True)
class Running:
    """A site that runs: its settings file, the origin under which it answers, and who works there."""

    file: Path
    origin: str
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    welcome: str = ""
    sales: Sales | None = None

    def place(self, path: str) -> str:
        """Return a path in which braces name something that the sales office holds, with its id."""
        return path.format_map(asdict(self.sales)) if self.sales else path

    def acts(self) -> list[tuple[str, str]]:
        """Return what was done last and why, newest first, as the ledger's interface tells an auditor."""
        cookies = {"consentry": self.tokens["auditor"]}
        answer = httpx.get(f"{self.origin}/api/v1/ledger/entries", params={"limit": 12}, cookies=cookies, timeout=30).raise_for_status()
        return [(item["action"], item["reason"]) for item in answer.json()["items"]]


@dataclass(slots=True)
class Visit:
    """An open page, and everything that went wrong on it."""

    page: Page
    origin: str
    troubles: list[str]

    def go(self, path: str) -> None:
        """Open a page of the console and wait until it is drawn."""
        self.page.goto(f"{self.origin}{path}")
        self.page.wait_for_selector("h1")

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


expect.set_options(timeout=PATIENCE_MS)  # as long as everything else is waited for; five seconds alone


# For a module at a time: while Playwright runs, its event loop counts as running in this thread, and other folders' tests run loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"reason: {CHROMIUM} is missing (make system)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", f"--host-resolver-rules=MAP {LAN_NAME} 127.0.0.1", *QUIET])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A shop with cameras, two days of figures and of sales, alarms, and people of several roles."""
    now = datetime.now(UTC)
    file = found(tmp_path_factory.mktemp("shop") / "site", now)
    add_cameras(file)
    add_project(file, now)
    fill(file)
    open_greeting(file)
    sales = sell(file, now)
    people = {
        "administrator": employ(file, "林薇", Role.ADMINISTRATOR, second_factor=True),
        "manager": employ(file, "Zhang Min", Role.STORE_MANAGER),
        "auditor": employ(file, "王磊", Role.AUDITOR),
    }
    tokens = {role: token_of(file, person) for role, person in people.items()}
    with served(file) as origin:
        yield Running(file, origin, people, tokens, sales=sales)


@pytest.fixture(scope="session")
def recognising_shop() -> Iterator[Shop]:
    """A shop with a station, a vault and the station's worker."""
    with opened_shop() as found:
        yield found


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SalesOffice]:
    """A sales office with two agents, reports, a visitor's link and a signed verdict."""
    with opened_office(tmp_path_factory.mktemp("office") / "site") as found:
        yield found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Running]:
    """A site that was founded a moment ago: no camera, no account."""
    file = found(tmp_path / "site", datetime.now(UTC))
    with open_site(file) as site:
        welcome = staff.first_administrator_link(site) or ""
    with served(file) as origin:
        yield Running(file, origin, welcome=welcome)


@pytest.fixture
def new_window(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open windows that nobody is signed in to; they are closed after the test."""
    contexts: list[BrowserContext] = []

    def give(**look: Any) -> BrowserContext:  # noqa: ANN401 - what Playwright takes
        contexts.append(open_window(browser, **look))
        return contexts[-1]

    yield give
    for context in contexts:
        close_window(context)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a page of a site, as somebody signed in where a role is named."""
    contexts: list[BrowserContext] = []

    def open_page(running: Running, role: str = "", *, language: str = "en", scheme: str = "light", device: dict[str, Any] | None = None) -> Visit:
        contexts.append(_context(browser, running, role, _appearance(language, scheme, device or DESKTOP)))
        return _watched(contexts[-1].new_page(), running.origin)

    yield open_page
    for context in contexts:
        close_window(context)


@pytest.fixture(scope="module")
def tour(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a page as ``visit`` does, in a window that stays for the next page in the same look: for tests that only look."""
    windows: dict[tuple[str, str, str, str, int], Visit] = {}

    def open_page(running: Running, role: str = "", *, language: str = "en", scheme: str = "light", device: dict[str, Any] | None = None) -> Visit:
        device = device or DESKTOP
        look = (running.origin, role, language, scheme, device["viewport"]["width"])
        if look not in windows:
            windows[look] = _watched(_context(browser, running, role, _appearance(language, scheme, device)).new_page(), running.origin)
        windows[look].troubles.clear()
        return windows[look]

    yield open_page
    for seen in windows.values():
        close_window(seen.page.context)


def _appearance(language: str, scheme: str, device: dict[str, Any]) -> dict[str, Any]:
    return {"locale": {"en": "en-GB", "zh-CN": "zh-CN"}[language], "color_scheme": scheme, "reduced_motion": "reduce", **device}


def _context(browser: Browser, running: Running, role: str, appearance: dict[str, Any]) -> BrowserContext:
    context = open_window(browser, **appearance)
    if role:
        context.add_cookies([{"name": "consentry", "value": running.tokens[role], "url": running.origin, "httpOnly": True, "sameSite": "Strict"}])
    return context


def _watched(page: Page, origin: str) -> Visit:
    troubles: list[str] = []
    host = urlsplit(origin).netloc

    def note_request(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != host:
            troubles.append(f"left the host: {url}")

    page.on("request", lambda request: note_request(request.url))
    page.on("websocket", lambda socket: note_request(socket.url))
    page.on("pageerror", lambda error: troubles.append(f"error on the page: {error}"))
    page.on("console", lambda message: troubles.append(f"console: {message.text}") if message.type == "error" else None)
    return Visit(page, origin, troubles)


@contextmanager
def downloaded(page: Page) -> Iterator[dict[str, bytes]]:
    """Collect the file that what is done inside downloads, by its name."""
    files: dict[str, bytes] = {}
    with page.expect_download() as started:
        yield files
    files[started.value.suggested_filename] = Path(started.value.path()).read_bytes()
