"""A station in a real browser, with a camera that films portraits: pairing, yes and no, enrolling, being recognised, withdrawing, handing over."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.browser import portraits
from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.demo_site import PASSWORD
from tests.browser.drawn_codes import read
from tests.browser.kiosk import Device, pair
from tests.browser.windows import close_window, open_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Route

    from tests.browser.stations import Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.realtime]

TABLET = {"width": 1280, "height": 800}
PROMPTS = "[data-stage=turn-left], [data-stage=turn-right], [data-stage=blink]"
KEY_CANNOT_LEAVE = """async () => {
  const opened = indexedDB.open("consentry-station", 1);
  await new Promise((done) => { opened.onsuccess = done; });
  const asked = opened.result.transaction("keys").objectStore("keys").get("kiosk");
  await new Promise((done) => { asked.onsuccess = done; });
  const { privateKey } = asked.result.pair;
  const left = await Promise.all(["pkcs8", "jwk"].map((form) => crypto.subtle.exportKey(form, privateKey).then(() => form, () => null)));
  return { extractable: privateKey.extractable, left: left.filter(Boolean) };
}"""


@pytest.fixture(scope="module")
def shop(recognising_shop: Shop) -> Shop:
    return recognising_shop


@pytest.fixture(scope="module")
def before(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Browser]]:
    """Return what gives a browser before whose camera somebody stands (a function of ``portraits``)."""
    folder = tmp_path_factory.mktemp("films")
    opened: dict[str, Browser] = {}

    def launch(who: str) -> Browser:
        film = portraits.film(folder / f"{who}.mjpeg", getattr(portraits, who)())
        camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
        return browser.browser_type.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET, *camera])

    def give(who: str) -> Browser:
        if who not in opened:
            opened[who] = launch(who)
        return opened[who]

    yield give
    for one in opened.values():
        one.close()


@contextmanager
def paired_devices(shop: Shop, before: Callable[[str], Browser]) -> Iterator[Callable[..., Device]]:
    """Give what gives a paired device before whose camera somebody stands; at the end nothing went wrong on its pages."""
    made: list[tuple[BrowserContext, Device]] = []

    def give(who: str, *, paired: bool = True) -> Device:
        context = open_window(before(who), locale="en-GB", viewport=TABLET, reduced_motion="reduce")
        found = Device(context.new_page(), shop.origin)
        found.page.on("pageerror", lambda error: found.troubles.append(str(error)))
        found.page.on("console", lambda said: found.troubles.append(said.text) if "Content Security Policy" in said.text or "Trusted" in said.text else None)
        made.append((context, found))
        found.start()
        if paired:
            pair(found, shop.pairing_code())
        return found

    yield give
    for context, found in made:
        close_window(context)
        assert found.troubles == []


@pytest.fixture
def device(shop: Shop, before: Callable[[str], Browser]) -> Iterator[Callable[..., Device]]:
    with paired_devices(shop, before) as give:
        yield give


@pytest.fixture(scope="module", autouse=True)
def unattended(shop: Shop, before: Callable[[str], Browser]) -> Iterator[Device]:
    """Return a device at which somebody said yes and a still was held before the camera. It takes a minute, during which other tests run."""
    with paired_devices(shop, before) as give:
        kiosk = give("hopper")
        kiosk.agree()
        kiosk.page.click("[data-begin]")
        kiosk.page.wait_for_selector(PROMPTS)
        kiosk.shoot("prompt")
        yield kiosk


@pytest.fixture(scope="module")
def refused(shop: Shop, before: Callable[[str], Browser]) -> Iterator[Device]:
    with paired_devices(shop, before) as give:
        yield give("collins")


def looks_of(button: Locator) -> list[str]:
    """Return how a button is drawn."""
    drawn: list[str] = button.evaluate("(one) => { const s = getComputedStyle(one); return [s.color, s.backgroundColor, s.border, s.font]; }")
    return drawn


def test_a_device_is_paired_once_by_a_code_and_its_key_cannot_leave_it(shop: Shop, device: Callable[..., Device]) -> None:
    first, second, code = device("nobody", paired=False), device("nobody", paired=False), shop.pairing_code()
    pair(first, code)
    assert first.page.evaluate(KEY_CANNOT_LEAVE) == {"extractable": False, "left": []}
    second.page.fill("[data-pairing] input", code)
    second.page.click("[data-pairing] button")
    second.page.wait_for_selector("text=This code is wrong or has expired")
    second.shoot("pairing-refused")
    assert second.page.evaluate("document.documentElement.dataset.paired") == "false"


def test_a_device_that_is_not_paired_opens_no_camera(device: Callable[..., Device]) -> None:
    stranger = device("collins", paired=False)
    stranger.to_recognising()
    stranger.page.click("[data-begin]")
    assert stranger.result() == "unpaired"


def test_a_wrong_password_of_staff_opens_no_capture(shop: Shop, device: Callable[..., Device]) -> None:
    kiosk, attended = device("collins"), len(shop.acts("recognition.attended"))
    kiosk.to_recognising()
    kiosk.with_staff(shop.desk.name, "not the password")
    assert kiosk.result() == "attend_failed"
    assert len(shop.acts("recognition.attended")) == attended
    assert kiosk.page.input_value("input[name=password]") == ""


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("vault.away", "away"),
        ("station.away", "away"),
        ("capture.timeout", "timeout"),
        ("capture.unknown", "timeout"),
        ("capture.quality", "quality"),
        ("capture.outside-zone", "outside"),
        ("vault.shots-differ", "quality"),
        ("vault.not-certified", "closed"),
        ("vault.grant-revoked", "invalid"),
        ("vault.enrolled", "known"),
        ("something.new", "refused"),
    ],
)
def test_each_refusal_has_words_and_leaves_the_other_ways_open(refused: Device, code: str, result: str) -> None:
    kiosk = refused

    def refuse(route: Route) -> None:
        route.fulfill(status=409, json={"type": f"urn:consentry:error:{code}", "title": "Conflict", "status": 409, "detail": "", "mend": ""})

    kiosk.page.unroute_all()
    kiosk.page.route(re.compile(r"/tickets$"), refuse)
    kiosk.to_recognising()
    kiosk.page.click("[data-begin]")
    assert kiosk.result() == result
    assert len(kiosk.page.inner_text(".prompt").strip()) > 10
    assert kiosk.page.is_visible("text=Hold your card to the reader.")


def test_a_template_in_the_person_s_own_hands_is_handed_out_as_a_code(refused: Device) -> None:
    kiosk, token = refused, "bWlu" * 200
    done = {"state": "done", "progress": 1, "hint": None, "token": token, "outcome": {"decision": "accept", "kind": "enrol", "reasons": []}}

    ticket = {"ticket": "0" * 32, "kind": "enrol", "attended": False}
    kiosk.page.unroute_all()
    kiosk.page.route(re.compile(r"/tickets$"), lambda route: route.fulfill(json=ticket))
    kiosk.page.route(re.compile(r"/frames$"), lambda route: route.fulfill(json=done))
    record = kiosk.agree()
    kiosk.page.click("[data-begin]")
    assert kiosk.result() == "enrolled"
    kiosk.page.wait_for_selector("[data-token] svg path[d]")
    side = (kiosk.page.get_attribute("[data-token] svg", "viewBox") or "").split()[-1]
    assert read(kiosk.page.get_attribute("[data-token] svg path", "d") or "", int(side)) == f"{record}:{token}"


def test_a_station_left_alone_asks_and_then_forgets_what_it_showed(device: Callable[..., Device]) -> None:
    kiosk = device("nobody")
    kiosk.page.clock.install()
    kiosk.agree()
    kiosk.page.click("[data-to-receipt]")
    secret = kiosk.secret()
    kiosk.page.clock.run_for(91_000)
    kiosk.page.wait_for_selector("dialog[open]")
    kiosk.shoot("idle")
    kiosk.page.click("text=Yes, go on")
    assert kiosk.page.is_visible("code.secret")
    kiosk.page.clock.run_for(91_000)
    kiosk.page.wait_for_selector("dialog[open]")
    kiosk.page.clock.run_for(22_000)
    kiosk.page.wait_for_selector("h1:has-text('How would you like to go on?')")
    kiosk.page.go_back()
    assert secret not in kiosk.page.content()


def test_handing_over_clears_the_receipt(device: Callable[..., Device]) -> None:
    kiosk = device("nobody")
    kiosk.agree()
    kiosk.page.click("[data-to-receipt]")
    secret = kiosk.secret()
    kiosk.page.click("[data-hand-over]")
    kiosk.page.wait_for_selector("h1:has-text('How would you like to go on?')")
    kiosk.page.go_back()
    assert secret not in kiosk.page.content()


def test_a_no_is_as_near_as_a_yes_as_large_and_leads_to_the_service(shop: Shop, device: Callable[..., Device]) -> None:
    kiosk, given = device("nobody"), len(shop.acts("consent.given"))
    kiosk.page.click("text=Be greeted when you return >> nth=0")
    kiosk.page.click("text=14 or older")
    yes, no = (kiosk.page.locator(f"button[value={answer}]") for answer in ("yes", "no"))
    boxes = yes.bounding_box(), no.bounding_box()
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert [boxes[0][side] for side in ("width", "height", "y")] == pytest.approx([boxes[1][side] for side in ("width", "height", "y")])
    looks = looks_of(yes), looks_of(no)
    assert looks[0] == looks[1]
    no.click()
    kiosk.page.wait_for_selector("text=That is fine")
    assert kiosk.page.is_visible("text=Hold your card to the reader.")
    kiosk.shoot("declined")
    assert len(shop.acts("consent.given")) == given


def test_until_the_station_can_sign_neither_answer_can_be_pressed_and_both_show_it_alike(device: Callable[..., Device]) -> None:
    kiosk = device("nobody")
    kiosk.page.click("text=Be greeted when you return >> nth=0")
    kiosk.page.route("**/deciding.js", lambda route: route.abort())
    kiosk.page.click("text=14 or older")
    yes, no = (kiosk.page.locator(f"button[value={answer}]:disabled") for answer in ("yes", "no"))
    waiting = looks_of(yes)
    assert waiting == looks_of(no)
    kiosk.page.unroute("**/deciding.js")
    kiosk.page.reload()
    assert looks_of(kiosk.page.locator("button[value=no]:enabled")) != waiting


def test_who_presses_no_while_their_yes_is_being_signed_has_said_no(shop: Shop, device: Callable[..., Device]) -> None:
    kiosk, given = device("nobody"), len(shop.acts("consent.given"))
    kiosk.page.click("text=Be greeted when you return >> nth=0")
    kiosk.page.click("text=14 or older")
    kiosk.page.locator("button[value=yes]:enabled").evaluate("(yes) => { yes.click(); yes.nextElementSibling.click(); }")
    kiosk.page.wait_for_selector("text=That is fine")
    assert len(shop.acts("consent.given")) == given


def test_an_unattended_yes_from_a_still_fails_for_liveness_and_leaves_no_template(shop: Shop, unattended: Device) -> None:
    assert unattended.result() == "liveness"
    unattended.shoot("liveness")
    assert shop.enrolled() == 0
    assert "capture.liveness" in {details["code"] for _, details in shop.acts("recognition.refused")}
    assert shop.acts("recognition.decided") == []


def test_with_staff_beside_them_a_person_enrols_is_recognised_withdraws_and_is_known_no_more(shop: Shop, device: Callable[..., Device]) -> None:
    kiosk, enrolled = device("collins"), shop.enrolled()
    record = kiosk.agree()
    kiosk.with_staff(shop.desk.name)
    assert kiosk.result() == "enrolled"
    assert kiosk.page.context.cookies() == [], "whoever stood by is signed out"
    actor, details = shop.acts("recognition.attended")[-1]
    assert actor.startswith("staff:")
    assert (details["kind"], details["consent"]) == ("enrol", record)
    assert shop.enrolled() == enrolled + 1
    secret = kiosk.secret()
    kiosk.shoot("receipt")
    assert recognised(kiosk, shop) == "accepted"
    kiosk.shoot("accepted")
    other = device("hopper")
    assert recognised(other, shop) == "rejected", "somebody else is not taken for the one who enrolled"
    other.shoot("rejected")
    withdraw(other, secret)
    assert shop.enrolled() == enrolled
    assert recognised(device("collins"), shop) == "rejected"


def test_with_staff_beside_them_a_guardian_decides_for_a_child_who_then_enrols(shop: Shop, device: Callable[..., Device]) -> None:
    kiosk, enrolled = device("collins"), shop.enrolled()
    kiosk.page.click("text=Be greeted when you return >> nth=0")
    kiosk.page.click("a:text-is('Under 14')")
    kiosk.page.click("text=A guardian is here")
    kiosk.page.fill("input[name=guardian]", "Zhao Wenxiu")
    kiosk.page.select_option("select[name=relation]", "parent")
    kiosk.page.select_option("select[name=verification]", "document-seen")
    kiosk.page.check("input[name=present]")
    kiosk.shoot("guardian")
    for password, then in (("not this one", "[data-failed]:not([hidden])"), (PASSWORD, "text=Do you agree for your child?")):
        kiosk.page.fill("input[name=name]", shop.desk.name)
        kiosk.page.fill("input[name=password]", password)
        kiosk.page.click("text=Show the notice to the guardian")
        kiosk.page.wait_for_selector(then)
    assert kiosk.page.context.cookies() == [], "whoever stood by is signed out before the guardian reads"
    kiosk.shoot("for-your-child")
    kiosk.page.click("text=Yes, I agree for my child")
    kiosk.page.wait_for_selector("[data-begin]")
    kiosk.with_staff(shop.desk.name)
    assert kiosk.result() == "enrolled"
    assert shop.enrolled() == enrolled + 1
    assert shop.acts("consent.given")[-1][1]["guardian"] is True
    withdraw(kiosk, kiosk.secret())
    assert shop.enrolled() == enrolled


def test_two_people_are_told_to_step_up_alone_and_nobody_is_read(shop: Shop, device: Callable[..., Device]) -> None:
    kiosk, enrolled = device("two_people"), shop.enrolled()
    kiosk.agree()
    kiosk.with_staff(shop.desk.name)
    assert kiosk.result() == "several"
    assert "Nothing was read from any of them" in kiosk.page.inner_text(".prompt")
    kiosk.shoot("several")
    assert shop.enrolled() == enrolled


def test_a_still_is_not_recognised_without_staff(device: Callable[..., Device]) -> None:
    kiosk = device("collins")
    assert kiosk.recognised(kiosk.alone) == "liveness"


def test_with_nobody_before_it_the_camera_closes_when_the_time_is_up(device: Callable[..., Device]) -> None:
    kiosk = device("nobody")
    assert kiosk.recognised(kiosk.alone, again=("timeout",)) == "nobody"
    assert kiosk.page.is_visible("text=Hold your card to the reader.")
    kiosk.shoot("nobody")


def test_stop_closes_the_camera_and_ends_the_capture(shop: Shop, device: Callable[..., Device]) -> None:
    kiosk = device("hopper")
    kiosk.agree()  # a ticket to enrol holds for a minute, in which there is time to press
    kiosk.page.click("[data-begin]")
    kiosk.page.wait_for_selector(f"{PROMPTS}, [data-stage=looking]")
    with kiosk.page.expect_response(lambda answer: answer.request.method == "DELETE") as ended:
        kiosk.page.click("[data-stop]")
    assert ended.value.status == 204
    kiosk.page.wait_for_selector("[data-capture][data-stage=ready]")
    assert kiosk.page.evaluate("document.querySelector('video').srcObject") is None
    assert shop.acts("recognition.refused")[-1][1]["code"] == "station.aborted"


def recognised(kiosk: Device, shop: Shop) -> str:
    """Try to be recognised, with a member of staff beside the portrait, which cannot turn its head."""
    return kiosk.recognised(lambda: kiosk.with_staff(shop.desk.name))


def withdraw(kiosk: Device, secret: str) -> None:
    kiosk.start()
    kiosk.page.click("text=Withdraw my consent")
    kiosk.page.fill("input[name=secret]", secret.lower().replace("-", " "))
    kiosk.page.click("text=Withdraw now")
    kiosk.page.wait_for_selector("h1:has-text('Withdrawn')")
    kiosk.page.click("text=Certificate that the template is gone")
    kiosk.page.wait_for_selector("h1:has-text('Erased')")
