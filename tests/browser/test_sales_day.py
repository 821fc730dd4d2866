"""A whole sales day in real browsers: reports, a desk without its network, a code shown twice, contracts that are judged and signed, an appeal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from consentry.attribution.visiting import Binding
from consentry.ledger.rules.notes import verifier_key_text
from consentry.ledger.service import log_key
from consentry.platform.opening import open_site
from tests.attribution.reports.office import PASSPHRASE
from tests.browser.conftest import DESKTOP, PHONE, SHOTS, Running, downloaded
from tests.browser.drawn_codes import read
from tests.browser.front_desk import TABLET, Tablet
from tests.browser.sales_hall import AGENTS, PROJECT, opened_hall
from tests.browser.test_attribution_console import await_act
from tests.browser.windows import close_window, open_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.conftest import Visit
    from tests.browser.sales_hall import SalesHall

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LEAD_S = 30
WANG, ZHAO = "+8613812345678", "+8613655556666"
LATE = ("+8613911112222", "+8613911113333", "+8613911114444", "+8613911115555")
WHY = "as the rules say"


@dataclass(slots=True)
class Agent:
    """An agent's telephone, signed in."""

    page: Page
    hall: SalesHall
    language: str

    def go(self, path: str) -> None:
        self.page.goto(f"{self.hall.origin}{path}{'&' if '?' in path else '?'}lang={self.language}")

    def sign_in(self, name: str) -> None:
        self.go("/agent/sign-in")
        self.page.fill("#name", name)
        self.page.fill("#passphrase", PASSPHRASE)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/agent?*")

    def report(self, alias: str, phone: str) -> str:
        """Report a client: save the own file, file the report; return its id."""
        self.go("/agent/report")
        self.page.fill("#alias", alias)
        self.page.fill("#phone", phone.removeprefix("+86"))
        self.page.click("form[data-client] button")
        self.page.wait_for_selector("[data-part=save]:not([hidden])")
        with downloaded(self.page) as files:
            self.page.click("[data-do=save]")
        assert [phone.encode() in content for content in files.values()] == [True]
        self.page.click("[data-do=file]")
        self.page.wait_for_selector("[data-part=done]:not([hidden])")
        return self.page.inner_text("[data-value=report]")

    def code(self, report: str) -> str:
        """Show the visit code of a report, and read it off the screen as the desk's scanner does."""
        self.go(f"/agent/reports/{report}/code")
        self.page.click("main form button")
        self.page.wait_for_selector("[data-part=whole]:not([hidden])")
        side = (self.page.get_attribute("svg.qr", "viewBox") or "").split()[-1]
        return read(self.page.get_attribute("svg.qr path", "d") or "", int(side))

    def bundle(self, deal: str) -> bytes:
        """Download the verdict on a contract."""
        self.go("/agent/verdicts")
        with downloaded(self.page) as files:
            self.page.click(f"a[href='/agent/verdicts/{deal}/bundle']")
        return next(iter(files.values()))


@dataclass(slots=True)
class Manager:
    """A manager at the console; what has no part in this story goes over the interface."""

    seen: Visit
    hall: SalesHall
    role: str = "manager"

    @property
    def page(self) -> Page:
        return self.seen.page

    def pairing_code(self) -> str:
        self.seen.go("/console/attribution/desks")
        self.page.click("button:has-text('Pair a desk')")
        self.page.fill("dialog[open] input[name=name]", "南门")
        self.page.click("dialog[open] button[type=submit]")
        return self.page.inner_text(".shown-once")

    def record(self, unit: str, alias: str, phone: str) -> str:
        """Record a contract that was signed a moment ago; return its id."""
        self.seen.go(f"/console/attribution/record?project={PROJECT}")
        with open_site(self.hall.file) as site:
            zone = ZoneInfo(site.settings.site.zone)
        self.page.fill("input[name=unit]", unit)
        self.page.fill("input[name=signed]", signed_now(zone))
        self.page.fill("input[name=commission]", "46080")
        self.page.fill("input[name=alias-0]", alias)
        self.page.fill("input[name=phone-0]", phone)
        self.page.click("button:has-text('Record the contract')")
        self.page.wait_for_url("**/attribution/deals/*", wait_until="commit")
        return self.page.url.rpartition("/")[2]

    def sign(self, deal: str) -> None:
        """Sign what the rules propose for a contract."""
        self.seen.go(f"/console/attribution/deals/{deal}")
        self.page.click("button:has-text('Sign the verdict')")
        self.page.fill("dialog[open] [name=reason]", WHY)
        self.page.click("dialog[open] button[type=submit]")
        await_act(self.page, ":text('The verdict is signed.')")

    def decide(self, reason: str) -> None:
        """Read the open appeal and let the verdict stand."""
        self.seen.go("/console/attribution/appeals")
        self.page.click("[aria-label='Open this appeal']")
        self.page.click("button:has-text('Read it')")
        self.page.wait_for_selector("p.said")
        self.page.fill("[name=reason]", reason)
        self.page.click("button:has-text('Decide the appeal')")
        await_act(self.page, ":text('The appeal is decided.')")

    def ask(self, path: str) -> Any:  # noqa: ANN401 - a document
        """Read something over the interface."""
        cookies = {"consentry": self.hall.tokens[self.role]}
        return httpx.get(f"{self.hall.origin}/api/v1/attribution{path}", cookies=cookies, timeout=30).raise_for_status().json()


@dataclass(frozen=True, slots=True)
class Day:
    """Everybody who plays a part."""

    hall: SalesHall
    desk: Tablet
    sky: Agent
    sea: Agent
    buyer: Page
    manager: Manager
    director: Manager


@pytest.fixture
def day(browser: Browser, visit: Callable[..., Visit]) -> Iterator[Day]:
    contexts: list[BrowserContext] = []

    def window(device: dict[str, Any], locale: str) -> Page:
        contexts.append(open_window(browser, locale=locale, reduced_motion="reduce", accept_downloads=True, **device))
        return contexts[-1].new_page()

    with opened_hall(lead=f"PT{LEAD_S}S") as hall:
        running = Running(hall.file, hall.origin, hall.people, hall.tokens)
        manager, director = (Manager(visit(running, role, device=DESKTOP), hall, role) for role in ("manager", "director"))
        sky, sea = Agent(window(PHONE, "zh-CN"), hall, "zh-CN"), Agent(window(PHONE, "en-GB"), hall, "en")
        yield Day(hall, Tablet(window(TABLET, "zh-CN"), hall), sky, sea, window(PHONE, "zh-CN"), manager, director)
        for context in contexts:
            close_window(context)


def test_a_sales_day(day: Day, tmp_path: Path) -> None:
    day.desk.pair(day.manager.pairing_code())
    day.sky.sign_in(AGENTS["sky"][1])
    day.sea.sign_in(AGENTS["sea"][1])

    walks_in(day)
    of_zhao, of_wang = day.sea.report("赵", ZHAO), day.sky.report("王", WANG)
    lead_kept = time.monotonic() + LEAD_S + 1
    li = comes_too_soon(day)
    time.sleep(max(0.0, lead_kept - time.monotonic()))
    link = comes_while_the_desk_is_cut_off(day, of_wang)
    comes_again_with_an_agent(day, of_zhao)
    confirms(day, link)

    deals = {unit: day.manager.record(unit, alias, phone) for unit, alias, phone in (("1-101", "王", WANG), ("1-102", "赵", ZHAO), ("1-103", "李", li))}
    assert {unit: judged(day, deal) for unit, deal in deals.items()} == {
        "1-101": ("channel", [day.hall.agencies["sky"]], []),
        "1-102": ("natural", [], ["WASHING"]),
        "1-103": ("natural", [], ["LATE"]),
    }
    for unit in ("1-101", "1-102"):
        day.manager.sign(deals[unit])
        shoot(day.manager.page, f"verdict-{unit}")

    appeals(day, deals["1-102"])
    bundles = {"sky": day.sky.bundle(deals["1-101"]), "sea": day.sea.bundle(deals["1-102"]), "buyer": bundle_of_buyer(day, link)}
    altered = {f"altered-{name}": content[:-9] + bytes([content[-9] ^ 1]) + content[-8:] for name, content in bundles.items()}
    assert verified(day.hall, tmp_path, {**bundles, **altered}) == [True] * len(bundles) + [False] * len(altered)


def walks_in(day: Day) -> None:
    """Somebody comes alone, and leaves a number."""
    day.desk.receive("nobody", alias="赵", phone=ZHAO)
    assert day.desk.outcome() == ["已生成到访记录。"]
    day.desk.go_on()


def comes_too_soon(day: Day) -> str:
    """Somebody is reported and stands at the desk at once; after whoever took longer than the lead on a busy machine, the next one. Return the number."""
    for phone in LATE:
        begun = time.monotonic()
        day.desk.receive(code=day.sea.code(day.sea.report("李", phone)))
        said = "".join(day.desk.outcome())
        took = time.monotonic() - begun
        shoot(day.desk.page, "late-report")
        day.desk.go_on()
        if took < LEAD_S:
            assert "未满足提前时限" in said
            return phone
    pytest.fail(f"no report came to the desk within {LEAD_S} seconds")


def comes_while_the_desk_is_cut_off(day: Day, report: str) -> str:
    """A client comes with a code while the network is down, and another shows the same code. Return the client's link."""
    desk, before, code = day.desk, len(day.hall.visits()), day.sky.code(report)
    shoot(day.sky.page, "visit-code")
    desk.cut_off()
    desk.receive(code=code)
    desk.page.wait_for_selector("text=已保存在本机")
    link = desk.page.inner_text("[data-value=link]")
    desk.go_on()
    desk.receive(code=code, people="2")
    desk.page.wait_for_selector("body[data-waiting='2']")
    shoot(desk.page, "cut-off")
    desk.go_on()
    # Two minutes pass, by the desk's own clock.
    desk.page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=2))
    desk.cut_off(off=False)
    desk.wait_until_sent()
    desk.page.clock.set_system_time(datetime.now(UTC))
    found = day.hall.visits()[before:]
    assert [visit.binding for visit in found] == [Binding.BOUND, Binding.USED]
    assert all(visit.claimed_at is not None and visit.claimed_at <= visit.at for visit in found)
    return link


def comes_again_with_an_agent(day: Day, report: str) -> None:
    """Whoever came alone comes with an agent who reported them afterwards."""
    day.desk.receive(code=day.sea.code(report))
    said = "".join(day.desk.outcome())
    assert "与报备绑定" in said
    assert "报备之前曾于" in said
    shoot(day.desk.page, "washing")
    day.desk.go_on()


def confirms(day: Day, link: str) -> None:
    """The buyer opens the link and says who brought them."""
    day.buyer.goto(link)
    day.buyer.click("button[value=confirmed]")
    day.buyer.wait_for_selector("[role=status]")
    shoot(day.buyer, "buyer-confirmed")


def appeals(day: Day, deal: str) -> None:
    """The agency appeals; whoever signed may not decide, a second person does."""
    day.sea.go("/agent/verdicts")
    card = day.sea.page.locator(f"article:has-text('{deal}')")
    card.locator("summary").click()
    card.locator("textarea").fill("客户是我带来的，到访码可以证明。")
    with day.sea.page.expect_navigation():
        card.locator("form button").click()
    shoot(day.sea.page, "appealed")
    (appeal,) = day.manager.ask("/appeals")
    day.manager.seen.go(f"/console/attribution/appeals/{appeal['id']}")
    day.manager.page.wait_for_selector("text=You cannot decide this one.")
    day.director.decide("she came alone before she was reported")
    shoot(day.director.page, "appeal-decided")
    (decided,), (verdict, *_) = day.manager.ask("/appeals?waiting=false"), day.manager.ask(f"/deals/{deal}/verdicts")
    assert decided["decision"] == "upheld"
    assert decided["decided_by"] not in {None, verdict["signed_by"]}


def bundle_of_buyer(day: Day, link: str) -> bytes:
    """The buyer downloads the verdict from the page behind the link."""
    day.buyer.goto("about:blank")
    day.buyer.goto(link)
    day.buyer.wait_for_selector("article.card form")
    shoot(day.buyer, "buyer-verdict")
    with downloaded(day.buyer) as files:
        day.buyer.click("form[action='/buyer/bundle'] button")
    return next(iter(files.values()))


def judged(day: Day, deal: str) -> tuple[str, list[str], list[str]]:
    """Return what the rules propose."""
    found = day.manager.ask(f"/deals/{deal}/proposal")
    return found["verdict"], found["agencies"], found["flags"]


def verified(hall: SalesHall, folder: Path, bundles: dict[str, bytes]) -> list[bool]:
    """Return which files hold, as `consentry ledger verify` says, which has nothing of the site but the log's key."""
    with open_site(hall.file) as site:
        key = verifier_key_text(log_key(site))
    files = []
    for name, content in bundles.items():
        files.append(folder / f"{name}.json")
        files[-1].write_bytes(content)
    command = "import sys; from consentry.cli.main import main; sys.exit(main())"
    arguments = ["ledger", "verify", "--json", "--key", key, *map(str, files)]
    said = subprocess.run([sys.executable, "-c", command, *arguments], check=False, capture_output=True)
    return [found["holds"] for found in json.loads(said.stdout)["files"]]


def signed_now(zone: ZoneInfo) -> str:
    """Return the second before this one as a browser's field writes it; it leaves out a second that is zero."""
    at = datetime.now(zone) - timedelta(seconds=1)
    return re.sub(r":00$", "", at.strftime("%Y-%m-%dT%H:%M:%S"))


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"sales-day-{name}.png", full_page=True)
