"""The front desk in a real browser: pairing, receiving by one key, cut off and back again, answers that get lost, refusals, full storage, wrong clocks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from consentry.attribution.visiting import Binding
from tests.browser.conftest import PHONE
from tests.browser.drawn_codes import read
from tests.browser.front_desk import TABLET, Tablet
from tests.browser.sales_hall import opened_hall
from tests.browser.test_accessibility import FAINT, NAMELESS, SMALL
from tests.browser.windows import close_window, open_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Route

    from consentry.attribution.visiting import VisitView
    from tests.browser.sales_hall import SalesHall

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WANG, LI, OUYANG, WALKS_IN = "+8613812345678", "+8613911112222", "+8613700003333", "+8613655556666"
CLIENTS = (("sky", "王", WANG), ("sea", "王女士", WANG), ("sky", "李先生", LI), ("sea", "欧阳", OUYANG))
CACHED = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const requests = (await Promise.all(caches_.map((cache) => cache.keys()))).flat();
  return requests.map((request) => request.url.replace(location.origin, ""));
}"""


CAMERA = """() => {
  if (!isSecureContext) return;
  globalThis.BarcodeDetector = class {
    static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
    detect() { return Promise.resolve(globalThis.shown ? [{ rawValue: globalThis.shown }] : []); }
  };
  navigator.mediaDevices.getUserMedia = () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 9, 9);
    return Promise.resolve(globalThis.film = canvas.captureStream(5));
  };
}"""

CLOSED = "() => film.getTracks().every((track) => track.readyState === 'ended')"
"""The camera is closed."""


@pytest.fixture(scope="module")
def hall() -> Iterator[SalesHall]:
    with opened_hall(clients=CLIENTS) as found:
        yield found


@pytest.fixture(scope="module")
def opened(browser: Browser, hall: SalesHall) -> Iterator[Callable[..., Tablet]]:
    """Return what opens a device of its own; at the end nothing went wrong on any of their pages."""
    made: list[tuple[BrowserContext, Tablet]] = []

    def give(language: str = "en", scheme: str = "light", device: dict[str, Any] | None = None) -> Tablet:
        locale = {"en": "en-GB", "zh-CN": "zh-CN"}[language]
        context = open_window(browser, locale=locale, color_scheme=scheme, reduced_motion="reduce", **(device or TABLET))
        tablet = Tablet(context.new_page(), hall)
        tablet.page.on("pageerror", lambda error: tablet.troubles.append(str(error)))
        tablet.page.on("console", lambda said: tablet.troubles.append(said.text) if re.search("Content Security|Trusted", said.text) else None)
        made.append((context, tablet))
        return tablet

    yield give
    for context, tablet in made:
        close_window(context)
        assert tablet.troubles == []


@pytest.fixture(scope="module")
def paired(opened: Callable[..., Tablet]) -> Tablet:
    tablet = opened()
    tablet.pair()
    return tablet


@pytest.fixture
def desk(paired: Tablet) -> Tablet:
    """Return the device that most tests share, ready for the next visitor."""
    paired.page.goto(f"{paired.hall.origin}/desk")
    paired.at_work()
    paired.wait_until_sent()
    return paired


def test_a_wrong_code_pairs_nothing_and_the_key_cannot_leave_the_device(opened: Callable[..., Tablet], paired: Tablet) -> None:
    stranger = opened()
    stranger.page.goto(f"{stranger.hall.origin}/desk/{paired.desk}")
    stranger.page.wait_for_selector("text=This device is not this desk")
    stranger.page.keyboard.type("WRONG-CODE")
    stranger.page.keyboard.press("Enter")
    stranger.page.wait_for_selector("text=The code is wrong, was used, or is too old")
    stranger.shoot("pairing-refused")
    assert paired.kept()["extractable"] is False
    assert paired.kept()["left"] == []


def test_a_scanned_code_and_one_enter_bind_the_visit_and_hand_the_visitor_a_link(desk: Tablet, hall: SalesHall) -> None:
    assert desk.page.evaluate("document.activeElement.id") == "code"
    desk.page.keyboard.type(hall.codes[0])
    desk.page.keyboard.press("Enter")
    assert desk.outcome() == ["Recorded and bound to the report."]
    assert newest(hall).binding is Binding.BOUND
    side = (desk.page.get_attribute(".qr", "viewBox") or "").split()[-1]
    link = read(desk.page.get_attribute(".qr path", "d") or "", int(side))
    assert link == desk.page.inner_text("[data-value=link]")
    claim = httpx.post(f"{hall.origin}/api/v1/public/buyers/claim", json={"secret": link.partition("#")[2]}, timeout=30).raise_for_status().json()
    assert (claim["visit"], claim["report"]["agency"]) == (newest(hall).id, "蓝天经纪")
    desk.shoot("bound")
    desk.go_on()
    assert link.partition("#")[2] not in desk.page.content()


def test_a_report_is_chosen_and_received_with_the_keyboard_alone(desk: Tablet, hall: SalesHall) -> None:
    desk.page.focus("#find")
    desk.page.keyboard.type("3333")
    desk.page.wait_for_selector("li:only-child > .awaited-row")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("[data-value=chosen]")).to_have_text("Chosen: 欧阳 137****3333, 远海置业")
    desk.page.keyboard.press("Enter")
    assert desk.outcome() == ["Recorded.", "Not bound yet: ask the visitor to confirm with their link."]
    assert (newest(hall).binding, newest(hall).agency) == (Binding.NONE, hall.agencies["sea"])


def test_what_the_site_would_refuse_is_told_while_the_visitor_stands_there(desk: Tablet, hall: SalesHall) -> None:
    before = len(hall.visits())
    for mode, fields, words in (
        ("code", {"code": ""}, "Scan or type the visit code"),
        ("code", {"code": "CV1.nonsense"}, "This is no visit code"),
        ("brought", {}, "Choose the report in the list"),
        ("nobody", {"people": "0"}, "Write 1 to 99 people"),
        ("nobody", {"people": "1", "alias": "13812345678"}, "without a number"),
        ("nobody", {"alias": "赵", "phone": "12345"}, "Write the whole number"),
    ):
        desk.receive(mode, **fields)
        desk.page.wait_for_selector(f"[data-wrong]:has-text('{words}')")
    assert len(hall.visits()) == before
    assert desk.kept()["queue"] == []


def test_visitors_received_without_the_network_survive_a_reload_and_arrive_with_the_desk_s_time(desk: Tablet, hall: SalesHall) -> None:
    before, cut = len(hall.visits()), datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=4)
    desk.page.clock.set_fixed_time(cut)
    desk.cut_off()
    desk.receive(code=hall.codes[2])
    desk.page.wait_for_selector("text=Kept on this device")
    desk.shoot("kept")
    desk.go_on()
    desk.receive("nobody", alias="赵", phone=WALKS_IN, people="3")
    desk.go_on()
    desk.page.reload()
    desk.at_work()
    desk.page.wait_for_selector("body[data-waiting='2'][data-network=off]")
    desk.shoot("cut-off")
    at_rest = str(desk.kept())
    assert [said for said in (hall.codes[2][4:], "赵", WALKS_IN, WALKS_IN[3:]) if said in at_rest] == []
    right(desk)
    desk.cut_off(off=False)
    desk.wait_until_sent()
    found = hall.visits()[before:]
    assert [(visit.claimed_at, visit.binding, visit.party_size) for visit in found] == [(cut, Binding.BOUND, 1), (cut, Binding.NONE, 3)]


def test_only_the_empty_page_and_its_files_lie_in_the_browser_s_cache(desk: Tablet) -> None:
    expect(desk.page.locator("[data-value=shell]")).to_have_text("This page is kept on the device and opens without the network too.")
    cached = desk.page.evaluate(CACHED)
    assert {address for address in cached if not address.startswith("/portal/")} == {"/desk?lang=zh-CN", "/desk?lang=en"}
    assert len(cached) > 15
    shell = desk.page.evaluate("async () => (await (await caches.match('/desk?lang=en', { ignoreVary: true })).text())")
    assert [said for said in ("欧阳", "3333", desk.desk) if said in shell] == []


def test_an_entry_whose_answer_was_lost_is_sent_again_and_makes_one_visit(desk: Tablet, hall: SalesHall) -> None:
    before, lost = len(hall.visits()), []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    desk.page.route(re.compile(r"/arrivals$"), lose, times=1)
    desk.receive("nobody")
    assert desk.outcome() == ["Recorded."]
    assert lost == [200]
    assert len(hall.visits()) == before + 1


def test_a_device_that_cannot_keep_a_visitor_says_so_and_leaves_the_form_as_it_was(desk: Tablet, hall: SalesHall) -> None:
    before = len(hall.visits())
    desk.page.evaluate("() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }")
    desk.receive("nobody", alias="赵")
    desk.page.wait_for_selector("text=NOT received: this device cannot keep it (QuotaExceededError)")
    assert desk.page.input_value("#alias") == "赵"
    desk.shoot("full")
    assert len(hall.visits()) == before


def test_a_browser_that_keeps_nothing_is_told_so(opened: Callable[..., Tablet], hall: SalesHall) -> None:
    broken = opened()
    broken.page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('broken', 'UnknownError'); };")
    broken.page.goto(f"{hall.origin}/desk")
    broken.page.wait_for_selector("[data-trouble]:has-text('cannot keep a key or a queue')")
    assert broken.page.is_hidden("[data-part=desk]")


def test_two_windows_of_one_device_never_use_a_number_twice(desk: Tablet, hall: SalesHall) -> None:
    before = len(hall.visits())
    other = Tablet(desk.page.context.new_page(), hall)
    other.page.goto(desk.page.url)
    other.at_work()
    for window in (desk, other, desk):
        window.receive("nobody")
        assert window.outcome() == ["Recorded."]
        window.go_on()
    other.page.close()
    assert len(hall.visits()) == before + 3


def test_the_camera_reads_a_code_where_the_browser_can_and_is_closed_again(desk: Tablet, hall: SalesHall) -> None:
    desk.page.add_init_script(f"({CAMERA})()")
    desk.page.reload()
    desk.at_work()
    desk.page.click("[data-scan]")
    desk.page.wait_for_selector("dialog[open] video")
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_function(CLOSED)
    desk.page.evaluate("(code) => { globalThis.shown = code; }", hall.codes[3])
    desk.page.click("[data-scan]")
    desk.page.wait_for_selector("#code:focus, form[data-receiving] button:focus")
    expect(desk.page.locator("#code")).to_have_value(hall.codes[3])
    desk.page.wait_for_function(CLOSED)
    desk.page.keyboard.press("Enter")
    assert desk.outcome()[0] == "Recorded and bound to the report."


def test_a_wrong_clock_is_told(desk: Tablet) -> None:
    desk.page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=3))
    desk.page.reload()
    desk.at_work()
    desk.receive("nobody")
    assert desk.outcome() == ["Recorded."]
    desk.page.wait_for_selector("text=This device's clock is 3 minutes fast. Set it; arrival times count by the minute.")
    right(desk)


def test_a_desk_that_was_revoked_while_cut_off_hears_why_its_visitors_were_refused(opened: Callable[..., Tablet], hall: SalesHall) -> None:
    lost = opened("zh-CN", device=PHONE)
    lost.pair(hall.pairing_code("北门"))
    before = len(hall.visits())
    lost.cut_off()
    lost.receive("nobody", alias="孙")
    lost.go_on()
    hall.revoke(lost.desk)
    lost.cut_off(off=False)
    lost.page.wait_for_selector("[data-refused] li:has-text('这个前台已被停用')")
    lost.page.reload()
    lost.page.wait_for_selector("text=这个前台已被停用，在此登记的访客不再生成到访记录")
    lost.page.wait_for_selector("[data-refused] li")
    lost.shoot("refused")
    assert len(hall.visits()) == before
    assert [(entry.code, entry.alias) for entry in hall.waiting()] == [("desk.revoked", "孙")]
    lost.page.click("text=知道了")
    lost.page.wait_for_selector("[data-refused]", state="hidden")
    assert lost.kept()["refused"] == []


def test_a_print_holds_the_visitor_s_link_and_nothing_of_the_list(desk: Tablet) -> None:
    desk.receive("nobody")
    desk.outcome()
    desk.page.emulate_media(media="print")
    shown = desk.page.inner_text("body")
    desk.shoot("print")
    desk.page.emulate_media(media="screen")
    assert "For the visitor" in shown
    assert [said for said in ("Expected", "欧阳", "Next visitor", "Online") if said in shown] == []


@pytest.mark.parametrize("device", [TABLET, PHONE], ids=["tablet", "phone"])
@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en", "dark")])
def test_every_state_of_the_page_is_named_legible_and_large_enough(opened: Callable[..., Tablet], language: str, scheme: str, device: dict[str, Any]) -> None:
    tablet = opened(language, scheme, device)
    name = f"{'phone' if device is PHONE else 'tablet'}-{language}-{scheme}"
    tablet.pair()
    looked_at(tablet, name)
    tablet.cut_off()
    tablet.receive("nobody")
    tablet.page.wait_for_selector("[data-network=off]")
    looked_at(tablet, f"{name}-kept")
    assert tablet.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def looked_at(tablet: Tablet, name: str) -> None:
    """Keep a picture, and find nothing nameless, faint or small."""
    tablet.page.wait_for_timeout(200)
    tablet.shoot(name)
    assert [tablet.page.evaluate(rule) for rule in (NAMELESS, FAINT, SMALL)] == [[], [], []]


def right(tablet: Tablet) -> None:
    """Set a device's clock right; it goes on from there, for a clock that stood still would be minutes slow for whoever comes later."""
    tablet.page.clock.set_system_time(datetime.now(UTC))


def newest(hall: SalesHall) -> VisitView:
    return hall.visits()[-1]
